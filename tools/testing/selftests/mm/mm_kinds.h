/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of all kinds, for tests of what the kernel does to page tables.
 *
 * A kind is a way to lay out one region of memory.  Its setup function maps the region
 * and records for each page what it holds and what fork() must do with it.  A test does
 * something to the region, in each of its modes, and checks the result page by page:
 * each page has a value of its own, a mapcount, and an entry in pagemap.
 *
 * Each mode of a kind runs in a process of its own.  When that has ended, all the pages
 * that it used must be free.
 */
#ifndef MM_KINDS_H
#define MM_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mm_util.h"

#define MAX_PAGES	8192

enum check {
	CONTENTS, ISOLATION, PAGEMAP, EXCLUSIVE, MAPCOUNT, RSS, SMAPS, FREED,
	NR_CHECKS
};

struct mm_test {
	const char *check_name[NR_CHECKS];	/* NULL for a check that it does not do */
	const char * const *mode_name;
	int nr_modes;
	/* Do the test in one mode, in a process that has set up the region. */
	void (*run)(void);
	/* Do what a child does on the command 'w'. */
	void (*child_writes)(void);
	/*
	 * NULL, or a check at the end, with the name @more_name.  It returns whether it
	 * has passed, or -1 to skip it because of @more_skip.
	 */
	int (*more)(void);
	const char *more_name, *more_skip;
};

/* What fork() does with a page */
enum fate {
	SHARE,		/* maps it in the child as well */
	COPY,		/* copies it, as it is pinned */
	LEAVE,		/* nothing: a page fault of the child maps it */
	WIPE,		/* nothing, and the child reads zeros */
	NOT_IN_CHILD,	/* nothing, and the child has no VMA there */
	NOWHERE		/* nothing: the parent has no VMA there */
};

struct page {
	uint32_t value;	/* what it holds, 0 for zeros */
	uint8_t fate;
};

/* The memory under test.  A child has a copy of this struct, as of its fork(). */
struct region {
	char *addr;
	size_t nr;
	size_t twin;		/* if not 0, i + twin may map the same page as i */
	int fd;			/* the file that is mapped, or -1 */
	size_t pgoff;		/* the page of the file at @addr */
	bool shared;		/* MAP_SHARED: a process reads what another one wrote */
	bool reuse;		/* after the child's exit, a write does not copy */
	bool protected;		/* mprotect() has to come before writes */
	bool aged;		/* the young bits were cleared */
	bool clean;		/* the pages are clean, although PTEs are dirty */
	bool file;		/* pages with PM_FILE are not of a tmpfs */
	struct page page[MAX_PAGES];
};

struct snapshot {
	uint64_t entry[MAX_PAGES];
	uint64_t count[MAX_PAGES];
	uint64_t flags[MAX_PAGES];
	struct mm_smaps smaps;
};

/* A child takes commands of one letter, and answers with a count. */
struct kid {
	pid_t pid;
	int to, from;
};

extern struct region r;
extern struct snapshot before, parent, child;
extern size_t ps;		/* page size, in bytes */
extern size_t thp;		/* pages of a THP, or of 2 MiB if there is none to test */
extern bool have_soft_dirty;
extern int mode;
extern const char *kind_name, *side;	/* "parent" or "child" */
extern int uffd, child_uffd;
extern bool uffd_event;
extern struct kid elder;	/* a child forked by a kind's setup */
extern int failures[NR_CHECKS];	/* of this mode */

/* mm_complain(), with the kind, mode and process */
void complain(enum check check, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Contents */
char *at(size_t i);
uint32_t value_of(size_t i, int writer);	/* a value that no other page holds */
void fill(size_t i, uint32_t value);
bool accessible(size_t i);
/* Call a function for each run of accessible pages in the range. */
void for_accessible(size_t from, size_t to, void (*call)(char *addr, size_t len));
bool is_child(void);
void unprotect(void);
void age(void);		/* make all pages old, and those of files unreferenced */
void verify(enum check check);	/* check that all pages hold what they have to */

/* Children */
void start_kid(struct kid *kid);
void stop_kid(struct kid *kid);
int tell(struct kid *kid, char command);

/* Snapshots: take_pages() takes all but smaps, which check_rss() takes. */
bool present(const struct snapshot *s, size_t i);
bool anon(const struct snapshot *s, size_t i);
bool is_marker(uint64_t entry);
bool same_pfn(const struct snapshot *s, size_t i, uint64_t entry);
void take_pages(pid_t pid, struct snapshot *s);
int maps(const struct snapshot *s, size_t i, uint64_t entry);
void check_mapcount(const struct snapshot *s, const struct snapshot *other);
void check_rss(struct kid *kid, struct snapshot *s);

/* Do the test on all kinds, or on those with @part in their names. */
void run_kinds(const struct mm_test *test, const char *part);

#endif

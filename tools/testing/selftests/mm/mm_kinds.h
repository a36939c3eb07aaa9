/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of all kinds, for tests of what the kernel does to page tables.
 *
 * A kind is a way to lay out one region of memory; its setup function says for
 * every page what it holds and what fork() must do with it.  A test does to each
 * kind, in each of its modes, what it is about, and checks what comes of it page
 * by page: each has a value of its own, a mapcount, and an entry in pagemap.
 *
 * Each mode has a process of its own, so that all it used must be free when it
 * has ended.
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
	const char *check_name[NR_CHECKS];	/* NULL for one that it does not do */
	const char * const *mode_name;
	int nr_modes;
	/* In a process whose region is set up: the test itself, for one mode */
	void (*run)(void);
	/* What a child does that is told 'w' */
	void (*child_writes)(void);
};

/* What fork() does with a page */
enum fate {
	SHARE,		/* maps it in the child, too */
	COPY,		/* copies it: it is pinned */
	LEAVE,		/* nothing: the child takes a fault for it */
	WIPE,		/* nothing, and the child finds zeros */
	NOT_IN_CHILD,	/* nothing, and the child has no VMA there */
	NOWHERE		/* there is no VMA in the parent */
};

struct page {
	uint32_t value;	/* what it holds; 0 is a page of zeros */
	uint8_t fate;
};

/* The memory under test.  The child has its own copy, as of its fork. */
struct region {
	char *addr;
	size_t nr;
	size_t twin;		/* page i + twin may map the same page as i */
	int fd;			/* the file that is mapped, or -1 */
	size_t pgoff;		/* from this page of it on */
	bool shared;		/* MAP_SHARED: each sees what the other wrote */
	bool reuse;		/* once the child is gone, writes don't copy */
	bool protected;		/* mprotect() has to come before the writes */
	bool aged;		/* the young bits have been cleared */
	bool clean;		/* only PTEs are dirty, not pages */
	bool file;		/* pages with PM_FILE are of no tmpfs */
	struct page page[MAX_PAGES];
};

struct snapshot {
	uint64_t entry[MAX_PAGES];
	uint64_t count[MAX_PAGES];
	uint64_t flags[MAX_PAGES];
	struct mm_smaps smaps;
};

/* A child does what its parent says by a letter, and answers with a count. */
struct kid {
	pid_t pid;
	int to, from;
};

extern struct region r;
extern struct snapshot before, parent, child;
extern size_t ps;		/* page size, in bytes */
extern size_t thp;		/* pages of a THP, and PTEs of a table */
extern bool have_soft_dirty;
extern int mode;
extern const char *kind_name, *side;	/* "parent" or "child" */
extern int uffd, child_uffd;
extern bool uffd_event;
extern struct kid elder;	/* a child forked by a kind's setup */
extern int failures[NR_CHECKS];	/* of this mode */

void complain(enum check check, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Contents */
char *at(size_t i);
uint32_t value_of(size_t i, int writer);	/* that nothing else holds */
void fill(size_t i, uint32_t value);
bool accessible(size_t i);
bool is_child(void);
void unprotect(void);
void age(void);		/* no page is young any more, no file's page referenced */
void verify(enum check check);	/* that all pages hold what they have to */

/* Children */
void start_kid(struct kid *kid);
void stop_kid(struct kid *kid);
int tell(struct kid *kid, char command);

/* Snapshots: take_pages() is all but smaps, which check_rss() takes. */
bool present(const struct snapshot *s, size_t i);
bool anon(const struct snapshot *s, size_t i);
bool is_marker(uint64_t entry);
bool same_pfn(const struct snapshot *s, size_t i, uint64_t entry);
void take_pages(pid_t pid, struct snapshot *s);
int maps(const struct snapshot *s, size_t i, uint64_t entry);
void check_mapcount(const struct snapshot *s, const struct snapshot *other);
void check_rss(struct kid *kid, struct snapshot *s);

/* Do the test on all kinds, or on those that have @part in their name. */
void run_kinds(const struct mm_test *test, const char *part);

#endif

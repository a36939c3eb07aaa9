// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_kinds.h"

struct region r = { .fd = -1 };
struct snapshot before, parent, child;
size_t ps, thp;
bool have_soft_dirty;
int mode;
const char *kind_name, *side = "parent";
int uffd = -1, child_uffd = -1;
bool uffd_event;
struct kid elder;
int failures[NR_CHECKS];

static const struct mm_test *test;
static bool have_thp, have_swap;

/* The result of a mode's process; the pagemap entries of the pages it used follow. */
static struct report {
	char skip[64];
	int failures[NR_CHECKS];
	size_t nr_entries;
} report;

static uint64_t used[8 * MAX_PAGES];

void complain(enum check check, const char *fmt, ...)
{
	char head[256];
	va_list args;

	snprintf(head, sizeof(head), "%s, %s, %s, %s", kind_name, test->mode_name[mode],
		 side, test->check_name[check]);
	va_start(args, fmt);
	mm_complain(&failures[check], head, fmt, args);
	va_end(args);
}

/* Make sure that the setup got what the kind is about. */
static void need(bool condition, const char *what)
{
	if (!condition)
		mm_die("%s: %s", kind_name, what);
}

/* Contents: three words of a page depend on its value */

char *at(size_t i)
{
	return r.addr + i * ps;
}

static uint64_t word(uint32_t value, size_t offset)
{
	return value ? (uint64_t)offset << 32 | value : 0;
}

void fill(size_t i, uint32_t value)
{
	for (size_t offset = 0; offset < ps; offset += ps / 2 - 8)
		*(volatile uint64_t *)(at(i) + offset) = word(value, offset);
	r.page[i].value = value;
}

static bool holds(size_t i, uint32_t value)
{
	for (size_t offset = 0; offset < ps; offset += ps / 2 - 8)
		if (*(volatile uint64_t *)(at(i) + offset) != word(value, offset))
			return false;
	return true;
}

/* Return: a value that no other page and no other writer has. */
uint32_t value_of(size_t i, int writer)
{
	return (writer + 1) << 24 | (i + 1);
}

static void fill_range(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		fill(i, value_of(i, 0));
}

static void fill_all(void)
{
	fill_range(0, r.nr);
}

static void set_fate(size_t from, size_t to, enum fate fate)
{
	for (size_t i = from; i < to; i++)
		r.page[i].fate = fate;
}

bool is_child(void)
{
	return *side == 'c';
}

bool accessible(size_t i)
{
	return r.page[i].fate < (is_child() ? NOT_IN_CHILD : NOWHERE);
}

void verify(enum check check)
{
	for (size_t i = 0; i < r.nr; i++)
		if (accessible(i) && !holds(i, r.page[i].value))
			complain(check, "page %zu holds %#llx, not %#x", i,
				 *(unsigned long long *)at(i), r.page[i].value);
}

void for_accessible(size_t from, size_t to, void (*call)(char *addr, size_t len))
{
	for (size_t i = from, run; i < to; i += run) {
		run = 1;
		if (!accessible(i))
			continue;
		while (i + run < to && accessible(i + run))
			run++;
		call(at(i), run * ps);
	}
}

static void allow_writes(char *addr, size_t len)
{
	mm_protect(addr, len, PROT_READ | PROT_WRITE);
}

void unprotect(void)
{
	if (r.protected)
		for_accessible(0, r.nr, allow_writes);
}

/* Children: they take commands of one letter, and answer with a count */

static void answer(int fd, int count)
{
	if (write(fd, &count, sizeof(count)) != sizeof(count))
		_exit(KSFT_FAIL);
}

static void kid_main(int from, int to)
{
	char command;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	side = "child";
	memset(failures, 0, sizeof(failures));
	for (size_t i = 0; i < r.nr; i++)
		if (r.page[i].fate == WIPE)
			r.page[i].value = 0;
	answer(to, 0);
	while (read(from, &command, 1) == 1) {
		int count = 0;

		switch (command) {
		case 's':
			mm_sync_rss();
			break;
		case 'u':
			unprotect();
			break;
		case 'w':
			test->child_writes();
			break;
		case 'v':
			failures[CONTENTS] = 0;
			verify(CONTENTS);
			count = failures[CONTENTS];
			break;
		}
		answer(to, count);
	}
	_exit(0);
}

static int kid_answer(struct kid *kid)
{
	int count;

	if (read(kid->from, &count, sizeof(count)) != sizeof(count))
		mm_die("%s, %s: the child died", kind_name, test->mode_name[mode]);
	return count;
}

int tell(struct kid *kid, char command)
{
	if (write(kid->to, &command, 1) != 1)
		mm_die("%s, %s: the child died", kind_name, test->mode_name[mode]);
	return kid_answer(kid);
}

static void *take_fork_event(void *unused)
{
	struct uffd_msg msg;

	if (read(uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_FORK)
		mm_die("no fork event");
	child_uffd = msg.arg.fork.ufd;
	return NULL;
}

void start_kid(struct kid *kid)
{
	pthread_t thread;
	int to[2], from[2];

	if (pipe(to) || pipe(from))
		mm_die("pipe");
	if (uffd_event && pthread_create(&thread, NULL, take_fork_event, NULL))
		mm_die("pthread_create");
	kid->pid = mm_fork();
	if (!kid->pid) {
		close(to[1]);
		close(from[0]);
		kid_main(to[0], from[1]);
	}
	if (uffd_event)
		pthread_join(thread, NULL);
	close(to[0]);
	close(from[1]);
	kid->to = to[1];
	kid->from = from[0];
	kid_answer(kid);
}

void stop_kid(struct kid *kid)
{
	int status;

	close(kid->to);
	if (waitpid(kid->pid, &status, 0) != kid->pid || status)
		mm_die("%s, %s: the child died", kind_name, test->mode_name[mode]);
	close(kid->from);
	kid->pid = 0;
}

/* Taking and checking snapshots */

bool present(const struct snapshot *s, size_t i)
{
	return s->entry[i] & PM_PRESENT && !(s->flags[i] & KPF_ZERO_PAGE);
}

/* The lowest bits of a pagemap entry are the swap type: 0 is the first swap area. */
static bool is_swapped(uint64_t entry)
{
	return entry & PM_SWAP && !(entry & 31);
}

bool is_marker(uint64_t entry)
{
	return entry & PM_SWAP && entry & 31;
}

bool same_pfn(const struct snapshot *s, size_t i, uint64_t entry)
{
	return i < r.nr && present(s, i) && !((s->entry[i] ^ entry) & PM_PFN);
}

void take_pages(pid_t pid, struct snapshot *s)
{
	mm_pagemap(pid, r.addr, r.nr, s->entry);
	mm_kpagecount(s->entry, r.nr, s->count);
	mm_kpageflags(s->entry, r.nr, s->flags);
	for (size_t i = 0; i < r.nr; i++)
		if (present(s, i) &&
		    (s == &before || !same_pfn(&before, i, s->entry[i])))
			used[report.nr_entries++] = s->entry[i];
}

/* Return: how often a process maps the page of @entry, at @i or at its twin. */
int maps(const struct snapshot *s, size_t i, uint64_t entry)
{
	int count = same_pfn(s, i, entry);

	if (r.twin)
		count += same_pfn(s, i + r.twin, entry) +
			 same_pfn(s, i - r.twin, entry);
	return count;
}

/*
 * Each mapping counts once: those of the parent and of the child, and those that other
 * processes have had since before the fork().
 */
void check_mapcount(const struct snapshot *s, const struct snapshot *other)
{
	for (size_t i = 0; i < r.nr; i++) {
		uint64_t entry = s->entry[i];
		unsigned long long expect;

		if (!present(s, i)) {
			if (s->count[i])
				complain(MAPCOUNT, "zero page %zu has a mapcount", i);
			continue;
		}
		expect = maps(s, i, entry);
		if (other)
			expect += maps(other, i, entry);
		if (same_pfn(&before, i, entry))
			expect += before.count[i] - maps(&before, i, entry);
		if (s->count[i] != expect)
			complain(MAPCOUNT, "page %zu is mapped %llu times, not %llu",
				 i, (unsigned long long)s->count[i], expect);
		/* For a PMD-mapped THP, pagemap goes by the mapcount of its first page. */
		if ((s->smaps.anon_huge || s->smaps.shmem_huge) &&
		    !!(entry & PM_MMAP_EXCLUSIVE) ==
		    (s->count[i - i % thp] == 1))
			continue;
		if (!!(entry & PM_MMAP_EXCLUSIVE) != (expect == 1))
			complain(PAGEMAP, "page %zu, mapped %llu times, is %llx",
				 i, expect, (unsigned long long)entry);
	}
}

bool anon(const struct snapshot *s, size_t i)
{
	return present(s, i) && !(s->entry[i] & PM_FILE);
}

static bool rss_is_exact(const struct mm_status *status,
			 const struct mm_smaps *all, unsigned long file)
{
	return status->anon == all->anon &&
	       status->file + status->shmem == all->rss - all->anon &&
	       (r.file ? status->file : status->shmem) >= file;
}

/* Check the counters of a process against a walk of its page tables. */
void check_rss(struct kid *kid, struct snapshot *s)
{
	pid_t pid = kid ? kid->pid : getpid();
	unsigned long rss = 0, anonymous = 0, shared = 0, swap = 0;
	struct mm_status status;
	struct mm_smaps all;

	for (size_t i = 0; i < r.nr; i++) {
		rss += present(s, i) * ps;
		anonymous += anon(s, i) * ps;
		shared += (present(s, i) && s->count[i] > 1) * ps;
		swap += is_swapped(s->entry[i]) * ps;
	}

	/* A page fault after mm_sync_rss() makes the counters differ: try again. */
	for (int tries = 0; tries < 4; tries++) {
		if (kid)
			tell(kid, 's');
		else
			mm_sync_rss();
		mm_status(pid, &status);
		mm_smaps(pid, r.addr, r.nr * ps, &s->smaps, &all);
		if (rss_is_exact(&status, &all, rss - anonymous))
			break;
	}
	if (!rss_is_exact(&status, &all, rss - anonymous))
		complain(RSS, "%s: anon %lu, file %lu, shmem %lu; walk: %lu and %lu, here %lu",
			 kid ? "child" : "parent", status.anon, status.file,
			 status.shmem, all.anon, all.rss - all.anon, rss - anonymous);
	if (status.swap != all.swap)
		complain(RSS, "%s: swap %lu; a walk finds %lu",
			 kid ? "child" : "parent", status.swap, all.swap);

	if (s->smaps.rss != rss || s->smaps.anon != anonymous)
		complain(SMAPS, "%s: Rss %lu, Anonymous %lu, not %lu, %lu",
			 kid ? "child" : "parent", s->smaps.rss, s->smaps.anon,
			 rss, anonymous);
	if (s->smaps.shared != shared || s->smaps.private != rss - shared)
		complain(SMAPS, "%s: Shared %lu, Private %lu, not %lu, %lu",
			 kid ? "child" : "parent", s->smaps.shared,
			 s->smaps.private, shared, rss - shared);
	if (s->smaps.swap != swap)
		complain(SMAPS, "%s: Swap %lu, not %lu",
			 kid ? "child" : "parent", s->smaps.swap, swap);
	if (kid && (status.locked || s->smaps.locked))
		complain(SMAPS, "child: %lu bytes are locked", status.locked);
}

/* Run a kind in one mode, in a process of its own. */
static void run_mode(const char *(*setup)(int), int arg, int out)
{
	const char *skip;

	alarm(120);
	/* This maps a page: do so now, and not in a hole that the setup makes. */
	mm_sync_rss();
	skip = setup(arg);
	if (skip) {
		snprintf(report.skip, sizeof(report.skip), "%s", skip);
	} else {
		take_pages(getpid(), &before);
		check_rss(NULL, &before);
		test->run();
		if (elder.pid) {
			failures[ISOLATION] += tell(&elder, 'v');
			stop_kid(&elder);
		}
	}
	memcpy(report.failures, failures, sizeof(failures));
	if (write(out, &report, sizeof(report)) < 0 ||
	    write(out, used, report.nr_entries * sizeof(*used)) < 0)
		mm_die("pipe");
	fflush(stdout);
	_exit(0);
}

/* What the kinds are made of */

/* Reserve the region: @nr pages, from @offset pages after a THP boundary on. */
static void reserve(size_t nr, size_t offset)
{
	size_t size = thp * ps;

	need(nr <= MAX_PAGES, "too many pages");
	r.addr = mm_reserve(nr * ps + 2 * size, size) + size + offset * ps;
	r.nr = nr;
}

static char *map(char *addr, size_t nr, int flags, int fd, size_t pgoff)
{
	addr = mmap(addr, nr * ps, PROT_READ | PROT_WRITE,
		    flags | (addr ? MAP_FIXED : 0), fd, pgoff * ps);
	if (addr == MAP_FAILED)
		mm_die("mmap");
	return addr;
}

static void advise(size_t from, size_t to, int advice)
{
	mm_advise(at(from), (to - from) * ps, advice);
}

static void protect(size_t from, size_t to, int prot)
{
	mm_protect(at(from), (to - from) * ps, prot);
}

static size_t count_entries(size_t from, size_t to, uint64_t bits)
{
	size_t count = 0;

	mm_pagemap(getpid(), r.addr, r.nr, before.entry);
	for (size_t i = from; i < to; i++)
		count += (before.entry[i] & bits) == bits;
	return count;
}

static struct mm_smaps region_smaps(void)
{
	struct mm_smaps range, all;

	mm_smaps(getpid(), r.addr, r.nr * ps, &range, &all);
	return range;
}

static const char *small_pages(void)
{
	size_t nr = thp < 192 ? thp : 192;

	/* Half of the pages are in one page table, half in the next. */
	reserve(nr, thp - nr / 2);
	map(r.addr, r.nr, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	advise(0, r.nr, MADV_NOHUGEPAGE);
	fill_all();
	return NULL;
}

static const char *pmd_thps(void)
{
	if (!have_thp)
		return "no THP";
	reserve(2 * thp, 0);
	map(r.addr, r.nr, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	advise(0, r.nr, MADV_HUGEPAGE);
	fill_all();
	need(region_smaps().anon_huge == r.nr * ps, "no huge pages");
	return NULL;
}

/* Split the PMDs, but not the folios. */
static void split_pmds(void)
{
	for (size_t i = 0; i < r.nr; i += thp)
		mm_split_pmd(at(i));
	need(!region_smaps().anon_huge, "a PMD is not split");
	mm_pagemap(getpid(), r.addr, r.nr, before.entry);
	mm_kpageflags(before.entry, r.nr, before.flags);
	for (size_t i = 0; i < r.nr; i++)
		need(before.flags[i] & KPF_THP, "a huge page is split");
}

static const char *pte_thps(void)
{
	const char *skip = pmd_thps();

	if (!skip)
		split_pmds();
	return skip;
}

enum base { SMALL, PMD_THP, PTE_THP, BASE = 3 };

static const char *base_of(int arg)
{
	switch (arg & BASE) {
	case SMALL:
		return small_pages();
	case PMD_THP:
		return pmd_thps();
	default:
		return pte_thps();
	}
}

/* Parts of the first half of the region, which is a THP or as many small pages */
static const int head = 1 << 8, middle = 2 << 8, tail = 4 << 8, parts = 7 << 8;

static void for_parts(int arg, void (*call)(size_t from, size_t to, int how), int how)
{
	size_t half = r.nr / 2;

	if (arg & head)
		call(0, 3, how);
	if (arg & middle)
		call(half / 2 - 1, half / 2 + half / 8, how);
	if (arg & tail)
		call(half - 3, half, how);
}

/* The ranges that pin() pins until the process ends */
static struct iovec pinned[16];
static int nr_pinned;

static void add_pin(size_t from, size_t to, int unused)
{
	pinned[nr_pinned++] = (struct iovec){ at(from), (to - from) * ps };
}

static const char *pin(void)
{
	int ring = mm_open_ring();

	if (ring < 0)
		return "no io_uring";
	if (mm_pin(ring, pinned, nr_pinned))
		mm_die("IORING_REGISTER_BUFFERS");
	return NULL;
}

/* The kinds */

static const char *setup_plain(int arg)
{
	r.reuse = (arg & BASE) != PTE_THP;
	return base_of(arg);
}

enum treatment {
	UNMAPPED, DROPPED, ZERO, REPLACED, SWAPPED, READ_ONLY, NO_ACCESS,
	WIPED, DONT_FORK, PINNED
};

static void treat(size_t from, size_t to, int how)
{
	int zeros = how == DROPPED || how == ZERO;

	if (how == UNMAPPED) {
		munmap(at(from), (to - from) * ps);
		set_fate(from, to, NOWHERE);
	} else if (how == READ_ONLY) {
		protect(from, to, PROT_READ);
	} else if (how == NO_ACCESS) {
		protect(from, to, PROT_NONE);
	} else if (how == WIPED) {
		advise(from, to, MADV_WIPEONFORK);
		set_fate(from, to, WIPE);
	} else if (how == PINNED) {
		set_fate(from, to, COPY);
	} else if (how == DONT_FORK) {
		advise(from, to, MADV_DONTFORK);
		set_fate(from, to, NOT_IN_CHILD);
	} else {
		advise(from, to, MADV_DONTNEED);
		for (size_t i = from; i < to; i++) {
			r.page[i].value = zeros ? 0 : value_of(i, 0);
			if (how == ZERO)
				need(holds(i, 0), "dropped page is not zero");
			else if (how != DROPPED)
				fill(i, r.page[i].value);
		}
	}
	if (how == SWAPPED) {
		advise(from, to, MADV_PAGEOUT);
		need(count_entries(from, to, PM_SWAP) == to - from, "not swapped out");
	}
}

static const char *setup_parts(int arg)
{
	int how = arg >> 2 & 31;
	const char *skip;

	if (how == SWAPPED && !have_swap)
		return "no " MM_SWAP_DEVICE " to swap to";
	skip = base_of(arg);
	if (skip)
		return skip;
	r.protected = how == READ_ONLY || how == NO_ACCESS;
	for_parts(arg, treat, how);
	return NULL;
}

/* Within each folio, a VMA ends and the next one begins. */
static const char *setup_vma_in_folio(int arg)
{
	const char *skip = base_of(arg);

	if (!skip)
		advise(thp / 2 + 1, thp + thp / 4, MADV_DONTDUMP);
	return skip;
}

static void move(char *from, size_t to, size_t nr)
{
	if (mremap(from, nr * ps, nr * ps, MREMAP_MAYMOVE | MREMAP_FIXED,
		   at(to)) == MAP_FAILED)
		mm_die("mremap");
}

/* A THP that begins a few pages before the end of a page table */
static const char *setup_shifted(int arg)
{
	const char *skip = pmd_thps();
	char *from = r.addr;

	if (skip)
		return skip;
	reserve(2 * thp, 0);
	map(r.addr, r.nr, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	move(from, thp - 7, thp);
	fill_all();
	need(count_entries(0, r.nr, PM_PRESENT) == r.nr, "hole");
	return NULL;
}

/* Pieces of two THPs in turn, each taken from its end to its start, with gaps */
static const char *setup_shuffled(int arg)
{
	const char *skip = pte_thps();
	size_t i = 0, left[2] = { thp, thp }, nr, turn;
	char *from = r.addr;

	if (skip)
		return skip;
	reserve(2 * thp, 0);
	set_fate(0, r.nr, NOWHERE);
	for (turn = 0; left[turn % 2] && i + 10 < r.nr; turn++) {
		nr = 1 + turn % 9;
		if (nr > left[turn % 2])
			nr = left[turn % 2];
		left[turn % 2] -= nr;
		move(from + (turn % 2 * thp + left[turn % 2]) * ps, i, nr);
		set_fate(i, i + nr, SHARE);
		fill_range(i, i + nr);
		i += nr + (turn % 4 == 3);
	}
	return NULL;
}

/* An elder child still shares the pages that the parent has not written to since. */
static const char *setup_cowed(int lives)
{
	const char *skip = pte_thps();

	if (skip)
		return skip;
	start_kid(&elder);
	for (size_t i = 0; i < r.nr; i++)
		if (i % 5 == 0 || i / 8 % 4 == 2)
			fill(i, value_of(i, 4));
	if (!lives)
		stop_kid(&elder);
	return NULL;
}

/* One folio: most pages are shared with an elder child, some are exclusive. */
static const char *setup_half_shared(int with_pin)
{
	const char *skip = pte_thps();

	if (skip)
		return skip;
	for_parts(parts, treat, DONT_FORK);
	start_kid(&elder);
	set_fate(0, thp, SHARE);
	advise(0, r.nr, MADV_DOFORK);
	if (!with_pin)
		return NULL;
	for_parts(middle, add_pin, 0);
	for_parts(parts, treat, PINNED);
	return pin();
}

static const char *setup_pinned(int arg)
{
	const char *skip = base_of(arg);

	if (skip)
		return skip;
	for_parts(arg, add_pin, 0);
	/* A pin of one page is a pin of its folio. */
	if ((arg & BASE) == SMALL)
		for_parts(arg, treat, PINNED);
	else
		set_fate(0, thp, COPY);
	return pin();
}

static const char *setup_locked(int arg)
{
	const char *skip = base_of(arg);

	if (!skip && mlock(r.addr, r.nr * ps))
		mm_die("mlock");
	return skip;
}

static void write_some(size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (i % 3 == 0 || i / 8 % 4 == 2)
			fill(i, value_of(i, 5));
}

static const char *setup_soft_dirty(int arg)
{
	const char *skip = have_soft_dirty ? base_of(arg) : "no soft-dirty bits";
	size_t nr = (arg & BASE) == PMD_THP ? thp : r.nr, count;

	if (skip)
		return skip;
	if (mm_write_file("/proc/self/clear_refs", "4"))
		mm_die("clear_refs");
	write_some(nr);
	count = count_entries(0, r.nr, PM_SOFT_DIRTY);
	need(count && count < r.nr, "all soft-dirty bits are the same");
	if (!(arg & parts))
		return NULL;
	for_parts(arg, add_pin, 0);
	set_fate(0, thp, COPY);
	return pin();
}

void age(void)
{
	/* This flushes the TLB: with a stale entry, an access would not set the bit. */
	protect(0, r.nr, PROT_NONE);
	protect(0, r.nr, PROT_READ | PROT_WRITE);
	if (mm_write_file("/proc/self/clear_refs", "1"))
		mm_die("clear_refs");
}

static const char *setup_young(int arg)
{
	const char *skip = base_of(arg);
	unsigned long young;

	if (skip)
		return skip;
	age();
	/* Only in the first half: reading some pages of a block makes all of it young. */
	for (size_t i = 0; i < r.nr / 2; i += 3)
		holds(i, 0);
	young = region_smaps().referenced;
	need(young && young < r.nr * ps, "all young bits are the same");
	r.aged = true;
	return NULL;
}

/* Write the contents of a file, by a shared mapping. */
static void fill_file(int fd, size_t nr)
{
	if (ftruncate(fd, nr * ps))
		mm_die("ftruncate");
	map(r.addr, r.nr, MAP_SHARED, fd, 0);
	fill_all();
}

enum file { SHARED = 4, COWED = 8, TWICE = 16, BY_PTE = 32, EVENT = 64, CLEAN = 128 };

static void map_file(int arg, int fd, size_t pgoff)
{
	r.fd = fd;
	r.pgoff = pgoff;
	map(r.addr, r.nr, arg & SHARED ? MAP_SHARED : MAP_PRIVATE, fd, pgoff);
	if (arg & TWICE) {
		r.twin = r.nr / 2;
		map(at(r.twin), r.twin, MAP_PRIVATE, fd, pgoff);
	}
}

static void read_file_pages(int arg)
{
	r.shared = arg & SHARED;
	for (size_t i = 0; i < r.nr; i++)
		r.page[i].value = *(volatile uint64_t *)at(i);
	/* fork() leaves a VMA of a file without anonymous pages to page faults. */
	set_fate(0, r.nr, arg & COWED ? SHARE : LEAVE);
	if (arg & COWED)
		write_some(r.nr);
}

static const char *setup_file(int arg)
{
	int fd = mm_temp_file("ramfs", NULL);

	if (fd < 0)
		return "no ramfs";
	reserve(96, thp > 48 ? thp - 48 : 0);
	fill_file(fd, r.nr);
	map_file(arg, fd, 0);
	r.file = true;
	read_file_pages(arg);
	return NULL;
}

/*
 * Two huge pages of a tmpfs.  PTEs have to map them where the mapping is not aligned to
 * them: BY_PTE begins a few pages after the start of the first one.
 */
static const char *map_shmem(int arg)
{
	size_t pgoff = arg & BY_PTE ? 4 : 0;
	int fd = have_thp ? mm_temp_file("tmpfs", "huge=always") : -1;

	if (fd < 0)
		return "no THP in tmpfs";
	reserve(2 * thp, 0);
	if (arg & CLEAN) {
		if (ftruncate(fd, 2 * r.nr * ps))
			mm_die("ftruncate");
	} else {
		fill_file(fd, 2 * r.nr);
		/* A second time, for the rest of the file */
		map(r.addr, r.nr, MAP_SHARED, fd, r.nr);
		fill_all();
	}
	map_file(arg, fd, pgoff);
	read_file_pages(arg);
	mm_pagemap(getpid(), r.addr, r.nr, before.entry);
	mm_kpageflags(before.entry, r.nr, before.flags);
	/* The page cache of a kernel without CONFIG_BASE_FULL has no THPs. */
	if (!(before.flags[1] & KPF_THP))
		return "no THP in tmpfs";
	need(!region_smaps().shmem_huge == !!(arg & BY_PTE), "mapped by the wrong level");
	return NULL;
}

static const char *setup_shmem(int arg)
{
	return map_shmem(arg);
}

static const char *open_uffd(uint64_t features)
{
	struct uffdio_register reg = {
		{ (uintptr_t)r.addr, r.nr * ps }, UFFDIO_REGISTER_MODE_WP
	};

	uffd = mm_open_uffd(features);
	if (uffd < 0 || ioctl(uffd, UFFDIO_REGISTER, &reg)) {
		uffd = -1;
		return "no uffd-wp";
	}
	return NULL;
}

static void write_protect(size_t from, size_t to, int unused)
{
	struct uffdio_writeprotect wp = {
		{ (uintptr_t)at(from), (to - from) * ps }, UFFDIO_WRITEPROTECT_MODE_WP
	};

	if (ioctl(uffd, UFFDIO_WRITEPROTECT, &wp))
		mm_die("UFFDIO_WRITEPROTECT");
	need(count_entries(from, to, PM_UFFD_WP) == to - from, "no uffd-wp bits");
}

static const char *setup_uffd(int arg)
{
	uint64_t features = UFFD_FEATURE_PAGEFAULT_FLAG_WP;
	const char *skip = arg & SHARED ? map_shmem(arg | CLEAN) : base_of(arg);

	if (arg & EVENT)
		features |= UFFD_FEATURE_EVENT_FORK;
	if (arg & SHARED)
		features |= UFFD_FEATURE_WP_HUGETLBFS_SHMEM;
	if (skip)
		return skip;
	if (arg & SHARED) {
		write_some(r.nr);
		/* Drop clean pages, so that write_protect() has to install markers. */
		advise(1, 3, MADV_DONTNEED);
	}
	skip = open_uffd(features);
	if (skip)
		return skip;
	uffd_event = arg & EVENT;
	if ((arg & BASE) == PMD_THP)
		write_protect(thp, r.nr, 0);
	else
		for_parts(parts, write_protect, 0);
	if (arg & SHARED) {
		r.clean = true;
		set_fate(0, r.nr, arg & EVENT ? SHARE : LEAVE);
		need(region_smaps().dirty, "no dirty entries");
		mm_kpageflags(before.entry, r.nr, before.flags);
		for (size_t i = 0; i < r.nr; i++)
			need(!(before.flags[i] & KPF_DIRTY), "a dirty page");
	} else if (arg & parts) {
		/* Pinning a write-protected page would wait for its write fault: pin another. */
		add_pin(4, 5, 0);
		set_fate(0, thp, COPY);
		return pin();
	}
	return NULL;
}

/* Memory of an io_uring: fork() has to copy entries that no page fault can set. */
static const char *setup_ring(int unused)
{
	struct io_uring_params params = { };
	int fd = syscall(__NR_io_uring_setup, 4096, &params);

	if (fd < 0)
		return "no io_uring";
	r.nr = params.sq_entries * sizeof(struct io_uring_sqe) / ps;
	r.addr = map(NULL, r.nr, MAP_SHARED, fd, IORING_OFF_SQES / ps);
	r.shared = true;
	r.file = true;
	fill_all();
	return NULL;
}

#define PARTS(base, how, which) ((base) | (how) << 2 | (which))

static const struct kind {
	const char *name;
	const char *(*setup)(int arg);
	int arg;
} kinds[] = {
	{ "small pages", setup_plain, SMALL },
	{ "small pages, some dropped", setup_parts, PARTS(SMALL, DROPPED, parts) },
	{ "small pages, some zero pages", setup_parts, PARTS(SMALL, ZERO, parts) },
	{ "small pages, some swapped out", setup_parts, PARTS(SMALL, SWAPPED, parts) },
	{ "small pages, some read-only", setup_parts, PARTS(SMALL, READ_ONLY, parts) },
	{ "small pages, some PROT_NONE", setup_parts, PARTS(SMALL, NO_ACCESS, parts) },
	{ "small pages, some pinned", setup_pinned, SMALL | parts },
	{ "small pages, locked", setup_locked, SMALL },
	{ "small pages, some young", setup_young, SMALL },
	{ "small pages, some soft-dirty", setup_soft_dirty, SMALL },
	{ "small pages, some uffd-wp", setup_uffd, SMALL },
	{ "small pages, some uffd-wp, fork event", setup_uffd, SMALL | EVENT },

	{ "PMD-mapped THP", setup_plain, PMD_THP },
	{ "PMD-mapped THP, pinned", setup_pinned, PMD_THP | middle },
	{ "PMD-mapped THP, locked", setup_locked, PMD_THP },
	{ "PMD-mapped THP, one soft-dirty", setup_soft_dirty, PMD_THP },
	{ "PMD-mapped THP, one uffd-wp", setup_uffd, PMD_THP },
	{ "PMD-mapped THP, one uffd-wp, fork event", setup_uffd, PMD_THP | EVENT },

	{ "THP", setup_plain, PTE_THP },
	{ "THP, head unmapped", setup_parts, PARTS(PTE_THP, UNMAPPED, head) },
	{ "THP, middle unmapped", setup_parts, PARTS(PTE_THP, UNMAPPED, middle) },
	{ "THP, tail unmapped", setup_parts, PARTS(PTE_THP, UNMAPPED, tail) },
	{ "THP, head dropped", setup_parts, PARTS(PTE_THP, DROPPED, head) },
	{ "THP, middle dropped", setup_parts, PARTS(PTE_THP, DROPPED, middle) },
	{ "THP, tail dropped", setup_parts, PARTS(PTE_THP, DROPPED, tail) },
	{ "THP, some zero pages", setup_parts, PARTS(PTE_THP, ZERO, parts) },
	{ "THP, some small pages", setup_parts, PARTS(PTE_THP, REPLACED, parts) },
	{ "THP, some swapped out", setup_parts, PARTS(PTE_THP, SWAPPED, parts) },
	{ "THP, some read-only", setup_parts, PARTS(PTE_THP, READ_ONLY, parts) },
	{ "THP, some PROT_NONE", setup_parts, PARTS(PTE_THP, NO_ACCESS, parts) },
	{ "THP, some MADV_WIPEONFORK", setup_parts, PARTS(PTE_THP, WIPED, parts) },
	{ "THP, some MADV_DONTFORK", setup_parts, PARTS(PTE_THP, DONT_FORK, parts) },
	{ "THP, VMA begins and ends inside", setup_vma_in_folio, PTE_THP },
	{ "THP, moved across a page table's end", setup_shifted, 0 },
	{ "THP, moved in pieces", setup_shuffled, 0 },
	{ "THP, some copied on write", setup_cowed, 0 },
	{ "THP, some copied on write, elder child lives", setup_cowed, 1 },
	{ "THP, some exclusive, elder child lives", setup_half_shared, 0 },
	{ "THP, some exclusive and pinned, elder child lives", setup_half_shared, 1 },
	{ "THP, pinned", setup_pinned, PTE_THP | parts },
	{ "THP, first pages pinned", setup_pinned, PTE_THP | head },
	{ "THP, last pages pinned", setup_pinned, PTE_THP | tail },
	{ "THP, locked", setup_locked, PTE_THP },
	{ "THP, some young", setup_young, PTE_THP },
	{ "THP, some soft-dirty", setup_soft_dirty, PTE_THP },
	{ "THP, some soft-dirty, pinned", setup_soft_dirty, PTE_THP | head },
	{ "THP, some uffd-wp", setup_uffd, PTE_THP },
	{ "THP, some uffd-wp, fork event", setup_uffd, PTE_THP | EVENT },
	{ "THP, some uffd-wp, fork event, pinned", setup_uffd, PTE_THP | EVENT | head },

	{ "shmem THP, PMD-mapped, shared", setup_shmem, SHARED },
	{ "shmem THP, shared", setup_shmem, SHARED | BY_PTE },
	{ "shmem THP, private", setup_shmem, BY_PTE },
	{ "shmem THP, private, some copied on write", setup_shmem, COWED | BY_PTE },
	{ "shmem THP, private, mapped twice", setup_shmem, COWED | BY_PTE | TWICE },
	{ "shmem THP, shared, some uffd-wp", setup_uffd, SHARED | BY_PTE },
	{ "shmem THP, shared, some uffd-wp, fork event", setup_uffd, SHARED | BY_PTE | EVENT },
	{ "file pages, shared", setup_file, SHARED },
	{ "file pages, private", setup_file, 0 },
	{ "file pages, private, some copied on write", setup_file, COWED },
	{ "file pages, private, mapped twice", setup_file, COWED | TWICE },
	{ "io_uring's pages", setup_ring, 0 },
};

/*
 * Count the pages that are lost: on an LRU list, anonymous or swap-backed, but not
 * mapped.  This does not read kpagecount: with CONFIG_DEBUG_VM, that can hit a BUG if a
 * huge page is freed meanwhile, as one that an io_uring has pinned may be.
 */
static size_t count_leaks(size_t nr)
{
	static uint64_t flags[8 * MAX_PAGES];
	size_t leaks = 0;

	mm_kpageflags(used, nr, flags);
	for (size_t i = 0; i < nr; i++)
		if (flags[i] & (KPF_LRU | KPF_ANON | KPF_SWAPBACKED) && !(flags[i] & KPF_MMAP))
			leaks++;
	return leaks;
}

/* The kernel frees some memory late, that of an io_uring for one: wait some seconds. */
static void check_freed(size_t nr)
{
	static char page[1 << 16] __attribute__((aligned(1 << 16)));
	int tries = 50;
	size_t leaks;

	/* MADV_COLD drains the pagevecs of this CPU. */
	madvise(page, sizeof(page), MADV_COLD);
	while ((leaks = count_leaks(nr)) && --tries)
		usleep(100000);
	if (leaks)
		complain(FREED, "%zu pages are still in use", leaks);
}

static bool read_all(int fd, void *to, size_t size)
{
	ssize_t ret;

	for (; size; to = (char *)to + ret, size -= ret) {
		ret = read(fd, to, size);
		if (ret <= 0)
			return false;
	}
	return true;
}

static void run_kind(const struct kind *kind)
{
	int sum[NR_CHECKS] = { };
	const char *skip = NULL;
	int fds[2], status;
	bool done;
	pid_t pid;

	kind_name = kind->name;
	for (mode = 0; mode < test->nr_modes && !skip; mode++) {
		memset(&report, 0, sizeof(report));
		memset(failures, 0, sizeof(failures));
		if (pipe(fds))
			mm_die("pipe");
		pid = fork();
		if (!pid) {
			close(fds[0]);
			run_mode(kind->setup, kind->arg, fds[1]);
		}
		close(fds[1]);
		done = read_all(fds[0], &report, sizeof(report)) &&
		       read_all(fds[0], used, report.nr_entries * sizeof(*used));
		close(fds[0]);
		if (waitpid(pid, &status, 0) != pid || status || !done) {
			ksft_print_msg("%s, %s: ended with status %#x\n",
				       kind->name, test->mode_name[mode], status);
			for (int i = 0; i < NR_CHECKS; i++)
				sum[i]++;
		}
		if (done)
			check_freed(report.nr_entries);
		for (int i = 0; i < NR_CHECKS; i++)
			sum[i] += report.failures[i] + failures[i];
		skip = *report.skip ? report.skip : NULL;
	}
	for (int i = 0; i < NR_CHECKS; i++) {
		if (!test->check_name[i])
			continue;
		if (skip && !sum[i])
			ksft_test_result_skip("%s: %s: %s\n", kind->name,
					      test->check_name[i], skip);
		else
			ksft_test_result(!sum[i], "%s: %s\n", kind->name,
					 test->check_name[i]);
	}
}

static void check_swap(void)
{
	if (have_swap)
		ksft_test_result(!mm_swapoff(), "no swap entry is lost\n");
	else
		ksft_test_result_skip("no swap entry is lost: no " MM_SWAP_DEVICE "\n");
}

static bool sense_soft_dirty(void)
{
	char *page = map(NULL, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t entry;

	*(volatile char *)page = 1;
	mm_pagemap(getpid(), page, 1, &entry);
	munmap(page, ps);
	return entry & PM_SOFT_DIRTY;
}

static bool is_wanted(const struct kind *kind, const char *part_of_name)
{
	return !part_of_name || strstr(kind->name, part_of_name);
}

void run_kinds(const struct mm_test *this_test, const char *part)
{
	size_t nr_kinds = 0, nr_checks = 0;

	test = this_test;
	ps = getpagesize();
	mm_begin();
	mm_stay_on_one_cpu();
	thp = mm_pmd_thp_size() / ps;
	have_thp = thp && 2 * thp <= MAX_PAGES;
	if (!have_thp)
		thp = (2 << 20) / ps;
	have_soft_dirty = sense_soft_dirty();
	have_swap = !mm_swapon();
	/* khugepaged must not collapse what is to stay split. */
	mm_stop_khugepaged();

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		nr_kinds += is_wanted(&kinds[i], part);
	for (int i = 0; i < NR_CHECKS; i++)
		nr_checks += !!test->check_name[i];
	ksft_set_plan(nr_kinds * nr_checks + 1 + !!test->more);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (is_wanted(&kinds[i], part))
			run_kind(&kinds[i]);
	check_swap();
	if (test->more) {
		int passed = test->more();

		if (passed < 0)
			ksft_test_result_skip("%s: %s\n", test->more_name, test->more_skip);
		else
			ksft_test_result(passed, "%s\n", test->more_name);
	}
	mm_start_khugepaged();
	ksft_finished();
}

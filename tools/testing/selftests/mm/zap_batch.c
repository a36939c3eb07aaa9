// SPDX-License-Identifier: GPL-2.0
/*
 * Test that memory of all kinds can be unmapped.
 *
 * Memory of each kind of mm_kinds.c is unmapped by munmap(), by MADV_DONTNEED, and, if
 * it is of a file, by ftruncate() and by a hole that is punched into the file, with and
 * without a child that maps the same pages.  One more mode is munmap() while allocations
 * of pages fail.  Each mode has three steps: it unmaps a part of the first half, then
 * some pages on both sides of the middle, where a THP and a page table end, and then
 * everything.  (ftruncate() goes from the end to the start.)
 *
 * After each step the test checks that these pages are gone and that all others are
 * where they were, with the right mapcounts, counters and contents, and that the
 * accessed and dirty bits of entries that map a file were moved to its pages.
 *
 * Needs root.  Skips the kinds that need what the kernel lacks: THPs, /dev/ram0 to swap
 * to, userfaultfd, io_uring, soft-dirty bits.  The test has a verdict of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_kinds.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED	24
#endif

enum way { UNMAP, DROP, TRUNCATE, PUNCH, UNMAP_POOR };

static const char * const mode_name[] = {
	"munmap", "munmap, a child has it", "MADV_DONTNEED",
	"MADV_DONTNEED, a child has it", "truncate", "truncate, a child has it",
	"hole punched", "hole punched, a child has it", "munmap, allocations fail",
};

#define FAIL	MM_DEBUGFS "/fail_page_alloc"
#define TIMES	"1000000"	/* how many allocations may fail; the file counts down */

static bool have_injection, have_lru_gen;
static enum way way;
static bool is_first;		/* the first step, of a kind that maps a file */
static size_t from, to;		/* the pages of a step, in the region or in its file */
static struct snapshot old, old_child;

/* Return: which page of the file is mapped at @i, counted from the first mapped one. */
static size_t file_page(size_t i)
{
	return r.twin ? i % r.twin : i;
}

static bool is_of_file(void)
{
	return way == TRUNCATE || way == PUNCH;
}

static bool is_hit(size_t i)
{
	size_t page = is_of_file() ? file_page(i) : i;

	return page >= from && page < to;
}

/* Check whether page @i is in a THP of the file that the step unmaps only in part. */
static bool is_cut(size_t i)
{
	size_t pgoff = r.pgoff + (is_of_file() ? file_page(i) : i);

	return r.fd >= 0 && !r.file &&
	       (pgoff / thp == (r.pgoff + from) / thp || pgoff / thp == (r.pgoff + to) / thp);
}

/* Check whether the step unmaps page @i: a hole in a file does not unmap copies. */
static bool is_gone(const struct snapshot *s, size_t i)
{
	return is_hit(i) && !(way == PUNCH && anon(s, i));
}

static uint32_t value_in_file(size_t i)
{
	uint64_t value;

	if (pread(r.fd, &value, sizeof(value), (r.pgoff + file_page(i)) * ps) !=
	    sizeof(value))
		mm_die("pread");
	return value;
}

/* Let this process's allocations of pages fail unless they may sleep. */
static void set_poor(bool poor)
{
	mm_write_file("/proc/self/make-it-fail", poor ? "1" : "0");
	mm_write_file(FAIL "/probability", poor ? "100" : "0");
}

/* Is there a kernel with fault injection?  Choose what fails. */
static bool set_injection(void)
{
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	return !access("/proc/self/make-it-fail", W_OK) &&
	       !mm_set(FAIL "/times", TIMES) && !mm_set(FAIL "/verbose", "0") &&
	       !mm_set(FAIL "/ignore-gfp-wait", "Y") && !mm_set(FAIL "/task-filter", "Y") &&
	       !mm_set(FAIL "/min-order", "0");
}

static void drop(char *addr, size_t len)
{
	mm_advise(addr, len, MADV_DONTNEED_LOCKED);
}

/* Unmap the pages of a step.  Return: false if there is no such way for this kind. */
static bool zap(void)
{
	off_t start = (r.pgoff + from) * ps, len = (to - from) * ps;

	switch (way) {
	case UNMAP_POOR:
		if (!have_injection)
			return false;
		set_poor(true);
		if (munmap(at(from), len))
			mm_die("munmap");
		set_poor(false);
		break;
	case UNMAP:
		if (munmap(at(from), len))
			mm_die("munmap");
		break;
	case DROP:
		for_accessible(from, to, drop);
		break;
	case TRUNCATE:
		if (r.fd < 0)
			return false;
		if (ftruncate(r.fd, start))
			mm_die("ftruncate");
		break;
	case PUNCH:
		if (r.fd < 0)
			return false;
		if (fallocate(r.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, len)) {
			if (errno == EOPNOTSUPP)
				return false;
			mm_die("FALLOC_FL_PUNCH_HOLE");
		}
		break;
	}
	return true;
}

/* Set what the pages hold after the step. */
static void expect_values(void)
{
	for (size_t i = 0; i < r.nr; i++) {
		if (!is_gone(&old, i) || !accessible(i))
			continue;
		/* Pages of an io_uring can't be faulted in again. */
		if ((way != DROP && way != PUNCH) || (r.file && r.fd < 0))
			r.page[i].fate = NOWHERE;
		else
			r.page[i].value = r.fd < 0 ? 0 : value_in_file(i);
	}
}

/*
 * Check that nothing is left of an entry.  If it mapped a file and was uffd-wp, and the
 * VMA is still there, a marker has to be left.
 */
static bool is_empty(uint64_t entry, uint64_t was)
{
	if (way == UNMAP || way == UNMAP_POOR)
		return !entry;
	if (r.fd >= 0 && was & PM_UFFD_WP)
		return is_marker(entry) && entry & PM_UFFD_WP;
	return !(entry & ~PM_SOFT_DIRTY);
}

static void check_entries(const struct snapshot *s, const struct snapshot *was, bool hit)
{
	for (size_t i = 0; i < r.nr; i++) {
		uint64_t entry = s->entry[i];

		if (hit && is_gone(was, i)) {
			if (!is_empty(entry, was->entry[i]))
				complain(PAGEMAP, "page %zu was %llx, is %llx", i,
					 (unsigned long long)was->entry[i],
					 (unsigned long long)entry);
			continue;
		}
		/* Splitting a THP of a file unmaps all of it. */
		if ((is_of_file() || before.smaps.shmem_huge) && is_cut(i) &&
		    !present(s, i) && !anon(was, i))
			continue;
		if ((entry ^ was->entry[i]) & ~PM_MMAP_EXCLUSIVE)
			complain(PAGEMAP, "page %zu, not unmapped, was %llx, is %llx", i,
				 (unsigned long long)was->entry[i],
				 (unsigned long long)entry);
	}
}

/* Make only some pages young, and none referenced. */
static void touch_some(void)
{
	age();
	for (size_t i = 0; i < r.nr; i += 3)
		*(volatile char *)at(i);
}

/* One young entry makes a folio referenced, a second one makes it active. */
static void check_young(size_t i, uint64_t flags)
{
	uint64_t head = PM_PRESENT | (old.entry[i] & PM_PFN & ~(thp - 1));
	bool several = old.flags[i] & KPF_THP && !before.smaps.shmem_huge;

	if (old.flags[i] & KPF_THP)
		mm_kpageflags(&head, 1, &flags);
	if (!(flags & KPF_ACTIVE) && (several || !(flags & KPF_REFERENCED)))
		complain(CONTENTS, "page %zu was young, its folio is %llx", i,
			 (unsigned long long)flags);
}

/* Check the pages of a file that the step unmapped: the page cache still has them. */
static void check_files_pages(bool with_child)
{
	static uint64_t count[MAX_PAGES], flags[MAX_PAGES];

	if (r.fd < 0 || is_of_file())
		return;
	mm_kpagecount(old.entry, r.nr, count);
	mm_kpageflags(old.entry, r.nr, flags);
	for (size_t i = from; i < to; i++) {
		uint64_t entry = old.entry[i];
		unsigned long long expect = maps(&parent, i, entry);

		if (!present(&old, i) || anon(&old, i))
			continue;
		if (with_child)
			expect += maps(&child, i, entry);
		if (count[i] != expect)
			complain(MAPCOUNT, "page %zu, unmapped, has mapcount %llu, not %llu",
				 i, (unsigned long long)count[i], expect);
		/* Every third page was written to. */
		if (r.clean && to - from > 3 && flags[i] & KPF_COMPOUND_HEAD &&
		    !(flags[i] & KPF_DIRTY))
			complain(CONTENTS, "the folio of page %zu is clean", i);
		if (is_first && i % 3 == 0)
			check_young(i, flags[i]);
	}
}

/* Check what a step has left. */
static void step(struct kid *kid, bool last)
{
	expect_values();
	take_pages(getpid(), &parent);
	check_entries(&parent, &old, true);
	check_rss(NULL, &parent);
	if (kid) {
		take_pages(kid->pid, &child);
		side = "child's";
		check_entries(&child, &old_child, is_of_file());
		side = "parent";
		check_rss(kid, &child);
		check_mapcount(&child, &parent);
	}
	check_mapcount(&parent, kid ? &child : NULL);
	check_files_pages(kid);
	if (r.protected && !last)
		return;

	unprotect();
	verify(CONTENTS);
	if (kid && !is_of_file()) {
		tell(kid, 'u');
		failures[ISOLATION] += tell(kid, 'v');
	}
}

static void run(void)
{
	const size_t half = r.nr / 2, some = r.nr < 64 ? r.nr / 16 : 9;
	const size_t steps[][2] = {
		{ half / 8 + 1, half / 2 + 1 + some }, { half - some, half + some + 1 },
		{ 0, r.nr }
	};
	bool with_child = mode % 2;
	struct kid kid;

	way = mode / 2;
	if (with_child)
		start_kid(&kid);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		from = steps[i][0];
		to = steps[i][1];
		/* ftruncate() drops all pages up to the end, so go from there to the start. */
		if (way == TRUNCATE) {
			from = r.nr - to;
			to = r.nr;
		}
		/* The multi-gen LRU records accesses in another way. */
		is_first = !i && r.fd >= 0 && !have_lru_gen;
		if (is_first)
			touch_some();
		take_pages(getpid(), &old);
		if (with_child)
			take_pages(kid.pid, &old_child);
		if (!zap())
			break;
		step(with_child ? &kid : NULL, i == ARRAY_SIZE(steps) - 1);
	}
	if (with_child)
		stop_kid(&kid);
}

static int some_failed(void)
{
	long left;

	if (!have_injection)
		return -1;
	left = atol(mm_read_file(FAIL "/times"));
	mm_restore_settings();
	return left < atol(TIMES);
}

static const struct mm_test test = {
	.check_name = {
		[CONTENTS] = "contents", [ISOLATION] = "contents in other processes",
		[PAGEMAP] = "pagemap", [MAPCOUNT] = "mapcounts",
		[RSS] = "RSS counters", [SMAPS] = "smaps", [FREED] = "all pages freed",
	},
	.mode_name = mode_name, .nr_modes = ARRAY_SIZE(mode_name),
	.run = run, .more = some_failed,
	.more_name = "allocations of pages failed", .more_skip = "no fail_page_alloc",
};

/* With an argument, test only the kinds with that text in their names. */
int main(int argc, char **argv)
{
	const char *lru_gen = mm_read_file("/sys/kernel/mm/lru_gen/enabled");

	have_lru_gen = lru_gen && strtoul(lru_gen, NULL, 0);
	if (have_lru_gen)
		ksft_print_msg("lru_gen is enabled: accessed bits of files are not checked\n");
	have_injection = set_injection();
	run_kinds(&test, argv[1]);
}

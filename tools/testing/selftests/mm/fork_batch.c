// SPDX-License-Identifier: GPL-2.0
/*
 * Test fork() of all kinds of memory: what parent and child map after it.
 *
 * Memory of each kind of mm_kinds.c is tested in four modes: after fork(), no process
 * writes, the parent writes to all pages, the child does, or each writes to a third.
 *
 * The test checks each page, so that a wrong batch shows: each page has a value of its
 * own, a mapcount, a pagemap entry and PG_anon_exclusive.
 *
 * Needs root.  Skips the kinds that need what the kernel lacks: THPs, /dev/ram0 to swap
 * to, userfaultfd, io_uring, soft-dirty bits.  The test has a verdict of its own.
 */
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_kinds.h"

enum mode { QUIET, PARENT, CHILD, MIXED, NR_MODES };

static const char * const mode_name[] = {
	"no writes", "parent writes", "child writes", "both write"
};

/* Return: which process writes to a page in this mode, or QUIET for none. */
static enum mode writer(size_t i)
{
	if (mode == MIXED)
		return i % 3;
	return mode;
}

static void do_writes(void)
{
	enum mode me = is_child() ? CHILD : PARENT;

	for (size_t i = 0; i < r.nr; i++) {
		if (writer(i) == QUIET || !accessible(i))
			continue;
		if (writer(i) == me)
			fill(i, value_of(i, me));
		else if (r.shared)
			r.page[i].value = value_of(i, writer(i));
	}
}

/*
 * A page that parent and child share must not be exclusive.  One that fork() has copied
 * must be exclusive, and so must its copy.  Others stay as they were.
 */
static void check_exclusive(void)
{
	for (size_t i = 0; i < r.nr; i++) {
		uint64_t was = before.flags[i] & KPF_ANON_EXCLUSIVE;
		uint64_t is = parent.flags[i] & KPF_ANON_EXCLUSIVE;

		if (!anon(&before, i))
			continue;
		switch (r.page[i].fate) {
		case SHARE:
			if (is)
				complain(EXCLUSIVE, "shared page %zu is exclusive", i);
			break;
		case COPY:
			if (!is)
				complain(EXCLUSIVE, "pinned page %zu is not exclusive", i);
			if (!(child.flags[i] & KPF_ANON_EXCLUSIVE))
				complain(EXCLUSIVE, "copy of page %zu is not exclusive", i);
			break;
		default:
			if (is != was)
				complain(EXCLUSIVE, "page %zu changed to %s", i,
					 is ? "exclusive" : "shared");
		}
	}
}

/* Return: the entry that the child must have, except for bits that depend on mapcounts. */
static uint64_t child_entry(size_t i)
{
	uint64_t entry = before.entry[i];

	if (!uffd_event)
		entry &= ~PM_UFFD_WP;
	switch (r.page[i].fate) {
	case SHARE:
		return uffd_event || !is_marker(entry) ? entry : entry & PM_SOFT_DIRTY;
	case COPY:
		entry &= ~PM_PFN;
		entry |= child.entry[i] & PM_PFN;
		return have_soft_dirty ? entry | PM_SOFT_DIRTY : entry;
	case NOT_IN_CHILD:
		return 0;
	default:
		/* The entry is none, but the VMA may be soft-dirty. */
		return child.entry[i] & PM_SOFT_DIRTY;
	}
}

static void check_pagemap(void)
{
	for (size_t i = 0; i < r.nr; i++) {
		uint64_t expect = child_entry(i) & ~PM_MMAP_EXCLUSIVE;

		if ((parent.entry[i] ^ before.entry[i]) & ~PM_MMAP_EXCLUSIVE)
			complain(PAGEMAP, "page %zu was %llx, is %llx", i,
				 (unsigned long long)before.entry[i],
				 (unsigned long long)parent.entry[i]);
		if ((child.entry[i] & ~PM_MMAP_EXCLUSIVE) != expect)
			complain(PAGEMAP, "child's page %zu is %llx, parent's was %llx",
				 i, (unsigned long long)child.entry[i],
				 (unsigned long long)before.entry[i]);
		if (r.page[i].fate == COPY && same_pfn(&child, i, before.entry[i]))
			complain(PAGEMAP, "pinned page %zu is shared", i);
	}
}

/* Check dirty and young bits and swap counts, which smaps has as sums only. */
static void check_bits(void)
{
	const struct mm_smaps *b = &before.smaps, *p = &parent.smaps, *c = &child.smaps;
	bool whole = true;

	for (size_t i = 0; i < r.nr; i++)
		if (r.page[i].fate > COPY)
			whole = false;
	if (p->dirty != b->dirty)
		complain(SMAPS, "parent: dirty was %lu, is %lu", b->dirty, p->dirty);
	if (p->referenced != b->referenced)
		complain(SMAPS, "parent: Referenced was %lu, is %lu",
			 b->referenced, p->referenced);
	if (whole && !r.shared && c->dirty != p->dirty)
		complain(SMAPS, "child: dirty is %lu, parent's %lu", c->dirty, p->dirty);
	if (r.clean && c->dirty)
		complain(SMAPS, "child: dirty is %lu, not 0", c->dirty);
	if (r.aged && c->referenced)
		complain(SMAPS, "child: Referenced is %lu, not 0", c->referenced);
	if (whole && b->swap_pss - p->swap_pss != b->swap / 2)
		complain(SMAPS, "SwapPss of %lu was %lu, is %lu", b->swap,
			 b->swap_pss, p->swap_pss);
}

static void take_both(struct kid *kid)
{
	take_pages(getpid(), &parent);
	take_pages(kid->pid, &child);
}

static void check_counts(struct kid *kid)
{
	check_mapcount(&parent, &child);
	check_mapcount(&child, &parent);
	check_rss(NULL, &parent);
	check_rss(kid, &child);
}

static void check_fork(struct kid *kid)
{
	take_both(kid);
	check_pagemap();
	check_exclusive();
	check_counts(kid);
	check_bits();
}

/* A write copies a shared page for the process that writes, and for no other. */
static void check_placement(const struct snapshot *s, const struct snapshot *old,
			    enum mode me)
{
	for (size_t i = 0; i < r.nr; i++) {
		bool moved = !same_pfn(s, i, old->entry[i]);

		if (!present(old, i) || r.shared)
			continue;
		if (r.page[i].fate == SHARE && writer(i) == me) {
			if (!moved)
				complain(ISOLATION, "%s wrote to page %zu, which is shared",
					 me == PARENT ? "parent" : "child", i);
		} else if (writer(i) != me || r.page[i].fate == COPY) {
			if (moved)
				complain(PAGEMAP, "page %zu was %llx, is %llx", i,
					 (unsigned long long)old->entry[i],
					 (unsigned long long)s->entry[i]);
		}
	}
}

static void allow_writes(struct kid *kid)
{
	struct uffdio_range range = { (uintptr_t)r.addr, r.nr * ps };

	if (uffd >= 0 && ioctl(uffd, UFFDIO_UNREGISTER, &range))
		mm_die("UFFDIO_UNREGISTER");
	if (child_uffd >= 0 && kid && ioctl(child_uffd, UFFDIO_UNREGISTER, &range))
		mm_die("UFFDIO_UNREGISTER of the child");
	unprotect();
	if (kid)
		tell(kid, 'u');
}

static void check_writes(struct kid *kid)
{
	static struct snapshot child_before;

	child_before = child;
	allow_writes(kid);
	do_writes();
	tell(kid, 'w');
	failures[ISOLATION] += tell(kid, 'v');
	verify(ISOLATION);
	take_both(kid);
	check_placement(&parent, &before, PARENT);
	check_placement(&child, &child_before, CHILD);
	check_counts(kid);
}

/* Check the parent after the child, with all its mappings, has gone. */
static void check_exit(void)
{
	take_pages(getpid(), &parent);
	check_mapcount(&parent, NULL);
	check_rss(NULL, &parent);
	if (mode != QUIET) {
		check_placement(&parent, &before, PARENT);
		verify(ISOLATION);
		return;
	}
	for (size_t i = 0; i < r.nr; i++)
		if (parent.entry[i] != before.entry[i])
			complain(PAGEMAP, "page %zu was %llx, is %llx after the child's exit",
				 i, (unsigned long long)before.entry[i],
				 (unsigned long long)parent.entry[i]);
	if (parent.smaps.rss != before.smaps.rss ||
	    parent.smaps.dirty != before.smaps.dirty ||
	    parent.smaps.swap_pss != before.smaps.swap_pss)
		complain(SMAPS, "not the same as before fork() after the child's exit");

	allow_writes(NULL);
	verify(CONTENTS);
	mode = PARENT;
	do_writes();
	mode = QUIET;
	verify(CONTENTS);
	take_pages(getpid(), &parent);
	check_mapcount(&parent, NULL);
	check_rss(NULL, &parent);
	for (size_t i = 0; r.reuse && i < r.nr; i++)
		if (parent.entry[i] != before.entry[i])
			complain(EXCLUSIVE, "page %zu, which only the parent maps, was copied", i);
}

static void run(void)
{
	struct kid kid;

	start_kid(&kid);
	check_fork(&kid);
	if (mode == QUIET) {
		tell(&kid, 'u');
		failures[CONTENTS] += tell(&kid, 'v');
	} else {
		check_writes(&kid);
	}
	stop_kid(&kid);
	check_exit();
}

static const struct mm_test test = {
	.check_name = {
		"contents", "isolation of writes", "pagemap", "exclusive pages",
		"mapcounts", "RSS counters", "smaps", "all pages freed"
	},
	.mode_name = mode_name, .nr_modes = NR_MODES,
	.run = run, .child_writes = do_writes,
};

/* With an argument, test only the kinds with that text in their names. */
int main(int argc, char **argv)
{
	run_kinds(&test, argv[1]);
}

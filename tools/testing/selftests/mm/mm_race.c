// SPDX-License-Identifier: GPL-2.0
/*
 * Test fork() against threads that change the page tables at the same time.
 *
 * A process calls fork() again and again, while its threads write to the pages, drop,
 * protect, swap out, collapse, split, move and pin them, on several CPUs, populate some by
 * userfaultfd, and move the process from one memory cgroup to another one, with its charges.
 *
 * Each page has one owner, a thread.  The owner writes the version of the page, which
 * it counts up, to the WORDS words of the page, from the first to the last.  So
 *  - the owner reads from its page what it wrote last;
 *  - in a child, no word is older than one after it, nor newer by more than one version:
 *    the child has the page as of one moment;
 *  - a child reads the same again later, although the parent goes on writing;
 *  - a pinned page stays the same page while the parent writes to it;
 *  - no page ever has what was written to another one;
 *  - when all processes have ended, memory.stat of the cgroups shows no mapped page.
 *
 * Runs for 10 seconds, or for N seconds with race=N in the environment, and up to ten
 * times as long until each kind of change was made.  Needs root and an io_uring.  Without
 * several CPUs, /dev/ram0 to swap to, THPs, debugfs or its file gup_test, or memory cgroups
 * of version 1, less can race.
 * The test has a verdict of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mm/gup_test.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_util.h"

#define GUP_WRITE	1	/* FOLL_WRITE */
#define SECONDS		10
#define PATIENCE	10	/* times @seconds, at most, until all_was_done() */
#define WORDS		4
#define MAX_PAGES	4096
#define MAX_KIDS	3
#define OWNERS		2
#define PIN_OWNER	OWNERS	/* the thread that pins, in a region with @pinned */

static size_t ps;		/* page size, in bytes */
static size_t unit;		/* pages of a THP, or 512 if there is none to test */
static unsigned int stop;
static bool have_thp, have_swap, have_gup_test, have_memcgs;
static int seconds = SECONDS;

static struct region {
	const char *name;
	size_t block;		/* pages that one process writes, in a row */
	size_t units;
	bool huge, shared, pinned;
	bool lazy;		/* MADV_FREE precedes each write */
	bool scattered;		/* only the first page of each block is used */
	uint32_t rare;		/* if not 0, owners write only one time in @rare */
	char *addr;
	size_t nr;
	uint32_t version[MAX_PAGES];
} regions[] = {
	{ "THP, pages owned in turn", 1, 2, .huge = true },
	{ "THP, blocks owned in turn", 48, 2, .huge = true },
	{ "THP, rarely written", 1, 1, .huge = true, .rare = 64 },
	{ "THP, some pinned", 1, 1, .huge = true, .pinned = true },
	{ "THP, freed lazily", 16, 1, .huge = true, .lazy = true },
	{ "small pages", 1, 1, .huge = false },
	{ "shared memory", 16, 1, .huge = true, .shared = true },
	{ "scattered pages", 16, 1, .scattered = true },
	{ "scattered shared memory", 16, 1, .shared = true, .scattered = true },
};

enum check { OWN, WHOLE, STILL, PINNED, FOREIGN, DONE, NR_CHECKS };

static const char * const check_name[NR_CHECKS] = {
	[OWN] = "an owner reads what it wrote",
	[WHOLE] = "a child has each page as of one moment",
	[STILL] = "a child's pages do not change",
	[PINNED] = "a pinned page is not replaced",
	[FOREIGN] = "no page has the contents of another one",
	[DONE] = "each kind of change was made",
};

/* Shared by all processes */
static int *failures;

/* How often it was done: a run without one of these proves little. */
static unsigned long forks, drops, pins, fast_pins, moves, fills, migrations;
/* What fork() met: THPs mapped by a PMD or by PTEs, small pages instead, swap entries */
static unsigned long by_pmd, by_ptes, small, swapped;

static uint32_t draw(uint64_t *rng, uint32_t below)
{
	*rng = *rng * 6364136223846793005 + 1442695040888963407;
	return (*rng >> 33) % below;
}

__attribute__((format(printf, 2, 3)))
static void complain(enum check check, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	mm_complain(&failures[check], check_name[check], fmt, args);
	va_end(args);
}

static char *at(const struct region *r, size_t page)
{
	return r->addr + page * ps;
}

static uint64_t *word(const struct region *r, size_t page, int i)
{
	return (uint64_t *)(at(r, page) + i * (ps / WORDS));
}

static uint64_t value(size_t page, uint32_t version)
{
	return version ? (uint64_t)page << 32 | version : 0;
}

/* Pages from one that is used to the next */
static size_t step(const struct region *r)
{
	return r->scattered ? r->block : 1;
}

static size_t draw_page(uint64_t *rng, const struct region *r)
{
	return draw(rng, r->nr / step(r)) * step(r);
}

static size_t owner(const struct region *r, size_t page)
{
	return page / r->block % (OWNERS + r->pinned);
}

static void write_page(struct region *r, size_t page)
{
	uint32_t version = ++r->version[page];

	for (int i = 0; i < WORDS; i++)
		__atomic_store_n(word(r, page, i), value(page, version),
				 __ATOMIC_RELEASE);
}

static void check_own(const struct region *r, size_t page)
{
	uint64_t want = value(page, r->version[page]), got;

	for (int i = 0; i < WORDS; i++) {
		got = __atomic_load_n(word(r, page, i), __ATOMIC_RELAXED);
		if (got != want)
			complain(OWN, "%s: page %zu word %d is %#llx, not %#llx",
				 r->name, page, i, (unsigned long long)got,
				 (unsigned long long)want);
	}
}

/* The threads */

static void *own(void *arg)
{
	size_t me = (uintptr_t)arg;
	uint64_t rng = me + 1;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct region *r = &regions[draw(&rng, ARRAY_SIZE(regions))];
		size_t page = draw_page(&rng, r);
		bool drop = !draw(&rng, r->scattered ? 3 : 16);
		size_t first = page - page % r->block;

		if (owner(r, page) != me || (r->rare && draw(&rng, r->rare)))
			continue;
		for (page = first; page < first + r->block && page < r->nr; page += step(r)) {
			check_own(r, page);
			if (drop) {
				r->version[page] = 0;
				continue;
			}
			/* The contents are undefined from here on, until the write. */
			if (r->lazy)
				madvise(at(r, page), ps, MADV_FREE);
			write_page(r, page);
		}
		if (!drop)
			continue;
		/* Some kernels refuse MADV_REMOVE while protect() makes the VMA read-only. */
		while (madvise(at(r, first), (page - first) * ps,
			       r->shared ? MADV_REMOVE : MADV_DONTNEED))
			sched_yield();
		drops++;
	}
	return NULL;
}

/* Read on other CPUs than the owners do: the TLB of each CPU can be stale. */
static void *read_all(void *unused)
{
	uint64_t rng = 10, got;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		const struct region *r = &regions[draw(&rng, ARRAY_SIZE(regions))];
		size_t page = draw_page(&rng, r);
		int i = draw(&rng, WORDS);

		got = __atomic_load_n(word(r, page, i), __ATOMIC_RELAXED);
		if (got != value(page, got))
			complain(FOREIGN, "%s: page %zu word %d is %#llx", r->name,
				 page, i, (unsigned long long)got);
	}
	return NULL;
}

/* A change that @breaks THPs for good mostly leaves out the region with @rare writes. */
static void draw_range(uint64_t *rng, bool breaks, struct region **r, size_t *page,
		       size_t *nr)
{
	do {
		*r = &regions[draw(rng, ARRAY_SIZE(regions))];
	} while (breaks && (*r)->rare && draw(rng, (*r)->rare));
	*page = draw(rng, (*r)->nr);
	*nr = 1 + draw(rng, draw(rng, 2) ? 16 : unit);
	if (*nr > (*r)->nr - *page)
		*nr = (*r)->nr - *page;
}

/* Changes of the pages of a range, while other threads use them */

static void protect(char *addr, size_t len)
{
	static unsigned int turn;

	mm_protect(addr, len, turn++ % 2 ? PROT_READ : PROT_NONE);
	sched_yield();
	mm_protect(addr, len, PROT_READ | PROT_WRITE);
}

static void page_out(char *addr, size_t len)
{
	madvise(addr, len, MADV_PAGEOUT);
}

static void collapse(char *addr, size_t len)
{
	addr -= (uintptr_t)addr % (unit * ps);
	madvise(addr, unit * ps, MADV_COLLAPSE);
}

static void split(char *addr, size_t len)
{
	mm_split_thps(addr, len);
}

static const struct change {
	void (*make)(char *addr, size_t len);
	bool breaks;		/* splits THPs for good */
} changes[] = {
	{ protect, false }, { page_out, true }, { collapse, false }, { split, true },
};

static void *change(void *arg)
{
	size_t me = (uintptr_t)arg;
	const struct change *change = &changes[me];
	uint64_t rng = me + 11;
	struct region *r;
	size_t page, nr;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		draw_range(&rng, change->breaks, &r, &page, &nr);
		change->make(at(r, page), nr * ps);
		usleep(500);
	}
	return NULL;
}

/* munmap(), but keep the addresses from other threads. */
static void unmap(char *addr, size_t len)
{
	if (mmap(addr, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != addr)
		mm_die("mmap");
}

/* Build, split, move and free page tables, with what they map. */
static void *move(void *unused)
{
	size_t len = unit * ps, page;
	struct region area = { .name = "moved", .nr = 4 * unit };
	uint32_t version = 0;
	uint64_t got;
	char *from, *to;

	area.addr = mm_reserve(4 * len, len);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		version++;
		/*
		 * Move a whole table, or the last three quarters of one and the first quarter
		 * of the next.
		 */
		from = area.addr + (version % 2 ? len / 4 : 0);
		to = area.addr + 2 * len + (version % 2 ? len / 2 : 0);
		if (mmap(area.addr, 4 * len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != area.addr)
			mm_die("mmap");
		madvise(area.addr, 2 * len, MADV_HUGEPAGE);
		for (page = 0; page < 2 * unit; page += 5)
			*word(&area, page, 0) = value(page, version);
		/* Other threads must not get the addresses that are left. */
		if (mremap(from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
			   to) != to)
			mm_die("mremap");
		for (page = 0; page < 2 * unit; page += 5) {
			bool moved = at(&area, page) >= from && at(&area, page) < from + len;

			got = *word(&area, page + (moved ? (to - from) / ps : 0), 0);
			if (got != value(page, version))
				complain(OWN, "page %zu of the moved area holds %#llx", page,
					 (unsigned long long)got);
		}
		unmap(area.addr, len / 2);
		unmap(to + len / 2, len);
		unmap(area.addr, 4 * len);
		moves++;
		usleep(500);
	}
	return NULL;
}

/* Populate pages far from each other by userfaultfd, and drop them all. */
static void *fill(void *unused)
{
	size_t page, nr = unit;
	struct region area = { .name = "filled", .nr = nr };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = mm_open_uffd(0);
	uint64_t rng = 17, got;
	uint32_t version = 0;
	char *from;

	if (uffd < 0)
		return NULL;
	area.addr = mm_reserve(nr * ps, nr * ps);
	mm_protect(area.addr, nr * ps, PROT_READ | PROT_WRITE);
	madvise(area.addr, nr * ps, MADV_NOHUGEPAGE);
	from = mm_reserve(ps, ps);
	mm_protect(from, ps, PROT_READ | PROT_WRITE);
	reg.range.start = (uintptr_t)area.addr;
	reg.range.len = nr * ps;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		mm_die("UFFDIO_REGISTER");
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		size_t each = 1 + draw(&rng, 64);

		version++;
		for (page = 0; page < nr; page += each) {
			struct uffdio_copy copy = {
				.dst = (uintptr_t)at(&area, page), .src = (uintptr_t)from, .len = ps
			};
			struct uffdio_zeropage zero = {
				.range = { (uintptr_t)at(&area, page), ps }
			};

			*(uint64_t *)from = value(page, version);
			if (page % 3 ? ioctl(uffd, UFFDIO_COPY, &copy) :
				       ioctl(uffd, UFFDIO_ZEROPAGE, &zero))
				mm_die("UFFDIO_COPY or UFFDIO_ZEROPAGE");
		}
		usleep(500);
		for (page = 0; page < nr; page += each) {
			got = *word(&area, page, 0);
			if (got != value(page, page % 3 ? version : 0))
				complain(OWN, "page %zu of the filled area holds %#llx", page,
					 (unsigned long long)got);
		}
		madvise(area.addr, nr * ps, MADV_DONTNEED);
		fills++;
	}
	close(uffd);
	return NULL;
}

static uint64_t present_pfn(const struct region *r, size_t page)
{
	uint64_t entry;

	mm_pagemap(getpid(), at(r, page), 1, &entry);
	return entry & PM_PRESENT ? entry & PM_PFN : 0;
}

static struct region *pinned_region(void)
{
	struct region *r = regions;

	while (!r->pinned)
		r++;
	return r;
}

static void *pin(void *unused)
{
	struct region *r = pinned_region();
	int ring = mm_open_ring();
	uint64_t rng = 14;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		size_t page = draw(&rng, r->nr);
		struct iovec range = { at(r, page), ps };
		uint64_t pfn;

		if (owner(r, page) != PIN_OWNER)
			continue;
		check_own(r, page);
		write_page(r, page);
		if (mm_pin(ring, &range, 1))
			continue;
		pins++;
		pfn = present_pfn(r, page);
		for (int i = 0; i < 4; i++) {
			uint64_t now;

			usleep(500);
			check_own(r, page);
			write_page(r, page);
			now = present_pfn(r, page);
			/* The split of a THP unmaps the page for a moment: @now is 0. */
			if (pfn && now && pfn != now)
				complain(PINNED, "page %zu was replaced", page);
		}
		if (mm_unpin(ring))
			mm_die("IORING_UNREGISTER_BUFFERS");
	}
	close(ring);
	return NULL;
}

/*
 * Pin by GUP-fast, which takes no lock that fork() holds, and unpin at once.  Unpinning
 * checks that the page is still exclusive, with CONFIG_DEBUG_VM.
 */
static void *pin_fast(void *unused)
{
	int fd = open(MM_DEBUGFS "/gup_test", O_RDWR);
	const struct region *r = pinned_region();
	uint64_t rng = 15;

	while (fd >= 0 && !__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct gup_test test = {
			.addr = (uintptr_t)at(r, draw_page(&rng, r)), .size = ps,
			.nr_pages_per_call = 1, .gup_flags = GUP_WRITE,
		};

		if (!ioctl(fd, PIN_FAST_BENCHMARK, &test) && test.size == ps)
			fast_pins++;
	}
	close(fd);
	return NULL;
}

/* Move the process to the other memory cgroup, with the charges of what it maps. */
static void *migrate(void *unused)
{
	while (have_memcgs && !__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		if (mm_move_to_memcg(getpid(), migrations % 2, 1))
			mm_die("a memory cgroup");
		migrations++;
		usleep(5000);
	}
	return NULL;
}

/* The children */

/*
 * fork() copies pages that may be pinned while the parent writes to them, a shared page
 * changes under the child, and MADV_FREE may drop a page at any time: in such regions
 * the words of a page may differ.
 */
static void check_whole(const struct region *r, size_t page, const uint64_t *words)
{
	uint32_t first = words[0], last = first;

	for (int i = 0; i < WORDS; i++) {
		uint32_t version = words[i];

		if (words[i] != value(page, version))
			complain(WHOLE, "%s: page %zu holds %#llx", r->name, page,
				 (unsigned long long)words[i]);
		else if (!r->pinned && !r->shared && !r->lazy &&
			 (version > last || first - version > 1))
			complain(WHOLE, "%s: page %zu has versions %u, then %u, %u",
				 r->name, page, first, last, version);
		last = version;
	}
}

static uint64_t look(const struct region *r, bool check)
{
	uint64_t words[WORDS], sum = 0;

	for (size_t page = 0; page < r->nr; page += step(r)) {
		for (int i = WORDS; i--;)
			words[i] = __atomic_load_n(word(r, page, i), __ATOMIC_RELAXED);
		if (check)
			check_whole(r, page, words);
		for (int i = 0; i < WORDS; i++)
			sum = (sum ^ words[i]) * 0x9e3779b97f4a7c15;
	}
	return sum;
}

__attribute__((noreturn))
static void child(uint64_t rng)
{
	uint64_t sum[ARRAY_SIZE(regions)];
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		if (mprotect(regions[i].addr, regions[i].nr * ps, PROT_READ | PROT_WRITE))
			_exit(KSFT_FAIL);
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		sum[i] = look(&regions[i], true);
	usleep(draw(&rng, 4) * 500);
	for (i = 0; i < ARRAY_SIZE(regions); i++) {
		struct region *r = &regions[i];

		if (r->shared)
			continue;
		if (look(r, false) != sum[i] && !r->lazy)
			complain(STILL, "%s: pages have changed since fork()", r->name);
		/* The parent's check_own() and read_all() must not find these. */
		for (int n = 0; n < 64; n++)
			*word(r, draw_page(&rng, r), 0) = ~0ull;
	}
	_exit(0);
}

static void reap(int *kids, int max)
{
	int status;

	for (; *kids > max; --*kids) {
		if (wait(&status) < 0)
			mm_die("wait");
		if (status)
			complain(WHOLE, "a child has wait status %#x", status);
	}
}

/* Count in one region at a time: smaps keeps the threads waiting for mmap_lock. */
static void count_what_is_there(void)
{
	static const char * const by_pmd_name = "nr_anon_transparent_hugepages";
	static uint64_t entry[MAX_PAGES], flags[MAX_PAGES];
	const struct region *r = &regions[forks % ARRAY_SIZE(regions)];
	size_t huge = 0, other = 0, swap = 0;
	struct mm_smaps range, all;
	long nr_by_pmd;

	mm_vmstat(&by_pmd_name, 1, &nr_by_pmd);
	mm_pagemap(getpid(), r->addr, r->nr, entry);
	mm_kpageflags(entry, r->nr, flags);
	for (size_t page = 0; page < r->nr; page++) {
		huge += flags[page] & KPF_THP && !(flags[page] & KPF_ZERO_PAGE);
		other += flags[page] && !(flags[page] & KPF_THP);
		swap += !!(entry[page] & PM_SWAP);
	}
	mm_smaps(getpid(), r->addr, r->nr * ps, &range, &all);
	by_pmd += !!nr_by_pmd;
	by_ptes += !r->shared && huge * ps > range.anon_huge;
	small += r->huge && other;
	swapped += !!swap;
}

static bool all_was_done(void)
{
	return drops && pins && (fast_pins || !have_gup_test) && moves && (swapped || !have_swap) &&
	       (migrations > 1 || !have_memcgs) && ((by_pmd && by_ptes && small) || !have_thp);
}

static void fork_all_the_while(void)
{
	time_t start = time(NULL), now = start;
	int kids = 0;
	pid_t pid;

	/* Go on until each kind of change was made: a slow machine takes longer. */
	while (now < start + seconds ||
	       (!all_was_done() && now < start + PATIENCE * seconds)) {
		if (forks++ % 2 == 0)
			count_what_is_there();
		pid = mm_fork();
		if (!pid)
			child(forks);
		kids++;
		reap(&kids, MAX_KIDS);
		now = time(NULL);
	}
	reap(&kids, 0);
}

/* Try again: protect() makes the page writable again soon. */
static void on_fault(int signal)
{
	sched_yield();
}

static void map(struct region *r)
{
	size_t len = ps * unit, size;

	r->nr = r->units * unit;
	size = r->nr * ps;
	r->addr = mm_reserve(size, len);
	if (r->shared) {
		int fd = mm_temp_file("tmpfs", mm_pmd_thp_size() ? "huge=advise" : "");

		if (fd < 0 || ftruncate(fd, size) ||
		    mmap(r->addr, size, PROT_NONE, MAP_SHARED | MAP_FIXED, fd, 0) != r->addr)
			mm_die("a file of tmpfs");
	}
	mm_protect(r->addr, size, PROT_READ | PROT_WRITE);
	madvise(r->addr, size, r->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	/* Write before the first read, which would map the huge zero page. */
	for (size_t page = 0; page < r->nr; page += step(r))
		*(volatile char *)at(r, page) = 0;
}

__attribute__((noreturn))
static void race(void)
{
	static const struct {
		void *(*run)(void *unused);
		size_t me;
	} jobs[] = {
		{ own, 0 }, { own, 1 }, { read_all }, { pin }, { pin_fast },
		{ change, 0 }, { change, 1 }, { change, 2 }, { change, 3 }, { move }, { fill },
		{ migrate },
	};
	struct sigaction action = { .sa_handler = on_fault };
	pthread_t thread[ARRAY_SIZE(jobs)];
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (have_memcgs && mm_move_to_memcg(getpid(), 1, 0))
		mm_die("a memory cgroup");
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		map(&regions[i]);
	sigaction(SIGSEGV, &action, NULL);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		if (pthread_create(&thread[i], NULL, jobs[i].run, (void *)jobs[i].me))
			mm_die("pthread_create");
	fork_all_the_while();
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		pthread_join(thread[i], NULL);

	printf("# %lu forks, %lu drops, %lu pins, %lu by GUP-fast, %lu moves, %lu of cgroups, ",
	       forks, drops, pins, fast_pins, moves, migrations);
	printf("%lu fills\n", fills);
	printf("# regions found with THPs by PMD %lu, by PTEs %lu, split %lu, swapped %lu\n",
	       by_pmd, by_ptes, small, swapped);
	if (!all_was_done())
		complain(DONE, "see above");
	_exit(KSFT_PASS);
}

int main(void)
{
	int status;
	pid_t pid;
	size_t i;

	mm_begin();
	ksft_set_plan(NR_CHECKS + 2);
	ps = getpagesize();
	unit = mm_pmd_thp_size() / ps;
	have_thp = unit && 2 * unit <= MAX_PAGES;
	if (!have_thp)
		unit = 512;
	have_swap = !mm_swapon();
	have_memcgs = !mm_make_memcgs();
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	have_gup_test = !access(MM_DEBUGFS "/gup_test", F_OK);
	if (!have_gup_test)
		ksft_print_msg("no gup_test: GUP-fast is not tested\n");
	failures = mmap(NULL, ps, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (failures == MAP_FAILED)
		mm_die("mmap");
	/* The page is charged to who writes to it first. */
	*failures = 0;
	if (getenv("race"))
		seconds = atoi(getenv("race"));

	pid = mm_fork();
	if (!pid)
		race();
	if (waitpid(pid, &status, 0) != pid || status)
		mm_die("the racing process has wait status %#x", status);
	for (i = 0; i < NR_CHECKS; i++)
		ksft_test_result(!failures[i], "%s\n", check_name[i]);
	if (have_memcgs) {
		ksft_test_result(mm_memcgs_are_unmapped(), "nothing is charged as mapped\n");
		mm_remove_memcgs();
	} else {
		ksft_test_result_skip("nothing is charged as mapped: no memory cgroups\n");
	}
	if (have_swap)
		ksft_test_result(!mm_swapoff(), "no swap entry is lost\n");
	else
		ksft_test_result_skip("no swap entry is lost: no " MM_SWAP_DEVICE "\n");
	ksft_finished();
}

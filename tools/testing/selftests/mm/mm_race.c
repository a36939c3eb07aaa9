// SPDX-License-Identifier: GPL-2.0
/*
 * A process that forks all the while its threads change everything that fork()
 * reads, on several CPUs: they write, drop, protect, swap out, collapse, split
 * and pin the pages.
 *
 * Each page has one owner, a thread, and a version that its owner counts up in
 * the WORDS words of the page, from the first to the last.  So
 *  - an owner finds in its page what it wrote last, whatever was done to it;
 *  - a child finds no word behind the ones after it, and none more than one
 *    version ahead: it has the page as of one moment;
 *  - a child finds the same when it looks again, though the parent writes on;
 *  - a pinned page stays the same page while the parent writes to it;
 *  - nobody ever finds in a page what was written to another one.
 * Runs for SECONDS, or with "race=SECONDS" in the environment for those.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
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
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../../../mm/gup_test.h"
#include "kselftest.h"
#include "mm_util.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define GUP_WRITE	1	/* FOLL_WRITE */
#define SECONDS		10
#define PATIENCE	10	/* times as long, until all was done */
#define WORDS		4
#define MAX_PAGES	4096
#define MAX_KIDS	3
#define OWNERS		2
#define PIN_OWNER	OWNERS	/* owns pages where some are pinned */

static size_t ps;		/* page size, in bytes */
static size_t unit;		/* pages of a THP, or of a table */
static unsigned int stop;
static bool have_thp, have_swap;
static int seconds = SECONDS;

static struct region {
	const char *name;
	size_t block;		/* pages in a row that have one owner */
	size_t units;
	bool huge, shared, pinned;
	bool lazy;		/* MADV_FREE comes before each write */
	uint32_t rare;		/* if not 0, one write of so many is done */
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
};

enum check { OWN, WHOLE, STILL, PINNED, FOREIGN, NR_CHECKS };

static const char * const check_name[NR_CHECKS] = {
	[OWN] = "an owner finds what it wrote",
	[WHOLE] = "a child has a page as of one moment",
	[STILL] = "a child's pages stay as they are",
	[PINNED] = "a pinned page stays in its place",
	[FOREIGN] = "nobody finds another page's contents",
};

/* Shared with the children */
static unsigned int *failures;

/* How often it was done: a run in which nothing could happen proves nothing */
static unsigned long forks, drops, pins, moves;
/* What fork() met: THPs mapped by a PMD, by PTEs; small pages instead; swap entries */
static unsigned long by_pmd, by_ptes, small, swapped;

static uint32_t draw(uint64_t *rng, uint32_t below)
{
	*rng = *rng * 6364136223846793005 + 1442695040888963407;
	return (*rng >> 33) % below;
}

__attribute__((format(printf, 2, 3)))
static void complain(enum check check, const char *fmt, ...)
{
	char text[256];
	va_list args;
	int len;

	if (__atomic_fetch_add(&failures[check], 1, __ATOMIC_RELAXED) >= 4)
		return;
	len = snprintf(text, sizeof(text), "# %s: ", check_name[check]);
	va_start(args, fmt);
	len += vsnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	/* Not printf(): the child of a process with threads must not. */
	if (write(1, text, len) != len)
		_exit(KSFT_FAIL);
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
			complain(OWN, "%s: page %zu word %d is %#llx, not %#llx\n",
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
		size_t page = draw(&rng, r->nr);
		bool drop = !draw(&rng, 16);
		size_t first = page - page % r->block;

		if (owner(r, page) != me || (r->rare && draw(&rng, r->rare)))
			continue;
		for (page = first; page < first + r->block && page < r->nr; page++) {
			check_own(r, page);
			if (drop) {
				r->version[page] = 0;
				continue;
			}
			/* What it holds from here on is open, until it is written. */
			if (r->lazy)
				madvise(at(r, page), ps, MADV_FREE);
			write_page(r, page);
		}
		if (!drop)
			continue;
		/* A hole can be punched only by one who may write now. */
		while (madvise(at(r, first), (page - first) * ps,
			       r->shared ? MADV_REMOVE : MADV_DONTNEED))
			sched_yield();
		drops++;
	}
	return NULL;
}

/* On other CPUs than the owners: an entry of a TLB can be a stale one. */
static void *read_all(void *unused)
{
	uint64_t rng = 10, got;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		const struct region *r = &regions[draw(&rng, ARRAY_SIZE(regions))];
		size_t page = draw(&rng, r->nr);
		int i = draw(&rng, WORDS);

		got = __atomic_load_n(word(r, page, i), __ATOMIC_RELAXED);
		if (got != value(page, got))
			complain(FOREIGN, "%s: page %zu word %d is %#llx\n", r->name,
				 page, i, (unsigned long long)got);
	}
	return NULL;
}

/* Who breaks THPs up for good leaves those of one region whole, most of the time. */
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

/* How the pages of a range can be changed under those who use them */

static void protect(char *addr, size_t len)
{
	static unsigned int turn;

	if (mprotect(addr, len, turn++ % 2 ? PROT_READ : PROT_NONE))
		mm_die("mprotect");
	sched_yield();
	if (mprotect(addr, len, PROT_READ | PROT_WRITE))
		mm_die("mprotect");
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
	bool breaks;		/* breaks THPs up for good */
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

/* Page tables that are built, split, moved and taken away, with what is in them */
static void *move(void *unused)
{
	size_t len = unit * ps, page;
	struct region area = { .name = "moved", .nr = 4 * unit };
	uint32_t version = 0;
	uint64_t got;
	char *from, *to;

	area.addr = mmap(NULL, 5 * len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area.addr == MAP_FAILED)
		mm_die("mmap");
	area.addr += -(uintptr_t)area.addr & (len - 1);
	/* Three quarters of one table's and a quarter of the next one's */
	from = area.addr + len / 4;
	to = area.addr + 2 * len + len / 2;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		version++;
		if (mmap(area.addr, 4 * len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != area.addr)
			mm_die("mmap");
		madvise(area.addr, 2 * len, MADV_HUGEPAGE);
		for (page = 0; page < 2 * unit; page += 5)
			*word(&area, page, 0) = value(page, version);
		if (mremap(from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
			mm_die("mremap");
		for (page = 0; page < 2 * unit; page += 5) {
			bool moved = at(&area, page) >= from && at(&area, page) < from + len;

			got = *word(&area, page + (moved ? (to - from) / ps : 0), 0);
			if (got != value(page, version))
				complain(OWN, "page %zu, moved, holds %#llx\n", page,
					 (unsigned long long)got);
		}
		if (munmap(area.addr, len / 2) || munmap(to + len / 2, len) ||
		    munmap(area.addr, 4 * len))
			mm_die("munmap");
		moves++;
		usleep(500);
	}
	return NULL;
}

static uint64_t present_pfn(const struct region *r, size_t page)
{
	uint64_t entry;

	mm_pagemap(getpid(), at(r, page), 1, &entry);
	return entry & PM_PRESENT ? entry & PM_PFN : 0;
}

static void *pin(void *unused)
{
	struct io_uring_params params = { };
	int ring = syscall(__NR_io_uring_setup, 1, &params);
	struct region *r = regions;
	uint64_t rng = 14;

	while (!r->pinned)
		r++;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		size_t page = draw(&rng, r->nr);
		struct iovec range = { at(r, page), ps };
		uint64_t pfn;

		if (owner(r, page) != PIN_OWNER)
			continue;
		check_own(r, page);
		write_page(r, page);
		if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS,
			    &range, 1))
			continue;
		pins++;
		pfn = present_pfn(r, page);
		for (int i = 0; i < 4; i++) {
			uint64_t now;

			usleep(500);
			check_own(r, page);
			write_page(r, page);
			now = present_pfn(r, page);
			/* Who splits it unmaps it for a moment. */
			if (pfn && now && pfn != now)
				complain(PINNED, "page %zu was replaced\n", page);
		}
		if (syscall(__NR_io_uring_register, ring, IORING_UNREGISTER_BUFFERS,
			    NULL, 0))
			mm_die("IORING_UNREGISTER_BUFFERS");
	}
	close(ring);
	return NULL;
}

/*
 * GUP-fast takes no lock that fork() has: pin, and at once unpin, which with
 * DEBUG_VM looks whether the page is still exclusive.
 */
static void *pin_fast(void *unused)
{
	int fd = open(MM_DEBUGFS "/gup_test", O_RDWR);
	struct region *r = regions;
	uint64_t rng = 15;

	while (!r->pinned)
		r++;
	while (fd >= 0 && !__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct gup_test test = {
			.addr = (uintptr_t)at(r, draw(&rng, r->nr)), .size = ps,
			.nr_pages_per_call = 1, .gup_flags = GUP_WRITE,
		};

		ioctl(fd, PIN_FAST_BENCHMARK, &test);
	}
	close(fd);
	return NULL;
}

/* The children */

/*
 * In pages that are copied at once, as some are pinned, words may be torn.  One
 * that was freed lazily may vanish at any time.
 */
static void check_whole(const struct region *r, size_t page, const uint64_t *words)
{
	uint32_t first = words[0], last = first;

	for (int i = 0; i < WORDS; i++) {
		uint32_t version = words[i];

		if (words[i] != value(page, version))
			complain(WHOLE, "%s: page %zu holds %#llx\n", r->name, page,
				 (unsigned long long)words[i]);
		else if (!r->pinned && !r->shared && !r->lazy &&
			 (version > last || first - version > 1))
			complain(WHOLE, "%s: page %zu has versions %u, then %u, %u\n",
				 r->name, page, first, last, version);
		last = version;
	}
}

static uint64_t look(const struct region *r, bool check)
{
	uint64_t words[WORDS], sum = 0;

	for (size_t page = 0; page < r->nr; page++) {
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
			complain(STILL, "%s: the parent's writes show\n", r->name);
		/* An owner would find these, or who reads all. */
		for (int n = 0; n < 64; n++)
			*word(r, draw(&rng, r->nr), 0) = ~0ull;
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
			complain(WHOLE, "a child has wait status %#x\n", status);
	}
}

/* Reading smaps keeps all threads waiting: one region at a time. */
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
	return drops && pins && moves && (swapped || !have_swap) &&
	       ((by_pmd && by_ptes && small) || !have_thp);
}

static void fork_all_the_while(void)
{
	time_t start = time(NULL), now = start;
	int kids = 0;
	pid_t pid;

	/* A slow machine gets longer. */
	while (now < start + seconds ||
	       (!all_was_done() && now < start + PATIENCE * seconds)) {
		if (forks++ % 2 == 0)
			count_what_is_there();
		pid = fork();
		if (pid < 0)
			mm_die("fork");
		if (!pid)
			child(forks);
		kids++;
		reap(&kids, MAX_KIDS);
		now = time(NULL);
	}
	reap(&kids, 0);
}

/* It will be writable again in a moment. */
static void on_fault(int signal)
{
	sched_yield();
}

static void map(struct region *r)
{
	size_t len = ps * unit, size;

	r->nr = r->units * unit;
	size = r->nr * ps;
	r->addr = mmap(NULL, size + len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->addr == MAP_FAILED)
		mm_die("mmap");
	r->addr += -(uintptr_t)r->addr & (len - 1);
	if (r->shared) {
		int fd = mm_temp_file("tmpfs", mm_pmd_thp_size() ? "huge=advise" : "");

		if (fd < 0 || ftruncate(fd, size) ||
		    mmap(r->addr, size, PROT_NONE, MAP_SHARED | MAP_FIXED, fd, 0) != r->addr)
			mm_die("a file of tmpfs");
	}
	if (mprotect(r->addr, size, PROT_READ | PROT_WRITE))
		mm_die("mprotect");
	madvise(r->addr, size, r->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	/* Before the first read, which would map the huge zero page. */
	for (size_t page = 0; page < r->nr; page++)
		*(volatile char *)at(r, page) = 0;
}

static void start(void)
{
	static const struct {
		void *(*run)(void *unused);
		size_t me;
	} jobs[] = {
		{ own, 0 }, { own, 1 }, { read_all }, { pin }, { pin_fast },
		{ change, 0 }, { change, 1 }, { change, 2 }, { change, 3 }, { move },
	};
	pthread_t thread[ARRAY_SIZE(jobs)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		if (pthread_create(&thread[i], NULL, jobs[i].run, (void *)jobs[i].me))
			mm_die("pthread_create");
	fork_all_the_while();
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		pthread_join(thread[i], NULL);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_fault };
	size_t i;

	ksft_print_header();
	if (geteuid())
		ksft_exit_skip("not root\n");
	/* A 32-bit C library sleeps and locks with the calls that take a 32-bit time. */
	if (usleep(1))
		ksft_exit_skip("no COMPAT_32BIT_TIME\n");
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_set_plan(NR_CHECKS + 2);
	ps = getpagesize();
	unit = mm_pmd_thp_size() / ps;
	have_thp = unit && 2 * unit <= MAX_PAGES;
	if (!have_thp)
		unit = 512;
	have_swap = !mm_swapon();
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		map(&regions[i]);
	failures = mmap(NULL, ps, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (failures == MAP_FAILED)
		mm_die("mmap");
	sigaction(SIGSEGV, &action, NULL);

	if (getenv("race"))
		seconds = atoi(getenv("race"));
	start();
	for (i = 0; i < NR_CHECKS; i++)
		ksft_test_result(!failures[i], "%s\n", check_name[i]);
	printf("# %lu forks, %lu drops, %lu pins, %lu moves\n", forks, drops, pins, moves);
	printf("# regions met with THPs by PMD %lu, by PTEs %lu, split %lu, swapped %lu\n",
	       by_pmd, by_ptes, small, swapped);
	ksft_test_result(all_was_done(), "all of it was done\n");
	if (have_swap)
		ksft_test_result(!mm_swapoff(), "no swap entry is lost\n");
	else
		ksft_test_result_skip("no swap entry is lost: no " MM_SWAP_DEVICE "\n");
	ksft_finished();
}

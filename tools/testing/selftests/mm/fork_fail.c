// SPDX-License-Identifier: GPL-2.0
/*
 * Test that fork() fails cleanly at each of its allocations.
 *
 * A process has memory of every kind for which copy_page_range() allocates something.
 * It calls fork() again and again: at first the first allocation fails, then the
 * second, and so on, until fork() succeeds.  In one such sweep slab objects fail, in
 * one pages do, both by fail-nth of fault injection.  In the third, a memory cgroup has
 * a limit that rises by a page each time.  After each failure the parent must be as it
 * was before.
 *
 * If the kernel has memory cgroups, each sweep runs in one, to which the kernel charges
 * user pages, page tables, and the objects of processes, VMAs and the reverse map.  When
 * all processes of the sweep have ended, no such charge may be left, and every page of
 * the machine must be free or counted as in use.
 *
 * Needs root and io_uring.  Skips a sweep if the kernel lacks what makes its allocations
 * fail.  KASAN keeps call traces in pages that no counter shows: boot such a kernel with
 * stack_depot_disable=on.  The test has a verdict of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_util.h"

#define MAX_PAGES	(1 << 13)
#define MAX_SPOTS	128
#define MAX_FORKS	5000
#define NR_PINNED	96
#define NR_SHARERS	61	/* with the parent, as many as swap_map[] can count */
#define SLACK		8	/* pages that other processes may take meanwhile */
#define WANTED		100	/* injected failures in copy_page_range(), at least */
#define CGROUP		"/tmp/fork_fail"
#define GROUP		CGROUP "/fork_fail"

enum check { FORK, CONTENTS, PAGEMAP, MAPCOUNT, RSS, FREED, LOG, NR_CHECKS };

static const char * const check_name[] = {
	"fork fails at every allocation", "contents", "pagemap", "mapcounts",
	"RSS counters", "nothing leaks", "kernel log"
};

static const struct sweep {
	const char *name;
	const char *file, *skip;	/* a file that it needs, and the reason if it is skipped */
	const char *trigger;		/* the file that makes an allocation fail */
	const char *cache_filter, *min_order;	/* of fault injection; NULL for the cgroup */
} sweeps[] = {
	{ "failslab", MM_DEBUGFS "/failslab/verbose", "no failslab",
	  "/proc/self/fail-nth", "N", "20" },
	{ "fail_page_alloc", MM_DEBUGFS "/fail_page_alloc/verbose", "no fail_page_alloc",
	  "/proc/self/fail-nth", "Y", "0" },
	{ "cgroup limit", GROUP "/memory.max", "no memory cgroup",
	  GROUP "/memory.max" },
};

/* Consecutive pages */
static struct spot {
	char *addr;
	size_t nr, first;	/* @first: the index of the first page in the arrays */
	enum { WRITTEN, KEPT, SWAPPED } kind;
	uint32_t value;
} spots[MAX_SPOTS];

static size_t nr_spots, nr_pages;
static size_t first, last;	/* the pages at both ends of the largest VMA */
static uint64_t before[MAX_PAGES], count_before[MAX_PAGES];
static uint64_t entry[MAX_PAGES], count[MAX_PAGES];
static struct mm_status status_before;

/* The results of a sweep's process, in shared memory */
static struct report {
	int failures[NR_CHECKS];
	int failed, in_copy, done_without;
	bool done;
} *report;

static const struct sweep *sweep;
static size_t ps, thp;
static bool have_group, have_swap, quiet;
static int trigger, kmsg;
static int nth;		/* the allocation that fails, or the pages that the limit allows */
static long charge;	/* of the cgroup while there is no child */

/* The stacks of a sweep's process and of its children */
static char stack[1 << 17] __attribute__((aligned(1 << 16)));
static char child_stack[1 << 16] __attribute__((aligned(1 << 16)));

__attribute__((format(printf, 2, 3)))
static void complain(enum check check, const char *fmt, ...)
{
	char head[64];
	va_list args;

	if (quiet)
		return;
	snprintf(head, sizeof(head), "%s %d, %s", sweep->name, nth, check_name[check]);
	va_start(args, fmt);
	mm_complain(&report->failures[check], head, fmt, args);
	va_end(args);
}

static void need(bool condition, const char *what)
{
	if (!condition)
		mm_die("%s: %s", sweep->name, what);
}

/* The memory under test: each page has a value of its own, at both its ends */

static volatile uint64_t *end_of(const struct spot *s, size_t i, int end)
{
	return (uint64_t *)(s->addr + (i + end) * ps) - end;
}

static uint64_t value_of(const struct spot *s, size_t i, int end)
{
	return (uint64_t)s->value << 32 | (s->first + i) << 1 | end;
}

static void fill(struct spot *s)
{
	s->value++;
	for (size_t i = 0; i < s->nr; i++)
		for (int end = 0; end < 2; end++)
			*end_of(s, i, end) = value_of(s, i, end);
}

/* Reading a swapped page would swap it in: do so only at the end, with @all. */
static void check_contents(bool all)
{
	size_t wrong = 0;

	for (struct spot *s = spots; s < spots + nr_spots; s++)
		for (size_t i = 0; i < s->nr && (all || s->kind != SWAPPED); i++)
			wrong += *end_of(s, i, 0) != value_of(s, i, 0) ||
				 *end_of(s, i, 1) != value_of(s, i, 1);
	if (wrong)
		complain(CONTENTS, "%zu pages are wrong", wrong);
}

static void add_spot(char *addr, size_t nr, int kind)
{
	struct spot *s = &spots[nr_spots++];

	need(nr_spots < MAX_SPOTS && nr_pages + nr <= MAX_PAGES, "too many pages");
	*s = (struct spot){ addr, nr, nr_pages, kind };
	nr_pages += nr;
	fill(s);
}

static char *map(size_t size, int flags, int fd)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static pid_t start(int (*call)(void *), int flags)
{
	return clone(call, child_stack + sizeof(child_stack), flags, NULL);
}

/* A child does not have the stack of its parent, so that what it uses is static. */
static int sharers[2];

static int share(void *unused)
{
	char c;

	close(sharers[1]);
	return read(sharers[0], &c, 1);
}

/* Add swap entries for which the kernel has to allocate to count another mapping. */
static void add_swapped(char *addr)
{
	add_spot(addr, 2, SWAPPED);
	mm_advise(addr, 2 * ps, MADV_PAGEOUT);
	mm_pagemap(getpid(), addr, 2, entry);
	need(entry[0] & entry[1] & PM_SWAP, "not swapped out");
	if (pipe2(sharers, O_CLOEXEC))
		mm_die("pipe");
	/* The sharers end when this process has ended. */
	for (int i = 0; i < NR_SHARERS; i++)
		if (start(share, SIGCHLD | CLONE_PARENT) < 0)
			mm_die("clone");
	close(sharers[0]);
}

/* Pin pages until the process ends: fork() has to copy them. */
static void pin(char *addr, size_t nr)
{
	struct iovec range = { addr, nr * ps };
	int ring = mm_open_ring();

	if (ring < 0 || mm_pin(ring, &range, 1))
		mm_die("io_uring");
}

/*
 * Add a THP mapped by a PMD, one mapped by PTEs, and the first pages of a third one, of
 * which one is pinned.
 */
static void add_thps(char *addr, size_t pmd)
{
	struct mm_smaps range, all;

	mm_advise(addr, 3 * pmd, MADV_HUGEPAGE);
	for (int i = 0; i < 3; i++)
		addr[i * pmd] = 1;
	/* This merges the VMA with its neighbors again, and keeps khugepaged away. */
	mm_advise(addr, 3 * pmd, MADV_NOHUGEPAGE);
	add_spot(addr, thp, WRITTEN);
	for (int i = 0; i < 2; i++) {
		addr += pmd;
		mm_split_pmd(addr);
	}
	mm_smaps(getpid(), addr, pmd, &range, &all);
	need(range.anon_huge == pmd, "not one PMD of three huge pages");
	add_spot(addr - pmd, thp, KEPT);
	mm_advise(addr + 8 * ps, pmd - 8 * ps, MADV_DONTNEED);
	add_spot(addr, 8, WRITTEN);
	pin(addr + 2 * ps, 1);
}

/* Map one VMA with many page tables of all levels that the address space allows. */
static void set_up_large_vma(void)
{
	static const int many[] = { 40, 8, 2 };
	size_t pmd = thp * ps, size;
	char *addr, *at;
	uint64_t wanted;
	int levels;

	for (levels = 3; levels; levels--) {
		wanted = ((uint64_t)pmd << 9 * (levels - 1)) * (many[levels - 1] + 2);
		size = wanted;
		if (size != wanted)	/* 32 bits */
			continue;
		addr = map(size + pmd, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
		if (addr != MAP_FAILED)
			break;
	}
	need(levels, "no address space");
	addr += pmd - (uintptr_t)addr % pmd;
	/* The swapped pages first: the sharers would share any other page as well. */
	mm_advise(addr, size, MADV_NOHUGEPAGE);
	if (have_swap)
		add_swapped(addr + 2 * ps);
	first = nr_pages;
	add_spot(addr, 1, WRITTEN);
	at = addr + pmd;
	if (mm_pmd_thp_size() && 4 * thp <= MAX_PAGES) {
		add_thps(at, pmd);
		at += 3 * pmd;
	}
	add_spot(at, NR_PINNED, WRITTEN);
	pin(at, NR_PINNED);
	at += (NR_PINNED / thp + 1) * pmd;
	for (int level = 0; level < levels; level++)
		for (int i = 0; i < many[level]; i++, at += pmd << 9 * level)
			if (at < addr + size - pmd)
				add_spot(at, 2, WRITTEN);
	last = nr_pages;
	add_spot(addr + size - ps, 1, WRITTEN);
}

/* Map more VMAs, for what fork() allocates for each of them. */
static void set_up_others(void)
{
	int fd = memfd_create("fork_fail", MFD_CLOEXEC);
	char *addr;

	if (fd < 0 || ftruncate(fd, 4 * ps))
		mm_die("memfd_create");
	add_spot(map(4 * ps, MAP_SHARED, fd), 4, WRITTEN);
	add_spot(map(4 * ps, MAP_PRIVATE, fd), 4, WRITTEN);
	addr = map(4 * ps, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	add_spot(addr, 4, WRITTEN);
	if (mlock(addr, 2 * ps))
		mm_die("mlock");
	if (4 * thp > MAX_PAGES)	/* with 64K pages, huge pages are too large */
		return;
	addr = map(thp * ps, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	if (addr != MAP_FAILED)
		add_spot(addr, 1, WRITTEN);
}

/* Checks in the process of a sweep */

static void take_pages(uint64_t *entries, uint64_t *counts)
{
	for (struct spot *s = spots; s < spots + nr_spots; s++)
		mm_pagemap(getpid(), s->addr, s->nr, entries + s->first);
	mm_kpagecount(entries, nr_pages, counts);
}

static void check_pages(void)
{
	take_pages(entry, count);
	for (size_t i = 0; i < nr_pages; i++) {
		if (entry[i] != before[i])
			complain(PAGEMAP, "page %zu was %llx, is %llx", i,
				 (unsigned long long)before[i],
				 (unsigned long long)entry[i]);
		if (count[i] != count_before[i])
			complain(MAPCOUNT, "page %zu was mapped %llu times, is %llu", i,
				 (unsigned long long)count_before[i],
				 (unsigned long long)count[i]);
	}
}

static void check_rss(void)
{
	const struct mm_status *old = &status_before;
	struct mm_status new;

	/* A page fault after mm_sync_rss() makes the counters differ: try again. */
	for (int tries = 0; tries < 4; tries++) {
		mm_sync_rss();
		mm_status(getpid(), &new);
		if (!memcmp(&new, old, sizeof(new)))
			return;
	}
	complain(RSS, "anon was %lu, is %lu, file and shmem %lu, %lu, swap %lu, %lu",
		 old->anon, new.anon, old->file + old->shmem, new.file + new.shmem,
		 old->swap, new.swap);
}

/*
 * Check whether a message of the kernel, a warning or worse, is about a bug.  Those
 * about the clocks of a slow machine are not.  With a limit, the OOM killer warns that
 * it finds no process to kill, so that only messages with one of these words count.
 */
static bool is_complaint(const char *text)
{
	if (strstr(text, "hrtimer") || strstr(text, "clocksource") || strstr(text, "TSC"))
		return false;
	return sweep->min_order || strstr(text, "WARNING") || strstr(text, "BUG") ||
	       strstr(text, "Bad ") || strstr(text, "possible ");
}

/* Read the log after each fork(): it has no room for the messages of all of them. */
static void check_log(void)
{
	static char record[1 << 13];
	ssize_t len;
	char *text;

	/* Touch all of it now: a page touched for the first message would show in RSS. */
	memset(record, 0, sizeof(record));
	while ((len = read(kmsg, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		record[len < 0 ? 0 : len] = 0;
		text = strchr(record, ';');
		if (text && (atoi(record) & 7) <= 4 && is_complaint(text))
			complain(LOG, "%.*s", (int)strcspn(text, "\n"), text);
	}
}

static bool exclusive(size_t i)
{
	uint64_t flags;

	mm_kpageflags(&before[i], 1, &flags);
	return flags & KPF_ANON_EXCLUSIVE;
}

/*
 * fork() makes pages that are not pinned shared in the order of their addresses.  If the
 * first page of a VMA is shared and the last one is still exclusive, the allocation that
 * failed was in the copy_page_range() of that VMA.
 */
static void check_fork(pid_t pid, int error)
{
	int status;

	if (pid < 0) {
		report->failed++;
		report->in_copy += !exclusive(first) && exclusive(last);
		if (error != ENOMEM)
			complain(FORK, "%s", strerror(error));
	} else if (waitpid(pid, &status, 0) != pid || status) {
		complain(CONTENTS, "the child ended with %#x", status);
	}
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		complain(FORK, "there is a child");
	check_pages();
	check_rss();
	check_contents(false);
	check_log();
}

/* Memory cgroups */

static void set_group(const char *file, const char *value)
{
	char name[64];

	snprintf(name, sizeof(name), GROUP "/%s", file);
	if (mm_write_file(name, value))
		mm_die("%s", name);
}

/*
 * Read the charge of the cgroup, without what the CPUs have charged in advance: a limit
 * drains that.  Read twice, as opening the files and the first read are charged as well.
 */
static long read_charge(void)
{
	int current = open(GROUP "/memory.current", O_RDONLY);
	int high = open(GROUP "/memory.high", O_WRONLY);
	char text[32] = "";

	if (pread(current, text, sizeof(text) - 1, 0) <= 0 ||
	    write(high, "0", 1) != 1 || usleep(20000) || write(high, "max", 3) != 3 ||
	    pread(current, text, sizeof(text) - 1, 0) <= 0)
		mm_die("memory.current");
	close(current);
	close(high);
	return atol(text);
}

/* The sweeps */

static int child_main(void *unused)
{
	int failures = report->failures[CONTENTS];

	check_contents(true);
	return report->failures[CONTENTS] != failures;
}

static void arm(bool armed)
{
	char text[32];
	ssize_t len;

	if (!armed)
		len = snprintf(text, sizeof(text), sweep->min_order ? "0" : "max");
	else if (sweep->min_order)
		len = snprintf(text, sizeof(text), "%d", nth);
	else
		len = snprintf(text, sizeof(text), "%ld", charge + nth * (long)ps);
	if (write(trigger, text, len) != len)
		mm_die("%s: %s", sweep->trigger, text);
}

static bool has_fired(pid_t pid)
{
	char c;

	if (!sweep->min_order)
		return pid < 0;
	return pread(trigger, &c, 1, 0) == 1 && c == '0';
}

/*
 * While an allocation may fail, the parent must take no page fault that needs one.  Its
 * stack has MADV_DONTFORK, so that fork() does not write-protect it, and the parent has
 * written to everything else that it uses.
 */
static pid_t fork_armed(int flags, bool *fired)
{
	pid_t pid;
	int error;

	/* This makes the pages exclusive and writable again: no child maps them now. */
	for (struct spot *s = spots; s < spots + nr_spots; s++)
		if (s->kind == WRITTEN)
			fill(s);
	need(exclusive(first) && exclusive(last), "no exclusive pages");
	/* clone() writes to these pages, which the sharers share: copy them before. */
	child_stack[sizeof(child_stack) - 1] = 0;
	errno = 0;
	arm(true);
	pid = start(child_main, flags);
	error = errno;
	*fired = has_fired(pid);
	arm(false);
	errno = error;
	return pid;
}

static void fail_each(void)
{
	bool fired = true;
	pid_t pid;

	for (nth = 1; fired && nth < MAX_FORKS; nth++) {
		pid = fork_armed(SIGCHLD, &fired);
		check_fork(pid, errno);
		if (pid < 0 && !fired)
			complain(FORK, "fork() failed without an injected failure");
		report->done_without += pid > 0 && fired;
	}
	if (fired)
		complain(FORK, "fork() still does not succeed");
}

static int run_sweep(void *unused)
{
	bool fired;

	mm_advise(stack, sizeof(stack), MADV_DONTFORK);
	if (have_group) {
		set_group("cgroup.procs", "0");
		/* The OOM killer must find no process to kill. */
		mm_write_file("/proc/self/oom_score_adj", "-1000");
	}
	trigger = open(sweep->trigger, O_RDWR);
	if (trigger < 0)
		mm_die("%s", sweep->trigger);
	set_up_large_vma();
	set_up_others();
	take_pages(before, count_before);
	if (!sweep->min_order) {
		set_group("memory.swap.max", "0");
		charge = read_charge();
	}
	/* Run all of the code once, to map it, with flags that clone() does not allow. */
	quiet = true;
	for (int i = 0; i < 2; i++) {
		mm_sync_rss();
		mm_status(getpid(), &status_before);
		check_fork(fork_armed(CLONE_SIGHAND, &fired), ENOMEM);
	}
	quiet = false;
	memset(report, 0, sizeof(*report));
	fail_each();
	if (!sweep->min_order)
		set_group("memory.swap.max", "max");

	check_contents(true);
	for (struct spot *s = spots; s < spots + nr_spots; s++)
		fill(s);
	check_contents(true);
	report->done = true;
	fflush(stdout);
	return 0;
}

/* The process of the test itself */

/* Sum up the fields of @file that have one of @names, a list that ends with NULL. */
static long sum_fields(const char *file, const char * const *names)
{
	char *line = mm_read_file(file), name[32];
	long value, sum = 0;

	if (!line)
		mm_die("%s", file);
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, " %31[A-Za-z_:] %ld", name, &value) != 2)
			continue;
		for (const char * const *n = names; *n; n++)
			if (!strcmp(*n, name))
				sum += value;
	}
	return sum;
}

struct usage {
	long pages;	/* neither free nor counted as in use */
	long committed;	/* Committed_AS, in kB */
	long charged;	/* to the cgroup, in bytes, without what is charged in advance */
};

static void read_usage(struct usage *usage)
{
	static const char * const vmalloc[] = { "VmallocUsed:", NULL };
	static const char * const committed[] = { "Committed_AS:", NULL };
	static const char * const pages[] = {
		"count:", "nr_free_pages", "nr_page_table_pages",
		"nr_zone_inactive_anon", "nr_zone_active_anon",
		"nr_zone_inactive_file", "nr_zone_active_file", "nr_zone_unevictable",
		"nr_slab_reclaimable", "nr_slab_unreclaimable", NULL
	};
	static const char * const charged[] = {
		"inactive_anon", "active_anon", "inactive_file", "active_file",
		"unevictable", "slab", "kernel_stack", "pagetables", "percpu",
		"vmalloc", NULL
	};

	if (have_group)
		read_charge();
	/* This adds the per-CPU differences to the counts. */
	mm_read_file("/proc/sys/vm/stat_refresh");
	usage->pages = -sum_fields("/proc/zoneinfo", pages) -
		       sum_fields("/proc/meminfo", vmalloc) * 1024 / (long)ps;
	usage->committed = sum_fields("/proc/meminfo", committed);
	usage->charged = have_group ? sum_fields(GROUP "/memory.stat", charged) : 0;
}

/* The kernel frees some memory late, that of an io_uring for one: wait some seconds. */
static void check_freed(const struct usage *old)
{
	struct usage new;

	if (have_swap && mm_swapoff())
		complain(FREED, "swapoff: %s", strerror(errno));
	for (int tries = 0; tries < 50; tries++) {
		read_usage(&new);
		if (new.pages <= old->pages + SLACK && !new.charged &&
		    new.committed == old->committed)
			return;
		usleep(100000);
	}
	complain(FREED, "%ld pages; %ld bytes charged; %ld kB committed",
		 new.pages - old->pages, new.charged, new.committed - old->committed);
}

/* Run a sweep.  Return: false if the kernel lacks what it needs. */
static bool run(void)
{
	int status = -1, ended;
	struct usage usage;
	pid_t pid, ret;

	memset(report, 0, sizeof(*report));
	if (access(sweep->file, F_OK)) {
		for (int i = 0; i < NR_CHECKS; i++)
			ksft_test_result_skip("%s: %s: %s\n", sweep->name,
					      check_name[i], sweep->skip);
		return false;
	}
	if (sweep->min_order) {
		mm_set(MM_DEBUGFS "/failslab/cache-filter", sweep->cache_filter);
		mm_set(MM_DEBUGFS "/fail_page_alloc/min-order", sweep->min_order);
	} else {
		mm_set("/proc/sys/kernel/printk", "4");
	}
	read_usage(&usage);
	have_swap = !mm_swapon();
	pid = clone(run_sweep, stack + sizeof(stack), SIGCHLD, NULL);
	while ((ret = waitpid(-1, &ended, 0)) > 0)
		if (ret == pid)
			status = ended;
	check_freed(&usage);
	check_log();
	if (status || !report->done) {
		ksft_print_msg("%s: ended with status %#x\n", sweep->name, status);
		for (int i = 0; i < NR_CHECKS; i++)
			report->failures[i]++;
	}
	ksft_test_result(!report->failures[FORK] && report->failed,
			 "%s: %s: %d failures, %d of them in copy_page_range(), %d forks succeeded all the same\n",
			 sweep->name, check_name[FORK], report->failed,
			 report->in_copy, report->done_without);
	for (int i = FORK + 1; i < NR_CHECKS; i++)
		ksft_test_result(!report->failures[i], "%s: %s\n", sweep->name,
				 check_name[i]);
	return true;
}

int main(int argc, char **argv)
{
	bool mounted, have_injection = false;
	int injected = 0;

	/*
	 * Disable rseq: the kernel writes to the rseq area when it resumes a preempted
	 * task.  After fork() this write copies the page, and if the copy can't be
	 * charged, the kernel sends SIGSEGV.
	 */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.pthread.rseq=0", 1);
		execv("/proc/self/exe", argv);
	}
	ps = getpagesize();
	mm_begin();
	mm_stay_on_one_cpu();
	thp = (mm_pmd_thp_size() ?: 2 << 20) / ps;
	report = (struct report *)map(sizeof(*report), MAP_SHARED | MAP_ANONYMOUS, -1);
	if (report == MAP_FAILED)
		mm_die("mmap");
	mounted = !mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	mkdir(CGROUP, 0700);
	mount("cgroup2", CGROUP, "cgroup2", 0, NULL);
	mm_write_file(CGROUP "/cgroup.subtree_control", "+memory");
	mkdir(GROUP, 0700);
	have_group = !access(GROUP "/memory.max", F_OK);
	/* The first to look up a file is charged for it: do so outside of the cgroup. */
	if (have_group) {
		set_group("memory.swap.max", "max");
		read_charge();
	}
	mm_set("/proc/sys/vm/nr_overcommit_hugepages", "1");
	mm_set(MM_DEBUGFS "/failslab/verbose", "0");
	mm_set(MM_DEBUGFS "/failslab/ignore-gfp-wait", "N");
	mm_set(MM_DEBUGFS "/fail_page_alloc/verbose", "0");
	mm_set(MM_DEBUGFS "/fail_page_alloc/ignore-gfp-wait", "N");
	mm_set(MM_DEBUGFS "/fail_page_alloc/ignore-gfp-highmem", "N");
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		mm_die("/dev/kmsg");

	ksft_set_plan(ARRAY_SIZE(sweeps) * NR_CHECKS + 1);
	for (sweep = sweeps; sweep < sweeps + ARRAY_SIZE(sweeps); sweep++) {
		if (run() && sweep->min_order) {
			injected += report->in_copy;
			have_injection = true;
		}
	}
	if (have_injection)
		ksft_test_result(injected >= WANTED,
				 "%d injected failures in copy_page_range()\n", injected);
	else
		ksft_test_result_skip("injected failures: no fault injection\n");

	mm_restore_settings();
	if (rmdir(GROUP) && have_group)
		ksft_print_msg("rmdir %s: %s\n", GROUP, strerror(errno));
	umount2(CGROUP, MNT_DETACH);
	rmdir(CGROUP);
	if (mounted)
		umount2(MM_DEBUGFS, MNT_DETACH);
	ksft_finished();
}

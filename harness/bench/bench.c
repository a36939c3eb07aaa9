// SPDX-License-Identifier: GPL-2.0
/*
 * Guest program of the benchmark: run the tables of fork_bench.c and
 * call_bench.c, with the helpers that both need.
 *
 * Each workload runs in a process of its own.  It maps and fills its memory,
 * checks that the memory has the shape it needs, runs once to warm up (so that
 * a repeated fork is measured; workloads named "first" leave this out), and
 * prints
 *
 *	bench NAME UNITS UNIT fork|call
 *
 * Then it repeats the measured part, between markers that the TCG plugin knows,
 * often enough for timer ticks not to matter.  The records of the plugin come
 * in the order of these lines.  A workload that cannot run here prints "bench
 * NAME skip REASON" instead.  After a fork workload, "tables NAME KIB" is the
 * size of a child's page tables.
 *
 * Reads the environment: workload=PATTERN runs only workloads whose names match;
 * wall=RUNS runs each that often and prints "wall NAME NANOSECONDS"; list=1
 * only prints the names.
 */
#include <fnmatch.h>
#include <linux/kernel-page-flags.h>
#include <stdarg.h>
#include <sys/swap.h>
#include <termios.h>
#include <time.h>

#include "bench.h"

#define WALL_TIMES	10	/* repetitions for one wall time, at least */
#define THP_DIR		"/sys/kernel/mm/transparent_hugepage/"
#define SWAP_SIZE	(64 * MiB)

const char *name;
size_t page, pmd, size, length, step;
int has_thp, memory_fd = -1;
char *memory;

static int runs = 1, wall, list, known, has_swap;

void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("bench %s skip ", name);
	vprintf(fmt, args);
	putchar('\n');
	exit(0);
}

void put(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		printf("# %s: %s\n", file, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Sum up a field of smaps, in bytes, over the VMAs in start..start+size. */
size_t smaps(const void *start, size_t size, const char *field)
{
	uintptr_t from = (uintptr_t)start, to = from + size;
	unsigned long lo, hi, kb, sum = 0;
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[256], key[32];
	int within = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx ", &lo, &hi) == 2)
			within = lo >= from && hi <= to;
		else if (within && sscanf(line, "%31[^:]: %lu", key, &kb) == 2 &&
			 !strcmp(key, field))
			sum += kb * 1024;
	if (f)
		fclose(f);
	return sum;
}

static uint64_t word(const char *file, uint64_t index)
{
	int fd = open(file, O_RDONLY);
	uint64_t value = 0;

	if (fd < 0 || pread(fd, &value, sizeof(value), index * sizeof(value)) < 0)
		printf("# %s: %s\n", file, strerror(errno));
	if (fd >= 0)
		close(fd);
	return value;
}

void expect(const char *what, size_t is, size_t want)
{
	if (is != want)
		skip("%s is %zu KiB, not %zu", what, is / 1024, want / 1024);
}

static void expect_smaps(const char *field, size_t want)
{
	expect(field, smaps(memory, length, field), want);
}

/* Skip unless the second page of each PMD is a tail page of a large folio. */
void expect_folios(void)
{
	for (size_t i = 0; i < length; i += pmd) {
		uint64_t pte = word("/proc/self/pagemap", ((uintptr_t)memory + i) / page + 1);
		uint64_t pfn = pte & ((1ULL << 55) - 1);

		if (!(word("/proc/kpageflags", pfn) >> KPF_COMPOUND_TAIL & 1))
			skip("no huge pages, or they were split");
	}
}

/* Map private memory of fd, or anonymous memory, at a multiple of align. */
char *map(int fd, size_t size, size_t align)
{
	int flags = MAP_PRIVATE | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0);
	char *p, *start;

	p = mmap(NULL, size + align, PROT_NONE,
		 MAP_PRIVATE | MAP_NORESERVE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		skip("no %lu GiB of address space", (size + align) / GiB);
	start = (char *)(((uintptr_t)p + align - 1) & -align);
	munmap(p, start - p);
	munmap(start + size, p + align - start);
	if (mmap(start, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) != start)
		skip("mmap: %s", strerror(errno));
	madvise(start, size, MADV_NOHUGEPAGE);
	return start;
}

/* Map the memory of the workload, which has a page at each step. */
static void map_memory(int fd, size_t bytes, size_t align, size_t each)
{
	memory = map(fd, bytes, align);
	length = bytes;
	step = each;
	memory_fd = fd;
}

void write_each(char *p, size_t size, size_t step)
{
	for (size_t i = 0; i < size; i += step)
		((volatile char *)p)[i] = 1;
}

void read_each(char *p, size_t size, size_t step)
{
	for (size_t i = 0; i < size; i += step)
		(void)((volatile char *)p)[i];
}

long sparse(size_t nr, size_t each)
{
	map_memory(-1, nr * each, each, each);
	write_each(memory, length, step);
	expect_smaps("Rss", nr * page);
	return nr;
}

long anon(void)
{
	map_memory(-1, size, pmd, page);
	write_each(memory, size, page);
	expect_smaps("Anonymous", size);
	expect_smaps("AnonHugePages", 0);
	return size / page;
}

long thp_pmd(void)
{
	if (!has_thp)
		skip("no transparent huge pages");
	map_memory(-1, size, pmd, page);
	madvise(memory, size, MADV_HUGEPAGE);
	write_each(memory, size, page);
	/* Keep the pages, but keep khugepaged away. */
	madvise(memory, size, MADV_NOHUGEPAGE);
	expect_smaps("AnonHugePages", size);
	return size / pmd;
}

long thp_pte(void)
{
	thp_pmd();
	for (size_t i = 0; i < size; i += pmd)
		if (mprotect(memory + i, page, PROT_READ) ||
		    mprotect(memory + i, page, PROT_READ | PROT_WRITE))
			skip("mprotect: %s", strerror(errno));
	expect_smaps("AnonHugePages", 0);
	expect_smaps("Anonymous", size);
	expect_folios();
	return size / page;
}

/* Create a file in memory and write it, with or without huge pages. */
int memory_file(size_t size, int huge)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);
	char *p;

	if (fd < 0 || ftruncate(fd, size))
		skip("memfd: %s", strerror(errno));
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		skip("mmap: %s", strerror(errno));
	madvise(p, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	write_each(p, size, page);
	munmap(p, size);
	return fd;
}

/*
 * Fork copies page tables only of VMAs that have an anon_vma, so make one page
 * in each PMD anonymous.  Write it first: with a page table there, the other
 * pages of the file are mapped by PTEs.
 */
static long private_file(int huge)
{
	map_memory(memory_file(size, huge), size, pmd, page);
	write_each(memory, size, pmd);
	read_each(memory, size, page);
	expect_smaps("Rss", size);
	expect_smaps("Anonymous", size / pmd * page);
	expect_smaps("FilePmdMapped", 0);
	expect_smaps("ShmemPmdMapped", 0);
	return size / page;
}

long file(void)
{
	return private_file(0);
}

long shmem_thp(void)
{
	if (!has_thp)
		skip("no transparent huge pages");
	private_file(1);
	expect_folios();
	return size / page;
}

void swap_out(size_t bytes)
{
	swapon(SWAP_DEVICE, 0);		/* again, after a swapoff() */
	madvise(memory, bytes, MADV_PAGEOUT);
	expect_smaps("Swap", bytes);
}

long swapped(void)
{
	if (!has_swap)
		skip("the kernel has no swap; CONFIG=swap has");
	anon();
	swap_out(length);
	return size / page;
}

static inline void fork_and_wait(int (*child)(void))
{
	int status;
	pid_t pid;

	bench_fork();
	pid = fork();
	bench_forked();
	if (!pid)
		_exit(child && child());
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		printf("# %s: fork: %s\n", name, strerror(errno));
		exit(1);
	}
}

static int print_tables(void)
{
	unsigned long kb = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "VmPTE: %lu", &kb) != 1)
		;
	printf("tables %s %lu\n", name, kb);
	return fflush(stdout);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Return: nanoseconds, which mean nothing under TCG. */
static long long once(const struct workload *w, int warm)
{
	long long start;

	if (w->prepare) {
		w->prepare();
		/* Let RCU free the page tables that it unmapped before the measurement. */
		usleep(100000);
	}
	start = now();
	if (warm)
		bench_begin();
	if (w->call)
		w->call();
	else
		fork_and_wait(w->child);
	if (warm)
		bench_end();
	return now() - start;
}

/*
 * Shorten the CPU's list of free pages.  Its length affects what it costs to allocate
 * and to free a page, and otherwise depends on the rows before.
 */
static void shorten_free_list(void)
{
	const char *fraction = "/proc/sys/vm/percpu_pagelist_high_fraction";
	size_t len = 1024 * page;
	char *p;

	put(fraction, "1000000");
	p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p != MAP_FAILED)
		munmap(p, len);
	put(fraction, "0");
}

static void measure(const struct workload *w)
{
	int times = w->times ?: 1, repeat = times;
	long long ns = 0;
	long units;

	shorten_free_list();
	units = w->setup();
	if (wall && w->times && times < WALL_TIMES)
		repeat = WALL_TIMES;
	if (w->times)
		once(w, 0);
	printf("bench %s %ld %s %s\n", w->name, units * times, w->unit,
	       w->call ? "call" : "fork");
	fflush(stdout);
	tcdrain(1);	/* or interrupts of the console would be counted */

	for (int i = 0; i < repeat; i++)
		ns += once(w, 1);
	bench_record();

	if (wall)
		printf("wall %s %lld\n", w->name, ns / repeat * times);
	else if (!w->call)
		fork_and_wait(print_tables);
}

void run(const struct workload *w)
{
	const char *only = getenv("workload");
	int status = 0;

	if (only && fnmatch(only, w->name, 0))
		return;
	known = 1;
	if (list) {
		puts(w->name);
		return;
	}
	name = w->name;
	for (int i = 0; i < runs && !status; i++) {
		pid_t pid = fork();

		if (!pid) {
			measure(w);
			exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			status = -1;
	}
	if (status) {
		printf("# %s: exit status %d\n", name, status);
		exit(1);
	}
}

/* Use a RAM disk as swap, if the kernel has swap. */
static void use_swap(void)
{
	int fd = open(SWAP_DEVICE, O_WRONLY);
	struct {
		uint32_t version, last_page;
	} info = { 1, SWAP_SIZE / page - 1 };

	if (fd < 0)
		return;
	if (pwrite(fd, &info, sizeof(info), 1024) == sizeof(info) &&
	    pwrite(fd, "SWAPSPACE2", 10, page - 10) == 10)
		has_swap = !fsync(fd) && !swapon(SWAP_DEVICE, 0);
	close(fd);
}

/* Set up what all rows rely on. */
static void set_up(void)
{
	FILE *f = fopen(THP_DIR "hpage_pmd_size", "r");

	page = sysconf(_SC_PAGESIZE);
	has_thp = f && fscanf(f, "%zu", &pmd) == 1;
	if (f)
		fclose(f);
	if (has_thp) {
		put(THP_DIR "enabled", "madvise");
		put(THP_DIR "defrag", "always");
		put(THP_DIR "shmem_enabled", "advise");
	} else {
		pmd = page / sizeof(long) * page;
	}
	put("/proc/sys/vm/overcommit_memory", "1");
	/* Or fragmentation would wake kswapd, at a different time in each kernel. */
	put("/proc/sys/vm/watermark_boost_factor", "0");
	use_swap();
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	list = !!getenv("list");
	if (getenv("wall")) {
		wall = 1;
		runs = atoi(getenv("wall"));
	}
	if (!list)
		set_up();
	run_fork_table();
	run_call_table();
	if (!known)
		printf("# there is no workload %s\n", getenv("workload"));
	return !known;
}

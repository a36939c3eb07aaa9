// SPDX-License-Identifier: GPL-2.0
/*
 * Guest program of the benchmark: fork + exit + wait on memory of many shapes,
 * some of which the child unmaps by itself.
 *
 * Each workload runs in a process of its own: it maps and fills its memory,
 * looks whether it got what it asked for, forks once to warm up (what is
 * measured is then a repeated fork; "first" workloads leave that out; small ones
 * fork often, or it would matter whether a timer tick falls between), prints
 *
 *	bench NAME UNITS UNIT
 *
 * and forks between the markers that the TCG plugin knows.  The plugin's
 * records come in the order of these lines.  What can't be had here prints
 * "bench NAME skip REASON".  From the environment: workload=NAME runs that one
 * alone, wall=RUNS runs each that often and prints "wall NAME NANOSECONDS".
 * "tables NAME KIB" is what the page tables of a child take.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "markers.h"

#define MiB		(1UL << 20)
#define GiB		(1UL << 30)
#define SIZE		(pmd > 256 * MiB ? pmd : 256 * MiB)
#define WALL_FORKS	10	/* of a repeated workload, for one time */
#define THP_DIR		"/sys/kernel/mm/transparent_hugepage/"

struct workload {
	const char *name;
	const char *unit;
	long (*setup)(void);	/* returns the number of units */
	int forks;		/* 0: the first fork alone */
	int (*child)(void);	/* what the child does before it exits */
};

static const char *name;	/* of the workload that runs */
static size_t page, pmd;	/* bytes that one entry maps */
static char *memory;		/* SIZE bytes that thp_pte() has set up */
static int has_thp;

static void __attribute__((noreturn, format(printf, 1, 2))) skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("bench %s skip ", name);
	vprintf(fmt, args);
	putchar('\n');
	exit(0);
}

static void put(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		printf("# %s: %s\n", file, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Sum of a field of smaps, in bytes, over the VMAs in start..start+size. */
static size_t smaps(const void *start, size_t size, const char *field)
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

/* Skip unless the second page of each PMD is a tail page of a large folio. */
static void expect_folios(const char *p, size_t size)
{
	for (size_t i = 0; i < size; i += pmd) {
		uint64_t pte = word("/proc/self/pagemap", ((uintptr_t)p + i) / page + 1);
		uint64_t pfn = pte & ((1ULL << 55) - 1);

		if (!(word("/proc/kpageflags", pfn) >> KPF_COMPOUND_TAIL & 1))
			skip("no huge pages, or they were split");
	}
}

/* Private memory of fd, or anonymous memory, at a multiple of align. */
static char *map(int fd, size_t size, size_t align)
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

static void write_each(char *p, size_t size, size_t step)
{
	for (size_t i = 0; i < size; i += step)
		((volatile char *)p)[i] = 1;
}

static void read_each(char *p, size_t size, size_t step)
{
	for (size_t i = 0; i < size; i += step)
		(void)((volatile char *)p)[i];
}

static void expect(const char *what, size_t is, size_t want)
{
	if (is != want)
		skip("%s is %zu KiB, not %zu", what, is / 1024, want / 1024);
}

static long anon(void)
{
	char *p = map(-1, SIZE, pmd);

	write_each(p, SIZE, page);
	expect("Anonymous", smaps(p, SIZE, "Anonymous"), SIZE);
	expect("AnonHugePages", smaps(p, SIZE, "AnonHugePages"), 0);
	return SIZE / page;
}

static char *map_thp(void)
{
	char *p = map(-1, SIZE, pmd);

	if (!has_thp)
		skip("no transparent huge pages");
	madvise(p, SIZE, MADV_HUGEPAGE);
	write_each(p, SIZE, page);
	/* The pages stay; khugepaged has to stay away. */
	madvise(p, SIZE, MADV_NOHUGEPAGE);
	expect("AnonHugePages", smaps(p, SIZE, "AnonHugePages"), SIZE);
	return p;
}

static long thp_pmd(void)
{
	map_thp();
	return SIZE / pmd;
}

static long thp_pte(void)
{
	char *p = map_thp();

	for (size_t i = 0; i < SIZE; i += pmd)
		if (mprotect(p + i, page, PROT_READ) ||
		    mprotect(p + i, page, PROT_READ | PROT_WRITE))
			skip("mprotect: %s", strerror(errno));
	expect("AnonHugePages", smaps(p, SIZE, "AnonHugePages"), 0);
	expect("Anonymous", smaps(p, SIZE, "Anonymous"), SIZE);
	expect_folios(p, SIZE);
	memory = p;
	return SIZE / page;
}

static int unmap(void)
{
	return munmap(memory, SIZE);
}

static int drop(void)
{
	return madvise(memory, SIZE, MADV_DONTNEED);
}

/* A file in memory, written, with the huge pages it is said to have. */
static int memory_file(size_t size, int huge)
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
 * Fork copies page tables only of VMAs that have an anon_vma, so one page in
 * each PMD is the process's own.  Writing it comes first and makes a page
 * table; the others are mapped from the file by PTEs then.
 */
static char *private_file(int huge)
{
	int fd = memory_file(SIZE, huge);
	char *p = map(fd, SIZE, pmd);

	write_each(p, SIZE, pmd);
	read_each(p, SIZE, page);
	expect("Rss", smaps(p, SIZE, "Rss"), SIZE);
	expect("Anonymous", smaps(p, SIZE, "Anonymous"), SIZE / pmd * page);
	expect("FilePmdMapped", smaps(p, SIZE, "FilePmdMapped"), 0);
	expect("ShmemPmdMapped", smaps(p, SIZE, "ShmemPmdMapped"), 0);
	return p;
}

static long file(void)
{
	private_file(0);
	return SIZE / page;
}

static long shmem_thp(void)
{
	if (!has_thp)
		skip("no transparent huge pages");
	expect_folios(private_file(1), SIZE);
	return SIZE / page;
}

static char *map_sparse(size_t size, size_t step)
{
	char *p = map(-1, size, step);

	write_each(p, size, step);
	expect("Rss", smaps(p, size, "Rss"), size / step * page);
	return p;
}

static long sparse_pmd(void)
{
	map_sparse(2048 * pmd, pmd);
	return 2048;
}

static long sparse_gib(void)
{
	map_sparse(512 * GiB, GiB);
	return 512;
}

/* The page tables stay when the pages go. */
static long emptied(void)
{
	char *p = map_sparse(2048 * pmd, pmd);

	madvise(p, 2048 * pmd, MADV_DONTNEED);
	expect("Rss", smaps(p, 2048 * pmd, "Rss"), 0);
	return 2048;
}

/* Every other page table has nothing any more. */
static long half_emptied(void)
{
	char *p = map_sparse(2048 * pmd, pmd);

	for (size_t i = 0; i < 2048; i += 2)
		madvise(p + i * pmd, pmd, MADV_DONTNEED);
	expect("Rss", smaps(p, 2048 * pmd, "Rss"), 1024 * page);
	return 1024;
}

/* 512 VMAs of four pages, every other one read-only and empty. */
static long vmas(void)
{
	size_t size = 4 * page;
	char *p = map(-1, 512 * size, pmd);

	for (int i = 1; i < 512; i += 2)
		if (mprotect(p + i * size, size, PROT_READ))
			skip("mprotect: %s", strerror(errno));
	write_each(p, 512 * size, 2 * size);
	expect("Rss", smaps(p, 512 * size, "Rss"), 256 * page);
	return 256;
}

/*
 * A small process, with many small VMAs as a shell has: those that smaps shows
 * for Debian 12's dash when it has run its first command.  Program, libc and
 * ld.so are files with the usual segments; a written page of one is anonymous.
 */
static long process(void)
{
	static const struct {
		short pages, read, written, file;
	} vma[] = {
		/* dash, its bss and heap */
		{  4, 4, 0, 1 }, { 19, 19, 0, 1 }, { 6, 6, 0, 1 },
		{  2, 0, 2, 1 }, { 1, 0, 1, 1 }, { 2, 0, 1, 0 }, { 33, 0, 3, 0 },
		/* libc, between what it allocates */
		{  3, 0, 2, 0 }, { 38, 37, 0, 1 }, { 342, 243, 0, 1 },
		{ 83, 45, 0, 1 }, { 4, 0, 4, 1 }, { 2, 0, 2, 1 }, { 13, 0, 5, 0 },
		/* ld.so and the stack */
		{  2, 0, 1, 0 }, { 1, 1, 0, 1 }, { 38, 38, 0, 1 },
		{ 10, 10, 0, 1 }, { 2, 0, 2, 1 }, { 2, 0, 2, 1 }, { 33, 0, 3, 0 },
	};
	int fd = memory_file(342 * page, 0);

	for (size_t i = 0; i < sizeof(vma) / sizeof(*vma); i++) {
		size_t size = vma[i].pages * page;
		/* An unmapped page between two keeps them apart. */
		char *p = map(vma[i].file ? fd : -1, size + page, page);

		munmap(p + size, page);
		write_each(p, vma[i].written * page, page);
		read_each(p, vma[i].read * page, page);
		if (!vma[i].written)
			mprotect(p, size, PROT_READ);
	}
	return 1;
}

static const struct workload workloads[] = {
	{ "anon",		"PTE",	   anon,	1 },
	{ "anon-first",		"PTE",	   anon,	0 },
	{ "thp-pte",		"PTE",	   thp_pte,	1 },
	{ "thp-pte-first",	"PTE",	   thp_pte,	0 },
	{ "thp-pte-munmap",	"PTE",	   thp_pte,	1, unmap },
	{ "thp-pte-drop",	"PTE",	   thp_pte,	1, drop },
	{ "thp-pmd",		"PMD",	   thp_pmd,	50 },
	{ "shmem-thp",		"PTE",	   shmem_thp,	1 },
	{ "file",		"PTE",	   file,	1 },
	{ "sparse-pmd",		"page",	   sparse_pmd,	1 },
	{ "sparse-gib",		"page",	   sparse_gib,	1 },
	{ "emptied",		"table",   emptied,	4 },
	{ "half-emptied",	"page",	   half_emptied, 1 },
	{ "vmas",		"page",	   vmas,	10 },
	{ "process",		"process", process,	100 },
};

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

static void measure(const struct workload *w, int wall)
{
	int forks = wall && w->forks == 1 ? WALL_FORKS : w->forks ?: 1;
	struct timespec start, end;
	long units = w->setup();

	if (w->forks)
		fork_and_wait(w->child);
	printf("bench %s %ld %s\n", w->name, units * (w->forks ?: 1), w->unit);
	fflush(stdout);
	tcdrain(1);	/* or the console's interrupts are counted too */

	clock_gettime(CLOCK_MONOTONIC, &start);
	bench_begin();
	for (int i = 0; i < forks; i++)
		fork_and_wait(w->child);
	bench_end();
	clock_gettime(CLOCK_MONOTONIC, &end);

	if (wall)
		printf("wall %s %lld\n", w->name,
		       ((end.tv_sec - start.tv_sec) * 1000000000LL +
			end.tv_nsec - start.tv_nsec) / forks * (w->forks ?: 1));
	else
		fork_and_wait(print_tables);
}

int main(void)
{
	const char *only = getenv("workload"), *wall = getenv("wall");
	int runs = wall ? atoi(wall) : 1, status = 0, known = 0;
	FILE *f = fopen(THP_DIR "hpage_pmd_size", "r");

	setvbuf(stdout, NULL, _IOLBF, 0);
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

	for (size_t i = 0; i < sizeof(workloads) / sizeof(*workloads); i++) {
		if (only && strcmp(only, workloads[i].name))
			continue;
		known = 1;
		name = workloads[i].name;
		for (int run = 0; run < runs && !status; run++) {
			pid_t pid = fork();

			if (!pid) {
				measure(&workloads[i], !!wall);
				return 0;
			}
			if (pid < 0 || waitpid(pid, &status, 0) != pid)
				status = -1;
		}
		if (status) {
			printf("# %s: exit status %d\n", name, status);
			return 1;
		}
	}
	if (!known)
		printf("# there is no workload %s\n", only);
	return !known;
}

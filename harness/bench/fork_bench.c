// SPDX-License-Identifier: GPL-2.0
/*
 * Fork + exit + wait, with memory of many shapes and of a real program.  In some rows
 * the child unmaps the memory before it exits.
 */
#include <signal.h>

#include "bench.h"

static long sparse_pmd(void)
{
	return sparse(2048, pmd);
}

static long sparse_gib(void)
{
	return sparse(512, GiB);
}

/* The page tables stay when the pages go. */
static long emptied(void)
{
	sparse(2048, pmd);
	madvise(memory, length, MADV_DONTNEED);
	expect("Rss", smaps(memory, length, "Rss"), 0);
	return 2048;
}

/* All pages of each were there, of a few tables at a time. */
static long emptied_dense(void)
{
	size_t all = 4 * GiB, some = pmd > 64 * MiB ? pmd : 64 * MiB;

	memory = map(-1, all, pmd);
	for (size_t i = 0; i < all; i += some) {
		write_each(memory + i, some, page);
		madvise(memory + i, some, MADV_DONTNEED);
	}
	expect("Rss", smaps(memory, all, "Rss"), 0);
	return all / pmd;
}

/* Every other page table is empty again. */
static long half_emptied(void)
{
	sparse(2048, pmd);
	for (size_t i = 0; i < length; i += 2 * pmd)
		madvise(memory + i, pmd, MADV_DONTNEED);
	expect("Rss", smaps(memory, length, "Rss"), 1024 * page);
	return 1024;
}

/* One page in N, for the row holes-N */
static long holes(void)
{
	size_t each = strtoul(name + strlen("holes-"), NULL, 10) * page;

	memory = map(-1, size, pmd);
	write_each(memory, size, each);
	expect("Rss", smaps(memory, size, "Rss"), (size + each - 1) / each * page);
	return (size + each - 1) / each;
}

/* The same numbers in each run */
static unsigned int random_below(unsigned int limit)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % limit;
}

static long random_half(void)
{
	long nr = 0;

	memory = map(-1, size, pmd);
	for (size_t i = 0; i < size; i += page)
		if (random_below(2)) {
			memory[i] = 1;
			nr++;
		}
	return nr;
}

/* Runs of 2 to 8 pages between holes of as many. */
static long runs(void)
{
	size_t i = 0, run;
	long nr = 0;

	memory = map(-1, size, pmd);
	while (i + 16 * page <= size) {
		run = 2 + random_below(7);
		write_each(memory + i, run * page, page);
		nr += run;
		i += (run + 2 + random_below(7)) * page;
	}
	return nr;
}

/* One page in 16 of huge pages was written after a fork, so a small page replaced it. */
static long thp_cow(void)
{
	long nr = thp_pte();
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	write_each(memory, size, 16 * page);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return nr;
}

/* One page in 16 of huge pages was dropped. */
static long thp_holes(void)
{
	long nr = thp_pte();

	for (size_t i = 0; i < size; i += 16 * page)
		madvise(memory + i, page, MADV_DONTNEED);
	return nr - nr / 16;
}

static int unmap(void)
{
	return munmap(memory, size);
}

static int drop(void)
{
	return madvise(memory, size, MADV_DONTNEED);
}

static long swap(void)
{
	size /= 8;
	return swapped();
}

/* Every other page is back in memory. */
static long swap_half(void)
{
	long nr = swap();

	/* Or readahead would bring back all. */
	madvise(memory, size, MADV_RANDOM);
	write_each(memory, size, 2 * page);
	return nr;
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
 * A small process with many small VMAs: those that smaps shows for Debian 12's
 * dash after its first command.  Program, libc and ld.so are files with the
 * usual segments, whose written pages are anonymous.
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

	for (size_t i = 0; i < ARRAY_SIZE(vma); i++) {
		size_t size = vma[i].pages * page;
		/* Unmap a page behind each VMA, or it would merge with the next. */
		char *p = map(vma[i].file ? fd : -1, size + page, page);

		munmap(p + size, page);
		write_each(p, vma[i].written * page, page);
		read_each(p, vma[i].read * page, page);
		if (!vma[i].written)
			mprotect(p, size, PROT_READ);
	}
	return 1;
}

/*
 * A real program, as in lmbench's lat_proc: "fork" is a subshell of Debian's
 * dash, "exec" runs a small program with a shared libc, "shell" runs dash that
 * runs this program.
 */
#define SH		"/bin/sh"
#define HELLO		"/bin/hello"
#define SUBSHELLS	"200"

static long dash(void)
{
	if (access(SH, X_OK) || access(HELLO, X_OK))
		skip("no dash for this architecture, see fetch-dash.sh");
	return 1;
}

static long dash_fork(void)
{
	dash();
	return atoi(SUBSHELLS);
}

static int exec(const char *file, const char *option, const char *script)
{
	execle(file, file, option, script, NULL, (char *[]){ NULL });
	return 1;
}

static int subshells(void)
{
	return exec(SH, "-c",
		    "i=0; while [ $i -lt " SUBSHELLS " ]; do (:); i=$((i+1)); done");
}

static int hello(void)
{
	return exec(HELLO, NULL, NULL);
}

static int shell(void)
{
	return exec(SH, "-c", HELLO);
}

static const struct workload workloads[] = {
	{ "anon",		"PTE",	   anon,	1 },
	{ "anon-first",		"PTE",	   anon,	0 },
	{ "thp-pte",		"PTE",	   thp_pte,	4 },
	{ "thp-pte-first",	"PTE",	   thp_pte,	0 },
	{ "thp-pte-munmap",	"PTE",	   thp_pte,	4, unmap },
	{ "thp-pte-drop",	"PTE",	   thp_pte,	4, drop },
	{ "thp-cow",		"PTE",	   thp_cow,	4 },
	{ "thp-holes",		"PTE",	   thp_holes,	4 },
	{ "thp-pmd",		"PMD",	   thp_pmd,	100 },
	{ "shmem-thp",		"PTE",	   shmem_thp,	4 },
	{ "file",		"PTE",	   file,	1 },
	{ "holes-2",		"page",	   holes,	4 },
	{ "holes-3",		"page",	   holes,	4 },
	{ "holes-4",		"page",	   holes,	4 },
	{ "holes-6",		"page",	   holes,	4 },
	{ "holes-8",		"page",	   holes,	8 },
	{ "holes-12",		"page",	   holes,	8 },
	{ "holes-16",		"page",	   holes,	8 },
	{ "holes-32",		"page",	   holes,	12 },
	{ "holes-64",		"page",	   holes,	48 },
	{ "holes-128",		"page",	   holes,	48 },
	{ "random-half",	"page",	   random_half,	2 },
	{ "runs",		"page",	   runs,	2 },
	{ "sparse-pmd",		"page",	   sparse_pmd,	4 },
	{ "sparse-gib",		"page",	   sparse_gib,	4 },
	{ "emptied",		"table",   emptied,	4 },
	{ "emptied-dense",	"table",   emptied_dense, 4 },
	{ "half-emptied",	"page",	   half_emptied, 4 },
	{ "swap",		"PTE",	   swap,	8 },
	{ "swap-half",		"PTE",	   swap_half,	8 },
	{ "vmas",		"page",	   vmas,	20 },
	{ "process",		"process", process,	200 },
	{ "dash-fork",		"process", dash_fork,	1, subshells },
	{ "dash-exec",		"process", dash,	50, hello },
	{ "dash-shell",		"process", dash,	50, shell },
};

void run_fork_table(void)
{
	size = pmd > 256 * MiB ? pmd : 256 * MiB;
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++)
		run(&workloads[i]);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers of bench.c for the tables of fork_bench.c and call_bench.c */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "markers.h"

#define MiB		(1UL << 20)
#define GiB		(1UL << 30)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* A row: fork + exit + wait, or a call, on memory of some shape */
struct workload {
	const char *name;
	const char *unit;
	long (*setup)(void);	/* returns the number of units */
	int times;		/* 0: once, without a warm-up */
	int (*child)(void);	/* called in the child before it exits */
	void (*prepare)(void);	/* before each call, not measured */
	void (*call)(void);	/* measured in place of fork + exit + wait */
};

extern const char *name;	/* of the workload that runs */
extern size_t page, pmd;	/* bytes that one entry maps */
extern size_t size;		/* bytes of a shape of memory */
extern int has_thp;

/* The memory that is set up: a page at each step */
extern char *memory;
extern size_t length, step;
extern int memory_fd;		/* its file, or -1 */

void run(const struct workload *w);
void run_fork_table(void);
void run_call_table(void);

void skip(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void put(const char *file, const char *value);
size_t smaps(const void *start, size_t size, const char *field);
void expect(const char *what, size_t is, size_t want);
void expect_folios(void);

char *map(int fd, size_t size, size_t align);
int memory_file(size_t size, int huge);
void write_each(char *p, size_t size, size_t step);
void read_each(char *p, size_t size, size_t step);

/* Shapes of memory.  Return: the number of pages, or of PMDs. */
long sparse(size_t nr, size_t step);
long anon(void);
long thp_pmd(void);
long thp_pte(void);
long file(void);
long shmem_thp(void);
long swapped(void);
#define SWAP_DEVICE	"/dev/ram0"
void swap_out(size_t bytes);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * Compare the time that three scans of a page table take on this machine: entry by entry,
 * with __pte_none_batch(), and with marks of what is in use.  "Cold" tables are not in the
 * caches, and are visited in random order.  Prints nanoseconds a table, and the ratios
 * to the first scan.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <linux/mm.h>
#include <linux/pgtable_inuse.h>

#define NR	32768		/* cold tables, of 8 KiB with their struct page: 256 MiB */
#define ROUNDS	200000		/* of warm ones */

unsigned long scan_run(unsigned long *table);
unsigned long scan_mark(unsigned long *table);

/* What the walk refers to, and the scans do not use */
struct mm_struct init_mm;
int maps, locks, lazy;
unsigned long yields;
pte_t *mapped[2];

bool need_resched(void)
{
	return false;
}

unsigned long *new_table(void)
{
	return NULL;
}

void mark_inuse(unsigned long *entry)
{
}

static __attribute__((__noinline__)) unsigned long scan_each(unsigned long *table)
{
	unsigned long sum = 0;

	for (int i = 0; i < PTRS; i++) {
		/* As ptep_get() reads it */
		unsigned long entry = *(volatile unsigned long *)(table + i);

		if (entry & ~IGNORED)
			sum += entry;
	}
	return sum;
}

static unsigned long *table_at(char *tables, unsigned int nr)
{
	return (unsigned long *)(tables + nr * 2 * PAGE_SIZE);
}

/* One entry in @each is in use; 0 for none. */
static void fill(unsigned long *table, int each)
{
	virt_to_page(table)->pt_inuse = 0;
	memset(table, 0, PAGE_SIZE);
	for (int i = each / 2; each && i < PTRS; i += each) {
		ptes_mark_inuse((pte_t *)table + i, 1, NULL);
		table[i] = 8;
	}
}

static double measure(unsigned long (*scan)(unsigned long *), char *tables,
		      const unsigned int *order, unsigned int nr)
{
	static volatile unsigned long sink;
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned int i = 0; i < nr; i++)
		sink += scan(table_at(tables, order ? order[i] : 0));
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((end.tv_sec - start.tv_sec) * 1e9 + end.tv_nsec - start.tv_nsec) / nr;
}

int main(void)
{
	static const struct {
		const char *name;
		int each;
	} shapes[] = {
		{ "empty", 0 }, { "one entry", PTRS }, { "one in 64", 64 }, { "one in 16", 16 },
		{ "one in 4", 4 }, { "full", 1 },
	};
	unsigned long (*scan[])(unsigned long *) = { scan_each, scan_run, scan_mark };
	char *tables = aligned_alloc(2 * PAGE_SIZE, NR * 2 * PAGE_SIZE);
	static unsigned int order[NR];

	if (!tables)
		return 1;
	for (unsigned int i = 0; i < NR; i++)
		order[i] = i;
	for (unsigned int i = NR - 1; i; i--) {
		unsigned int j = random() % (i + 1), swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
	printf("nanoseconds a table  entry by entry     __pte_none_batch()    with marks\n");
	for (unsigned int s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
		for (unsigned int i = 0; i < NR; i++)
			fill(table_at(tables, i), shapes[s].each);
		for (int cold = 0; cold < 2; cold++) {
			double first = 0;

			printf("%-10s %s", shapes[s].name, cold ? "cold" : "warm");
			for (int i = 0; i < 3; i++) {
				double ns = measure(scan[i], tables, cold ? order : NULL,
						    cold ? NR : ROUNDS);

				first = first ?: ns;
				printf("  %8.1f (%.2f)", ns, ns / first);
			}
			printf("\n");
		}
	}
	return 0;
}

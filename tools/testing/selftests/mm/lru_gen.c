// SPDX-License-Identifier: GPL-2.0
/*
 * Test that lru_gen counts all young entries of a page table.
 *
 * The test reads all pages of a THP that is mapped by PTEs.  The next aging has to count
 * at least 7/8 as many young entries, also where an architecture clears the accessed bits
 * of a block of entries at once.
 *
 * Needs root, debugfs, THPs, and CONFIG_LRU_GEN with CONFIG_LRU_GEN_STATS.  The test has
 * a verdict of its own.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_util.h"

#define ENABLED	"/sys/kernel/mm/lru_gen/enabled"
#define WALKS	2	/* in that file: lru_gen walks page tables */
#define LRU_GEN	MM_DEBUGFS "/lru_gen"

/*
 * Let lru_gen age the pages of the root memory cgroup on node 0.  Return: how many young
 * entries it found, or -1 if the kernel keeps no statistics.
 */
static long count_young(void)
{
	unsigned long seq = 0;
	char *text = mm_read_file(LRU_GEN), *line, *save, begin[32];
	unsigned int memcg;

	/* The root is the first in the file; lines that begin with a number are generations. */
	if (!text || sscanf(text, "memcg %u", &memcg) != 1)
		mm_die(LRU_GEN);
	line = strtok_r(text, "\n", &save);
	line = strtok_r(NULL, "\n", &save);
	while ((line = strtok_r(NULL, "\n", &save)) && isdigit(line[strspn(line, " ")]))
		seq = strtoul(line, NULL, 10);
	snprintf(begin, sizeof(begin), "+ %u 0 %lu 1 1", memcg, seq);
	if (mm_write_file(LRU_GEN, begin))
		mm_die("%s > " LRU_GEN, begin);

	snprintf(begin, sizeof(begin), "\n %10lu ", seq);
	text = mm_read_file(LRU_GEN "_full");
	text = text ? strstr(text, begin) : NULL;
	line = text ? strchr(text, 'y') : NULL;
	if (!line)
		return -1;
	while (isdigit(line[-1]))
		line--;
	return strtol(line, NULL, 10);
}

int main(void)
{
	unsigned long node = 1;
	size_t ps = getpagesize(), thp = mm_pmd_thp_size();
	long before, young;
	char *addr;

	mm_begin();
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	if (access(ENABLED, F_OK) || access(LRU_GEN, W_OK) || !thp || thp > 64 << 20)
		ksft_exit_skip("no lru_gen, or no THP of at most 64 MiB\n");
	if (mm_set(ENABLED, "y"))
		mm_die(ENABLED);
	if (!(strtoul(mm_read_file(ENABLED), NULL, 0) & WALKS)) {
		mm_restore_settings();
		ksft_exit_skip("no page table walks of lru_gen\n");
	}

	mm_stop_khugepaged();
	syscall(SYS_set_mempolicy, MPOL_BIND, &node, 8 * sizeof(node));
	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);

	count_young();
	before = count_young();
	for (size_t i = 0; i < thp; i += ps)
		*(volatile char *)(addr + i);
	young = count_young();
	mm_start_khugepaged();
	mm_restore_settings();
	if (young < 0)
		ksft_exit_skip("no statistics of lru_gen\n");
	ksft_set_plan(1);
	ksft_print_msg("%ld young entries, %ld before\n", young, before);
	/* Some of the entries that were young before may be old now. */
	ksft_test_result(young - before > (long)(thp / ps) * 7 / 8, "all pages of a THP\n");
	ksft_finished();
}

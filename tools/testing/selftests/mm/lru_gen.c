// SPDX-License-Identifier: GPL-2.0
/*
 * How many entries of a page table lru_gen counts as young
 *
 * All pages of a THP that is mapped by PTEs are read: the next aging has to find that
 * many entries young.  Where an architecture keeps several entries as one, with one
 * accessed bit, they are not one.
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
#define LRU_GEN	MM_DEBUGFS "/lru_gen"

/*
 * End the youngest generation of the root's pages on node 0.  Return: how many entries
 * were young, or -1 if the kernel keeps no statistics.
 */
static long count_young(void)
{
	unsigned long seq = 0;
	char *text = mm_read_file(LRU_GEN), *line, *save, begin[32];
	unsigned int memcg;

	/* The root is the first, and what begins with a number is a generation. */
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
	char *addr, *was;

	ksft_print_header();
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	was = mm_read_file(ENABLED);
	if (!was || access(LRU_GEN, W_OK) || !thp)
		ksft_exit_skip("no lru_gen, or no THP\n");
	was = strdup(was);
	if (!was || mm_write_file(ENABLED, "y"))
		mm_die(ENABLED);

	mm_stop_khugepaged();
	syscall(SYS_set_mempolicy, MPOL_BIND, &node, 8 * sizeof(node));
	addr = mmap(NULL, 2 * thp, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (addr == MAP_FAILED)
		mm_die("mmap");
	addr = (char *)(((unsigned long)addr + thp - 1) & -thp);
	if (madvise(addr, thp, MADV_HUGEPAGE))
		mm_die("MADV_HUGEPAGE");
	memset(addr, 1, thp);
	if (mprotect(addr + 5 * ps, ps, PROT_READ))
		mm_die("mprotect");

	count_young();
	before = count_young();
	for (size_t i = 0; i < thp; i += ps)
		*(volatile char *)(addr + i);
	young = count_young();
	mm_start_khugepaged();
	if (mm_write_file(ENABLED, was))
		mm_die(ENABLED);
	if (young < 0)
		ksft_exit_skip("no statistics of lru_gen\n");
	ksft_set_plan(1);
	ksft_print_msg("%ld young entries, %ld before\n", young, before);
	/* Some of those before may not be young any more. */
	ksft_test_result(young - before > (long)(thp / ps) * 7 / 8, "all pages of a THP\n");
	ksft_finished();
}

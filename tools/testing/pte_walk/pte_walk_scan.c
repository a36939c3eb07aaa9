// SPDX-License-Identifier: GPL-2.0
/* SCAN, for pte_walk_bench.c: visit the entries in use of a page table, as the walk does. */
#include "../../../mm/pte_walk.c"

unsigned long SCAN(unsigned long *table);

static spinlock_t ptl;

unsigned long SCAN(unsigned long *table)
{
	pte_t *pte = (pte_t *)table, *end = pte + PTRS_PER_PTE;
	unsigned long sum = 0;

	for (; pte != end; pte++) {
		if (pte_none(*pte)) {
			pte += __pte_none_batch(pte, end - pte, &ptl);
			if (pte == end)
				break;
		}
		sum += pte->val;
	}
	return sum;
}

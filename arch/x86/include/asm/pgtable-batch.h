/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_PGTABLE_BATCH_H
#define _ASM_X86_PGTABLE_BATCH_H

/* How a run of PTEs maps a run of pages, see <linux/pgtable_batch.h> */

#define PFN_PTE_SHIFT	PAGE_SHIFT

/*
 * An entry that is present for Linux but not for the CPU (PROT_NONE, NUMA
 * hinting) holds its PFN inverted against L1TF: there, the next page is one
 * PFN less.
 */
static inline pte_t pte_advance_pfns(pte_t pte, unsigned long nr)
{
	pteval_t step = (pteval_t)nr << PFN_PTE_SHIFT;

	if (__pte_needs_invert(pte_val(pte)))
		return __pte(pte_val(pte) - step);
	return __pte(pte_val(pte) + step);
}

#define pte_advance_pfns pte_advance_pfns

#endif /* _ASM_X86_PGTABLE_BATCH_H */

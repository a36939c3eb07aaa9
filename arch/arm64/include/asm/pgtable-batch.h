/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_PGTABLE_BATCH_H
#define __ASM_PGTABLE_BATCH_H

/* How a run of PTEs maps a run of pages, see <linux/pgtable_batch.h> */

#ifdef CONFIG_ARM64_PA_BITS_52
/*
 * Bits 51:48 of the address are kept below the others: what is carried out of
 * bit 47 has to go there.
 */
static inline pte_t pte_advance_pfns(pte_t pte, unsigned long nr)
{
	phys_addr_t phys = __pte_to_phys(pte) + (nr << PAGE_SHIFT);

	return __pte((pte_val(pte) & ~PTE_ADDR_MASK) | __phys_to_pte_val(phys));
}

#define pte_advance_pfns pte_advance_pfns
#else
#define PFN_PTE_SHIFT	PAGE_SHIFT
#endif

#endif /* __ASM_PGTABLE_BATCH_H */

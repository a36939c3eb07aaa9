/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_POWERPC_PGTABLE_BATCH_H
#define _ASM_POWERPC_PGTABLE_BATCH_H

/* Batches of page table entries, see <linux/pgtable_batch.h> */
#define __HAVE_ARCH_PTE_BATCH

#ifdef CONFIG_PPC_BOOK3S_64
#define PFN_PTE_SHIFT	PAGE_SHIFT
#else
#define PFN_PTE_SHIFT	PTE_RPN_SHIFT
#endif

#if defined(CONFIG_PPC_BOOK3S_64) && defined(CONFIG_CPU_LITTLE_ENDIAN) && \
	!defined(__ASSEMBLY__)
/*
 * Entries are big endian, so adding to one takes two byte swaps.  Avoid them if the
 * addition carries nothing out of the byte where the PFN starts.  For the next page,
 * that is so for 15 of 16 PFNs with 4K pages, and for 255 of 256 with 64K pages.
 */
#define PFN_PTE_RAW_SHIFT	(56 - PAGE_SHIFT / 8 * 8 + PAGE_SHIFT % 8)
#define PFN_PTE_RAW_ROOM	(1UL << (8 - PAGE_SHIFT % 8))

static inline pte_t pte_advance_pfns(pte_t pte, unsigned long nr)
{
	unsigned long raw = (__force unsigned long)pte_raw(pte);
	unsigned long low = raw >> PFN_PTE_RAW_SHIFT & (PFN_PTE_RAW_ROOM - 1);

	if (likely(nr < PFN_PTE_RAW_ROOM - low))
		return __pte_raw((__force __be64)(raw + (nr << PFN_PTE_RAW_SHIFT)));
	return __pte(pte_val(pte) + (nr << PFN_PTE_SHIFT));
}

#define pte_advance_pfns pte_advance_pfns
#endif

#endif /* _ASM_POWERPC_PGTABLE_BATCH_H */

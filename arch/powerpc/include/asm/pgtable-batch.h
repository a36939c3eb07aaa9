/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_POWERPC_PGTABLE_BATCH_H
#define _ASM_POWERPC_PGTABLE_BATCH_H

/* How a run of PTEs maps a run of pages, see <linux/pgtable_batch.h> */
#define __HAVE_ARCH_PTE_BATCH

#ifdef CONFIG_PPC_BOOK3S_64
#define PFN_PTE_SHIFT	PAGE_SHIFT
#else
#define PFN_PTE_SHIFT	PTE_RPN_SHIFT
#endif

#if defined(CONFIG_PPC_BOOK3S_64) && defined(CONFIG_CPU_LITTLE_ENDIAN) && \
	!defined(__ASSEMBLY__)
/*
 * The entries are big endian, so adding to one means to swap its bytes twice.
 * That can be left out as long as nothing is carried out of the byte that the
 * PFN starts in: 15 times of 16 with 4K pages, 255 of 256 with 64K pages.
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

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_PGTABLE_BATCH_H
#define __ASM_PGTABLE_BATCH_H

/* How a run of PTEs maps a run of pages, see <linux/pgtable_batch.h> */
#define __HAVE_ARCH_PTE_BATCH

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

#ifndef clear_full_ptes
/*
 * Of an entry that is dropped for good nobody needs to know whether the hardware
 * has set accessed or dirty in it meanwhile, which is what xchg_relaxed() is for:
 * the hardware updates an entry atomically, and only a valid one ("Hardware
 * management of the Access flag" and "of dirty state" in the Arm ARM).  As that
 * has no barrier, none is missing.
 */
static inline void clear_full_ptes(struct mm_struct *mm, unsigned long addr,
				   pte_t *ptep, unsigned int nr, int full)
{
	for (;;) {
		if (IS_ENABLED(CONFIG_PAGE_TABLE_CHECK))
			page_table_check_pte_clear(mm, addr, READ_ONCE(*ptep));
		pte_clear(mm, addr, ptep);
		if (--nr == 0)
			break;
		addr += PAGE_SIZE;
		ptep++;
	}
}

#define clear_full_ptes clear_full_ptes
#endif

#endif /* __ASM_PGTABLE_BATCH_H */

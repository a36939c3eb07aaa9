/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_PGTABLE_BATCH_H
#define __ASM_PGTABLE_BATCH_H

/* Batches of page table entries, see <linux/pgtable_batch.h> */
#define __HAVE_ARCH_PTE_BATCH

#ifdef CONFIG_ARM64_PA_BITS_52
/*
 * Bits 51:48 of the address are stored below the others, so a carry out of bit
 * 47 does not reach them by an addition.
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
 * Clear by plain stores, where ptep_get_and_clear() uses xchg_relaxed(): the
 * callers do not need accessed and dirty bits that hardware sets meanwhile.
 * Hardware cannot undo the store, because it updates an entry atomically, and
 * only if it is valid (see "Hardware management of the Access flag" and
 * "Hardware management of the dirty state" in the Arm ARM).  No barrier is
 * lost, because xchg_relaxed() has none.
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

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_PGTABLE_BATCH_H
#define _ASM_X86_PGTABLE_BATCH_H

/* Batches of page table entries, see <linux/pgtable_batch.h> */
#define __HAVE_ARCH_PTE_BATCH

#define PFN_PTE_SHIFT	PAGE_SHIFT

/*
 * With more than two levels, an entry that is present for Linux but not for the
 * CPU (PROT_NONE, NUMA hinting) holds its PFN inverted, as a mitigation for L1TF: for
 * the next page, the stored value is one less.
 */
static inline pte_t pte_advance_pfns(pte_t pte, unsigned long nr)
{
	pteval_t step = (pteval_t)nr << PFN_PTE_SHIFT;

	/* __pte_needs_invert(), for an entry that is not none */
	if (CONFIG_PGTABLE_LEVELS > 2 && !(pte_val(pte) & _PAGE_PRESENT))
		return __pte(pte_val(pte) - step);
	return __pte(pte_val(pte) + step);
}

#define pte_advance_pfns pte_advance_pfns

#ifdef CONFIG_X86_64
/*
 * On SMP, ptep_get_and_clear_full() uses xchg() unless @full, so as not to lose
 * accessed and dirty bits that a CPU sets meanwhile.  This function may lose them,
 * so a store will do.  The CPU sets the bits by a locked cycle ("Automatic Locking"
 * in volume 3 of Intel's manual), which either comes before the store or finds the
 * entry cleared.  CPUs with the erratum of _PAGE_KNL_ERRATUM_MASK may set them in an
 * entry that has been cleared, by a store or by xchg(); pte_none() ignores these bits.
 *
 * Don't use pte_clear(): Xen PV may queue that until lazy MMU mode ends.  Until
 * then, the entry would still map the page although the rmap is gone.
 */
static inline void clear_full_ptes(struct mm_struct *mm, unsigned long addr,
				   pte_t *ptep, unsigned int nr, int full)
{
	for (;;) {
		if (IS_ENABLED(CONFIG_PAGE_TABLE_CHECK))
			page_table_check_pte_clear(mm, addr, READ_ONCE(*ptep));
		native_pte_clear(mm, addr, ptep);
		if (--nr == 0)
			break;
		addr += PAGE_SIZE;
		ptep++;
	}
}

#define clear_full_ptes clear_full_ptes
#endif /* CONFIG_X86_64 */

#endif /* _ASM_X86_PGTABLE_BATCH_H */

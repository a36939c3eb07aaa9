/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_PGTABLE_BATCH_H
#define _ASM_X86_PGTABLE_BATCH_H

/* How a run of PTEs maps a run of pages, see <linux/pgtable_batch.h> */
#define __HAVE_ARCH_PTE_BATCH

#define PFN_PTE_SHIFT	PAGE_SHIFT

/*
 * With more than two levels, an entry that is present for Linux but not for the
 * CPU (PROT_NONE, NUMA hinting) holds its PFN inverted against L1TF: there, the
 * next page is one PFN less.
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
 * Of an entry that is dropped for good nobody needs to know whether the CPU has
 * set accessed or dirty in it meanwhile, which is what xchg() is for: the CPU
 * sets them with a locked cycle ("Automatic Locking" in volume 3 of Intel's
 * manual), which comes before this store or finds the entry cleared.  Where an
 * erratum sets them in a cleared one, it does after xchg(), too: pte_none().
 *
 * Not pte_clear(): Xen may put that off until lazy MMU mode ends, and by then
 * others believe that the page is not mapped.
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

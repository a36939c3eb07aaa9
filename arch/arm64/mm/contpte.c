// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of contiguous page table entries for user space
 *
 * CONT_PTES entries, naturally aligned, that map as many pages, naturally aligned,
 * with the same attributes, may carry the contiguous bit: the MMU is then free to
 * keep one TLB entry for all of them, and to note an access or a write in any one
 * of the entries that it has walked ("The Contiguous bit" in the Arm ARM).  Such a
 * block is folded here, and unfolded, and generic code does not see it: ptep_get()
 * and its like do not return the bit of a block, and each operation does what it
 * would do to ordinary entries, but that "accessed" and "dirty" are those of the
 * block.
 *
 * What can be a block.  All entries are valid, of user space, not special, map
 * consecutive pages of one folio, and differ in nothing but accessed and dirty.
 * Entries of the kernel, which may have the bit as well, are told apart by PTE_UXN
 * without PTE_USER, and are left as they are found.  Those of hugetlb are changed
 * by its own functions alone; where they are read by ptep_get() (the reverse map,
 * GUP-fast), what is true of a block here is true of them.  A PMD that is read as an
 * entry is of another type.
 *
 * When it is folded.  By set_ptes(), which has all of the entries in its hand, of
 * which none is present: the caller has cleared them, and the TLB is flushed, or it
 * was a block before and is one again (mprotect()).  What is not flushed yet after
 * unmap_page_range() has dropped the lock may be faulted in again by another thread,
 * as pages where a block was or the other way round, as it may be after
 * zap_huge_pmd().  By set_pte_at() of the last entry of a block, and by
 * ptep_set_access_flags() after a write fault, if all the others match now.
 *
 * When it stays folded.  wrprotect_ptes(), get_and_clear_full_ptes() and
 * clear_full_ptes() that cover all of it, and whatever changes accessed or dirty:
 * that is done to all the entries.  Meanwhile the entries are not the same.  Arm
 * lets the MMU use the attributes of any of them then, so a page that is not
 * write-protected or not unmapped yet is accessible, or one that is, is not: this
 * is what holds for each ordinary entry until its TLB entry is flushed, as the
 * caller does with that for the whole range, or a fault that waits for the lock of
 * the page table.  What the MMU notes in an entry is not lost, as each is changed
 * by an atomic operation.
 *
 * When it is unfolded.  Before all else, as a change of one entry.
 *
 * How.  The bit must not change in a valid entry, or the TLB could hold two
 * entries for one address.  All the entries are made invalid, and what the MMU has
 * noted until then is collected; the TLB is flushed for all their addresses; then
 * the new ones are written, each with accessed or dirty if one had it.
 *
 * Who can see that.  The lock of the page table is held for whatever changes an
 * entry, and is held all the way: who holds it never sees a block half-done, or
 * entries that are gone for a moment.
 *  - A CPU or an SMMU whose access comes in between faults, and finds the entry
 *    again when it gets the lock.  A device that can't wait for that, though it has
 *    pinned the page, may see the fault.
 *  - GUP-fast and others without the lock find an entry that is none, as they may
 *    in ptep_modify_prot_start(), and take the lock; or the entry as it was before
 *    or will be after, which both map the same page with the same permissions, and
 *    which are the same to them (for the bit is not seen).  Those that do not take
 *    the lock, hmm_range_fault() that is not asked for faults and perf that is for
 *    page sizes, may miss a page, which the one reads as "not here now" and the
 *    other as unknown.
 *  - Reclaim, migration and khugepaged take the lock.  Where the reverse map looks
 *    for a mapping without it, it may pass over one that is none at the moment, as
 *    it may one in ptep_modify_prot_start(); who must find all has PVMW_SYNC.
 *
 * "Accessed" and "dirty" are gathered by ptep_get() from all the entries under the
 * lock; without it, by ptep_get_lockless(), from those that still match: what it
 * returns may be out of date, as with an ordinary entry.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>

#include <asm/tlbflush.h>

static bool pte_is_user_page(pte_t pte)
{
	return (pte_val(pte) & PTE_TYPE_MASK) == PTE_TYPE_PAGE &&
	       !pte_valid_not_user(pte);
}

static bool is_contpte(pte_t raw)
{
	return pte_cont(raw) && pte_is_user_page(raw);
}

static bool contpte_is_foldable(unsigned long addr, pte_t pte)
{
	return pte_is_user_page(pte) && !pte_cont(pte) && !pte_special(pte) &&
	       !(((addr >> PAGE_SHIFT) ^ pte_pfn(pte)) % CONT_PTES);
}

static pte_t *contpte_first(pte_t *ptep)
{
	return ptep - contpte_index(ptep);
}

/* What has to be the same in all entries of a block, but for the PFN */
static pte_t contpte_attributes(pte_t pte)
{
	return pte_mknoncont(pte_mkold(pte_mkclean(pte)));
}

#ifdef CONFIG_ARM64_CONTPTE_KUNIT_TEST
unsigned int contpte_flushes;
#endif

static void contpte_flush(struct mm_struct *mm, unsigned long start)
{
	struct vm_area_struct vma = TLB_FLUSH_VMA(mm, 0);

#ifdef CONFIG_ARM64_CONTPTE_KUNIT_TEST
	contpte_flushes++;
#endif
	__flush_tlb_range(&vma, start, start + CONT_PTE_SIZE, PAGE_SIZE, true, 3);
}

static void contpte_fill(pte_t *ptep, pte_t pte)
{
	unsigned int i;

	for (i = 0; i < CONT_PTES; i += 4, ptep += 4) {
		WRITE_ONCE(ptep[0], pte);
		WRITE_ONCE(ptep[1], pte_advance_pfns(pte, 1));
		WRITE_ONCE(ptep[2], pte_advance_pfns(pte, 2));
		WRITE_ONCE(ptep[3], pte_advance_pfns(pte, 3));
		pte = pte_advance_pfns(pte, 4);
	}
}

/* The value of an entry, with what any and what all of those of its block have set */
static pte_t contpte_combine(pte_t raw, pteval_t any, pteval_t all)
{
	pte_val(raw) |= any & (PTE_AF | PTE_DIRTY);
	/* Where this is clear, the MMU has let a write pass. */
	if (all & PTE_RDONLY)
		return raw;
	return pte_write(raw) ? clear_pte_bit(raw, __pgprot(PTE_RDONLY)) :
				set_pte_bit(raw, __pgprot(PTE_DIRTY));
}

/* Make entries none: the first of them, with what the MMU has noted in any */
static pte_t contpte_get_and_clear(pte_t *ptep, unsigned int nr)
{
	pteval_t any = 0, all = ~0ULL, val;
	pte_t pte = __ptep_get(ptep);

	for (; nr; nr--, ptep++) {
		val = xchg_relaxed(&pte_val(*ptep), 0);
		any |= val;
		all &= val;
	}
	return contpte_combine(pte, any, all);
}

/*
 * Break before make, see the top.  The pages stay mapped: page_table_check need not
 * know.
 */
static void contpte_convert(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			    bool fold)
{
	unsigned long start = ALIGN_DOWN(addr, CONT_PTE_SIZE);
	pte_t *first = contpte_first(ptep), pte = contpte_get_and_clear(first, CONT_PTES);

	contpte_flush(mm, start);
	/* Those who share the page table and keep a TLB of their own, as an SMMU */
	mmu_notifier_invalidate_range(mm, start, start + CONT_PTE_SIZE);
	contpte_fill(first, fold ? pte_mkcont(pte) : pte_mknoncont(pte));
}

/* @raw: what is in the entry, the contiguous bit set */
void contpte_unfold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t raw)
{
	if (is_contpte(raw))
		contpte_convert(mm, addr, ptep, false);
}

/* @pte: what was set */
void contpte_fold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	pte_t *first = contpte_first(ptep);
	pteval_t ignored;
	unsigned int i;

	if (!contpte_is_foldable(addr, pte) ||
	    folio_nr_pages(page_folio(pte_page(pte))) < CONT_PTES)
		return;

	/*
	 * Of a page that is read-only, dirty says that its file system was asked
	 * before it was written to, see can_change_pte_writable().
	 */
	ignored = pte_write(pte) ? PTE_AF | PTE_DIRTY | PTE_RDONLY : PTE_AF;
	/* They are mostly changed in ascending order: the last tells most. */
	pte = pte_advance_pfns(pte, CONT_PTES - contpte_index(ptep));
	for (i = CONT_PTES; i--; ) {
		pte = pte_advance_pfns(pte, -1UL);
		if ((pte_val(__ptep_get(first + i)) ^ pte_val(pte)) & ~ignored)
			return;
	}
	contpte_convert(mm, addr, ptep, true);
}

/* Unfold the blocks of which a range has some entries, but not all. */
static void contpte_unfold_partial(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				   unsigned int nr)
{
	unsigned long last = addr + (nr - 1) * PAGE_SIZE;

	if (contpte_index(ptep) || nr < CONT_PTES)
		contpte_unfold(mm, addr, ptep, __ptep_get(ptep));
	ptep += nr - 1;
	if (!contpte_is_last(ptep))
		contpte_unfold(mm, last, ptep, __ptep_get(ptep));
}

static pte_t contpte_gather(pte_t *ptep, pte_t raw)
{
	pteval_t any = 0, all = ~0ULL;
	unsigned int i;

	ptep = contpte_first(ptep);
	for (i = 0; i < CONT_PTES; i += 4, ptep += 4) {
		pteval_t a = pte_val(__ptep_get(ptep)), b = pte_val(__ptep_get(ptep + 1));
		pteval_t c = pte_val(__ptep_get(ptep + 2)), d = pte_val(__ptep_get(ptep + 3));

		any |= a | b | c | d;
		all &= a & b & c & d;
	}
	return contpte_combine(raw, any, all);
}

/* From those entries only that match @raw; are these all of them? */
static pte_t contpte_gather_same(pte_t *ptep, pte_t raw, bool *same)
{
	pte_t expected = pte_advance_pfns(contpte_attributes(raw),
					  -(unsigned long)contpte_index(ptep));
	pteval_t any = 0, all = ~0ULL;
	unsigned int i;

	*same = true;
	ptep = contpte_first(ptep);
	for (i = 0; i < CONT_PTES; i++) {
		pte_t pte = __ptep_get(ptep + i);

		if (pte_cont(pte) && pte_same(contpte_attributes(pte), expected)) {
			any |= pte_val(pte);
			all &= pte_val(pte);
		} else {
			*same = false;
		}
		expected = pte_next_pfn(expected);
	}
	return contpte_combine(raw, any, all);
}

/* @raw: what is in the entry, as in the functions below */
pte_t contpte_ptep_get(pte_t *ptep, pte_t raw)
{
	if (!is_contpte(raw))
		return raw;
	if (IS_ENABLED(CONFIG_DEBUG_VM)) {
		bool same;

		contpte_gather_same(ptep, raw, &same);
		VM_WARN_ONCE(!same, "contpte: not all of the block of %016llx are the same\n",
			     pte_val(raw));
	}
	raw = pte_mknoncont(raw);
	return pte_young(raw) && pte_dirty(raw) ? raw : contpte_gather(ptep, raw);
}
EXPORT_SYMBOL_GPL(contpte_ptep_get);

/* Who compares what he gets from both gets the same from both, unless it changes. */
pte_t contpte_ptep_get_lockless(pte_t *ptep, pte_t raw)
{
	bool same;

	if (!is_contpte(raw))
		return raw;
	raw = pte_mknoncont(raw);
	return pte_young(raw) && pte_dirty(raw) ? raw : contpte_gather_same(ptep, raw, &same);
}
EXPORT_SYMBOL_GPL(contpte_ptep_get_lockless);

void contpte_set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	contpte_try_unfold(mm, addr, ptep);
	__set_pte_at(mm, addr, ptep, pte);
	if (contpte_is_last(ptep))
		contpte_fold(mm, addr, ptep, pte);
}

void contpte_set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte,
		      unsigned int nr)
{
	bool plain = pte_is_plain(pte) && !system_supports_mte() &&
		     !IS_ENABLED(CONFIG_PAGE_TABLE_CHECK);

	while (nr) {
		unsigned int i, n = min(nr, CONT_PTES - contpte_index(ptep));
		bool fold = n == CONT_PTES && contpte_is_foldable(addr, pte);

		for (i = 0; !(fold && plain) && i < n; i++) {
			pte_t entry = pte_advance_pfns(pte, i);

			if (!fold) {
				__set_pte_at(mm, addr + i * PAGE_SIZE, ptep + i, entry);
				continue;
			}
			/* One entry may let the MMU have all of the pages. */
			page_table_check_pte_set(mm, addr + i * PAGE_SIZE, ptep + i, entry);
			sync_pte(ptep + i, entry);
		}
		if (fold)
			contpte_fill(ptep, pte_mkcont(pte));
		nr -= n;
		addr += n * PAGE_SIZE;
		ptep += n;
		pte = pte_advance_pfns(pte, n);
	}
}

void contpte_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			    unsigned int nr)
{
	while (nr) {
		unsigned int i, n = min(nr, CONT_PTES - contpte_index(ptep));
		pte_t raw = __ptep_get(ptep);
		bool none_writable = is_contpte(raw) && !pte_write(raw);

		if (is_contpte(raw) && !none_writable && n < CONT_PTES)
			contpte_unfold(mm, addr, ptep, raw);
		for (i = 0; !none_writable && i < n; i++)
			if (pte_write(__ptep_get(ptep + i)))
				__ptep_set_wrprotect(mm, addr + i * PAGE_SIZE, ptep + i);
		nr -= n;
		addr += n * PAGE_SIZE;
		ptep += n;
	}
}

/* Unfold what is not cleared as a whole, and tell page_table_check of what is. */
static void contpte_prepare_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				  unsigned int nr)
{
	unsigned int i;

	contpte_unfold_partial(mm, addr, ptep, nr);
	for (i = 0; IS_ENABLED(CONFIG_PAGE_TABLE_CHECK) && i < nr; i++)
		page_table_check_pte_clear(mm, addr + i * PAGE_SIZE, __ptep_get(ptep + i));
}

pte_t contpte_get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr,
				      pte_t *ptep, unsigned int nr)
{
	contpte_prepare_clear(mm, addr, ptep, nr);
	return pte_mknoncont(contpte_get_and_clear(ptep, nr));
}

void contpte_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			     unsigned int nr)
{
	contpte_prepare_clear(mm, addr, ptep, nr);
	for (; nr >= 4; nr -= 4, ptep += 4) {
		__pte_clear(mm, addr, ptep);
		__pte_clear(mm, addr, ptep + 1);
		__pte_clear(mm, addr, ptep + 2);
		__pte_clear(mm, addr, ptep + 3);
	}
	for (; nr; nr--, ptep++)
		__pte_clear(mm, addr, ptep);
}

int contpte_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr,
				 pte_t *ptep, pte_t raw)
{
	unsigned int i;
	int young = 0;

	if (!is_contpte(raw))
		return __ptep_test_and_clear_young(ptep);
	ptep = contpte_first(ptep);
	for (i = 0; i < CONT_PTES; i++, ptep++)
		if (pte_young(__ptep_get(ptep)))
			young |= __ptep_test_and_clear_young(ptep);
	return young;
}

int contpte_clear_flush_young(struct vm_area_struct *vma, unsigned long addr,
			      pte_t *ptep, pte_t raw)
{
	int young;

	if (!is_contpte(raw))
		return __ptep_clear_flush_young(vma, addr, ptep);
	young = contpte_test_and_clear_young(vma, addr, ptep, raw);
	if (young)
		contpte_flush(vma->vm_mm, ALIGN_DOWN(addr, CONT_PTE_SIZE));
	return young;
}

int contpte_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
			     pte_t raw, pte_t entry, int dirty)
{
	unsigned int i;
	int changed;

	if (!is_contpte(raw))
		return __ptep_set_access_flags(vma, addr, ptep, entry, dirty);

	if (pte_write(raw) != pte_write(entry)) {
		contpte_unfold(vma->vm_mm, addr, ptep, raw);
		changed = __ptep_set_access_flags(vma, addr, ptep, entry, dirty);
		contpte_fold(vma->vm_mm, addr, ptep, entry);
		return changed;
	}

	/*
	 * Accessed and dirty are set by whoever takes the fault where the MMU does
	 * not, or an SMMU, which may go by any of the entries: they are set in all,
	 * whatever those say together.
	 */
	entry = pte_advance_pfns(pte_mkcont(entry), -(unsigned long)contpte_index(ptep));
	ptep = contpte_first(ptep);
	changed = 0;
	for (i = 0; i < CONT_PTES; i++) {
		changed |= __ptep_set_access_flags(vma, addr, ptep + i, entry, 0);
		entry = pte_next_pfn(entry);
	}
	/* Stale read-only entries, as in __ptep_set_access_flags() */
	if (changed && dirty)
		contpte_flush(vma->vm_mm, ALIGN_DOWN(addr, CONT_PTE_SIZE));
	return changed;
}

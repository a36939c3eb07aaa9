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
 * What can be a block.  All entries are valid, or all are PROT_NONE, and are of user
 * space, not special, map consecutive pages of one folio, and differ in nothing but
 * accessed and dirty.  To the MMU, PROT_NONE entries are invalid: what was a block
 * stays one for us, so that mprotect() can make it valid again whole.  A NUMA hinting
 * fault makes a single entry valid, and unfolds it.
 * Entries of the kernel, which may have the bit as well, are told apart by PTE_UXN
 * without PTE_USER, and are left as they are found.  Those of hugetlb are changed
 * by its own functions alone; where they are read by ptep_get() (the reverse map,
 * GUP-fast), what is true of a block here is true of them.  A PMD that is read as an
 * entry is of another type.
 *
 * When it is folded.
 *  - By set_ptes(), which has all of the entries at hand, none of which is present.
 *    The TLB must have no entry of another size for the addresses.  Another thread may
 *    have cleared entries and dropped the PTL before it flushes, as MADV_DONTNEED and
 *    truncation do, and a fault maps the pages again meanwhile.  The clearing thread
 *    has raised tlb_flush_pending before it took the PTL, so mm_tlb_flush_pending()
 *    tells under the PTL, and set_ptes() then flushes before it writes the block,
 *    whatever level the cleared entry was of.
 *  - By set_flushed_ptes(), which need not look: the split of a huge PMD has flushed
 *    the CPUs' TLBs, and no entry is mapped below a huge PMD.  An SMMU keeps its entry
 *    of the huge page, as it does when the pages are mapped by ordinary entries: see
 *    mmu_notifier_invalidate_range_only_end().  mremap() and fork() do use
 *    set_ptes(): mremap() holds the mmap_lock for write, so that no flush is pending
 *    but that of a truncation, and nobody but the fork() has the child's mm.
 *  - By modify_prot_commit_ptes() of all of a block.  Since modify_prot_start_ptes()
 *    has cleared it, under the same PTL, the TLB has the block that it was, if any.
 *    That mprotect()'s own mmu_gather raises tlb_flush_pending is no reason to flush.
 *  - By set_pte_at() of the last entry of a block, by fold_ptes(), which faults and
 *    mprotect() call, and by ptep_set_access_flags() after a write fault, if all the
 *    others match: these break before they make, see below.
 * A page that is mapped by itself where a block or a huge page has been cleared, but
 * not flushed, is not covered: until the clearing thread flushes, the TLB can have both
 * entries.  That is so without blocks, too, after zap_huge_pmd().
 *
 * When it stays folded.  wrprotect_ptes(), modify_prot_start_ptes() with
 * modify_prot_commit_ptes(), get_and_clear_full_ptes() and clear_full_ptes() that cover
 * all of it, and whatever changes accessed or dirty: that is done to all the entries.
 * Meanwhile the entries are not the same.  Arm lets the MMU use the attributes of any
 * of them then, so a page that is not write-protected or not unmapped yet is
 * accessible, or one that is, is not: this is what holds for each ordinary entry until
 * its TLB entry is flushed, as the caller does with that for the whole range, or a
 * fault that waits for the lock of the page table.  What the MMU notes in an entry is
 * not lost, as each is changed by an atomic operation.
 *
 * When it is unfolded.  Before any other operation, such as changing one entry.
 * get_and_clear_full_pte() and modify_prot_start_pte() don't test whether it is one:
 * their callers know from ptep_get_single(), or because the folio is small.
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
 *  - A page fault reads an entry without the lock, and once more under it, by
 *    ptep_peek(), to which the bit shows: where a block was folded or unfolded in
 *    between, it is as if the entry was changed, and the access is made again.
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
 * returns may be out of date, as with an ordinary entry.  ptep_clear_flush_young()
 * starts the flush of a block, but does not wait for it, as for an ordinary entry: an
 * access that another CPU makes through its TLB meanwhile is not recorded.
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>

#include <asm/tlbflush.h>

static bool is_contpte(pte_t raw)
{
	return pte_cont(raw) && pte_is_user_page(raw);
}

static bool contpte_is_foldable(unsigned long addr, pte_t pte)
{
	return pte_is_user_page(pte) && !pte_cont(pte) && !pte_special(pte) &&
	       contpte_is_aligned(addr, pte);
}

/* Unlike pte_mkcont(), this does not make a PROT_NONE entry valid. */
static pte_t contpte_mkcont(pte_t pte)
{
	return set_pte_bit(pte, __pgprot(PTE_CONT));
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
unsigned int contpte_flushes, contpte_flushes_nosync;

/* Of init_mm only, which the tests say they work on, and which has no blocks. */
static void contpte_count(struct mm_struct *mm, unsigned int *count)
{
	if (mm == &init_mm)
		++*count;
}
#else
#define contpte_count(mm, count) do { } while (0)
#endif

static void contpte_tlbi_pages(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < CONT_PTES; i++) {
		__tlbi(vale1is, addr);
		addr += PAGE_SIZE >> 12;
	}
}

/*
 * __flush_tlb_range_nosync() of a block.  Without an operation for ranges, each page
 * takes one, and there are no hints of the level either: both came with Armv8.4.
 */
static void contpte_tlbi(struct mm_struct *mm, unsigned long start)
{
	struct vm_area_struct vma = TLB_FLUSH_VMA(mm, 0);

	if (system_supports_tlb_range()) {
		__flush_tlb_range_nosync(&vma, start, start + CONT_PTE_SIZE, PAGE_SIZE,
					 true, 3);
		return;
	}
	dsb(ishst);
	contpte_tlbi_pages(__TLBI_VADDR(start, ASID(mm)));
	if (arm64_kernel_unmapped_at_el0())
		contpte_tlbi_pages(__TLBI_VADDR(start, ASID(mm)) | USER_ASID_FLAG);
}

static void contpte_flush(struct mm_struct *mm, unsigned long start)
{
	contpte_count(mm, &contpte_flushes);
	contpte_tlbi(mm, start);
	__tlbi_sync_s1ish();
}

/* As flush_tlb_page_nosync(): another CPU may go on with what it has in its TLB. */
static void contpte_flush_nosync(struct mm_struct *mm, unsigned long start)
{
	contpte_count(mm, &contpte_flushes_nosync);
	contpte_tlbi(mm, start);
}

/*
 * Flush what another thread has cleared, but not flushed yet, where entries are about
 * to become blocks.  That may have been a huge page: any level.
 */
static void contpte_flush_pending(struct mm_struct *mm, unsigned long addr,
				  unsigned int nr)
{
	unsigned long start = ALIGN(addr, CONT_PTE_SIZE);
	unsigned long end = ALIGN_DOWN(addr + nr * PAGE_SIZE, CONT_PTE_SIZE);
	struct vm_area_struct vma = TLB_FLUSH_VMA(mm, 0);

	if (start >= end)
		return;
	contpte_count(mm, &contpte_flushes);
	__flush_tlb_range(&vma, start, end, PAGE_SIZE, true, 0);
	/* The clearing thread has not told an SMMU yet, either. */
	mmu_notifier_invalidate_range(mm, start, end);
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

static void contpte_clear(pte_t *ptep, unsigned int nr)
{
	for (; nr >= 4; nr -= 4, ptep += 4) {
		WRITE_ONCE(ptep[0], __pte(0));
		WRITE_ONCE(ptep[1], __pte(0));
		WRITE_ONCE(ptep[2], __pte(0));
		WRITE_ONCE(ptep[3], __pte(0));
	}
	for (; nr; nr--, ptep++)
		WRITE_ONCE(*ptep, __pte(0));
}

/* What any and what all of some entries have set */
static __always_inline void contpte_read(pte_t *ptep, unsigned int nr, pteval_t *any,
					 pteval_t *all)
{
	*any = 0;
	*all = ~0ULL;
	for (; nr >= 4; nr -= 4, ptep += 4) {
		pteval_t a = pte_val(__ptep_get(ptep)), b = pte_val(__ptep_get(ptep + 1));
		pteval_t c = pte_val(__ptep_get(ptep + 2)), d = pte_val(__ptep_get(ptep + 3));

		*any |= a | b | c | d;
		*all &= a & b & c & d;
	}
	for (; nr; nr--, ptep++) {
		pteval_t val = pte_val(__ptep_get(ptep));

		*any |= val;
		*all &= val;
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

/* Has the MMU nothing to set any more in entries that have any and all of these bits? */
static bool contpte_is_settled(pteval_t any, pteval_t all)
{
	return all & PTE_AF && (!(any & PTE_WRITE) || !(any & PTE_RDONLY));
}

/*
 * Make entries none: the first of them, with what the MMU has noted in any.
 *
 * The MMU changes an entry only where it sets accessed or, in a writable one, dirty.
 */
static pte_t contpte_get_and_clear(pte_t *ptep, unsigned int nr)
{
	pteval_t any, all, val;
	pte_t pte = __ptep_get(ptep);
	unsigned int i;

	if (contpte_is_settled(pte_val(pte), pte_val(pte))) {
		contpte_read(ptep, nr, &any, &all);
		if (contpte_is_settled(any, all)) {
			contpte_clear(ptep, nr);
			return contpte_combine(pte, any, all);
		}
	}
	any = 0;
	all = ~0ULL;
	for (i = 0; i < nr; i++) {
		val = xchg_relaxed(&pte_val(ptep[i]), 0);
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
	contpte_fill(first, fold ? contpte_mkcont(pte) : pte_mknoncont(pte));
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

	if (!pte_valid(pte) || !contpte_is_foldable(addr, pte) ||
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

/* Fold the blocks of which the last entry is among those. */
void contpte_fold_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
		       unsigned int nr)
{
	pte_t *end = ptep + nr, *first = contpte_first(ptep);

	addr = ALIGN_DOWN(addr, CONT_PTE_SIZE);
	for (; first + CONT_PTES <= end; first += CONT_PTES, addr += CONT_PTE_SIZE) {
		pte_t raw = __ptep_get(first);

		/* The first page is aligned, or the entry is none. */
		if (contpte_is_aligned(0, raw) && !pte_none(raw))
			contpte_fold(mm, addr, first, raw);
	}
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
	pteval_t any, all;

	contpte_read(contpte_first(ptep), CONT_PTES, &any, &all);
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

static __always_inline void set_entries(struct mm_struct *mm, unsigned long addr,
					pte_t *ptep, pte_t pte, unsigned int nr,
					bool foldable)
{
	bool plain = pte_is_plain(pte) && !system_supports_mte() &&
		     !IS_ENABLED(CONFIG_PAGE_TABLE_CHECK);

	while (nr) {
		unsigned int i, n = min(nr, CONT_PTES - contpte_index(ptep));
		bool fold = foldable && n == CONT_PTES;

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
			contpte_fill(ptep, contpte_mkcont(pte));
		nr -= n;
		addr += n * PAGE_SIZE;
		ptep += n;
		pte = pte_advance_pfns(pte, n);
	}
}

void contpte_set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte,
		      unsigned int nr)
{
	bool foldable = pte_valid(pte) && contpte_is_foldable(addr, pte);

	if (unlikely(mm_tlb_flush_pending(mm)) && foldable)
		contpte_flush_pending(mm, addr, nr);
	set_entries(mm, addr, ptep, pte, nr, foldable);
}

void contpte_set_flushed_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			      pte_t pte, unsigned int nr)
{
	set_entries(mm, addr, ptep, pte, nr, contpte_is_foldable(addr, pte));
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
		for (i = 0; !none_writable && i < n; i++) {
			raw = __ptep_get(ptep + i);
			if (pte_write(raw))
				__ptep_wrprotect(ptep + i, raw);
		}
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
	contpte_clear(ptep, nr);
}

/*
 * An entry was cleared that is part of a block: put it back.  While it was none, the MMU
 * could note nothing in it, and others saw what they may see in contpte_convert().
 */
static noinline pte_t contpte_clear_flush(struct vm_area_struct *vma, unsigned long addr,
					  pte_t *ptep, pte_t raw)
{
	WRITE_ONCE(*ptep, raw);
	contpte_unfold(vma->vm_mm, addr, ptep, raw);
	return ptep_clear_flush(vma, addr, ptep);
}

/* As the generic one, with the test for a block where the entry is at hand anyway */
pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	pte_t pte = __pte(xchg_relaxed(&pte_val(*ptep), 0));

	if (unlikely(is_contpte(pte)))
		return contpte_clear_flush(vma, addr, ptep, pte);
	page_table_check_pte_clear(vma->vm_mm, addr, pte);
	if (pte_accessible(vma->vm_mm, pte))
		flush_tlb_page(vma, addr);
	return pte;
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
		contpte_flush_nosync(vma->vm_mm, ALIGN_DOWN(addr, CONT_PTE_SIZE));
	return young;
}

int contpte_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
			     pte_t raw, pte_t entry, int dirty)
{
	unsigned int i;
	int changed;

	if (!is_contpte(raw) || pte_write(raw) != pte_write(entry)) {
		contpte_unfold(vma->vm_mm, addr, ptep, raw);
		return __ptep_set_access_flags(vma, addr, ptep, entry, dirty);
	}

	/*
	 * Accessed and dirty are set by whoever takes the fault where the MMU does
	 * not, or an SMMU, which may go by any of the entries: they are set in all,
	 * whatever those say together.
	 */
	entry = pte_advance_pfns(contpte_mkcont(entry), -(unsigned long)contpte_index(ptep));
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

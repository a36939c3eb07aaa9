// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of contiguous page table entries for user memory ("contpte")
 *
 * The Contiguous bit may be set in CONT_PTES naturally aligned entries that map
 * as many naturally aligned pages with the same attributes.  The MMU may then
 * cache all of them in one TLB entry, and hardware may update the Access flag
 * and the dirty state in whichever of the entries it has walked (see "The
 * Contiguous bit" in the Arm ARM).  Such entries are a block.
 *
 * The functions below fold blocks (set the bit) and unfold them (clear the
 * bit), and hide the bit from generic code.  ptep_get() and the other functions
 * that read an entry, except ptep_peek(), clear the bit of a block in what they
 * return.  Each operation does to the entries of a block what it does to
 * ordinary entries, except that accessed and dirty are those of the whole
 * block.
 *
 * Conditions for a block
 * ~~~~~~~~~~~~~~~~~~~~~~
 * All entries are valid, or all are PROT_NONE.  They are user entries, are not
 * special, map consecutive pages of one folio, and differ in nothing but
 * accessed and dirty.  Entries match, below, if a block can be made of them: those
 * that are not writable must not differ in dirty either, see __contpte_try_fold().
 *
 * PROT_NONE entries are invalid, and the MMU does not use them.  They remain a
 * block for software, so that a later mprotect() can make the whole block valid
 * again.  A NUMA hinting fault makes a single entry valid and so unfolds the
 * block.
 *
 * Other entries may have the bit:
 *  - Kernel entries.  They have PTE_UXN, but not PTE_USER, and are left alone.
 *  - Entries of hugetlb pages of CONT_PTE_SIZE.  Only the functions of
 *    hugetlbpage.c change them.  Generic code that reads them by ptep_get() or
 *    ptep_get_lockless(), as GUP-fast does, gets the same as for a block.
 *  - Leaf entries of a higher level that are accessed as a pte_t.  They lack
 *    PTE_TABLE_BIT, and are left alone.
 *  - Swap entries, where the bit is part of the offset.
 *
 * When a block is folded
 * ~~~~~~~~~~~~~~~~~~~~~~
 * When the entries of a block become valid, the TLB must not hold an entry of
 * another size for the same addresses: an access that matches two TLB entries
 * may raise a TLB conflict abort.  A block is folded by:
 *
 *  - set_ptes() of valid entries that covers the whole block.  None of its
 *    entries is present before.  But another thread may have cleared entries
 *    for the same addresses and dropped the PTL before flushing the TLB, as
 *    MADV_DONTNEED and truncation do.  That thread has raised tlb_flush_pending
 *    before it took the PTL, so that mm_tlb_flush_pending() is reliable under
 *    the PTL.  If it returns true, set_ptes() flushes the TLB before it writes
 *    the block, and does so for all levels, because the cleared entry may have
 *    been a huge PMD.  mremap() and fork() use set_ptes(), too, but rarely find
 *    a flush pending: mremap() holds the mmap_lock for write, and no thread
 *    runs in the child's mm yet.  Truncation can still clear entries there,
 *    without the mmap_lock.
 *
 *  - set_flushed_ptes(), whose callers know that the TLB holds no entry of
 *    another size.  When a huge PMD is split, pmdp_invalidate() has flushed the
 *    CPUs' TLBs, and the MMU could reach no page table through that PMD.  An
 *    SMMU may keep its entry for the huge page, just as when the PMD is split
 *    into ordinary entries, see the end of __split_huge_pmd().
 *
 *  - modify_prot_commit_ptes() of a whole block.  modify_prot_start_ptes() has
 *    cleared the block under the same PTL, so all that the TLB may still hold
 *    is the old block, of the same size.  The caller's own mmu_gather raises
 *    tlb_flush_pending, which is no reason to flush here.
 *
 *  - set_pte_at() of the last entry of the block; fold_ptes(), which page
 *    faults and mprotect() call; and ptep_set_access_flags() after a write
 *    fault.  These fold if all the other entries match, by break-before-make
 *    (see below).
 *
 * One case is not covered: an ordinary entry that maps a page where a block or
 * a huge PMD has been cleared, but not flushed yet.  Until the clearing thread
 * has flushed, the TLB can hold both.  Kernels without blocks have this problem
 * after zap_huge_pmd(); with blocks, there are more such cases.
 *
 * When a block stays folded
 * ~~~~~~~~~~~~~~~~~~~~~~~~~
 * These operate on a block without unfolding it:
 *  - wrprotect_ptes(), modify_prot_start_ptes(), get_and_clear_full_ptes() and
 *    clear_full_ptes(), if they cover all of it, and wrprotect_ptes() of a part if
 *    the block is not writable;
 *  - ptep_test_and_clear_young(), ptep_clear_flush_young(), and
 *    ptep_set_access_flags() if it leaves the write permission unchanged.  They
 *    are called for one entry, but change all entries of its block.
 *
 * Meanwhile the entries may differ in permissions or validity, which the Arm
 * ARM calls misprogramming of the Contiguous bit.  This code relies on the MMU
 * applying the attributes of one of the entries to each access.  So a page may
 * be accessible although its own entry has been write-protected or cleared, as
 * with an ordinary entry until its TLB entry is flushed; the caller flushes for
 * the whole range.  Or an access to a page may fault although its own entry
 * permits the access; the fault handler then waits for the PTL.
 *
 * Accessed and dirty that hardware sets meanwhile are not lost: the entries are
 * changed by atomic operations, unless hardware has nothing left to set in them
 * (see contpte_is_settled()).  The exception is clear_full_ptes(), whose
 * callers do not need these bits.
 *
 * When a block is unfolded
 * ~~~~~~~~~~~~~~~~~~~~~~~~
 * Any other change to an entry of a block, such as clearing just that entry,
 * unfolds the block first.  Some functions do not check for a block, because
 * their callers know that the entry is not part of one:
 *  - get_and_clear_full_pte(), modify_prot_start_pte() and
 *    test_and_clear_young_pte() are called for entries that ptep_get_single()
 *    has found not to be part of a block, for non-present entries, and for
 *    small folios;
 *  - clear_full_pte() is called for small folios, and by clear_full_ptes()
 *    after that has checked;
 *  - set_ptes(), set_flushed_ptes(), set_pte_single() and
 *    modify_prot_commit_ptes() overwrite entries that are not present, or
 *    those of a table that the MMU cannot see yet.
 *
 * How a block is folded or unfolded
 * ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
 * If the Contiguous bit changed in a valid entry, the TLB could hold two
 * entries for one address.  So contpte_convert() breaks before it makes:
 *  1. It clears all the entries, and gathers the accessed and dirty bits that
 *     software and hardware have set in them until then.
 *  2. It flushes the TLB for the whole block (before folding, at all levels if
 *     mm_tlb_flush_pending(), see above), and then secondary TLBs by
 *     mmu_notifier_invalidate_range().
 *  3. It writes the new entries, all of them accessed or dirty if one of the
 *     old entries was.
 *
 * Visibility of intermediate states
 * ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
 * Software that changes an entry holds the PTL from beginning to end.  (When a
 * huge PMD is split, the page table is not reachable yet.)  So code that holds
 * the PTL never sees a block that is partly changed, or entries that are
 * transiently cleared.  Without the PTL:
 *
 *  - A CPU or an SMMU that accesses the memory meanwhile takes a fault, whose
 *    handler finds the entry again under the PTL.  An access that cannot wait
 *    for that fails: by a CPU with page faults disabled, or by a device that
 *    can neither stall nor retry, even if it has pinned the page.
 *
 *  - A page fault reads the entry by ptep_peek(), which does not hide the
 *    Contiguous bit, first without the PTL and then again under it.  If the
 *    block was folded or unfolded in between, the values differ, and the access
 *    is retried.  Likewise, userfaultfd checks under the PTL whether the entry
 *    is none before it lets the task wait.
 *
 *  - GUP-fast reads the entry twice by ptep_get_lockless().  It may find none,
 *    as it may between ptep_modify_prot_start() and ptep_modify_prot_commit(),
 *    and falls back to the slow path, which takes the PTL.
 *    get_user_pages_fast_only() has no slow path, and returns without the
 *    page.  Otherwise GUP-fast finds the entry as it was before or as it is
 *    after.  Both map the same page with the same permissions, and compare
 *    equal unless accessed or dirty has changed.
 *
 *  - hmm_range_fault() without a request to fault, perf, and KVM's
 *    get_user_mapping_size() do not check again under the PTL.  If they find none,
 *    hmm_range_fault() reports no valid page, perf a page size or a physical
 *    address of 0, and KVM lets the guest fault again.
 *
 *  - Reclaim, migration and khugepaged act on entries under the PTL.  A walk of
 *    the reverse map without PVMW_SYNC takes the PTL only when it has found an
 *    entry in use.  It may pass over an entry that is transiently cleared, as
 *    it may during ptep_modify_prot_start().  Walks that must not miss a
 *    mapping use PVMW_SYNC.
 *
 * Accessed and dirty
 * ~~~~~~~~~~~~~~~~~~
 * ptep_get(), which needs the PTL, gathers accessed and dirty from all entries
 * of the block.  ptep_get_lockless() gathers them from those entries that still
 * match the one it was called for; the result may be out of date, as it may for
 * an ordinary entry.  ptep_clear_flush_young() starts the flush of a block, but
 * does not wait for its completion, as for an ordinary entry: an access that
 * another CPU makes meanwhile through its TLB is not recorded.
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>

#include <asm/tlbflush.h>

#ifdef __HAVE_ARCH_PTEP_MODIFY_PROT_TRANSACTION
#error "modify_prot_start_ptes() and the like must do as ptep_modify_prot_start() does"
#endif

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

static pte_t *contpte_align_down(pte_t *ptep)
{
	return ptep - contpte_index(ptep);
}

/* The value of the entry @nr places before the one whose value is @pte; -nr wraps. */
static pte_t contpte_rewind(pte_t pte, unsigned long nr)
{
	return pte_advance_pfns(pte, -nr);
}

/* Mask what may differ between the entries of a block, and the Contiguous bit. */
static pte_t contpte_attributes(pte_t pte)
{
	return pte_mknoncont(pte_mkold(pte_mkclean(pte)));
}

#ifdef CONFIG_ARM64_CONTPTE_KUNIT_TEST
unsigned int contpte_flushes, contpte_flushes_all, contpte_flushes_nosync;

/* Only for init_mm, which the tests pass as the mm, and which has no blocks */
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
 * Like __flush_tlb_range_nosync(), for a block.  @level is 3, or 0 for all levels.
 * Without FEAT_TLBIRANGE, or without CONFIG_ARM64_TLB_RANGE, invalidate page by
 * page.  There is no level hint then: most CPUs that lack FEAT_TLBIRANGE lack
 * FEAT_TTL, as both came with Armv8.4.
 */
static void contpte_tlbi(struct mm_struct *mm, unsigned long start, int level)
{
	struct vm_area_struct vma = TLB_FLUSH_VMA(mm, 0);

	if (system_supports_tlb_range()) {
		__flush_tlb_range_nosync(&vma, start, start + CONT_PTE_SIZE, PAGE_SIZE,
					 true, level);
		return;
	}
	dsb(ishst);
	contpte_tlbi_pages(__TLBI_VADDR(start, ASID(mm)));
	if (arm64_kernel_unmapped_at_el0())
		contpte_tlbi_pages(__TLBI_VADDR(start, ASID(mm)) | USER_ASID_FLAG);
}

static void contpte_flush(struct mm_struct *mm, unsigned long start, int level)
{
	contpte_count(mm, level ? &contpte_flushes : &contpte_flushes_all);
	contpte_tlbi(mm, start, level);
	__tlbi_sync_s1ish();
}

/* Like flush_tlb_page_nosync(): other CPUs may go on using old TLB entries. */
static void contpte_flush_nosync(struct mm_struct *mm, unsigned long start)
{
	contpte_count(mm, &contpte_flushes_nosync);
	contpte_tlbi(mm, start, 3);
}

/*
 * Before blocks are set in a range, flush entries that another thread has
 * cleared there, but not flushed yet.  One of these may have been a huge PMD,
 * so flush all levels.
 */
static void contpte_flush_pending(struct mm_struct *mm, unsigned long addr,
				  unsigned int nr)
{
	unsigned long start = ALIGN(addr, CONT_PTE_SIZE);
	unsigned long end = ALIGN_DOWN(addr + nr * PAGE_SIZE, CONT_PTE_SIZE);
	struct vm_area_struct vma = TLB_FLUSH_VMA(mm, 0);

	if (start >= end)
		return;
	contpte_count(mm, &contpte_flushes_all);
	__flush_tlb_range(&vma, start, end, PAGE_SIZE, true, 0);
	/* Nor has the clearing thread flushed secondary TLBs, such as an SMMU's. */
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

/* Read @nr entries: which bits are set in any, and which in all of them? */
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

/* Add accessed and dirty to @raw, from contpte_read() of its block. */
static pte_t contpte_combine(pte_t raw, pteval_t any, pteval_t all)
{
	pte_val(raw) |= any & (PTE_AF | PTE_DIRTY);
	/* Only an entry that is writable and dirty has PTE_RDONLY clear. */
	if (all & PTE_RDONLY)
		return raw;
	return pte_write(raw) ? clear_pte_bit(raw, __pgprot(PTE_RDONLY)) :
				set_pte_bit(raw, __pgprot(PTE_DIRTY));
}

/* Is there no Access flag or dirty state left for hardware to set? */
static bool contpte_is_settled(pteval_t any, pteval_t all)
{
	return all & PTE_AF && (!(any & PTE_WRITE) || !(any & PTE_RDONLY));
}

/*
 * Clear @nr entries.  Return the first of them, accessed or dirty if any was.
 *
 * Hardware changes an entry only to set its Access flag or, if the entry is
 * writable, its dirty state.  If there is nothing left for it to set, plain
 * stores lose nothing.
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
 * Set or clear the Contiguous bit by break-before-make, see the top of this
 * file.  The same pages stay mapped: page_table_check is not involved.
 */
static void contpte_convert(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			    bool fold)
{
	unsigned long start = ALIGN_DOWN(addr, CONT_PTE_SIZE);
	pte_t *first = contpte_align_down(ptep), pte = contpte_get_and_clear(first, CONT_PTES);

	contpte_flush(mm, start, fold && mm_tlb_flush_pending(mm) ? 0 : 3);
	/* Secondary TLBs: an SMMU may share the page table. */
	mmu_notifier_invalidate_range(mm, start, start + CONT_PTE_SIZE);
	contpte_fill(first, fold ? contpte_mkcont(pte) : pte_mknoncont(pte));
}

/* @raw: the value of the entry, which need not be part of a block */
void __contpte_try_unfold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t raw)
{
	if (is_contpte(raw))
		contpte_convert(mm, addr, ptep, false);
}

/* Fold the block of @ptep, which has been set to @pte, if all its entries match. */
void __contpte_try_fold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	pte_t *first = contpte_align_down(ptep);
	pteval_t ignored;
	unsigned int i;

	if (!pte_valid(pte) || !contpte_is_foldable(addr, pte) ||
	    folio_nr_pages(page_folio(pte_page(pte))) < CONT_PTES)
		return;

	/*
	 * A read-only entry of a shared file mapping that is dirty may be made
	 * writable without page_mkwrite(), see can_change_pte_writable().  So
	 * do not make other read-only entries dirty by folding them with it.
	 */
	ignored = pte_write(pte) ? PTE_AF | PTE_DIRTY | PTE_RDONLY : PTE_AF;
	/* Entries are mostly set in ascending order, so check the last one first. */
	pte = pte_advance_pfns(pte, CONT_PTES - contpte_index(ptep));
	for (i = CONT_PTES; i--; ) {
		pte = contpte_rewind(pte, 1);
		if ((pte_val(__ptep_get(first + i)) ^ pte_val(pte)) & ~ignored)
			return;
	}
	contpte_convert(mm, addr, ptep, true);
}

/* Fold the blocks that have their last entry in the range. */
void contpte_fold_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
		       unsigned int nr)
{
	pte_t *end = ptep + nr, *first = contpte_align_down(ptep);

	addr = ALIGN_DOWN(addr, CONT_PTE_SIZE);
	for (; first + CONT_PTES <= end; first += CONT_PTES, addr += CONT_PTE_SIZE) {
		pte_t raw = __ptep_get(first);

		/* Is the page aligned as the first of a block?  (A none entry passes that test.) */
		if (contpte_is_aligned(0, raw) && !pte_none(raw))
			__contpte_try_fold(mm, addr, first, raw);
	}
}

/* Unfold the blocks that are partly in the range, and partly outside. */
static void contpte_unfold_partial(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				   unsigned int nr)
{
	unsigned long last = addr + (nr - 1) * PAGE_SIZE;

	if (contpte_index(ptep) || nr < CONT_PTES)
		__contpte_try_unfold(mm, addr, ptep, __ptep_get(ptep));
	ptep += nr - 1;
	if (!contpte_is_last(ptep))
		__contpte_try_unfold(mm, last, ptep, __ptep_get(ptep));
}

static pte_t contpte_gather(pte_t *ptep, pte_t raw)
{
	pteval_t any, all;

	contpte_read(contpte_align_down(ptep), CONT_PTES, &any, &all);
	return contpte_combine(raw, any, all);
}

/* Gather only from entries that match @raw.  Set @same to whether all of them do. */
static pte_t contpte_gather_same(pte_t *ptep, pte_t raw, bool *same)
{
	pte_t expected = contpte_rewind(contpte_attributes(raw), contpte_index(ptep));
	pteval_t any = 0, all = ~0ULL;
	unsigned int i;

	*same = true;
	ptep = contpte_align_down(ptep);
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

/* @raw: the value of the entry, here and below */
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

/* Returns the same as contpte_ptep_get(), unless the block changes meanwhile. */
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
		__contpte_try_fold(mm, addr, ptep, pte);
}

/* What __set_pte_at() does before it sets an entry, for all entries of a block */
static void contpte_prepare_set(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				pte_t pte)
{
	unsigned int i;

	for (i = 0; i < CONT_PTES; i++) {
		page_table_check_pte_set(mm, addr + i * PAGE_SIZE, ptep + i, pte);
		sync_pte(ptep + i, pte);
		pte = pte_next_pfn(pte);
	}
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

		if (!fold) {
			for (i = 0; i < n; i++)
				__set_pte_at(mm, addr + i * PAGE_SIZE, ptep + i,
					     pte_advance_pfns(pte, i));
		} else {
			/*
			 * Prepare all pages before any entry is set: from one
			 * entry, the MMU may map the whole block.
			 */
			if (!plain)
				contpte_prepare_set(mm, addr, ptep, pte);
			contpte_fill(ptep, contpte_mkcont(pte));
		}
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
		unsigned int n = min(nr, CONT_PTES - contpte_index(ptep));
		pte_t *end = ptep + n, raw = __ptep_get(ptep);

		/* None of the entries of a block is writable, or all of them are. */
		if (is_contpte(raw) && !pte_write(raw))
			ptep = end;
		else if (n < CONT_PTES)
			__contpte_try_unfold(mm, addr, ptep, raw);
		for (; ptep != end; ptep++) {
			raw = __ptep_get(ptep);
			if (pte_write(raw))
				__ptep_wrprotect(ptep, raw);
		}
		nr -= n;
		addr += n * PAGE_SIZE;
	}
}

/*
 * Before entries are cleared, unfold the blocks that are only partly in the range, and
 * report all the entries to page_table_check.
 */
static void contpte_prepare_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				  unsigned int nr)
{
	unsigned int i;

	contpte_unfold_partial(mm, addr, ptep, nr);
	if (!IS_ENABLED(CONFIG_PAGE_TABLE_CHECK))
		return;
	for (i = 0; i < nr; i++)
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
 * ptep_clear_flush() has cleared an entry of a block: restore it, unfold the
 * block, and start over.  Hardware has set nothing in the entry while it was
 * none.  Others have seen no more than they may see during contpte_convert().
 */
static noinline pte_t contpte_clear_flush(struct vm_area_struct *vma, unsigned long addr,
					  pte_t *ptep, pte_t raw)
{
	WRITE_ONCE(*ptep, raw);
	__contpte_try_unfold(vma->vm_mm, addr, ptep, raw);
	return ptep_clear_flush(vma, addr, ptep);
}

/* Like the generic ptep_clear_flush(), but unfolds a block */
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

int contpte_ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr,
				      pte_t *ptep, pte_t raw)
{
	unsigned int i;
	int young = 0;

	if (!is_contpte(raw))
		return __ptep_test_and_clear_young(ptep);
	ptep = contpte_align_down(ptep);
	for (i = 0; i < CONT_PTES; i++, ptep++)
		if (pte_young(__ptep_get(ptep)))
			young |= __ptep_test_and_clear_young(ptep);
	return young;
}

int contpte_ptep_clear_flush_young(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t raw)
{
	int young;

	if (!is_contpte(raw))
		return __ptep_clear_flush_young(vma, addr, ptep);
	young = contpte_ptep_test_and_clear_young(vma, addr, ptep, raw);
	if (young)
		contpte_flush_nosync(vma->vm_mm, ALIGN_DOWN(addr, CONT_PTE_SIZE));
	return young;
}

int contpte_ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
				  pte_t raw, pte_t entry, int dirty)
{
	unsigned int i;
	int changed;

	if (!is_contpte(raw) || pte_write(raw) != pte_write(entry)) {
		__contpte_try_unfold(vma->vm_mm, addr, ptep, raw);
		return __ptep_set_access_flags(vma, addr, ptep, entry, dirty);
	}

	/*
	 * A CPU or SMMU that does not update the Access flag or the dirty
	 * state may have faulted on any one of the entries.  So set the bits in
	 * all of them, even if the value gathered from the block has them.
	 */
	entry = contpte_rewind(contpte_mkcont(entry), contpte_index(ptep));
	ptep = contpte_align_down(ptep);
	changed = 0;
	for (i = 0; i < CONT_PTES; i++) {
		changed |= __ptep_set_access_flags(vma, addr, ptep + i, entry, 0);
		entry = pte_next_pfn(entry);
	}
	/* Invalidate stale read-only TLB entries, like __ptep_set_access_flags(). */
	if (changed && dirty)
		contpte_flush(vma->vm_mm, ALIGN_DOWN(addr, CONT_PTE_SIZE), 3);
	return changed;
}

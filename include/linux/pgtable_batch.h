/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Batches of page table entries
 *
 * A batch is a number of consecutive entries of one page table that map
 * consecutive pages of one folio.  Each *_ptes() function except fold_ptes() does to a
 * batch what a function of <linux/pgtable.h> does to one entry.  The result is that of
 * a call for each entry, in ascending order, except where the kernel-doc says
 * otherwise.  Addresses are in bytes and page-aligned.
 *
 * An architecture opts in by __HAVE_ARCH_PTE_BATCH.  If adding to the PFN is an
 * addition at the bit where the PFN starts in a present entry, it defines that bit
 * as PFN_PTE_SHIFT.  Otherwise, or if it has a faster way, it defines its own
 * pte_advance_pfns().  Without __HAVE_ARCH_PTE_BATCH, a batch is always one entry.
 *
 * An architecture may also map an aligned group of entries as a unit: a block, such as
 * the contpte blocks of arm64.  Accessed and dirty then belong to the block, and
 * ptep_get() gathers them from all of its entries.  A function that changes part of
 * a block unfolds it first, if necessary.  set_pte_single(), set_ptes(),
 * set_flushed_ptes(), modify_prot_commit_ptes() and the functions named *_pte() do not
 * test for that: their entries must not be part of a block.
 *
 * Locking: the caller holds the PTL.  Nobody else then changes the entries, except
 * that the MMU, or a handler that stands in for it and does not take the PTL, may
 * set accessed and dirty bits.  (Hash faults on powerpc also change _PAGE_HPTEFLAGS,
 * which pte_same() ignores.)  As long as one of the entries maps the folio, the folio is
 * neither split nor freed.
 *
 * Do not include this header directly; <linux/pgtable.h> does.
 */
#ifndef _LINUX_PGTABLE_BATCH_H
#define _LINUX_PGTABLE_BATCH_H

struct folio;

/* Bits in which the entries of a batch may differ, see folio_pte_batch() */
typedef unsigned int __bitwise fpb_t;

#define FPB_IGNORE_YOUNG	((__force fpb_t)BIT(0))
#define FPB_IGNORE_DIRTY	((__force fpb_t)BIT(1))
#define FPB_IGNORE_SOFT_DIRTY	((__force fpb_t)BIT(2))
#define FPB_IGNORE_WRITE	((__force fpb_t)BIT(3))

#ifndef pte_batch_hint
/**
 * pte_batch_hint - count the entries up to the end of a block
 * @ptep: pointer to the entry, a present one of user space
 * @pte: value of the entry, as returned by ptep_get(), ptep_peek(), or any other
 *	function that reads it
 *
 * Context: The PTL is held.
 * Return: The number of entries from @ptep to the end of its block, or 1 if @ptep is
 * not part of a block.  What ptep_get() returns for these entries differs in the PFN
 * alone, which increases by one per entry.
 */
static inline unsigned int pte_batch_hint(pte_t *ptep, pte_t pte)
{
	return 1;
}
#endif

#ifndef ptep_get_single
/**
 * ptep_get_single - read an entry and check for a present one outside any block
 * @ptep: pointer to the entry
 * @pte: where to store the value of the entry
 *
 * For loops over page tables: one test serves as pte_present() and as the test for
 * a block.  If it passes, the caller may use modify_prot_start_pte(), clear_full_pte(),
 * get_and_clear_full_pte() and test_and_clear_young_pte().  If it fails, the entry is
 * non-present, or part of a block if pte_is_block().  In the latter case, @pte may
 * lack the accessed and dirty bits, which ptep_get() gathers.
 *
 * Context: The PTL is held.
 * Return: True if the entry is present and not part of a block.
 */
static inline bool ptep_get_single(pte_t *ptep, pte_t *pte)
{
	*pte = ptep_get(ptep);
	return pte_present(*pte);
}

/**
 * pte_is_block - check whether an entry is part of a block
 * @pte: value that ptep_get_single() has stored when it returned false
 *
 * Return: True if the entry is present, and therefore part of a block.
 */
static inline bool pte_is_block(pte_t pte)
{
	return false;
}
#endif

#if defined(__HAVE_ARCH_PTE_BATCH) && !defined(pte_advance_pfns)
/**
 * pte_advance_pfns - advance the PFN of a page table entry
 * @pte: value of the entry, which is present and maps a page, not a huge leaf
 * @nr: number of pages to add to the PFN
 *
 * Return: @pte with its PFN increased by @nr and all other bits unchanged.
 */
static inline pte_t pte_advance_pfns(pte_t pte, unsigned long nr)
{
	return __pte(pte_val(pte) +
		     ((typeof(pte_val(pte)))nr << PFN_PTE_SHIFT));
}

#define pte_advance_pfns pte_advance_pfns
#endif

#ifdef __HAVE_ARCH_PTE_BATCH

/* The value of the next entry of a batch */
#define pte_next_pfn(pte) pte_advance_pfns(pte, 1)

/**
 * arch_has_pte_batch - check whether a batch can have more than one entry
 *
 * Return: A constant.  Where it is false, the compiler drops the code for batches.
 */
static inline bool arch_has_pte_batch(void)
{
	return true;
}

#ifndef ptep_get_batch
/**
 * ptep_get_batch - read an entry for folio_pte_batch()
 * @ptep: pointer to the entry, of user space, and of any kind
 * @flags: the bits in which the entries of the batch may differ
 *
 * Context: The PTL is held.
 * Return: What ptep_get() returns, except that accessed or dirty may be missing where
 * @flags ignores that bit and only another entry of the block has it.
 */
static inline pte_t ptep_get_batch(pte_t *ptep, fpb_t flags)
{
	return ptep_get(ptep);
}
#endif

#ifndef set_ptes
/**
 * set_ptes - map consecutive pages of a folio
 * @mm: the address space
 * @addr: address to map the first page at
 * @ptep: pointer to the first entry
 * @pte: value for the first entry, present unless @nr is 1; each further entry maps
 *	the next page
 * @nr: number of entries, at least 1, all in one page table
 *
 * set_pte_at() for each entry.  None of the entries may be present before.  Another
 * thread may have cleared them and not yet flushed the TLB, see
 * mm_tlb_flush_pending().
 *
 * On an architecture with blocks, set_pte_at() unfolds the block that the entry is
 * part of.  If the new entry is the last one of a block and the others match, it
 * folds the block.  set_ptes() does neither, but blocks that lie within its range may
 * be folded from the start.  So set_ptes() of one entry is set_pte_single(), not
 * set_pte_at().  If the entries may complete a block, the caller can have it folded
 * by fold_ptes() afterwards.
 *
 * Context: The PTL is held, or nobody else can reach the page table.
 */
static inline void set_ptes(struct mm_struct *mm, unsigned long addr,
			    pte_t *ptep, pte_t pte, unsigned int nr)
{
	for (;;) {
		set_pte_at(mm, addr, ptep, pte);
		if (--nr == 0)
			break;
		addr += PAGE_SIZE;
		ptep++;
		pte = pte_next_pfn(pte);
	}
}
#endif

unsigned int folio_pte_batch(struct folio *folio, unsigned long addr,
			     pte_t *ptep, pte_t pte, unsigned int max_nr,
			     fpb_t flags, bool *any_writable);

#else /* !__HAVE_ARCH_PTE_BATCH */

/* A batch is one entry: there is no next one. */
#define pte_next_pfn(pte) (pte)

static inline bool arch_has_pte_batch(void)
{
	return false;
}

static inline void set_ptes(struct mm_struct *mm, unsigned long addr,
			    pte_t *ptep, pte_t pte, unsigned int nr)
{
	set_pte_at(mm, addr, ptep, pte);
}

static inline unsigned int
folio_pte_batch(struct folio *folio, unsigned long addr, pte_t *ptep, pte_t pte,
		unsigned int max_nr, fpb_t flags, bool *any_writable)
{
	if (any_writable)
		*any_writable = pte_write(pte);
	return 1;
}

#endif /* __HAVE_ARCH_PTE_BATCH */

#ifndef set_pte_single
/**
 * set_pte_single - set an entry outside any block
 * @mm: the address space
 * @addr: address that the entry maps
 * @ptep: pointer to the entry, which is not part of a block
 * @pte: new value, of any kind
 *
 * set_pte_at() that neither unfolds nor folds a block.  If the entry may complete a
 * block, the caller can have it folded by fold_ptes() afterwards.
 *
 * Context: The PTL is held, or nobody else can reach the page table.
 */
static inline void set_pte_single(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				  pte_t pte)
{
	set_pte_at(mm, addr, ptep, pte);
}
#endif

#ifndef set_flushed_ptes
/**
 * set_flushed_ptes - map consecutive pages where the TLB need not be flushed first
 * @mm: the address space
 * @addr: address to map the first page at
 * @ptep: pointer to the first entry
 * @pte: value for the first entry, as for set_ptes()
 * @nr: number of entries, as for set_ptes()
 *
 * set_ptes() for a caller that knows that no CPU has a TLB entry of another size for
 * the addresses.  An architecture with blocks need not flush before it sets folded
 * ones, even if mm_tlb_flush_pending().
 *
 * Context: The PTL is held, or nobody else can reach the page table.
 */
static inline void set_flushed_ptes(struct mm_struct *mm, unsigned long addr,
				    pte_t *ptep, pte_t pte, unsigned int nr)
{
	set_ptes(mm, addr, ptep, pte, nr);
}
#endif

#ifndef wrprotect_ptes
/**
 * wrprotect_ptes - write-protect the entries of a batch that are writable
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all present and in one page table
 *
 * ptep_set_wrprotect() for each entry with pte_write(); other entries do not change.
 * Accessed and dirty bits that the MMU sets meanwhile are kept as that keeps them.  The
 * caller flushes the TLB.
 *
 * Context: The PTL is held.
 */
static inline void wrprotect_ptes(struct mm_struct *mm, unsigned long addr,
				  pte_t *ptep, unsigned int nr)
{
	for (;;) {
		if (pte_write(ptep_get(ptep)))
			ptep_set_wrprotect(mm, addr, ptep);
		if (--nr == 0)
			break;
		addr += PAGE_SIZE;
		ptep++;
	}
}
#endif

/* Return @pte, made dirty or young if @other is. */
static inline pte_t pte_collect(pte_t pte, pte_t other)
{
	if (pte_dirty(other))
		pte = pte_mkdirty(pte);
	if (pte_young(other))
		pte = pte_mkyoung(pte);
	return pte;
}

#ifndef get_and_clear_full_ptes
/**
 * get_and_clear_full_ptes - clear the entries of a batch and collect accessed and dirty
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all present and in one page table
 * @full: whether the whole address space is being torn down
 *
 * ptep_get_and_clear_full() for each entry.  Accessed and dirty bits that the MMU
 * sets meanwhile are kept as that keeps them.  The caller flushes the TLB.
 *
 * Context: The PTL is held.
 * Return: The old value of the first entry, made dirty if any entry was dirty, and
 * young if any was young.  pte_mkdirty() may set more, such as soft-dirty.
 */
static inline pte_t get_and_clear_full_ptes(struct mm_struct *mm,
					    unsigned long addr, pte_t *ptep,
					    unsigned int nr, int full)
{
	pte_t pte = ptep_get_and_clear_full(mm, addr, ptep, full);

	while (--nr) {
		addr += PAGE_SIZE;
		ptep++;
		pte = pte_collect(pte, ptep_get_and_clear_full(mm, addr, ptep, full));
	}
	return pte;
}
#endif

#ifndef clear_full_ptes
/**
 * clear_full_ptes - clear the entries of a batch
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all present and in one page table
 * @full: whether the whole address space is being torn down
 *
 * get_and_clear_full_ptes() for a caller that does not need the old values, nor the
 * accessed and dirty bits that the MMU may set meanwhile.  The caller flushes the
 * TLB.
 *
 * Context: The PTL is held.
 */
static inline void clear_full_ptes(struct mm_struct *mm, unsigned long addr,
				   pte_t *ptep, unsigned int nr, int full)
{
	for (;;) {
		ptep_get_and_clear_full(mm, addr, ptep, full);
		if (--nr == 0)
			break;
		addr += PAGE_SIZE;
		ptep++;
	}
}
#endif

#ifndef clear_full_pte
/**
 * clear_full_pte - clear an entry outside any block
 * @mm: the address space
 * @addr: address that the entry maps
 * @ptep: pointer to the entry, which is present and not part of a block, for
 *	instance because it maps a folio of one page
 * @full: whether the whole address space is being torn down
 *
 * clear_full_ptes() of one entry.
 *
 * Context: The PTL is held.
 */
static inline void clear_full_pte(struct mm_struct *mm, unsigned long addr,
				  pte_t *ptep, int full)
{
	clear_full_ptes(mm, addr, ptep, 1, full);
}
#endif

#ifndef get_and_clear_full_pte
/**
 * get_and_clear_full_pte - clear an entry outside any block, and return its old value
 * @mm: the address space
 * @addr: address that the entry maps
 * @ptep: pointer to the entry, which is not present or not part of a block
 * @full: whether the whole address space is being torn down
 *
 * ptep_get_and_clear_full() without the test for a block.  If the entry was present,
 * the caller flushes the TLB.
 *
 * Context: The PTL is held.
 * Return: The old value of the entry.
 */
static inline pte_t get_and_clear_full_pte(struct mm_struct *mm, unsigned long addr,
					   pte_t *ptep, int full)
{
	return ptep_get_and_clear_full(mm, addr, ptep, full);
}
#endif

#ifndef modify_prot_start_ptes
/**
 * modify_prot_start_ptes - begin to change the protection of consecutive entries
 * @vma: the VMA
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry, which is present
 * @nr: number of entries, at least 1 and at most what pte_batch_hint() returns
 *
 * ptep_modify_prot_start() for each entry.  The caller calls modify_prot_commit_ptes()
 * for the same entries before it drops the PTL; until then, the entries may be
 * transiently cleared.  Accessed and dirty bits that the MMU sets are kept as
 * ptep_modify_prot_start() keeps them.
 *
 * Context: The PTL is held.
 * Return: The old value of the first entry, made dirty if any entry was dirty, and
 * young if any was young.
 */
static inline pte_t modify_prot_start_ptes(struct vm_area_struct *vma,
					   unsigned long addr, pte_t *ptep,
					   unsigned int nr)
{
	pte_t pte = ptep_modify_prot_start(vma, addr, ptep);

	while (--nr) {
		addr += PAGE_SIZE;
		ptep++;
		pte = pte_collect(pte, ptep_modify_prot_start(vma, addr, ptep));
	}
	return pte;
}
#endif

#ifndef modify_prot_start_pte
/**
 * modify_prot_start_pte - begin to change an entry outside any block
 * @vma: the VMA
 * @addr: address that the entry maps
 * @ptep: pointer to the entry, for which ptep_get_single() has returned true
 *
 * modify_prot_start_ptes() of one entry, without the test for a block.
 *
 * Context: The PTL is held, since ptep_get_single().
 * Return: The old value of the entry.
 */
static inline pte_t modify_prot_start_pte(struct vm_area_struct *vma,
					  unsigned long addr, pte_t *ptep)
{
	return ptep_modify_prot_start(vma, addr, ptep);
}
#endif

#ifndef modify_prot_commit_ptes
/**
 * modify_prot_commit_ptes - change the protection of consecutive entries
 * @vma: the VMA
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @old_pte: what modify_prot_start_ptes() or modify_prot_start_pte() returned
 * @pte: new value of the first entry; each further entry maps the next page
 * @nr: number of entries, as for modify_prot_start_ptes(), or 1
 *
 * ptep_modify_prot_commit() for each entry.  The caller flushes the TLB if
 * pte_needs_flush().  As with set_ptes(), blocks that lie within the range may be
 * folded from the start.  If the entries may complete another block, the caller can
 * have it folded by fold_ptes() afterwards.
 *
 * Context: The PTL is held, since modify_prot_start_ptes() or
 * modify_prot_start_pte().
 */
static inline void modify_prot_commit_ptes(struct vm_area_struct *vma,
					   unsigned long addr, pte_t *ptep,
					   pte_t old_pte, pte_t pte, unsigned int nr)
{
	for (;;) {
		ptep_modify_prot_commit(vma, addr, ptep, old_pte, pte);
		if (--nr == 0)
			break;
		addr += PAGE_SIZE;
		ptep++;
		old_pte = pte_next_pfn(old_pte);
		pte = pte_next_pfn(pte);
	}
}
#endif

#ifndef test_and_clear_young_pte
/**
 * test_and_clear_young_pte - clear young in an entry outside any block
 * @vma: the VMA
 * @addr: address that the entry maps
 * @ptep: pointer to the entry, for which ptep_get_single() has returned true
 *
 * ptep_test_and_clear_young() without the test for a block.
 *
 * Context: The PTL is held, since ptep_get_single().
 * Return: Nonzero if the entry was young.
 */
static inline int test_and_clear_young_pte(struct vm_area_struct *vma,
					   unsigned long addr, pte_t *ptep)
{
	return ptep_test_and_clear_young(vma, addr, ptep);
}
#endif

#ifndef fold_ptes
/**
 * fold_ptes - fold the blocks whose last entry is in a range
 * @mm: the address space
 * @addr: address that the first entry of the range maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all in one page table and of any kind
 *
 * For callers of set_pte_single(), set_ptes() and modify_prot_commit_ptes() whose
 * entries may complete a block.  An architecture with blocks folds a block if all of
 * its entries are accessible and match.  For that, it may transiently clear them and flush the TLB.
 * Accessed and dirty become those of the block.  Neither the pages that the entries map
 * nor the protection change.
 *
 * Context: The PTL is held.
 */
static inline void fold_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			     unsigned int nr)
{
}
#endif

#endif /* _LINUX_PGTABLE_BATCH_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of page table entries
 *
 * A batch is a number of consecutive entries of one page table that map
 * consecutive pages of one folio.  The functions here do to a batch what the
 * one-entry functions of <linux/pgtable.h> do to an entry: the result is that
 * of the one-entry call made for every entry, in ascending order.
 *
 * An architecture opts in with __HAVE_ARCH_PTE_BATCH, and defines PFN_PTE_SHIFT,
 * the bit at which the PFN starts in a present entry, where adding to the PFN is
 * an addition at that bit; or a pte_advance_pfns() of its own.  Elsewhere a batch
 * is one entry, always.
 *
 * Locking: the caller holds the lock of the page table.  It keeps the entries,
 * except for what hardware sets by itself (accessed, dirty), and it keeps the
 * folio: while one entry maps it, it can't be split or freed.
 *
 * Included by <linux/pgtable.h>, which is what users include.
 */
#ifndef _LINUX_PGTABLE_BATCH_H
#define _LINUX_PGTABLE_BATCH_H

struct folio;

/* What may differ between the entries of one batch, see folio_pte_batch(). */
typedef unsigned int __bitwise fpb_t;

#define FPB_IGNORE_YOUNG	((__force fpb_t)BIT(0))
#define FPB_IGNORE_DIRTY	((__force fpb_t)BIT(1))
#define FPB_IGNORE_SOFT_DIRTY	((__force fpb_t)BIT(2))
#define FPB_IGNORE_WRITE	((__force fpb_t)BIT(3))

#ifndef pte_batch_hint
/**
 * pte_batch_hint - how many entries need no look of their own
 * @ptep: pointer to the entry
 * @pte: its value, as ptep_get() gave it
 *
 * For an architecture that can tell from one entry what the ones after it
 * hold.
 *
 * Return: the number of entries, from @ptep on and in the same table, for which
 * ptep_get() gives @pte advanced by their distance from @ptep; at least 1.
 */
static inline unsigned int pte_batch_hint(pte_t *ptep, pte_t pte)
{
	return 1;
}
#endif

/*
 * An entry, without a look at others that an architecture keeps as one with it: what
 * it maps, or that it is none or a swap entry.  Unless the folio is small, accessed and
 * dirty may be missing, and a bit of the architecture's may be set.  The value may be
 * compared with that of another ptep_peek() or what set_pte_single() has set and, made
 * young, dirty or writable, be given to ptep_set_access_flags().  It must not be set, nor
 * be compared with ptep_get().  Without the lock of the page table, a barrier() has to
 * follow, and another look under the lock.
 */
#define ptep_peek(ptep) (*(ptep))

#ifndef ptep_get_single
/**
 * ptep_get_single - read an entry that is mostly present and by itself
 * @ptep: pointer to the entry
 * @pte: its value.  That of an entry that is present, but not by itself, may lack
 *	accessed and dirty, which ptep_get() gathers.
 *
 * For loops over page tables: an entry that is by itself needs no test of its own
 * in modify_prot_start_pte() and get_and_clear_full_pte().  Where this returns false
 * and pte_is_block() is true, the architecture keeps several entries as one, and
 * pte_batch_hint() gives how many of these there are from this one on.
 *
 * Context: the lock of the page table is held.
 * Return: whether the entry is present and by itself.
 */
static inline bool ptep_get_single(pte_t *ptep, pte_t *pte)
{
	*pte = ptep_get(ptep);
	return pte_present(*pte);
}

/* Is what ptep_get_single() has read, and returned false, present? */
static inline bool pte_is_block(pte_t pte)
{
	return false;
}
#endif

#if defined(__HAVE_ARCH_PTE_BATCH) && !defined(pte_advance_pfns)
/**
 * pte_advance_pfns - a present entry, some pages further
 * @pte: the entry, present, of a page and not of a huge leaf
 * @nr: number of pages to add to its PFN
 *
 * Return: @pte with its PFN increased by @nr and every other bit unchanged.
 */
static inline pte_t pte_advance_pfns(pte_t pte, unsigned long nr)
{
	return __pte(pte_val(pte) +
		     ((typeof(pte_val(pte)))nr << PFN_PTE_SHIFT));
}

#define pte_advance_pfns pte_advance_pfns
#endif

#ifdef __HAVE_ARCH_PTE_BATCH

#define pte_next_pfn(pte) pte_advance_pfns(pte, 1)

/* Can a batch have more than one entry? */
static inline bool arch_has_pte_batch(void)
{
	return true;
}

#ifndef ptep_get_batch
/* ptep_get(), but that accessed and dirty may be missing if @flags ignore both */
static inline pte_t ptep_get_batch(pte_t *ptep, fpb_t flags)
{
	return ptep_get(ptep);
}
#endif

#ifndef set_ptes
/**
 * set_ptes - map consecutive pages of a folio
 * @mm: the address space
 * @addr: address that the first page is mapped at
 * @ptep: pointer to the first entry
 * @pte: value for the first entry, of any kind if there is one only; each after it
 *	maps the next page
 * @nr: number of entries, at least 1, all in one page table
 *
 * set_pte_at() for each of the entries, none of which is present before.  What was
 * there before may still be in the TLB, if mm_tlb_flush_pending().
 *
 * Context: the lock of the page table is held, or nobody else can reach it.
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

/* A batch is one entry, after which there is no other. */
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
/*
 * set_pte_at() where no entry is kept as one with others: what is there is not present,
 * or by itself, and so is what is set, until fold_ptes()
 */
static inline void set_pte_single(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				  pte_t pte)
{
	set_pte_at(mm, addr, ptep, pte);
}
#endif

#ifndef set_flushed_ptes
/*
 * set_ptes() where the TLB is known to hold no entry of another size for the
 * addresses, so that it need not be flushed if mm_tlb_flush_pending()
 */
static inline void set_flushed_ptes(struct mm_struct *mm, unsigned long addr,
				    pte_t *ptep, pte_t pte, unsigned int nr)
{
	set_ptes(mm, addr, ptep, pte, nr);
}
#endif

#ifndef wrprotect_ptes
/**
 * wrprotect_ptes - write-protect those of consecutive entries that are writable
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all in one page table and present
 *
 * ptep_set_wrprotect() for each entry with pte_write().  No accessed or dirty bit
 * that hardware sets meanwhile is lost.  The caller flushes the TLB.
 *
 * Context: the lock of the page table is held.
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

/* @pte, and dirty or young if @other, of the same batch, is */
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
 * get_and_clear_full_ptes - clear consecutive entries and collect what hardware set
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all in one page table and present
 * @full: whether all of the address space is torn down
 *
 * ptep_get_and_clear_full() for each entry.  The caller flushes the TLB.
 *
 * Context: the lock of the page table is held.
 * Return: the first entry, dirty if any of them was dirty, and young if any was
 * young.  Other bits may follow from these, as soft-dirty does from dirty.
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
 * clear_full_ptes - clear consecutive entries
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all in one page table and present
 * @full: whether all of the address space is torn down
 *
 * get_and_clear_full_ptes() for a caller who does not ask what the entries held,
 * so that accessed and dirty bits that hardware sets meanwhile may be lost.
 *
 * Context: the lock of the page table is held.
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
/* clear_full_ptes() of one entry, which maps a folio of one page */
static inline void clear_full_pte(struct mm_struct *mm, unsigned long addr,
				  pte_t *ptep, int full)
{
	clear_full_ptes(mm, addr, ptep, 1, full);
}
#endif

#ifndef get_and_clear_full_pte
/* get_and_clear_full_ptes() of one entry, by itself or not present */
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
 * @ptep: pointer to the first entry, present
 * @nr: number of entries, at least 1 and at most what pte_batch_hint() gives
 *
 * ptep_modify_prot_start() for each entry.  modify_prot_commit_ptes() of the same
 * entries ends it, before the lock of the page table is dropped.
 *
 * Context: the lock of the page table is held.
 * Return: the first entry, dirty if any of them was dirty, and young if any was
 * young.
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
/* modify_prot_start_ptes() of one entry, by itself, see ptep_get_single() */
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
 * @old_pte: what modify_prot_start_ptes() returned
 * @pte: new value of the first entry; each after it maps the next page
 * @nr: number of entries, as for modify_prot_start_ptes()
 *
 * ptep_modify_prot_commit() for each entry.  The caller flushes the TLB if
 * pte_needs_flush(), and calls fold_ptes() for all that it has changed.
 *
 * Context: the lock of the page table is held, since modify_prot_start_ptes().
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
/* ptep_test_and_clear_young() of an entry that is by itself, see ptep_get_single() */
static inline int test_and_clear_young_pte(struct vm_area_struct *vma,
					   unsigned long addr, pte_t *ptep)
{
	return ptep_test_and_clear_young(vma, addr, ptep);
}
#endif

#ifndef fold_ptes
/**
 * fold_ptes - let the architecture keep as one what was set one by one
 * @mm: the address space
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @nr: number of entries, at least 1, all in one page table, of any kind
 *
 * After set_pte_single(), and after set_ptes() or modify_prot_commit_ptes() of what may
 * be only a part of what can be kept as one.  What the entries map, and how, stays the
 * same.
 *
 * Context: the lock of the page table is held.
 */
static inline void fold_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			     unsigned int nr)
{
}
#endif

#endif /* _LINUX_PGTABLE_BATCH_H */

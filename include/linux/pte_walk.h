/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walk the entries in use of a tree of page tables
 *
 *	DEFINE_PTE_WALK(walk);
 *
 *	for_each_inuse_pte(mm, &walk, start, end) {
 *		if (walk.level == PTE_WALK_PTE)
 *			... ptep_get(walk.pte), which maps walk.vaddr ...
 *		else
 *			... a huge leaf, *walk.table->pmd or *walk.table->pud ...
 *	}
 *
 * The walk stops, in ascending order of addresses, at each entry of a page table that
 * is not none (present entries, swap and migration entries, markers) and at each huge
 * leaf above page tables (THP, devmap, the migration entry of a THP).  Unpopulated
 * ranges are cheap: a missing table is skipped as one entry of its parent, and none
 * entries are tested several at a time if the architecture has pte_none_mask().
 *
 * At an entry of a page table (PTE_WALK_PTE), the walk has mapped the table, holds the
 * PTL, and is in lazy MMU mode.  So nothing but hardware, or a TLB or hash fault handler
 * that stands in for it, changes this entry or the ones after it, up to walk.next.  The
 * body may handle several entries, from this one on, and then calls pte_walk_consume();
 * otherwise a step is one entry.  The body must not sleep, and must not leave the loop.
 * It may drop the PTL early with pte_walk_unlock().  After that it must not touch the
 * entry; walk.vaddr and walk.table->pmd keep their values.  It then goes on with
 * "continue", or ends the walk by "break".
 *
 * The walk drops the PTL at the end of the table, or earlier if need_resched().  Struct
 * pte_walk_ops is for callers that have to act when that happens.
 *
 * At a huge leaf, the walk holds no lock.  The body may sleep, and may leave the loop.
 * It takes the lock of the leaf and checks it again.  If there is a table now, or the
 * leaf was cleared, it can call pte_walk_retry(), and the walk looks up that address
 * again.
 *
 * The walk reads the levels above page tables without a lock.  The caller has to keep
 * the tables from being freed: it holds the mmap_lock, for read or write, or the
 * i_mmap_rwsem or anon_vma lock of the mapping, or it is the last user of @mm.
 *
 * - With the mmap_lock held for read, or only a lock of the reverse map, faults can
 *   populate none entries at all levels, and huge leaves can come and go at any time,
 *   see pmd_trans_unstable().
 * - With the mmap_lock held for write, no fault populates an entry.  Code that reaches an
 *   entry by the reverse map, such as truncation, reclaim, migration, writeback and the
 *   split of a THP, can still change or clear it, also transiently, under the PTL.
 *
 * An entry that is populated or cleared while the walk is on its way may be found or
 * missed.
 *
 * Do not use this for VMAs of hugetlb, which have leaves of other kinds.
 */
#ifndef _LINUX_PTE_WALK_H
#define _LINUX_PTE_WALK_H

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/pgtable_inuse.h>
#include <linux/sched.h>

enum pte_walk_level {
	PTE_WALK_NONE,
	PTE_WALK_PTE,
	PTE_WALK_PMD,
	PTE_WALK_PUD,
};

struct pte_walk_table;

/**
 * struct pte_walk_ops - callbacks of a walk for each page table
 * @inuse_only: skip page tables that have no entry in use in the range of the walk
 * @nested: @before_lock takes the PTL of another page table
 * @before_lock: called before the PTL is taken; may sleep; an error that it returns is
 *	stored in @error of struct pte_walk_table and ends the walk
 * @after_lock: called with the PTL held; @pte is the entry of @table->vaddr
 * @before_unlock: called with the PTL held, after lazy MMU mode has ended; the walk is
 *	done with the entries from @table->vaddr to @table->next
 * @after_unlock: called after the PTL was dropped; may sleep
 *
 * Each of the callbacks may be NULL.  They get the @private of the walk.  In
 * @before_unlock and @after_unlock, @level of the table may be PTE_WALK_NONE.  If the
 * struct is static const in the file of the walk, the compiler calls them directly.
 */
struct pte_walk_ops {
	bool inuse_only;
	bool nested;
	int (*before_lock)(struct pte_walk_table *table, void *private);
	void (*after_lock)(struct pte_walk_table *table, pte_t *pte, void *private);
	void (*before_unlock)(struct pte_walk_table *table, void *private);
	void (*after_unlock)(struct pte_walk_table *table, void *private);
};

/**
 * struct pte_walk_table - the state of a walk that changes with the page table
 * @mm: the address space
 * @end: end of the walk, in bytes, exclusive
 * @next: end of the page table or huge leaf, at most @end; after the table was left, the
 *	address at which the walk goes on
 * @vaddr: address at which the table or leaf was entered
 * @pmd: the PMD entry, of a page table or of a huge leaf
 * @pud: the PUD entry, of a huge leaf
 * @level: PTE_WALK_PTE at a page table, PTE_WALK_PMD or PTE_WALK_PUD at a huge leaf;
 *	PTE_WALK_NONE if @next has to be looked up from the top of the tree: at the start
 *	of the walk, or because the walk goes on within the table or leaf
 * @error: error returned by @before_lock, or 0
 */
struct pte_walk_table {
	struct mm_struct *mm;
	unsigned long end;
	unsigned long next;
	unsigned long vaddr;
	union {
		pmd_t *pmd;
		pud_t *pud;
	};
	enum pte_walk_level level;
	int error;
};

/**
 * struct pte_walk_state - the state of a walk that changes with each entry
 * @vaddr: address that the entry maps
 * @next: end of the page table or huge leaf, at most the end of the walk
 * @pte: the entry, if @level is PTE_WALK_PTE
 * @ptl: the PTL of its page table
 * @level: level of the entry; PTE_WALK_NONE before the first step, at the end and after
 *	pte_walk_unlock()
 * @table: what changes only with the page table
 * @ops: callbacks for each page table, or NULL
 * @private: argument of the callbacks
 *
 * This is apart from @table so that the compiler can keep it in registers: its address
 * is passed to inlined functions only.
 */
struct pte_walk_state {
	unsigned long vaddr;
	unsigned long next;
	pte_t *pte;
	spinlock_t *ptl;	/* of the page table */
	enum pte_walk_level level;
	struct pte_walk_table *table;
	const struct pte_walk_ops *ops;
	void *private;
};

/**
 * DEFINE_PTE_WALK - define the state of a walk as local variables
 * @name: name of the struct pte_walk_state
 */
#define DEFINE_PTE_WALK(name)						\
	struct pte_walk_table name##_table;				\
	struct pte_walk_state name = { .table = &name##_table }

/* Read it once: it may change at any time, see pmd_trans_unstable(). */
static __always_inline pmd_t pte_walk_read_pmd(pmd_t *pmdp)
{
	pmd_t pmd = pmd_read_atomic(pmdp);

	barrier();
	return pmd;
}

static __always_inline enum pte_walk_level pte_walk_pmd_level(pmd_t pmd)
{
	if (pmd_trans_huge(pmd) || pmd_devmap(pmd) ||
	    (thp_migration_supported() && is_swap_pmd(pmd)))
		return PTE_WALK_PMD;
	return pmd_none(pmd) || unlikely(pmd_bad(pmd)) ? PTE_WALK_NONE : PTE_WALK_PTE;
}

/* Is @table->next mapped by the PMD entry after @table->pmd, in the same PMD table? */
static __always_inline bool pte_walk_is_next_pmd(struct pte_walk_table *table)
{
	return (table->level == PTE_WALK_PTE || table->level == PTE_WALK_PMD) &&
	       table->next & ~PUD_MASK;
}

enum pte_walk_level __pte_walk_descend(struct pte_walk_table *table);

/**
 * pte_walk_descend - find the next page table or huge leaf
 * @table: the state of the walk, with @next below @end
 *
 * Context: May sleep.  The caller keeps the tables from being freed.
 * Return: PTE_WALK_PTE at a page table, which may be empty; the level of a huge leaf; or
 * PTE_WALK_NONE if there is neither before @end, and then @vaddr, @next and @pmd of
 * @table are out of date.
 */
static __always_inline enum pte_walk_level
pte_walk_descend(struct pte_walk_table *table)
{
	unsigned long addr = table->next;
	enum pte_walk_level level;

	/* Most often the next entry of the same PMD table is populated, too. */
	if (pte_walk_is_next_pmd(table) && !need_resched()) {
		level = pte_walk_pmd_level(pte_walk_read_pmd(table->pmd + 1));
		if (level != PTE_WALK_NONE) {
			table->pmd++;
			table->level = level;
			table->vaddr = addr;
			table->next = (addr | ~PMD_MASK) < table->end - 1 ?
				      (addr | ~PMD_MASK) + 1 : table->end;
			return level;
		}
	}
	return __pte_walk_descend(table);
}

bool __pte_walk_is_inuse(struct pte_walk_table *table, pte_t *pte);

/**
 * __pte_none_batch - count none entries
 * @pte: the first entry
 * @nr: maximum number of entries, all in one page table
 * @ptl: the PTL of the page table
 *
 * If pte_none() and pmd_none() test bits of one 64-bit word, an architecture can define
 * pte_none_mask() and pmd_none_mask(), which return these bits as they are in memory.
 * Then several entries are tested at once.  With CONFIG_PGTABLE_INUSE, those that are
 * not marked are not tested, and others that are none may lose their mark.
 *
 * Context: The PTL is held.  The page table is one of user space.
 * Return: The number of entries, at most @nr, before the first one that is not none.
 */
unsigned long __pte_none_batch(pte_t *pte, unsigned long nr, spinlock_t *ptl);

/**
 * pte_none_batch - count none entries from one on that is none
 * @pte: the first entry, which is none
 * @nr: maximum number of entries, at least 1, all in one page table
 * @ptl: the PTL of the page table
 *
 * For loops over page tables that do not use the walk: a single none entry takes no call.
 * Sections may lose their mark, as by __pte_none_batch(): to populate an entry of the batch
 * later, mark it again.
 *
 * Context: The PTL is held.  The page table is one of user space.
 * Return: The number of entries, at least 1 and at most @nr, before the next one that is
 * not none.
 */
static __always_inline unsigned long
pte_none_batch(pte_t *pte, unsigned long nr, spinlock_t *ptl)
{
	VM_WARN_ON_ONCE(!pte_none(ptep_peek(pte)));
	if (nr == 1 || !pte_none(ptep_peek(pte + 1)))
		return 1;
	return 1 + __pte_none_batch(pte + 1, nr - 1, ptl);
}

/**
 * skip_none_ptes - step to the last one of a batch of none entries
 * @pte: the current entry, which is none
 * @addr: the address that it maps
 * @end: end of the loop, in bytes, in the same page table
 * @ptl: the PTL of the page table
 *
 * For loops that then step to the next entry.
 *
 * Context: As for pte_none_batch().
 */
static __always_inline void
skip_none_ptes(pte_t **pte, unsigned long *addr, unsigned long end, spinlock_t *ptl)
{
	unsigned long nr = pte_none_batch(*pte, (end - *addr) >> PAGE_SHIFT, ptl);

	*pte += nr - 1;
	*addr += (nr - 1) * PAGE_SIZE;
}

/**
 * pmd_none_batch - count none PMD entries
 * @pmd: the first entry, which was none, and may have changed since
 * @nr: maximum number of entries, at least 1, all in one PMD table
 *
 * __pte_none_batch() for PMD entries, which keep their marks.
 *
 * Context: The PMD table is one of user space and cannot be freed.  No lock is needed, but
 * without one the result may be out of date.  The caller has called pmd_inuse_rmb().
 * Return: The number of entries, at least 1 and at most @nr, before the next one that is
 * not none.
 */
unsigned long pmd_none_batch(pmd_t *pmd, unsigned long nr);

/**
 * pud_none_batch - count none PUD entries
 * @pud: the first entry, which was none, and may have changed since
 * @nr: maximum number of entries, at least 1, all in one PUD table
 *
 * pmd_none_batch() for PUD entries, which are none by the same bits, and have no marks.
 *
 * Context: The PUD table cannot be freed.  No lock is needed, but without one the result
 * may be out of date.
 * Return: The number of entries, at least 1 and at most @nr, before the next one that is
 * not none.
 */
#ifdef __PAGETABLE_PUD_FOLDED
static inline unsigned long pud_none_batch(pud_t *pud, unsigned long nr)
{
	return 1;
}
#else
unsigned long pud_none_batch(pud_t *pud, unsigned long nr);
#endif

/* Return how many entries of one PMD table map the bytes from @addr to @end. */
static inline unsigned int nr_pmds(unsigned long addr, unsigned long end)
{
	return ((end - 1) >> PMD_SHIFT) - (addr >> PMD_SHIFT) + 1;
}

/**
 * pmd_none_batch_end - step to the last one of a batch of none PMD entries
 * @pmd: the current entry, which was none
 * @addr: address of the loop, in bytes, at the current entry
 * @end: end of the loop, in bytes, in the same PMD table
 *
 * pmd_addr_end() for loops that then step to the next entry.
 *
 * Context: The PMD table is one of user space and cannot be freed.
 * Return: The end of what that last entry maps, at most @end.
 */
static inline unsigned long
pmd_none_batch_end(pmd_t **pmd, unsigned long addr, unsigned long end)
{
	unsigned int max_nr = nr_pmds(addr, end), nr;

	pmd_inuse_rmb();
	nr = pmd_none_batch(*pmd, max_nr);
	*pmd += nr - 1;
	return nr == max_nr ? end : (addr & PMD_MASK) + nr * PMD_SIZE;
}

/**
 * pte_walk_begin - start a walk
 * @walk: the walk, of DEFINE_PTE_WALK()
 * @mm: the address space
 * @start: first address, in bytes, page-aligned
 * @end: end of the walk, in bytes, page-aligned and exclusive
 * @ops: callbacks for each page table, or NULL
 * @private: argument of the callbacks
 *
 * The first next_inuse_pte() steps to the first entry in use.
 *
 * Context: Any; nothing is locked or looked up yet.
 */
static __always_inline void
pte_walk_begin(struct pte_walk_state *walk, struct mm_struct *mm,
	       unsigned long start, unsigned long end,
	       const struct pte_walk_ops *ops, void *private)
{
	VM_WARN_ON_ONCE(mm == &init_mm);
	walk->table->mm = mm;
	walk->table->end = end;
	walk->table->next = start;
	walk->table->pmd = NULL;
	walk->table->level = PTE_WALK_NONE;
	walk->table->error = 0;
	walk->level = PTE_WALK_NONE;
	walk->ops = ops;
	walk->private = private;
	pmd_inuse_rmb();
}

/**
 * pte_walk_begin_near - start a walk from the position of an earlier one
 * @walk: the walk, after pte_walk_begin()
 * @hint: the position that pte_walk_end_at() has stored, for a walk of the same mm
 *
 * If both are in the same PMD table, it is not looked up from the top of the tree.
 *
 * Context: The range of the walk is not empty.  No PMD table has been freed since
 * pte_walk_end_at().
 */
static __always_inline void
pte_walk_begin_near(struct pte_walk_state *walk, const struct pte_walk_hint *hint)
{
	struct pte_walk_table *table = walk->table;

	/* At the beginning of a PMD table, there is no entry before. */
	if (!hint->pmd || (hint->vaddr ^ table->next) & PUD_MASK || !(table->next & ~PUD_MASK))
		return;
	/* As if the walk had left the entry before, of which only the address is used. */
	table->pmd = hint->pmd + pmd_index(table->next) - pmd_index(hint->vaddr) - 1;
	table->level = PTE_WALK_PTE;
}

/**
 * pte_walk_end_at - store the position of a walk that has ended
 * @walk: the walk
 * @hint: where to store it; unchanged if the walk has not ended in a PMD table
 */
static __always_inline void
pte_walk_end_at(struct pte_walk_state *walk, struct pte_walk_hint *hint)
{
	struct pte_walk_table *table = walk->table;

	if (table->level == PTE_WALK_PTE || table->level == PTE_WALK_PMD) {
		hint->pmd = table->pmd;
		hint->vaddr = table->vaddr;
	}
}

static __always_inline bool pte_walk_is_inuse(struct pte_walk_table *table)
{
	pte_t *pte = pte_offset_map(table->pmd, table->vaddr);
	bool inuse;

	/*
	 * An entry may be transiently cleared, under the PTL.  So an entry that is not
	 * none can be trusted without the PTL, but a none entry can't.
	 */
	inuse = likely(!data_race(pte_none(ptep_peek(pte)))) ||
		__pte_walk_is_inuse(table, pte);
	pte_unmap(pte);
	return inuse;
}

static __always_inline bool __pte_walk_lock(struct pte_walk_state *walk)
{
	const struct pte_walk_ops *ops = walk->ops;
	struct pte_walk_table *table = walk->table;

	if (ops && ops->inuse_only && !pte_walk_is_inuse(table))
		return false;
	if (ops && ops->before_lock) {
		table->error = ops->before_lock(table, walk->private);
		if (unlikely(table->error))
			return false;
	}
	walk->pte = pte_offset_map(table->pmd, walk->vaddr);
	walk->ptl = pte_lockptr(table->mm, table->pmd);
	spin_lock_nested(walk->ptl, ops && ops->nested ? SINGLE_DEPTH_NESTING : 0);
	if (ops && ops->after_lock)
		ops->after_lock(table, walk->pte, walk->private);
	arch_enter_lazy_mmu_mode();
	return true;
}

/* @walk->pte may be beyond the table; the entry before it is not: unmap by that one. */
static __always_inline void __pte_walk_unlock(struct pte_walk_state *walk)
{
	const struct pte_walk_ops *ops = walk->ops;
	struct pte_walk_table *table = walk->table;

	arch_leave_lazy_mmu_mode();
	table->next = walk->vaddr;
	if (ops && ops->before_unlock)
		ops->before_unlock(table, walk->private);
	spin_unlock(walk->ptl);
	pte_unmap(walk->pte - 1);
	if (ops && ops->after_unlock)
		ops->after_unlock(table, walk->private);
}

/*
 * Return true if the page table has to be left in order to reschedule.  Checking at
 * every eighth entry bounds the latency, and costs less than at each.
 */
static __always_inline bool pte_walk_must_yield(struct pte_walk_state *walk)
{
	if (likely(walk->vaddr & (7 * PAGE_SIZE) || !need_resched()))
		return false;
	walk->table->level = PTE_WALK_NONE;
	return true;
}

/*
 * Skip none entries, from the current entry on.  Return false if the page table has to
 * be left: there is no other entry in use, or need_resched().
 */
static __always_inline bool pte_walk_skip_none(struct pte_walk_state *walk)
{
	unsigned long none;

	if (likely(!pte_none(ptep_peek(walk->pte))))
		return true;
	/* A single none entry is common: skip it without a call. */
	walk->vaddr += PAGE_SIZE;
	walk->pte++;
	if (walk->vaddr == walk->next)
		return false;
	if (!pte_none(ptep_peek(walk->pte)))
		return !pte_walk_must_yield(walk);
	none = __pte_none_batch(walk->pte, (walk->next - walk->vaddr) >> PAGE_SHIFT, walk->ptl);
	walk->vaddr += none * PAGE_SIZE;
	walk->pte += none;
	if (walk->vaddr == walk->next)
		return false;
	if (likely(!need_resched()))
		return true;
	walk->table->level = PTE_WALK_NONE;
	return false;
}

/**
 * next_inuse_pte - step to the next entry that is in use
 * @walk: the walk
 *
 * Context: May sleep, between two page tables or if need_resched().
 * Return: True if there is such an entry; false at the end of the walk, or if
 * @before_lock of its pte_walk_ops has returned an error.
 */
static __always_inline bool next_inuse_pte(struct pte_walk_state *walk)
{
	struct pte_walk_table *table = walk->table;

	if (likely(walk->level == PTE_WALK_PTE)) {
		walk->vaddr += PAGE_SIZE;
		walk->pte++;
		if (walk->vaddr != walk->next && !pte_walk_must_yield(walk) &&
		    pte_walk_skip_none(walk))
			return true;
		__pte_walk_unlock(walk);
		cond_resched();
	}
	while (table->next != table->end) {
		walk->level = pte_walk_descend(table);
		walk->vaddr = table->vaddr;
		walk->next = table->next;
		if (walk->level != PTE_WALK_PTE)
			return walk->level != PTE_WALK_NONE;
		if (!__pte_walk_lock(walk)) {
			if (table->error)
				break;
			/* An empty table takes little time: once a PMD table is enough. */
			if (!(table->next & ~PUD_MASK))
				cond_resched();
			continue;
		}
		if (pte_walk_skip_none(walk))
			return true;
		__pte_walk_unlock(walk);
		cond_resched();
	}
	walk->level = PTE_WALK_NONE;
	return false;
}

/**
 * for_each_inuse_pte - iterate over the entries in use of a range
 * @mm: the address space
 * @walk: pointer to the struct pte_walk_state of the walk
 * @from: first address, in bytes, page-aligned
 * @to: end of the range, in bytes, page-aligned and exclusive
 *
 * See the top of this file for locking and for what the body may do.
 */
#define for_each_inuse_pte(mm, walk, from, to)				\
	for_each_inuse_pte_ops(mm, walk, from, to, NULL, NULL)

/**
 * for_each_inuse_pte_ops - iterate over the entries in use, with callbacks
 * @mm: the address space
 * @walk: pointer to the struct pte_walk_state of the walk
 * @from: first address, in bytes, page-aligned
 * @to: end of the range, in bytes, page-aligned and exclusive
 * @ops: callbacks for each page table
 * @private: argument of the callbacks
 *
 * for_each_inuse_pte() that calls @ops.  After the loop, @error of the struct
 * pte_walk_table is what @before_lock has returned, or 0.
 */
#define for_each_inuse_pte_ops(mm, walk, from, to, ops, private)	\
	for (pte_walk_begin(walk, mm, from, to, ops, private); next_inuse_pte(walk);)

/**
 * pte_walk_relock - drop and retake the PTL before the next entry
 * @walk: the walk, at an entry of a page table
 *
 * For a body that wants others to get the PTL, or the callbacks to be called.
 * After this, @walk->next is the end of the current entry.  A body that handles several
 * entries calls pte_walk_consume() first.
 *
 * Context: The PTL is held.
 */
static __always_inline void pte_walk_relock(struct pte_walk_state *walk)
{
	walk->next = walk->vaddr + PAGE_SIZE;
	walk->table->level = PTE_WALK_NONE;
}

/**
 * pte_walk_consume - set how many entries the body has handled
 * @walk: the walk, at an entry of a page table
 * @nr: number of entries from that one on, at least 1, not beyond @walk->next
 *
 * After this, the walk is at the last of these entries, and the body must not access
 * @walk->pte any more.
 *
 * Context: The PTL is held.
 */
static __always_inline void
pte_walk_consume(struct pte_walk_state *walk, unsigned int nr)
{
	VM_WARN_ON_ONCE(nr - 1 >= (walk->next - walk->vaddr) >> PAGE_SHIFT);
	if (likely(nr == 1))
		return;
	walk->vaddr += (unsigned long)(nr - 1) << PAGE_SHIFT;
	walk->pte += nr - 1;
	/* A batch may step over the entries at which pte_walk_must_yield() checks. */
	if (need_resched())
		pte_walk_relock(walk);
}

/**
 * pte_walk_retry - look up the address of a huge leaf again
 * @walk: the walk, at a huge leaf that was replaced by a table, or cleared
 *
 * Context: The lock of the leaf has been dropped.
 */
static __always_inline void pte_walk_retry(struct pte_walk_state *walk)
{
	walk->table->next = walk->vaddr;
	walk->table->level = PTE_WALK_NONE;
}

/**
 * pte_walk_unlock - drop the PTL early, in the body
 * @walk: the walk, at an entry of a page table
 * @nr: number of entries that are done, from that one on; may be 0
 *
 * The next step looks up the address after these entries from the top of the tree, and
 * may reschedule.
 *
 * Context: The PTL is held, and dropped.  @before_unlock and @after_unlock are called.
 * The body may sleep afterwards.
 */
static __always_inline void
pte_walk_unlock(struct pte_walk_state *walk, unsigned int nr)
{
	walk->pte++;
	__pte_walk_unlock(walk);
	walk->table->next = walk->vaddr + ((unsigned long)nr << PAGE_SHIFT);
	/* Also if that is where the PMD entry begins: its table is not done. */
	walk->table->level = PTE_WALK_NONE;
	walk->level = PTE_WALK_NONE;
}

/**
 * struct pte_walk_target - a position in a tree of page tables that is being created
 * @mm: the address space
 * @vaddr: the address
 * @pte: its entry, after a move to PTE_WALK_PTE
 * @pmd: its PMD entry, after a move to PTE_WALK_PTE or PTE_WALK_PMD
 * @pud: its PUD entry, after a move to PTE_WALK_PUD
 * @ptl: the PTL of the page table, after a move to PTE_WALK_PTE
 * @has_pmd: @pmd is valid
 *
 * Initialize @mm, and everything else with 0.
 */
struct pte_walk_target {
	struct mm_struct *mm;
	unsigned long vaddr;
	pte_t *pte;
	union {
		pmd_t *pmd;
		pud_t *pud;
	};
	spinlock_t *ptl;	/* of the page table */
	bool has_pmd;
};

/* Move within the same PMD table, which is the common case. */
static __always_inline bool
pte_walk_move_near(struct pte_walk_target *target, unsigned long vaddr)
{
	if (!target->has_pmd || (vaddr ^ target->vaddr) & PUD_MASK)
		return false;
	target->pmd += (vaddr >> PMD_SHIFT) - (target->vaddr >> PMD_SHIFT);
	target->vaddr = vaddr;
	return true;
}

int __pte_walk_create(struct pte_walk_target *target, unsigned long vaddr,
		      enum pte_walk_level level);

/**
 * pte_walk_move_and_create - move to an address and allocate missing tables
 * @target: the position
 * @vaddr: the address to move to
 * @level: the level down to which tables are allocated
 *
 * With PTE_WALK_PTE, the page table is mapped and its PTL taken, until
 * pte_walk_unlock_created().
 *
 * Context: May sleep, so no PTL is held.  No table of @target->mm is freed meanwhile.
 * Return: 0, or -ENOMEM.
 */
static __always_inline int
pte_walk_move_and_create(struct pte_walk_target *target, unsigned long vaddr,
			 enum pte_walk_level level)
{
	if (level == PTE_WALK_PMD && pte_walk_move_near(target, vaddr))
		return 0;
	return __pte_walk_create(target, vaddr, level);
}

/**
 * pte_walk_unlock_created - drop the PTL and unmap the page table
 * @target: the position, after a move to PTE_WALK_PTE
 *
 * Context: The PTL is held, and dropped.
 */
static inline void pte_walk_unlock_created(struct pte_walk_target *target)
{
	pte_unmap_unlock(target->pte, target->ptl);
}

#endif /* _LINUX_PTE_WALK_H */

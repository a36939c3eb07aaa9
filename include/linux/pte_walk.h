/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking what is in use of a tree of page tables
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
 * The walk stops, in the order of their addresses, at the entries of page tables
 * that are not none (present ones, swap and migration entries, markers) and at
 * huge leaves above them (THP, devmap, the migration entry of a THP), and at
 * nothing else.  What is absent costs little: a missing table is one entry of the
 * table above it, and entries that are none are looked at several at a time.
 *
 * An entry of a page table.  The table is mapped, its lock is held, lazy MMU mode
 * is entered: nobody but hardware changes the entry, nor those after it up to
 * walk.next.  The body may handle several entries from this one on, and says so
 * with pte_walk_consume(); by itself, a step is one entry.  It must not sleep, and
 * leaves the loop only by its end, after pte_walk_end() or in a pause; after
 * pte_walk_pause() the lock is free and the entry must not be touched, but
 * walk.vaddr and walk.table->pmd stay what they were, and the walk goes on.  The
 * lock is dropped by itself where the table ends, and before that when somebody
 * waits for the CPU.  What has to be done then, a body can leave to struct
 * pte_walk_ops.
 *
 * A huge leaf.  No lock is held.  The body takes it, and may find that a table has
 * taken its place, in which case it calls pte_walk_again(): the walk looks at that
 * address once more.
 *
 * Which tables there are is read without a lock.  The caller makes sure that none
 * of them is freed meanwhile: it holds the mmap lock, for reading or for writing,
 * or the i_mmap_rwsem or anon_vma lock of what is mapped, or is the last user of
 * @mm.  Where the mmap lock is not held for writing, tables may appear and huge
 * leaves come and go all the time (see pmd_trans_unstable()).  Where it is, nothing
 * comes into use that was none, but who holds the lock of the reverse map
 * (truncation, reclaim, migration, the split of a THP) may still change what is
 * there and take it away, and has an entry none for a moment while its table is
 * locked.  The walk finds what was there when it came by.
 *
 * VMAs of hugetlb have leaves of other kinds and are not for this walk.
 */
#ifndef _LINUX_PTE_WALK_H
#define _LINUX_PTE_WALK_H

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

enum pte_walk_level {
	PTE_WALK_NONE,
	PTE_WALK_PTE,
	PTE_WALK_PMD,
	PTE_WALK_PUD,
};

struct pte_walk_table;

/**
 * struct pte_walk_ops - what a caller does where a page table is entered and left
 * @inuse_only: leave out tables that have nothing in use when they are found
 * @nested: @prepare takes the lock of another page table
 * @prepare: before the lock is taken; may sleep, and end the walk with an error
 * @enter: with the lock held; @pte is the entry of @table->vaddr
 * @leave: before it is dropped; lazy MMU mode has ended
 * @left: after it is dropped; may sleep
 *
 * Each of the functions may be NULL.  They get what the walk was begun with as
 * @private; in @leave and @left, the level may be PTE_WALK_NONE already.  Where the
 * struct is a constant of the walk's function, the compiler calls them directly.
 */
struct pte_walk_ops {
	bool inuse_only;
	bool nested;
	int (*prepare)(struct pte_walk_table *table, void *private);
	void (*enter)(struct pte_walk_table *table, pte_t *pte, void *private);
	void (*leave)(struct pte_walk_table *table, void *private);
	void (*left)(struct pte_walk_table *table, void *private);
};

/**
 * struct pte_walk_table - the table that a walk is in
 * @mm: the address space
 * @end: where the walk ends, in bytes
 * @next: where the page table ends, or the huge leaf; @end if that is before; when
 *	the walk is about to step, where it goes on
 * @vaddr: the address that the table or leaf was found at
 * @pmd: the entry, if @level is PTE_WALK_PMD; of the page table, if PTE_WALK_PTE
 * @pud: the entry, if @level is PTE_WALK_PUD
 * @level: what kind of entry was found; PTE_WALK_NONE if none was, and where the
 *	entry is not done, so that @next is looked up from the top of the tree
 * @error: what @ops has ended the walk with, or 0
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
 * struct pte_walk_state - where in the table a walk is
 * @vaddr: the address that the entry maps
 * @next: where the page table ends, or the huge leaf; the end of the walk if that
 *	is before
 * @pte: the entry, if @level is PTE_WALK_PTE
 * @ptl: the lock of its page table
 * @level: what kind of entry it is; PTE_WALK_NONE at the end and in a pause
 * @table: what changes with the table only
 * @ops: what to do when page tables are entered and left, or NULL
 * @private: for @ops
 *
 * Apart from @table, so that a compiler can keep it in registers: nobody knows
 * its address.
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

#define DEFINE_PTE_WALK(name)						\
	struct pte_walk_table name##_table;				\
	struct pte_walk_state name = { .table = &name##_table }

/* One look: it may change at any time, see pmd_trans_unstable(). */
static __always_inline pmd_t pte_walk_read_pmd(pmd_t *pmdp)
{
	pmd_t pmd = pmd_read_atomic(pmdp);

	barrier();
	return pmd;
}

static __always_inline enum pte_walk_level pte_walk_pmd_level(pmd_t pmd)
{
	if (pmd_trans_huge(pmd) || pmd_devmap(pmd) || is_swap_pmd(pmd))
		return PTE_WALK_PMD;
	return pmd_none(pmd) || unlikely(pmd_bad(pmd)) ? PTE_WALK_NONE : PTE_WALK_PTE;
}

/* Is what is at @table->next the PMD entry after @table->pmd, in the same table? */
static __always_inline bool pte_walk_is_next_pmd(struct pte_walk_table *table)
{
	return (table->level == PTE_WALK_PTE || table->level == PTE_WALK_PMD) &&
	       table->next & ~PUD_MASK;
}

enum pte_walk_level __pte_walk_descend(struct pte_walk_table *table);

/**
 * pte_walk_descend - go down to the next page table or huge leaf
 * @table: where the walk is; it goes on at @next, which must be below @end
 *
 * Takes no lock, and may give way to who waits for the CPU.
 *
 * Return: PTE_WALK_PTE at a page table, which need not have anything in use; the
 * level of a huge leaf; or PTE_WALK_NONE if there is neither before @end, and what
 * @table says is of no use.
 */
static __always_inline enum pte_walk_level
pte_walk_descend(struct pte_walk_table *table)
{
	unsigned long addr = table->next;
	enum pte_walk_level level;

	/* Mostly the next entry of the same PMD table is a leaf or a table, too. */
	if (pte_walk_is_next_pmd(table) && !need_resched()) {
		level = pte_walk_pmd_level(pte_walk_read_pmd(table->pmd + 1));
		if (level != PTE_WALK_NONE) {
			table->pmd++;
			table->level = level;
			table->vaddr = addr;
			table->next = table->end - addr > PMD_SIZE ? addr + PMD_SIZE :
								     table->end;
			return level;
		}
	}
	return __pte_walk_descend(table);
}

/* Whether something is in use in what is walked of a page table; takes its lock */
bool __pte_walk_is_inuse(struct pte_walk_table *table, pte_t *pte);

/**
 * pte_none_run - how many entries are none
 * @pte: the first entry
 * @nr: number of entries to look at, in one page table
 *
 * Several entries are looked at in one step where the architecture has a
 * pte_or() and, for pmd_none_run(), a pmd_or(): all bits of two entries, in a
 * value of which pte_none() tells whether both are none.
 *
 * Return: the number of entries, at most @nr, before the first that is not none.
 */
unsigned long pte_none_run(pte_t *pte, unsigned long nr);

/* pte_none_run() one level up */
unsigned long pmd_none_run(pmd_t *pmd, unsigned long nr);

/* In how many entries of one PMD table are the addresses from @addr up to @end? */
static inline unsigned int nr_pmds(unsigned long addr, unsigned long end)
{
	return ((end - 1) >> PMD_SHIFT) - (addr >> PMD_SHIFT) + 1;
}

/**
 * pte_walk_begin - begin a walk
 * @walk: its state, of DEFINE_PTE_WALK()
 * @mm: the address space
 * @start: first address, in bytes
 * @end: where the walk ends, in bytes, exclusive
 * @ops: what to do when page tables are entered and left, or NULL
 * @private: for @ops
 *
 * The first next_inuse_pte() goes to the first entry in use.
 */
static __always_inline void
pte_walk_begin(struct pte_walk_state *walk, struct mm_struct *mm,
	       unsigned long start, unsigned long end,
	       const struct pte_walk_ops *ops, void *private)
{
	walk->table->mm = mm;
	walk->table->end = end;
	walk->table->next = start;
	walk->table->pmd = NULL;
	walk->table->level = PTE_WALK_NONE;
	walk->table->error = 0;
	walk->level = PTE_WALK_NONE;
	walk->ops = ops;
	walk->private = private;
}

static __always_inline bool pte_walk_is_inuse(struct pte_walk_table *table)
{
	pte_t *pte = pte_offset_map(table->pmd, table->vaddr);
	/*
	 * An entry that is just being changed may be none for a moment, so that
	 * without the lock of the table only the contrary can be known.
	 */
	bool inuse = likely(!data_race(ptep_none(pte))) || __pte_walk_is_inuse(table, pte);

	pte_unmap(pte);
	return inuse;
}

static __always_inline bool __pte_walk_enter(struct pte_walk_state *walk)
{
	const struct pte_walk_ops *ops = walk->ops;
	struct pte_walk_table *table = walk->table;

	if (ops && ops->inuse_only && !pte_walk_is_inuse(table))
		return false;
	if (ops && ops->prepare) {
		table->error = ops->prepare(table, walk->private);
		if (unlikely(table->error))
			return false;
	}
	walk->pte = pte_offset_map(table->pmd, walk->vaddr);
	walk->ptl = pte_lockptr(table->mm, table->pmd);
	spin_lock_nested(walk->ptl, ops && ops->nested ? SINGLE_DEPTH_NESTING : 0);
	if (ops && ops->enter)
		ops->enter(table, walk->pte, walk->private);
	arch_enter_lazy_mmu_mode();
	return true;
}

/* The walk is at the entry after the last one that it has looked at. */
static __always_inline void __pte_walk_leave(struct pte_walk_state *walk)
{
	const struct pte_walk_ops *ops = walk->ops;
	struct pte_walk_table *table = walk->table;

	arch_leave_lazy_mmu_mode();
	if (ops && ops->leave)
		ops->leave(table, walk->private);
	spin_unlock(walk->ptl);
	pte_unmap(walk->pte - 1);
	table->next = walk->vaddr;
	if (ops && ops->left)
		ops->left(table, walk->private);
}

/* Every eighth entry is often enough to look who waits, and costs less. */
static __always_inline bool pte_walk_must_yield(struct pte_walk_state *walk)
{
	return unlikely(!(walk->vaddr & (7 * PAGE_SIZE)) && need_resched());
}

/**
 * next_inuse_pte - step to the next entry that is in use
 * @walk: the walk
 *
 * Return: whether there is one.
 */
static __always_inline bool next_inuse_pte(struct pte_walk_state *walk)
{
	struct pte_walk_table *table = walk->table;
	unsigned long none;

	if (likely(walk->level == PTE_WALK_PTE)) {
		walk->vaddr += PAGE_SIZE;
		walk->pte++;
		if (walk->vaddr == walk->next)
			goto leave;
		if (pte_walk_must_yield(walk))
			goto yield;
		goto look;
	}
	while (table->next != table->end) {
		walk->level = pte_walk_descend(table);
		walk->vaddr = table->vaddr;
		walk->next = table->next;
		if (walk->level != PTE_WALK_PTE)
			return walk->level != PTE_WALK_NONE;
		if (!__pte_walk_enter(walk)) {
			if (table->error)
				break;
			/* An empty table is quickly done. */
			if (!(table->next & ~PUD_MASK))
				cond_resched();
			continue;
		}
look:
		if (likely(!ptep_none(walk->pte)))
			return true;
		/* One hole between entries is common, and not worth a call. */
		walk->vaddr += PAGE_SIZE;
		walk->pte++;
		if (walk->vaddr == walk->next)
			goto leave;
		if (!ptep_none(walk->pte)) {
			if (pte_walk_must_yield(walk))
				goto yield;
			return true;
		}
		none = pte_none_run(walk->pte, (walk->next - walk->vaddr) >> PAGE_SHIFT);
		walk->vaddr += none * PAGE_SIZE;
		walk->pte += none;
		if (walk->vaddr == walk->next)
			goto leave;
		if (!need_resched())
			return true;
yield:
		table->level = PTE_WALK_NONE;
leave:
		__pte_walk_leave(walk);
		cond_resched();
	}
	walk->level = PTE_WALK_NONE;
	return false;
}

/**
 * for_each_inuse_pte - walk what is in use
 * @mm: the address space
 * @walk: struct pte_walk_state * of the walk
 * @from: first address, in bytes
 * @to: where the walk ends, in bytes, exclusive
 *
 * See the top of this file.
 */
#define for_each_inuse_pte(mm, walk, from, to)				\
	for_each_inuse_pte_ops(mm, walk, from, to, NULL, NULL)

#define for_each_inuse_pte_ops(mm, walk, from, to, ops, private)	\
	for (pte_walk_begin(walk, mm, from, to, ops, private); next_inuse_pte(walk);)

/**
 * pte_walk_break - leave the page table after this entry, and go on with the next
 * @walk: the walk, at an entry of a page table
 *
 * For a body that wants others to have the lock, or ops to be called.  @walk->next
 * is then where the entry ends: a body that handles several looks at it later, or
 * has called pte_walk_consume() before.
 */
static __always_inline void pte_walk_break(struct pte_walk_state *walk)
{
	walk->next = walk->vaddr + PAGE_SIZE;
	walk->table->level = PTE_WALK_NONE;
}

/**
 * pte_walk_consume - say how many entries were handled
 * @walk: the walk, at an entry of a page table
 * @nr: number of entries from that one on, at least 1, not beyond walk->next
 *
 * The walk is at the last of them now, and the body must not look at it any more.
 */
static __always_inline void
pte_walk_consume(struct pte_walk_state *walk, unsigned int nr)
{
	VM_WARN_ON_ONCE(nr - 1 >= (walk->next - walk->vaddr) >> PAGE_SHIFT);
	if (nr == 1)
		return;
	walk->vaddr += (unsigned long)(nr - 1) << PAGE_SHIFT;
	walk->pte += nr - 1;
	/* The next entry may be none of those at which the walk looks. */
	if (need_resched())
		pte_walk_break(walk);
}

/**
 * pte_walk_again - look at this address once more
 * @walk: the walk, at a huge leaf
 */
static __always_inline void pte_walk_again(struct pte_walk_state *walk)
{
	/* The PMD entry is not done. */
	walk->table->next = walk->vaddr;
	walk->table->level = PTE_WALK_NONE;
}

/**
 * pte_walk_pause - drop the lock of the page table in the middle of the body
 * @walk: the walk, at an entry of a page table
 * @nr: how many entries are done, from that one on; may be 0
 *
 * The next step looks at all anew, and gives way to who waits for the CPU.
 */
static __always_inline void
pte_walk_pause(struct pte_walk_state *walk, unsigned int nr)
{
	walk->pte++;
	__pte_walk_leave(walk);
	/* This may be where the PMD entry begins: it is not done. */
	walk->table->next = walk->vaddr + ((unsigned long)nr << PAGE_SHIFT);
	walk->table->level = PTE_WALK_NONE;
	walk->level = PTE_WALK_NONE;
}

/**
 * pte_walk_end - end a walk before its end
 * @walk: the walk; to be left by "break" after this
 */
static __always_inline void pte_walk_end(struct pte_walk_state *walk)
{
	if (walk->level == PTE_WALK_PTE)
		pte_walk_pause(walk, 0);
}

/**
 * struct pte_walk_target - a place in a tree that is built beside the one walked
 * @mm: the address space
 * @vaddr: the address
 * @pte: its entry, if the level is PTE_WALK_PTE
 * @pmd: its entry, if the level is PTE_WALK_PMD; of the page table, if PTE_WALK_PTE
 * @pud: its entry, if the level is PTE_WALK_PUD
 * @ptl: the lock of the page table, if the level is PTE_WALK_PTE
 * @has_pmd: @pmd is valid
 *
 * At first, @mm is set, and @has_pmd is false.
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

/* To an address in the same PMD table, which is where it mostly is */
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
 * pte_walk_move_and_create - go to an address and create the tables it needs
 * @target: where it has gone before; is where it has gone to afterwards
 * @vaddr: the address
 * @level: the level down to which tables are created
 *
 * For PTE_WALK_PTE the page table is mapped and its lock taken, until
 * pte_walk_unlock_created().
 *
 * Context: may sleep.  Nobody frees tables of @target->mm.
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

static inline void pte_walk_unlock_created(struct pte_walk_target *target)
{
	pte_unmap_unlock(target->pte, target->ptl);
}

#endif /* _LINUX_PTE_WALK_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking what is in use of a tree of page tables
 *
 *	DEFINE_PTE_WALK(walk);
 *
 *	for_each_inuse_pte(mm, &walk, start, end) {
 *		if (walk.level == PTE_WALK_PTE)
 *			... *walk.pte, which maps walk.vaddr ...
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
 * pte_walk_pause() the lock is free and the entry must not be touched, but the
 * walk goes on.  The lock is dropped by itself where the table ends, and before
 * that when somebody waits for the CPU.  What has to be done then, a body can
 * leave to struct pte_walk_ops.
 *
 * A huge leaf.  No lock is held.  The body takes it, and may find that a table has
 * taken its place, in which case it calls pte_walk_again(): the walk looks at that
 * address once more.
 *
 * Which tables there are is read without a lock.  The caller makes sure that none
 * of them is freed meanwhile: it holds the mmap lock, for reading or for writing,
 * or the i_mmap_rwsem or anon_vma lock of what is mapped, or is the last user of
 * @mm.  Where the mmap lock is not held for writing, tables may appear and huge
 * leaves come and go all the time (see pmd_trans_unstable()); where it is, nothing
 * is added, but who holds the lock of the reverse map (truncation, reclaim,
 * migration) may still take away and change what is there.  The walk finds what
 * was there when it came by.
 *
 * VMAs of hugetlb have leaves of other kinds and are not for this walk.
 */
#ifndef _LINUX_PTE_WALK_H
#define _LINUX_PTE_WALK_H

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
 * @enter: with the lock held
 * @leave: before it is dropped; lazy MMU mode has ended
 * @left: after it is dropped; may sleep
 *
 * Each of the functions may be NULL.
 */
struct pte_walk_ops {
	bool inuse_only;
	bool nested;
	int (*prepare)(struct pte_walk_table *table);
	void (*enter)(struct pte_walk_table *table);
	void (*leave)(struct pte_walk_table *table);
	void (*left)(struct pte_walk_table *table);
};

/**
 * struct pte_walk_table - the table that a walk is in
 * @mm: the address space
 * @ops: what to do when page tables are entered and left, or NULL
 * @private: for @ops
 * @end: where the walk ends, in bytes
 * @vaddr: an address in the table, the one that it was entered at or a later one
 * @next: where the page table ends, or the huge leaf; @end if that is before
 * @pte: the entry of @vaddr, if @level is PTE_WALK_PTE
 * @pmd: the entry, if @level is PTE_WALK_PMD; of the page table, otherwise
 * @pud: the entry, if @level is PTE_WALK_PUD
 * @ptl: the lock of the page table, if @level is PTE_WALK_PTE
 * @level: what kind of entry it is; PTE_WALK_NONE at the end and in a pause
 * @error: what @ops has ended the walk with, or 0
 */
struct pte_walk_table {
	struct mm_struct *mm;
	const struct pte_walk_ops *ops;
	void *private;
	unsigned long end;
	unsigned long vaddr;
	unsigned long next;
	pte_t *pte;
	union {
		pmd_t *pmd;
		pud_t *pud;
	};
	spinlock_t *ptl;	/* of the page table */
	enum pte_walk_level level;
	int error;
};

/**
 * struct pte_walk_state - where in the table a walk is
 * @vaddr: the address that the entry maps
 * @next: where the page table ends, or the huge leaf; the end of the walk if that
 *	is before
 * @pte: the entry, if @level is PTE_WALK_PTE
 * @level: what kind of entry it is
 * @table: what changes with the table only
 *
 * Apart from @table, so that a compiler can keep it in registers: nobody knows
 * its address.
 */
struct pte_walk_state {
	unsigned long vaddr;
	unsigned long next;
	pte_t *pte;
	enum pte_walk_level level;
	struct pte_walk_table *table;
};

#define DEFINE_PTE_WALK(name)						\
	struct pte_walk_table name##_table;				\
	struct pte_walk_state name = { .table = &name##_table }

void __pte_walk_descend(struct pte_walk_table *table, unsigned long start);
void __next_inuse_pte(struct pte_walk_table *table);
void __pte_walk_leave(struct pte_walk_table *table);

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
unsigned int pte_none_run(pte_t *pte, unsigned int nr);

/* pte_none_run() one level up */
unsigned int pmd_none_run(pmd_t *pmd, unsigned int nr);

/* In how many entries of one PMD table are the addresses from @addr up to @end? */
static inline unsigned int nr_pmds(unsigned long addr, unsigned long end)
{
	return (end - 1) / PMD_SIZE - addr / PMD_SIZE + 1;
}

static __always_inline void __pte_walk_load(struct pte_walk_state *walk)
{
	walk->vaddr = walk->table->vaddr;
	walk->next = walk->table->next;
	walk->pte = walk->table->pte;
	walk->level = walk->table->level;
}

static __always_inline void __pte_walk_save(struct pte_walk_state *walk)
{
	walk->table->vaddr = walk->vaddr;
	walk->table->pte = walk->pte;
}

/**
 * pte_walk_descend - begin a walk
 * @walk: its state, of DEFINE_PTE_WALK()
 * @mm: the address space
 * @start: first address, in bytes
 * @end: where the walk ends, in bytes, exclusive
 * @ops: what to do when page tables are entered and left, or NULL
 * @private: for @ops
 *
 * Stops at the first entry in use, or at @end.
 */
static __always_inline void
pte_walk_descend(struct pte_walk_state *walk, struct mm_struct *mm,
		 unsigned long start, unsigned long end,
		 const struct pte_walk_ops *ops, void *private)
{
	walk->table->mm = mm;
	walk->table->ops = ops;
	walk->table->private = private;
	walk->table->end = end;
	__pte_walk_descend(walk->table, start);
	__pte_walk_load(walk);
}

/**
 * next_inuse_pte - step to the next entry that is in use
 * @walk: the walk
 */
static __always_inline void next_inuse_pte(struct pte_walk_state *walk)
{
	if (walk->level == PTE_WALK_PTE) {
		walk->vaddr += PAGE_SIZE;
		walk->pte++;
		if (walk->vaddr != walk->next && !need_resched()) {
			unsigned int none;

			if (!pte_none(*walk->pte))
				return;
			none = pte_none_run(walk->pte, (walk->next - walk->vaddr) >> PAGE_SHIFT);
			walk->vaddr += none * PAGE_SIZE;
			walk->pte += none;
			if (walk->vaddr != walk->next)
				return;
		}
		__pte_walk_save(walk);
	}
	__next_inuse_pte(walk->table);
	__pte_walk_load(walk);
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
	for (pte_walk_descend(walk, mm, from, to, ops, private);	\
	     (walk)->level != PTE_WALK_NONE; next_inuse_pte(walk))

/**
 * pte_walk_consume - say how many entries were handled
 * @walk: the walk, at an entry of a page table
 * @nr: number of entries from that one on, at least 1, not beyond walk->next
 *
 * To be followed by the end of the body: the walk is at the last of them now.
 */
static __always_inline void
pte_walk_consume(struct pte_walk_state *walk, unsigned int nr)
{
	walk->vaddr += (unsigned long)(nr - 1) << PAGE_SHIFT;
	walk->pte += nr - 1;
}

/**
 * pte_walk_again - look at this address once more
 * @walk: the walk, at a huge leaf
 */
static __always_inline void pte_walk_again(struct pte_walk_state *walk)
{
	walk->table->next = walk->vaddr;
}

/**
 * pte_walk_end - end a walk before its end
 * @walk: the walk; to be left by "break" after this
 */
static __always_inline void pte_walk_end(struct pte_walk_state *walk)
{
	if (walk->level != PTE_WALK_PTE)
		return;
	__pte_walk_save(walk);
	__pte_walk_leave(walk->table);
	walk->level = PTE_WALK_NONE;
}

/**
 * pte_walk_pause - drop the lock of the page table in the middle of the body
 * @walk: the walk, at an entry of a page table
 * @nr: how many entries are done, from that one on; may be 0
 *
 * The next step looks at all anew.
 */
static __always_inline void
pte_walk_pause(struct pte_walk_state *walk, unsigned int nr)
{
	pte_walk_end(walk);
	walk->table->next = walk->vaddr + ((unsigned long)nr << PAGE_SHIFT);
}

/**
 * pte_walk_move_and_create - go to an address and create the tables it needs
 * @table: where to; its @mm is set, and the rest of it zero or left by this (its
 *	@level says no more than that @pmd is one)
 * @vaddr: the address
 * @level: the level down to which tables are created
 *
 * For a second tree that is built beside the one that is walked.  For
 * PTE_WALK_PTE the page table is mapped and its lock taken, until
 * pte_walk_unlock_created(), and @table->pte is the entry of @vaddr; otherwise
 * @table->pmd or @table->pud is.
 *
 * Context: may sleep.  Nobody frees tables of @table->mm.
 * Return: 0, or -ENOMEM.
 */
int pte_walk_move_and_create(struct pte_walk_table *table, unsigned long vaddr,
			     enum pte_walk_level level);

static inline void pte_walk_unlock_created(struct pte_walk_table *table)
{
	pte_unmap_unlock(table->pte, table->ptl);
}

#endif /* _LINUX_PTE_WALK_H */

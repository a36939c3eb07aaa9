/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which parts of a page table are in use
 *
 * A page that holds page tables of user space, PTE tables or PMD tables, has a word in
 * its struct page, pt_inuse.  Bit i of it stands for section i, a 64th of the page: with
 * 4K pages, a cache line of eight entries.
 *
 * - A set bit says that the section may have an entry that is not none.
 * - A clear bit says that all of its entries are none.
 * - Bit 0 is that of PageTail(), and always clear.  It is to be taken for set.
 *
 * A scan that has found a section empty finds the next one to read in the word, and reads
 * nothing of the table in between.
 *
 * In PTE tables, the PTL protects the bits like the entries.  Code that populates a none
 * entry marks it before.  Code that has found a whole section empty, or has emptied it, may
 * clear its bit.  The bits tell a reader without the PTL nothing.  Changing an entry that
 * is in use takes no mark, even if it is transiently cleared: the PTL hides that.
 *
 * In PMD tables, code that populates a none entry, with a page table or with a huge leaf,
 * marks it before, too, and holds the lock of the PMD.  The bits are never cleared:
 * khugepaged, for one, drops that lock before it restores an entry.  They are read without
 * the lock, after pmd_inuse_rmb().  An entry populated before that is marked, if the reader
 * can tell: it has seen the entry, or its CPU has used it, or a lock orders the two.  An
 * entry populated later may be missed, as by a scan that came by earlier.
 *
 * Page tables that share a page, as on powerpc, share the word, and one lock protects it
 * for all of them.  If they are smaller than a section, they share a bit, which then is
 * never cleared.  None of them is used again until the page has been freed.
 *
 * Entries of hugetlb are not marked, and nothing that reads marks may be used for them, nor
 * for init_mm, whose tables have none.
 *
 * While a page table is deposited, see pgtable_trans_huge_deposit(), the word may belong to
 * page->lru.  All entries of a table that is withdrawn are set, and marked.
 *
 * If code sets an entry that it has not marked, fork() does not find it, nor does zap.
 * CONFIG_DEBUG_PGTABLE_INUSE finds such code.  See Documentation/mm/pgtable_inuse.rst.
 */
#ifndef _LINUX_PGTABLE_INUSE_H
#define _LINUX_PGTABLE_INUSE_H

#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#ifdef CONFIG_PGTABLE_INUSE

void pgtable_inuse_check(const void *entry);
void pgtable_inuse_check_none(const pte_t *pte, unsigned int nr);

/*
 * Those that change the word hold the lock.  Others test PageTail() of any page, which
 * data_race() says to KCSAN: that bit does not change.
 */

/* Bytes of a section */
#define PGTABLE_SECTION	(PAGE_SIZE / BITS_PER_LONG)

/* The section that an entry is in */
static inline unsigned int pgtable_section(const void *entry)
{
	return offset_in_page(entry) / PGTABLE_SECTION;
}

/* The bits of the sections that @nr entries are in, without bit 0 */
static inline unsigned long pgtable_sections(const pte_t *pte, unsigned int nr)
{
	return GENMASK(pgtable_section(pte + nr - 1), pgtable_section(pte)) & ~1UL;
}

/* The page that a page table is in.  The PTL, if it is in there, too, says so at no cost. */
static inline struct page *pte_table_page(const pte_t *pte, spinlock_t *ptl)
{
#if USE_SPLIT_PTE_PTLOCKS && !ALLOC_SPLIT_PTLOCKS
	VM_WARN_ON_ONCE(container_of(ptl, struct page, ptl) != virt_to_page(pte));
	return container_of(ptl, struct page, ptl);
#else
	return virt_to_page(pte);
#endif
}

/* The same for a PMD table */
static inline struct page *pmd_table_page(const pmd_t *pmd, spinlock_t *ptl)
{
#if USE_SPLIT_PMD_PTLOCKS && !ALLOC_SPLIT_PTLOCKS
	VM_WARN_ON_ONCE(container_of(ptl, struct page, ptl) != virt_to_page(pmd));
	return container_of(ptl, struct page, ptl);
#else
	return virt_to_page(pmd);
#endif
}

/**
 * pte_mark_inuse - mark an entry that is going to be populated
 * @pte: the entry
 * @ptl: the PTL of its page table
 *
 * Context: The PTL is held, from here until the entry is set.
 */
static inline void pte_mark_inuse(const pte_t *pte, spinlock_t *ptl)
{
	data_race(pte_table_page(pte, ptl)->pt_inuse |= (1UL << pgtable_section(pte)) & ~1UL);
}

/**
 * ptes_mark_inuse - mark entries that are going to be populated, or some of them
 * @pte: the first entry
 * @nr: number of entries, at least 1, all in one page table
 * @ptl: the PTL of the page table
 *
 * Context: The PTL is held, from here until the entries are set.
 */
static inline void ptes_mark_inuse(const pte_t *pte, unsigned int nr, spinlock_t *ptl)
{
	data_race(pte_table_page(pte, ptl)->pt_inuse |= pgtable_sections(pte, nr));
}

/**
 * ptes_copy_inuse - mark entries that are going to be populated from others
 * @dst: the first entry
 * @src: the first of the others, in the same or another page table
 * @nr: number of entries, at least 1, all in one page table
 *
 * Context: The PTLs of both page tables are held, from here until the entries are set.
 */
static inline void ptes_copy_inuse(const pte_t *dst, const pte_t *src, unsigned int nr)
{
	unsigned long marks = (virt_to_page(src)->pt_inuse | 1) >> pgtable_section(src);
	unsigned long from = (unsigned long)src % PGTABLE_SECTION;
	unsigned long to = (unsigned long)dst % PGTABLE_SECTION;

	/* The entries of a section may go to two. */
	if (to > from)
		marks |= marks << 1;
	else if (to < from)
		marks |= marks >> 1;
	marks = marks << pgtable_section(dst) & pgtable_sections(dst, nr);
	data_race(virt_to_page(dst)->pt_inuse |= marks);
}

/**
 * pte_table_mark_inuse - mark all entries of a page table that was deposited
 * @mm: the address space
 * @pmd: a copy of the PMD entry that the table is for
 * @pmd_ptl: the lock of the real one
 *
 * Context: @pmd_ptl is held, and nobody else can reach the page table.
 */
static inline void pte_table_mark_inuse(struct mm_struct *mm, pmd_t *pmd, spinlock_t *pmd_ptl)
{
	spinlock_t *ptl;

	if (PTRS_PER_PTE * sizeof(pte_t) == PAGE_SIZE) {
		pmd_page(*pmd)->pt_inuse = ~1UL;
		return;
	}
	/* The PTL protects the word for all tables of the page. */
	ptl = pte_lockptr(mm, pmd);
	if (ptl != pmd_ptl)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	ptes_mark_inuse((pte_t *)pmd_page_vaddr(*pmd), PTRS_PER_PTE, ptl);
	if (ptl != pmd_ptl)
		spin_unlock(ptl);
}

/**
 * ptes_mark_none - unmark the sections that lie within a range of none entries
 * @pte: the first entry
 * @nr: number of entries, all in one page table, and all of them none
 *
 * Context: The PTL is held, since the entries were found none or were cleared.
 */
static inline void ptes_mark_none(const pte_t *pte, unsigned int nr)
{
	unsigned int first = DIV_ROUND_UP(offset_in_page(pte), PGTABLE_SECTION);
	unsigned int end = (offset_in_page(pte) + nr * sizeof(*pte)) / PGTABLE_SECTION;

	if (IS_ENABLED(CONFIG_DEBUG_PGTABLE_INUSE))
		pgtable_inuse_check_none(pte, nr);
	if (first < end)
		data_race(virt_to_page(pte)->pt_inuse &= ~GENMASK(end - 1, first));
}

static inline void __pmd_mark_inuse(const pmd_t *pmd, spinlock_t *ptl)
{
	/* Where there are no PMD tables, this is an entry of another level. */
#ifndef __PAGETABLE_PMD_FOLDED
	unsigned long *inuse = &pmd_table_page(pmd, ptl)->pt_inuse;

	WRITE_ONCE(*inuse, *inuse | ((1UL << pgtable_section(pmd)) & ~1UL));
#endif
}

/**
 * pmd_mark_inuse - mark a PMD entry that is going to be populated
 * @pmd: the entry
 * @ptl: its lock
 *
 * Context: The lock is held, from here until the entry is set.
 */
static inline void pmd_mark_inuse(const pmd_t *pmd, spinlock_t *ptl)
{
	__pmd_mark_inuse(pmd, ptl);
	/* Pairs with pmd_inuse_rmb(). */
	smp_wmb();
}

/**
 * pmd_inuse_rmb - order a scan of PMD entries after what was populated before
 */
static inline void pmd_inuse_rmb(void)
{
	/* Pairs with pmd_mark_inuse(). */
	smp_rmb();
}

#else /* !CONFIG_PGTABLE_INUSE */

static inline void pte_mark_inuse(const pte_t *pte, spinlock_t *ptl)
{
}

static inline void ptes_mark_inuse(const pte_t *pte, unsigned int nr, spinlock_t *ptl)
{
}

static inline void ptes_copy_inuse(const pte_t *dst, const pte_t *src, unsigned int nr)
{
}

static inline void pte_table_mark_inuse(struct mm_struct *mm, pmd_t *pmd, spinlock_t *pmd_ptl)
{
}

static inline void ptes_mark_none(const pte_t *pte, unsigned int nr)
{
}

static inline void __pmd_mark_inuse(const pmd_t *pmd, spinlock_t *ptl)
{
}

static inline void pmd_mark_inuse(const pmd_t *pmd, spinlock_t *ptl)
{
}

static inline void pmd_inuse_rmb(void)
{
}

#endif /* CONFIG_PGTABLE_INUSE */

#ifdef CONFIG_DEBUG_PGTABLE_INUSE
void pte_inuse_check_set(struct mm_struct *mm, const pte_t *ptep, pte_t pte);
void pmd_inuse_check_set(struct mm_struct *mm, const pmd_t *pmdp, pmd_t pmd);
void pte_table_check_free(pmd_t *pmd);
#else
static inline void pte_inuse_check_set(struct mm_struct *mm, const pte_t *ptep, pte_t pte)
{
}

static inline void pmd_inuse_check_set(struct mm_struct *mm, const pmd_t *pmdp, pmd_t pmd)
{
}

static inline void pte_table_check_free(pmd_t *pmd)
{
}
#endif

#endif /* _LINUX_PGTABLE_INUSE_H */

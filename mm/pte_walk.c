// SPDX-License-Identifier: GPL-2.0
/*
 * Walk the entries in use of a tree of page tables, see <linux/pte_walk.h>
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/pgtable_inuse.h>
#include <linux/pte_walk.h>
#include <linux/sched.h>

#ifdef pte_none_mask

/* OR the bits of several entries: loads, but no branches. */
#define OR8(p)	((p)[0] | (p)[1] | (p)[2] | (p)[3] | (p)[4] | (p)[5] | (p)[6] | (p)[7])
#define OR64(p)	(OR8(p) | OR8((p) + 8) | OR8((p) + 16) | OR8((p) + 24) |	\
		 OR8((p) + 32) | OR8((p) + 40) | OR8((p) + 48) | OR8((p) + 56))

#define INUSE(entry, mask)	unlikely((entry) & (mask))

/* Index of the first of eight entries that is in use, or 8 */
#define FIRST8(p, mask)	(INUSE((p)[0], mask) ? 0 : INUSE((p)[1], mask) ? 1 :	\
			 INUSE((p)[2], mask) ? 2 : INUSE((p)[3], mask) ? 3 :	\
			 INUSE((p)[4], mask) ? 4 : INUSE((p)[5], mask) ? 5 :	\
			 INUSE((p)[6], mask) ? 6 : INUSE((p)[7], mask) ? 7 : 8)

/*
 * Find the first entry of @p to @end that has a bit of @mask set, and return its
 * distance from @first, or that of @end.  A run of eight none entries is likely to be a
 * long one: from there on this tests 64 entries at a time.  The first such step is
 * shortened so that the last one ends at @end.
 */
static __always_inline unsigned long
none_run(const u64 *first, const u64 *p, const u64 *end, u64 mask)
{
	if (end - p >= 72 && !(OR8(p) & mask)) {
		p += 8;
		if (!(OR64(p) & mask)) {
			p += (unsigned long)(end - p - 1) % 64 + 1;
			while (p != end && !(OR64(p) & mask))
				p += 64;
		}
	}
	for (; end - p >= 8; p += 8)
		if (OR8(p) & mask)
			return p + FIRST8(p, mask) - first;
	while (p != end && !(*p & mask))
		p++;
	return p - first;
}

#ifdef CONFIG_PGTABLE_INUSE

/* Return @p, or the start of the next section, if it is marked; NULL if no further one is. */
static __always_inline const u64 *next_marked(const u64 *p, unsigned long marks)
{
	unsigned long left = marks >> pgtable_section(p);

	if (left & 1)
		return p;
	if (!left)
		return NULL;
	return PTR_ALIGN_DOWN(p, PGTABLE_SECTION) + __ffs(left) * (PGTABLE_SECTION / sizeof(*p));
}

/* Return the end of the marked sections that follow each other, from @p on. */
static __always_inline const u64 *end_of_marked(const u64 *p, unsigned long marks)
{
	unsigned long left = ~(marks >> pgtable_section(p));
	unsigned int nr = left ? __ffs(left) : BITS_PER_LONG;

	return PTR_ALIGN_DOWN(p, PGTABLE_SECTION) + nr * (PGTABLE_SECTION / sizeof(*p));
}

/*
 * Find the first entry in use in those sections that have @marks.  If @unmark, take the
 * mark from those that have proved empty.
 */
static noinline unsigned long
marked_none_run(const u64 *first, const u64 *p, const u64 *end, u64 mask,
		unsigned long marks, bool unmark)
{
	const u64 *stop, *found;

	for (p = next_marked(p, marks); p && p < end; p = next_marked(stop, marks)) {
		stop = min(end_of_marked(p, marks), end);
		found = first + none_run(first, p, stop, mask);
		if (unmark && found - p >= PGTABLE_SECTION / sizeof(*p))
			ptes_mark_none((const pte_t *)p, found - p);
		if (found != stop)
			return found - first;
		if (stop == end)
			break;
	}
	return end - first;
}

/*
 * none_run() that reads only sections of the table which are marked.  With @ptl, the PTL of
 * a page table, those that were read whole and have proved empty lose their mark.
 */
static __always_inline unsigned long
skip_unmarked(const u64 *first, const u64 *p, const u64 *end, u64 mask, spinlock_t *ptl)
{
	struct page *page = ptl ? pte_table_page((const pte_t *)first, ptl) : virt_to_page(first);
	unsigned long marks = READ_ONCE(page->pt_inuse) | 1;
	unsigned int i;

	p = next_marked(p, marks);
	if (!p || p >= end)
		return end - first;
	/* Most often one of the first entries is in use. */
	if (end - p >= 8) {
		i = FIRST8(p, mask);
		if (likely(i < 8))
			return p + i - first;
	}
	return marked_none_run(first, p, end, mask, marks, ptl);
}

static __always_inline unsigned long
rest_none_run(const u64 *first, const u64 *p, const u64 *end, u64 mask, spinlock_t *ptl)
{
	unsigned long nr = skip_unmarked(first, p, end, mask, ptl);

	if (IS_ENABLED(CONFIG_DEBUG_PGTABLE_INUSE)) {
		unsigned long all = none_run(first, p, end, mask);

		if (all < nr)
			pgtable_inuse_check(first + all);
		return all;
	}
	return nr;
}

#else /* !CONFIG_PGTABLE_INUSE */

static __always_inline unsigned long
rest_none_run(const u64 *first, const u64 *p, const u64 *end, u64 mask, spinlock_t *ptl)
{
	return none_run(first, p, end, mask);
}

#endif /* CONFIG_PGTABLE_INUSE */

/* Most runs between entries in use are short: test the first eight one by one. */
static __always_inline unsigned long
first_none_run(const u64 *p, unsigned long nr, u64 mask, spinlock_t *ptl)
{
	unsigned int i;

	if (likely(nr >= 8)) {
		i = FIRST8(p, mask);
		return i < 8 ? i : rest_none_run(p, p + 8, p + nr, mask, ptl);
	}
	for (i = 0; i < nr; i++)
		if (p[i] & mask)
			break;
	return i;
}

unsigned long __pte_none_batch(pte_t *pte, unsigned long nr, spinlock_t *ptl)
{
	BUILD_BUG_ON(sizeof(*pte) != sizeof(u64));
	return first_none_run((const u64 *)pte, nr, pte_none_mask(), ptl);
}

unsigned long pmd_none_batch(pmd_t *pmd, unsigned long nr)
{
	BUILD_BUG_ON(sizeof(*pmd) != sizeof(u64));
	return 1 + first_none_run((const u64 *)pmd + 1, nr - 1, pmd_none_mask(), NULL);
}

#ifndef __PAGETABLE_PUD_FOLDED
unsigned long pud_none_batch(pud_t *pud, unsigned long nr)
{
	const u64 *p = (const u64 *)pud;

	BUILD_BUG_ON(sizeof(*pud) != sizeof(u64));
	return none_run(p, p + 1, p + nr, pmd_none_mask());
}
#endif

#else /* !pte_none_mask */

unsigned long __pte_none_batch(pte_t *pte, unsigned long nr, spinlock_t *ptl)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (!pte_none(pte[i]))
			break;
	return i;
}

unsigned long pmd_none_batch(pmd_t *pmd, unsigned long nr)
{
	unsigned long i;

	for (i = 1; i < nr; i++)
		if (!pmd_none(pmd[i]))
			break;
	return i;
}

#ifndef __PAGETABLE_PUD_FOLDED
unsigned long pud_none_batch(pud_t *pud, unsigned long nr)
{
	unsigned long i;

	for (i = 1; i < nr; i++)
		if (!pud_none(pud[i]))
			break;
	return i;
}
#endif

#endif /* pte_none_mask */

/*
 * Return the next multiple of @size after @addr, at most @end.  Unlike pmd_addr_end() and
 * the like, this is right at folded levels, too.
 */
static unsigned long boundary(unsigned long addr, unsigned long size, unsigned long end)
{
	unsigned long next = (addr & ~(size - 1)) + size;

	return next - 1 < end - 1 ? next : end;
}

static void stop_at(struct pte_walk_table *table, enum pte_walk_level level,
		    unsigned long addr, unsigned long next)
{
	table->level = level;
	table->vaddr = addr;
	table->next = next;
}

/*
 * Skip none entries, from @pud on, which was none.  Set *@addr to where the walk goes on,
 * and return the entry there, or one past the end of the PUD table.
 */
static pud_t *skip_none_puds(pud_t *pud, unsigned long *addr, unsigned long end)
{
	unsigned long start = *addr & PUD_MASK, nr, none;

	end = boundary(start, P4D_SIZE, end);
	nr = (end - 1) / PUD_SIZE - start / PUD_SIZE + 1;
	none = pud_none_batch(pud, nr);
	*addr = none == nr ? end : start + none * PUD_SIZE;
	return pud + none;
}

/*
 * Descend from the top of the tree to the next PMD table, from *@addr on.  Return its
 * entry for *@addr, or NULL at a huge PUD, which is left in @table, and at the end.
 */
static pmd_t *find_pmd(struct pte_walk_table *table, unsigned long *addr)
{
	unsigned long end = table->end;
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pud;

	while (*addr != end) {
		pgd = pgd_offset(table->mm, *addr);
		if (pgd_none_or_clear_bad(pgd)) {
			*addr = boundary(*addr, PGDIR_SIZE, end);
			continue;
		}
		p4d = p4d_offset(pgd, *addr);
		if (p4d_none_or_clear_bad(p4d)) {
			*addr = boundary(*addr, P4D_SIZE, end);
			continue;
		}
		pud = pud_offset(p4d, *addr);
		do {
			/* Read it once: it may be huge, and none at any time after. */
			pud_t val = READ_ONCE(*pud);

			if (pud_trans_huge(val) || pud_devmap(val)) {
				table->pud = pud;
				stop_at(table, PTE_WALK_PUD, *addr,
					boundary(*addr, PUD_SIZE, end));
				return NULL;
			}
			if (pud_none(val)) {
				pud = skip_none_puds(pud, addr, end);
				continue;
			}
			if (likely(!pud_bad(val)))
				return pmd_offset(pud, *addr);
			pud_clear_bad(pud);
			pud++;
			*addr = boundary(*addr, PUD_SIZE, end);
		} while (*addr != end && *addr & (P4D_SIZE - 1));
	}
	return NULL;
}

/*
 * Skip none entries, from @pmd on, which was none.  Return the next entry of the same PMD
 * table that is not, or NULL, and set *@addr to where the walk goes on.
 */
static pmd_t *skip_none_pmds(pmd_t *pmd, unsigned long *addr, unsigned long end)
{
	unsigned long start = *addr & PMD_MASK;
	unsigned long nr, none;

	end = boundary(start, PUD_SIZE, end);
	nr = nr_pmds(start, end);
	none = pmd_none_batch(pmd, nr);
	*addr = none == nr ? end : start + none * PMD_SIZE;
	return none == nr ? NULL : pmd + none;
}

bool __pte_walk_is_inuse(struct pte_walk_table *table, pte_t *pte)
{
	unsigned int nr = (table->next - table->vaddr) >> PAGE_SHIFT;
	spinlock_t *ptl = pte_lockptr(table->mm, table->pmd);
	bool inuse;

	spin_lock(ptl);
	inuse = __pte_none_batch(pte, nr, ptl) != nr;
	spin_unlock(ptl);
	return inuse;
}

enum pte_walk_level __pte_walk_descend(struct pte_walk_table *table)
{
	pmd_t *pmd = pte_walk_is_next_pmd(table) ? table->pmd + 1 : NULL;
	unsigned long addr = table->next;

	/*
	 * At the start of the walk there is no need to reschedule.  After a page table,
	 * next_inuse_pte() has done so, or does at the end of the PMD table if it has
	 * skipped the table: here only need_resched() counts.
	 */
	if (table->pmd && (table->level != PTE_WALK_PTE || need_resched()))
		cond_resched();
	while (addr != table->end) {
		enum pte_walk_level level;
		pmd_t val;

		if (!pmd) {
			table->level = PTE_WALK_NONE;
			pmd = find_pmd(table, &addr);
			if (!pmd)
				return table->level;
		}
		val = pte_walk_read_pmd(pmd);
		level = pte_walk_pmd_level(val);
		if (level != PTE_WALK_NONE) {
			table->pmd = pmd;
			stop_at(table, level, addr, boundary(addr, PMD_SIZE, table->end));
			return level;
		}
		if (unlikely(!pmd_none(val)))
			pmd_clear_bad(pmd);
		pmd = skip_none_pmds(pmd, &addr, table->end);
		cond_resched();
	}
	table->level = PTE_WALK_NONE;
	return PTE_WALK_NONE;
}

static bool create_tables(struct pte_walk_target *target, unsigned long vaddr,
			  enum pte_walk_level level)
{
	p4d_t *p4d = p4d_alloc(target->mm, pgd_offset(target->mm, vaddr), vaddr);
	pud_t *pud = p4d ? pud_alloc(target->mm, p4d, vaddr) : NULL;
	pmd_t *pmd;

	target->vaddr = vaddr;
	target->has_pmd = false;
	if (!pud)
		return false;
	if (level == PTE_WALK_PUD) {
		target->pud = pud;
		return true;
	}
	pmd = pmd_alloc(target->mm, pud, vaddr);
	target->pmd = pmd;
	target->has_pmd = pmd;
	return pmd;
}

int __pte_walk_create(struct pte_walk_target *target, unsigned long vaddr,
		      enum pte_walk_level level)
{
	if (!(level == PTE_WALK_PTE && pte_walk_move_near(target, vaddr)) &&
	    !create_tables(target, vaddr, level))
		return -ENOMEM;
	if (level != PTE_WALK_PTE)
		return 0;
	target->pte = pte_alloc_map_lock(target->mm, target->pmd, vaddr, &target->ptl);
	return target->pte ? 0 : -ENOMEM;
}

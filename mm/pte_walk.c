// SPDX-License-Identifier: GPL-2.0
/*
 * Walking what is in use of a tree of page tables, see <linux/pte_walk.h>
 */
#include <linux/mm.h>
#include <linux/pte_walk.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#ifdef pte_or
#define HAVE_PTE_OR	1
#else
#define HAVE_PTE_OR	0
#define pte_or(a, b)	(a)
#define pmd_or(a, b)	(a)
#endif

/* All bits of several entries: loads and no branch */
#define OR8(or, p)	or(or(or(or(or(or(or((p)[0], (p)[1]), (p)[2]), (p)[3]), \
			      (p)[4]), (p)[5]), (p)[6]), (p)[7])
#define OR32(or, p)	or(or(or(OR8(or, p), OR8(or, (p) + 8)), \
			      OR8(or, (p) + 16)), OR8(or, (p) + 24))
#define OR64(or, p)	or(OR32(or, p), OR32(or, (p) + 32))

/*
 * Entry by entry in the first cache line, so that a short run costs no more than
 * asking pte_none(); then the next line; then eight lines in a step, the last of
 * which may go back a little to end where the entries do.
 */
#define DEFINE_NONE_RUN(px)						\
unsigned int px##_none_run(px##_t *first, unsigned int nr)		\
{									\
	px##_t *p = first, *end = first + nr, *line = end;		\
									\
	if (HAVE_PTE_OR)						\
		line = min(end, PTR_ALIGN(first + 1, 8 * sizeof(*p)));	\
	for (; p != line; p++)						\
		if (!px##_none(*p))					\
			return p - first;				\
									\
	if (end - p >= 72 && px##_none(OR8(px##_or, p))) {		\
		px##_t *last = end - 64;				\
									\
		p += 8;							\
		while (px##_none(OR64(px##_or, p))) {			\
			if (p == last)					\
				return nr;				\
			p = min(p + 64, last);				\
		}							\
	}								\
	while (end - p >= 8 && px##_none(OR8(px##_or, p)))		\
		p += 8;							\
	while (p != end && px##_none(*p))				\
		p++;							\
	return p - first;						\
}

DEFINE_NONE_RUN(pte)
DEFINE_NONE_RUN(pmd)

/*
 * The next multiple of @size behind @addr, or @end if that is before.  For levels
 * that are folded, too, of which pmd_addr_end() and its like know nothing.
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
 * These look for the next PMD table, which they say by PTE_WALK_PMD, or huge PUD,
 * from @addr on and in one table up to @end.  They return false if there is none.
 */
static bool find_in_puds(struct pte_walk_table *table, pud_t *pud,
			 unsigned long addr, unsigned long end)
{
	unsigned long next;

	for (; addr != end; pud++, addr = next) {
		/* One look: it may be huge, and none at any time after that. */
		pud_t val = READ_ONCE(*pud);

		next = pud_addr_end(addr, end);
		if (pud_none(val))
			continue;
		if (pud_trans_huge(val) || pud_devmap(val)) {
			table->pud = pud;
			stop_at(table, PTE_WALK_PUD, addr, next);
			return true;
		}
		if (unlikely(pud_bad(val))) {
			pud_clear_bad(pud);
			continue;
		}
		table->pmd = pmd_offset(pud, addr);
		stop_at(table, PTE_WALK_PMD, addr, next);
		return true;
	}
	return false;
}

static bool find_in_p4ds(struct pte_walk_table *table, p4d_t *p4d,
			 unsigned long addr, unsigned long end)
{
	unsigned long next;

	for (; addr != end; p4d++, addr = next) {
		next = p4d_addr_end(addr, end);
		if (!p4d_none_or_clear_bad(p4d) &&
		    find_in_puds(table, pud_offset(p4d, addr), addr, next))
			return true;
	}
	return false;
}

static bool find_in_pgds(struct pte_walk_table *table, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(table->mm, addr);
	unsigned long next;

	for (; addr != table->end; pgd++, addr = next) {
		next = pgd_addr_end(addr, table->end);
		if (!pgd_none_or_clear_bad(pgd) &&
		    find_in_p4ds(table, p4d_offset(pgd, addr), addr, next))
			return true;
	}
	return false;
}

/* The short way, where the tables are as they are mostly; NULL if they are not. */
static pmd_t *find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud, val;

	if (pgd_none(*pgd) || unlikely(pgd_bad(*pgd)))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) || unlikely(p4d_bad(*p4d)))
		return NULL;
	pud = pud_offset(p4d, addr);
	val = READ_ONCE(*pud);
	if (pud_none(val) || pud_trans_huge(val) || pud_devmap(val) ||
	    unlikely(pud_bad(val)))
		return NULL;
	return pmd_offset(pud, addr);
}

static __always_inline enum pte_walk_level pmd_level(pmd_t *pmdp)
{
	/* One look: it may change at any time, see pmd_trans_unstable(). */
	pmd_t pmd = pmd_read_atomic(pmdp);

	barrier();
	if (pmd_none(pmd))
		return PTE_WALK_NONE;
	if (is_swap_pmd(pmd) || pmd_trans_huge(pmd) || pmd_devmap(pmd))
		return PTE_WALK_PMD;
	if (unlikely(pmd_bad(pmd))) {
		pmd_clear_bad(pmdp);
		return PTE_WALK_NONE;
	}
	return PTE_WALK_PTE;
}

/* From a PMD entry that is none: to the next that is not, or NULL, and its address */
static pmd_t *skip_none_pmds(pmd_t *pmd, unsigned long *addr, unsigned long end)
{
	unsigned long start = *addr & PMD_MASK;
	unsigned int nr, none;

	end = boundary(start, PUD_SIZE, end);
	nr = nr_pmds(start, end);
	/* That one has been looked at, and may have changed. */
	none = 1 + pmd_none_run(pmd + 1, nr - 1);
	*addr = none == nr ? end : start + none * PMD_SIZE;
	return none == nr ? NULL : pmd + none;
}

/* How many entries are left in the part of a page table that is walked */
static unsigned int nr_ptes(struct pte_walk_table *table)
{
	return (table->next - table->vaddr) >> PAGE_SHIFT;
}

/*
 * Whether something is in use in the part of a page table that is walked.  An
 * entry that is just being changed may be none for a moment, so that without the
 * lock of the table only the contrary can be known.
 */
static bool is_inuse(struct pte_walk_table *table)
{
	pte_t *pte = pte_offset_map(table->pmd, table->vaddr);
	bool inuse = !pte_none(ptep_get(pte));

	if (!inuse) {
		spinlock_t *ptl = pte_lockptr(table->mm, table->pmd);

		spin_lock(ptl);
		inuse = pte_none_run(pte, nr_ptes(table)) != nr_ptes(table);
		spin_unlock(ptl);
	}
	pte_unmap(pte);
	return inuse;
}

/* Returns false if the table is left out, or if the walk has ended. */
static bool enter(struct pte_walk_table *table)
{
	const struct pte_walk_ops *ops = table->ops;
	bool nested = false;

	if (ops) {
		if (ops->inuse_only && !is_inuse(table))
			return false;
		if (ops->prepare) {
			table->error = ops->prepare(table);
			if (unlikely(table->error))
				return false;
		}
		nested = ops->nested;
	}
	table->pte = pte_offset_map(table->pmd, table->vaddr);
	table->ptl = pte_lockptr(table->mm, table->pmd);
	spin_lock_nested(table->ptl, nested ? SINGLE_DEPTH_NESTING : 0);
	if (ops && ops->enter)
		ops->enter(table);
	arch_enter_lazy_mmu_mode();
	return true;
}

/* @pte: some entry of the table, by which it is unmapped */
static void leave(struct pte_walk_table *table, pte_t *pte)
{
	const struct pte_walk_ops *ops = table->ops;

	arch_leave_lazy_mmu_mode();
	if (ops && ops->leave)
		ops->leave(table);
	spin_unlock(table->ptl);
	pte_unmap(pte);
	table->level = PTE_WALK_NONE;
	if (ops && ops->left)
		ops->left(table);
}

void __pte_walk_leave(struct pte_walk_table *table)
{
	leave(table, table->pte);
}

static __always_inline bool find_in_ptes(struct pte_walk_table *table)
{
	unsigned int nr = nr_ptes(table), none;

	if (!nr || !pte_none(*table->pte))
		return nr;
	none = pte_none_run(table->pte, nr);
	table->pte += none;
	table->vaddr += none * PAGE_SIZE;
	return none != nr;
}

/* Goes on at @addr, of which @pmd is the entry, unless it is NULL. */
static void advance(struct pte_walk_table *table, unsigned long addr, pmd_t *pmd)
{
	enum pte_walk_level level;

	while (addr != table->end) {
		if (!pmd)
			pmd = find_pmd(table->mm, addr);
		if (!pmd) {
			if (!find_in_pgds(table, addr))
				break;
			if (table->level == PTE_WALK_PUD)
				return;
			addr = table->vaddr;
			pmd = table->pmd;
		}
		level = pmd_level(pmd);
		if (level == PTE_WALK_NONE) {
			pmd = skip_none_pmds(pmd, &addr, table->end);
			cond_resched();
			continue;
		}
		table->pmd = pmd;
		stop_at(table, level, addr, boundary(addr, PMD_SIZE, table->end));
		if (level == PTE_WALK_PMD)
			return;
		if (enter(table)) {
			/* Who waits does so for one entry at least. */
			if (find_in_ptes(table))
				return;
			leave(table, table->pte - 1);
		}
		if (unlikely(table->error))
			break;
		cond_resched();
		addr = table->next;
		pmd = addr & ~PUD_MASK ? pmd + 1 : NULL;
	}
	table->level = PTE_WALK_NONE;
}

void __pte_walk_descend(struct pte_walk_table *table, unsigned long start)
{
	table->error = 0;
	advance(table, start, NULL);
}

/* Huge pages are often side by side. */
static bool next_huge_pmd(struct pte_walk_table *table)
{
	unsigned long addr = table->next, left = table->end - addr;

	if (addr == table->vaddr || !left || !(addr & ~PUD_MASK) ||
	    need_resched() || pmd_level(table->pmd + 1) != PTE_WALK_PMD)
		return false;
	table->pmd++;
	table->vaddr = addr;
	table->next = addr + min(left, PMD_SIZE);
	return true;
}

static noinline void leave_and_advance(struct pte_walk_table *table)
{
	unsigned long addr = table->next;
	pmd_t *pmd = table->pmd;
	bool same = addr == table->vaddr;

	switch (table->level) {
	case PTE_WALK_PTE:
		/* Its end, or somebody waits for the CPU. */
		leave(table, table->pte - 1);
		addr = table->vaddr;
		same = !same;
		break;
	case PTE_WALK_NONE:
		same = same || addr & ~PMD_MASK;
		break;
	case PTE_WALK_PMD:
		break;
	case PTE_WALK_PUD:
		pmd = NULL;
		break;
	}
	cond_resched();
	if (pmd && !same)
		pmd = addr & ~PUD_MASK ? pmd + 1 : NULL;
	advance(table, addr, pmd);
}

void __next_inuse_pte(struct pte_walk_table *table)
{
	if (table->level == PTE_WALK_PMD && next_huge_pmd(table))
		return;
	leave_and_advance(table);
}

/* In the PMD table that @table->pmd is in? */
static bool is_near(struct pte_walk_table *table, unsigned long vaddr)
{
	return table->level == PTE_WALK_PMD && !((vaddr ^ table->vaddr) & PUD_MASK);
}

static int create_tables(struct pte_walk_table *table, unsigned long vaddr,
			 enum pte_walk_level level)
{
	p4d_t *p4d = p4d_alloc(table->mm, pgd_offset(table->mm, vaddr), vaddr);
	pud_t *pud = p4d ? pud_alloc(table->mm, p4d, vaddr) : NULL;

	table->level = PTE_WALK_NONE;
	if (!pud)
		return -ENOMEM;
	if (level == PTE_WALK_PUD) {
		table->pud = pud;
		return 0;
	}
	table->pmd = pmd_alloc(table->mm, pud, vaddr);
	if (!table->pmd)
		return -ENOMEM;
	table->level = PTE_WALK_PMD;
	return 0;
}

int pte_walk_move_and_create(struct pte_walk_table *table, unsigned long vaddr,
			     enum pte_walk_level level)
{
	if (level != PTE_WALK_PUD && is_near(table, vaddr))
		table->pmd += (vaddr >> PMD_SHIFT) - (table->vaddr >> PMD_SHIFT);
	else if (create_tables(table, vaddr, level))
		return -ENOMEM;
	table->vaddr = vaddr;
	if (level != PTE_WALK_PTE)
		return 0;
	table->pte = pte_alloc_map_lock(table->mm, table->pmd, vaddr, &table->ptl);
	return table->pte ? 0 : -ENOMEM;
}

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
#endif

#ifdef pmd_or
#define HAVE_PMD_OR	1
#else
#define HAVE_PMD_OR	0
#define pmd_or(a, b)	(a)
#endif

/* All bits of several entries: loads and no branch */
#define OR8(or, p)	or(or(or(or(or(or(or((p)[0], (p)[1]), (p)[2]), (p)[3]), \
			      (p)[4]), (p)[5]), (p)[6]), (p)[7])
#define OR32(or, p)	or(or(or(OR8(or, p), OR8(or, (p) + 8)), \
			      OR8(or, (p) + 16)), OR8(or, (p) + 24))
#define OR64(or, p)	or(OR32(or, p), OR32(or, (p) + 32))

#define USED(px, entry)	unlikely(!px##_none(entry))

/* The first of eight entries that is in use, or 8 */
#define FIRST8(px, p)	(USED(px, (p)[0]) ? 0 : USED(px, (p)[1]) ? 1 :	\
			 USED(px, (p)[2]) ? 2 : USED(px, (p)[3]) ? 3 :	\
			 USED(px, (p)[4]) ? 4 : USED(px, (p)[5]) ? 5 :	\
			 USED(px, (p)[6]) ? 6 : USED(px, (p)[7]) ? 7 : 8)

/*
 * A run that is long already is likely to reach far: look at the bits of eight
 * entries, and then of 64 in a step, of which the first is shortened so that the last
 * ends where the entries do.
 */
#define DEFINE_LONG_NONE_RUN(px, have_or)				\
static __always_inline unsigned long					\
px##_long_none_run(px##_t *first, px##_t *p, px##_t *end)		\
{									\
	unsigned int i;							\
									\
	if ((have_or) && end - p >= 72 && px##_none(OR8(px##_or, p))) {	\
		p += 8;							\
		if (px##_none(OR64(px##_or, p))) {			\
			p += (unsigned long)(end - p - 1) % 64 + 1;	\
			while (p != end && px##_none(OR64(px##_or, p)))	\
				p += 64;				\
		}							\
	}								\
	for (; end - p >= 8; p += 8) {					\
		if ((have_or) && px##_none(OR8(px##_or, p)))		\
			continue;					\
		i = FIRST8(px, p);					\
		if (i < 8)						\
			return p + i - first;				\
	}								\
	while (p != end && px##_none(*p))				\
		p++;							\
	return p - first;						\
}

DEFINE_LONG_NONE_RUN(pte, HAVE_PTE_OR)
DEFINE_LONG_NONE_RUN(pmd, HAVE_PMD_OR)

/* Between entries in use a run is mostly short: look at eight one by one. */
unsigned long pte_none_run(pte_t *pte, unsigned long nr)
{
	unsigned int i;

	if (likely(nr >= 8)) {
		i = FIRST8(pte, pte);
		return i < 8 ? i : pte_long_none_run(pte, pte + 8, pte + nr);
	}
	for (i = 0; i < nr; i++)
		if (!pte_none(pte[i]))
			break;
	return i;
}

unsigned long pmd_none_run(pmd_t *pmd, unsigned long nr)
{
	return pmd_long_none_run(pmd, pmd, pmd + nr);
}

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

/* From a PMD entry that is none: to the next that is not, or NULL, and its address */
static pmd_t *skip_none_pmds(pmd_t *pmd, unsigned long *addr, unsigned long end)
{
	unsigned long start = *addr & PMD_MASK;
	unsigned long nr, none;

	end = boundary(start, PUD_SIZE, end);
	nr = nr_pmds(start, end);
	/* That one has been looked at, and may have changed. */
	none = 1 + pmd_none_run(pmd + 1, nr - 1);
	*addr = none == nr ? end : start + none * PMD_SIZE;
	return none == nr ? NULL : pmd + none;
}

bool __pte_walk_is_inuse(struct pte_walk_table *table, pte_t *pte)
{
	unsigned int nr = (table->next - table->vaddr) >> PAGE_SHIFT;
	spinlock_t *ptl = pte_lockptr(table->mm, table->pmd);
	bool inuse;

	spin_lock(ptl);
	inuse = pte_none_run(pte, nr) != nr;
	spin_unlock(ptl);
	return inuse;
}

static noinline enum pte_walk_level descend(struct pte_walk_table *table)
{
	unsigned long addr = table->next;
	enum pte_walk_level level;
	pmd_t *pmd = pte_walk_is_next_pmd(table) ? table->pmd + 1 : NULL, val;

	/* Before the first, there is no need; after a page table, it is done mostly. */
	if (table->pmd && (table->level != PTE_WALK_PTE || need_resched()))
		cond_resched();
	while (addr != table->end) {
		if (!pmd)
			pmd = find_pmd(table->mm, addr);
		if (!pmd) {
			if (!find_in_pgds(table, addr))
				break;
			if (table->level == PTE_WALK_PUD)
				return PTE_WALK_PUD;
			addr = table->vaddr;
			pmd = table->pmd;
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

enum pte_walk_level __pte_walk_descend(struct pte_walk_table *table)
{
	unsigned long addr = table->next;
	enum pte_walk_level level = PTE_WALK_NONE;
	pmd_t *pmd = NULL;

	/* The first one: mostly it is there. */
	if (!table->pmd)
		pmd = find_pmd(table->mm, addr);
	if (pmd)
		level = pte_walk_pmd_level(pte_walk_read_pmd(pmd));
	if (level == PTE_WALK_NONE)
		return descend(table);
	table->pmd = pmd;
	stop_at(table, level, addr,
		addr + min(table->end - addr, PMD_SIZE - addr % PMD_SIZE));
	return level;
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

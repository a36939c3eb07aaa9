// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests for the walker of <linux/pte_walk.h>
 *
 * The page tables are those of an mm that no task uses, with the levels, entries and
 * huge leaves of the architecture.  Each stop of the walk is compared with that of a
 * naive walk, which looks up every address from the top.  tools/testing/pte_walk does
 * the same in user space, with tables of two to five levels.  All entries in use must be
 * marked before and after, see <linux/pgtable_inuse.h>.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/pgalloc.h>
#include <linux/pgtable.h>
#include <linux/pgtable_inuse.h>
#include <linux/prandom.h>
#include <linux/pte_walk.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <asm/tlb.h>
#include "internal.h"

/* End of the range that is tested: if possible, it has several tables of each level. */
#ifdef CONFIG_S390
/* A new mm has three levels. */
#define SPAN	P4D_SIZE
#else
#define SPAN	min_t(unsigned long, TASK_SIZE, \
		      4 * PGDIR_SIZE > PGDIR_SIZE ? 4 * PGDIR_SIZE : TASK_SIZE)
#endif

struct walk_test {
	struct mm_struct *mm;
	struct mm_struct *other;
	struct pte_walk_hint hint;
	struct rnd_state rnd;
	u64 ignored;		/* bits that pte_none() ignores */
};

static u32 draw(struct walk_test *t, u32 below)
{
	return prandom_u32_state(&t->rnd) % below;
}

static unsigned long random_addr(struct walk_test *t, unsigned long start, unsigned long end)
{
	unsigned long nr = (end - start) / PAGE_SIZE, page = prandom_u32_state(&t->rnd);

	/* 32 bits are not enough for a page number. */
	page = page << 16 ^ prandom_u32_state(&t->rnd);
	return start + page % nr * PAGE_SIZE;
}

static int walk_test_init(struct kunit *test)
{
	struct walk_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int bit;

	if (!t)
		return -ENOMEM;
	test->priv = t;
	prandom_seed_state(&t->rnd, 61);
	for (bit = 0; bit < 8 * sizeof(pte_t); bit++) {
		if (pte_none(__pte(1ULL << bit)))
			t->ignored |= 1ULL << bit;
	}
	return 0;
}

/* Like pmd_addr_end(), for any level, folded ones included */
static unsigned long addr_end(unsigned long addr, unsigned long size, unsigned long end)
{
	unsigned long next = (addr & -size) + size;

	return next - 1 < end - 1 ? next : end;
}

/*
 * Store in *@entry what maps @addr, or NULL if nothing does, and its level.  Return the end
 * of what this entry, or the missing table, maps.
 */
static unsigned long naive(struct mm_struct *mm, unsigned long addr, unsigned long end,
			   enum pte_walk_level *level, void **entry)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;

	*entry = NULL;
	*level = PTE_WALK_PUD;
	if (pgd_none(*pgd))
		return addr_end(addr, PGDIR_SIZE, end);
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return addr_end(addr, P4D_SIZE, end);
	pud = pud_offset(p4d, addr);
	if (!pud_none(*pud) && pud_trans_huge(*pud))
		*entry = pud;
	if (pud_none(*pud) || pud_trans_huge(*pud))
		return addr_end(addr, PUD_SIZE, end);
	pmd = pmd_offset(pud, addr);
	*level = PTE_WALK_PMD;
	if (is_swap_pmd(*pmd))
		*entry = pmd;
	if (pmd_none(*pmd) || is_swap_pmd(*pmd))
		return addr_end(addr, PMD_SIZE, end);
	*level = PTE_WALK_PTE;
	pte = pte_offset_map(pmd, addr);
	if (!pte_none(ptep_get(pte)))
		*entry = pte;
	pte_unmap(pte);
	return addr + PAGE_SIZE;
}

/* Return the first address in use from @addr on, or @end. */
static unsigned long naive_next(struct mm_struct *mm, unsigned long addr, unsigned long end,
				enum pte_walk_level *level, void **entry)
{
	unsigned long next;

	for (; addr != end; addr = next) {
		next = naive(mm, addr, end, level, entry);
		if (*entry)
			break;
	}
	return addr;
}

#ifdef CONFIG_PGTABLE_INUSE
static bool is_marked(const void *entry)
{
	unsigned long marks = virt_to_page(entry)->pt_inuse;

	return !(marks & 1) && (marks | 1) >> pgtable_section(entry) & 1;
}
#else
static bool is_marked(const void *entry)
{
	return true;
}
#endif

/* Are the entries of PMD tables and page tables marked that are in use? */
static bool all_marked(struct mm_struct *mm)
{
	unsigned long addr, next;
	enum pte_walk_level level;
	void *entry;

	for (addr = FIRST_USER_ADDRESS; addr != SPAN; addr = next) {
		next = naive(mm, addr, SPAN, &level, &entry);
		if (level == PTE_WALK_PTE && !is_marked(mm_find_pmd(mm, addr)))
			return false;
		if (level != PTE_WALK_PUD && entry && !is_marked(entry))
			return false;
	}
	return true;
}

/* Is entry @i in use?  By @kind, few entries are, most, all, one group of 8 in 5, or none. */
static bool is_chosen(struct walk_test *t, unsigned int kind, unsigned int i)
{
	switch (kind) {
	case 0:
		return !draw(t, 100);
	case 1:
		return draw(t, 100);
	case 2:
		return true;
	case 3:
		return i / 8 % 5 == 2;
	default:
		return false;
	}
}

static void fill_table(struct walk_test *t, pte_t *pte, spinlock_t *ptl)
{
	unsigned int i, kind = draw(t, 5);

	/* All entries may be marked, whether they are in use or not. */
	if (!draw(t, 3))
		ptes_mark_inuse(pte, PTRS_PER_PTE, ptl);
	for (i = 0; i < PTRS_PER_PTE; i++, pte++) {
		pte_t new = __pte(draw(t, 2) ? t->ignored : 0);

		/* An all-zero entry is not none on s390. */
		if (!pte_none(new))
			new = __pte(t->ignored);
		if (is_chosen(t, kind, i)) {
			new = swp_entry_to_pte(swp_entry(0, i + 1));
			pte_mark_inuse(pte, ptl);
		}
		WRITE_ONCE(*pte, new);
	}
}

#if defined(CONFIG_TRANSPARENT_HUGEPAGE) && defined(CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD)
static void make_huge_pud(pud_t *pud)
{
	set_pud(pud, pud_mkhuge(pfn_pud(0, PAGE_READONLY)));
}
#else
static void make_huge_pud(pud_t *pud)
{
}
#endif

#ifdef CONFIG_ARCH_ENABLE_THP_MIGRATION
static void make_huge_pmd(struct mm_struct *mm, unsigned long addr, pmd_t *pmd, pmd_t new)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	pmd_mark_inuse(pmd, ptl);
	set_pmd_at(mm, addr & PMD_MASK, pmd, new);
	spin_unlock(ptl);
}

static pmd_t migration_pmd(unsigned long nr)
{
	return swp_entry_to_pmd(make_readable_migration_entry(nr));
}
#else
static void make_huge_pmd(struct mm_struct *mm, unsigned long addr, pmd_t *pmd, pmd_t new)
{
}

static pmd_t migration_pmd(unsigned long nr)
{
	return __pmd(0);
}
#endif

/*
 * Create page tables and huge leaves at random addresses, half of them close to the one
 * before, so that tables of every level get more than one entry.
 */
static struct mm_struct *random_mm(struct kunit *test)
{
	struct walk_test *t = test->priv;
	struct pte_walk_target walk = { .mm = mm_alloc() };
	unsigned long addr = 0;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, walk.mm);
	for (i = 0; i < 40; i++) {
		if (draw(t, 2))
			addr = random_addr(t, 0, SPAN);
		else
			addr = (addr + (unsigned long)draw(t, 20) * PMD_SIZE) % SPAN;
		addr &= PMD_MASK;
		if (addr < FIRST_USER_ADDRESS)
			continue;
		if (pte_walk_move_and_create(&walk, addr, PTE_WALK_PUD))
			continue;
		if (pud_none(*walk.pud) && !draw(t, 8))
			make_huge_pud(walk.pud);
		if (pud_trans_huge(*walk.pud) ||
		    pte_walk_move_and_create(&walk, addr, PTE_WALK_PMD))
			continue;
		if (!draw(t, 4)) {
			if (pmd_none(*walk.pmd))
				make_huge_pmd(walk.mm, addr, walk.pmd, migration_pmd(i));
			continue;
		}
		if (is_swap_pmd(*walk.pmd) ||
		    pte_walk_move_and_create(&walk, addr, PTE_WALK_PTE))
			continue;
		fill_table(t, walk.pte, walk.ptl);
		pte_walk_unlock_created(&walk);
	}
	return walk.mm;
}

/* Clear the huge leaves, which map no pages, and free the tables. */
static void free_mm(struct mm_struct *mm)
{
	unsigned long addr, next;
	enum pte_walk_level level;
	struct mmu_gather tlb;
	void *entry;

	if (!mm)
		return;
	for (addr = FIRST_USER_ADDRESS; addr != SPAN; addr = next) {
		next = naive(mm, addr, SPAN, &level, &entry);
		if (entry && level == PTE_WALK_PUD)
			pud_clear((pud_t *)entry);
		else if (entry && level == PTE_WALK_PMD)
			pmd_clear((pmd_t *)entry);
	}
	tlb_gather_mmu_fullmm(&tlb, mm);
	free_pgd_range(&tlb, FIRST_USER_ADDRESS, SPAN, FIRST_USER_ADDRESS, USER_PGTABLES_CEILING);
	tlb_finish_mmu(&tlb);
	mmput(mm);
}

static void walk_test_exit(struct kunit *test)
{
	struct walk_test *t = test->priv;

	if (!t)
		return;
	free_mm(t->mm);
	free_mm(t->other);
}

static void random_range(struct walk_test *t, unsigned long *start, unsigned long *end)
{
	unsigned long first = FIRST_USER_ADDRESS, last = SPAN;

	if (draw(t, 4)) {
		/* Begin at an entry in use, so that the range may end within its table. */
		enum pte_walk_level level;
		void *entry;

		first = naive_next(t->mm, random_addr(t, first, last), last, &level, &entry);
		first = max(first & PMD_MASK, (unsigned long)FIRST_USER_ADDRESS);
		last = min(last, first + 40 * PMD_SIZE);
		if (first == last)
			first -= PMD_SIZE;
	}
	*start = draw(t, 3) ? random_addr(t, first, last) : first;
	*end = draw(t, 3) ? random_addr(t, *start, last) + PAGE_SIZE : last;
}

/* Is the walk where a naive one from @expect on would be, with the PTL held? */
static bool is_right(struct walk_test *t, struct pte_walk_state *walk, unsigned long expect)
{
	unsigned long end = walk->table->end;
	enum pte_walk_level level;
	void *entry, *at;

	expect = naive_next(t->mm, expect, end, &level, &entry);
	if (walk->vaddr != expect || walk->level != level)
		return false;
	if (level == PTE_WALK_PTE)
		return (!IS_ENABLED(CONFIG_SMP) || spin_is_locked(walk->ptl)) &&
		       walk->next == addr_end(walk->vaddr, PMD_SIZE, end) &&
		       /* With HIGHPTE, each mapping of a table has its own address. */
		       offset_in_page(walk->pte) == offset_in_page(entry);
	at = level == PTE_WALK_PMD ? (void *)walk->table->pmd : (void *)walk->table->pud;
	return at == entry && walk->next == naive(t->mm, expect, end, &level, &entry);
}

/* Compare a walk, in which the body consumes random numbers of entries, with a naive one. */
static bool walk_once(struct walk_test *t, unsigned long start, unsigned long end)
{
	DEFINE_PTE_WALK(walk);
	unsigned long expect = start;
	enum pte_walk_level level;
	unsigned int nr;
	void *entry;

	pte_walk_begin(&walk, t->mm, start, end, NULL, NULL);
	if (draw(t, 2))
		pte_walk_begin_near(&walk, &t->hint);
	while (next_inuse_pte(&walk)) {
		if (!is_right(t, &walk, expect)) {
			if (walk.level == PTE_WALK_PTE)
				pte_walk_unlock(&walk, 0);
			return false;
		}
		expect = walk.next;
		if (walk.level != PTE_WALK_PTE)
			continue;
		nr = draw(t, 4) ? 1 : 1 + draw(t, (walk.next - walk.vaddr) / PAGE_SIZE);
		expect = walk.vaddr + nr * PAGE_SIZE;
		if (draw(t, 50))
			pte_walk_consume(&walk, nr);
		else
			pte_walk_unlock(&walk, nr);
	}
	pte_walk_end_at(&walk, &t->hint);
	return naive_next(t->mm, expect, end, &level, &entry) == end;
}

static void walk_test_order(struct kunit *test)
{
	struct walk_test *t = test->priv;
	unsigned long start, end;
	int round, i;

	for (round = 0; round < 10; round++) {
		t->mm = random_mm(test);
		t->hint.pmd = NULL;
		for (i = 0; i < 40; i++) {
			random_range(t, &start, &end);
			KUNIT_EXPECT_TRUE_MSG(test, walk_once(t, start, end),
					      "round %d, %#lx to %#lx", round, start, end);
		}
		KUNIT_EXPECT_TRUE_MSG(test, all_marked(t->mm), "round %d", round);
		free_mm(t->mm);
		t->mm = NULL;
	}
}

/* Copy page tables like fork(). */
static int copy_before_lock(struct pte_walk_table *table, void *private)
{
	return pte_walk_move_and_create(private, table->vaddr, PTE_WALK_PTE);
}

static void copy_after_lock(struct pte_walk_table *table, pte_t *pte, void *private)
{
	struct pte_walk_target *child = private;

	ptes_copy_inuse(child->pte, pte, (table->next - table->vaddr) / PAGE_SIZE);
}

static void copy_after_unlock(struct pte_walk_table *table, void *private)
{
	pte_walk_unlock_created(private);
}

static const struct pte_walk_ops copy_ops = {
	.inuse_only = true,
	.nested = true,
	.before_lock = copy_before_lock,
	.after_lock = copy_after_lock,
	.after_unlock = copy_after_unlock,
};

static int copy_once(struct walk_test *t, unsigned long start, unsigned long end)
{
	struct pte_walk_target child = { .mm = t->other };
	DEFINE_PTE_WALK(walk);

	for_each_inuse_pte_ops(t->mm, &walk, start, end, &copy_ops, &child) {
		if (walk.level == PTE_WALK_PTE) {
			if (!draw(t, 100))
				pte_walk_unlock(&walk, 0);
			else
				child.pte[(walk.vaddr - child.vaddr) / PAGE_SIZE] =
					ptep_get(walk.pte);
			continue;
		}
		if (pte_walk_move_and_create(&child, walk.vaddr, walk.level))
			return -ENOMEM;
		if (walk.level == PTE_WALK_PMD)
			make_huge_pmd(child.mm, walk.vaddr, child.pmd, *walk.table->pmd);
		else
			*child.pud = *walk.table->pud;
	}
	return walk.table->error;
}

/* Count the page tables, or those @inuse_only: with an entry in use from @start to @end. */
static unsigned int nr_tables(struct mm_struct *mm, unsigned long start, unsigned long end,
			      bool inuse_only)
{
	enum pte_walk_level level;
	unsigned long next;
	unsigned int nr = 0;
	void *entry;

	for (; start != end; start = next) {
		next = naive(mm, start, end, &level, &entry);
		if (level != PTE_WALK_PTE)
			continue;
		next = addr_end(start, PMD_SIZE, end);
		if (!inuse_only || naive_next(mm, start, next, &level, &entry) != next)
			nr++;
	}
	return nr;
}

static bool is_same(struct mm_struct *mm, struct mm_struct *other, unsigned long addr,
		    enum pte_walk_level level)
{
	pmd_t *pmd, *copy;
	pte_t a, b, *pte;

	if (level == PTE_WALK_PUD)
		return true;
	pmd = mm_find_pmd(mm, addr);
	copy = mm_find_pmd(other, addr);
	if (level == PTE_WALK_PMD)
		return pmd_val(*pmd) == pmd_val(*copy);
	pte = pte_offset_map(pmd, addr);
	a = ptep_get(pte);
	pte_unmap(pte);
	pte = pte_offset_map(copy, addr);
	b = ptep_get(pte);
	pte_unmap(pte);
	return pte_same(a, b);
}

static void walk_test_copy(struct kunit *test)
{
	struct walk_test *t = test->priv;
	unsigned long start, end, addr, copy;
	enum pte_walk_level level, copied;
	unsigned int tables, expect;
	void *entry, *other;
	int round;

	for (round = 0; round < 60; round++) {
		t->mm = random_mm(test);
		t->other = mm_alloc();
		KUNIT_ASSERT_NOT_NULL(test, t->other);
		random_range(t, &start, &end);
		KUNIT_ASSERT_EQ(test, copy_once(t, start, end), 0);
		/* Huge leaves are copied whole. */
		addr = start;
		copy = start;
		while (true) {
			addr = naive_next(t->mm, addr, end, &level, &entry);
			copy = naive_next(t->other, copy, end, &copied, &other);
			KUNIT_ASSERT_EQ_MSG(test, addr, copy, "round %d, %#lx to %#lx", round,
					    start, end);
			if (addr == end)
				break;
			KUNIT_ASSERT_EQ(test, level, copied);
			KUNIT_ASSERT_TRUE(test, is_same(t->mm, t->other, addr, level));
			addr = naive(t->mm, addr, end, &level, &entry);
			copy = naive(t->other, copy, end, &copied, &other);
		}
		KUNIT_EXPECT_TRUE(test, all_marked(t->mm) && all_marked(t->other));
		tables = nr_tables(t->other, FIRST_USER_ADDRESS, SPAN, false);
		expect = nr_tables(t->mm, start, end, true);
		KUNIT_EXPECT_EQ_MSG(test, tables, expect, "round %d, %#lx to %#lx", round,
				    start, end);
		free_mm(t->mm);
		free_mm(t->other);
		t->mm = NULL;
		t->other = NULL;
	}
}

/*
 * Move entries down by less than there are, as exec() does with its stack.  Entries differ
 * by the offset in their swap entry; those of which it would be 0 are none.
 */
static void walk_test_move(struct kunit *test)
{
	const unsigned long start = 2 * PMD_SIZE;
	struct walk_test *t = test->priv;
	struct pte_walk_target a = { };
	struct vm_area_struct *vma;
	unsigned int round, from, to, nr, i, *offset;

	t->mm = mm_alloc();
	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	offset = kunit_kcalloc(test, PTRS_PER_PTE, sizeof(*offset), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, t->mm && vma && offset);
	a.mm = t->mm;
	vma_init(vma, t->mm);
	vma->vm_start = start;
	vma->vm_end = start + PMD_SIZE;
	vma->vm_page_prot = PAGE_READONLY;

	for (round = 0; round < 500; round++) {
		to = draw(t, PTRS_PER_PTE - 1);
		from = to + 1 + draw(t, min_t(u32, 100, PTRS_PER_PTE - 1 - to));
		nr = 1 + draw(t, PTRS_PER_PTE - from);
		memset(offset, 0, PTRS_PER_PTE * sizeof(*offset));
		KUNIT_ASSERT_EQ(test, pte_walk_move_and_create(&a, start, PTE_WALK_PTE), 0);
		for (i = 0; i < nr; i++) {
			if (round % 2 && draw(t, 3))
				continue;
			offset[to + i] = i + 1;
			pte_mark_inuse(a.pte + from + i, a.ptl);
			set_pte_at(t->mm, start + (from + i) * PAGE_SIZE, a.pte + from + i,
				   swp_entry_to_pte(swp_entry(0, i + 1)));
		}
		pte_walk_unlock_created(&a);

		mmap_write_lock(t->mm);
		move_page_tables(vma, start + from * PAGE_SIZE, vma, start + to * PAGE_SIZE,
				 nr * PAGE_SIZE, false);
		mmap_write_unlock(t->mm);

		KUNIT_ASSERT_EQ(test, pte_walk_move_and_create(&a, start, PTE_WALK_PTE), 0);
		for (i = 0; i < PTRS_PER_PTE; i++) {
			pte_t pte = a.pte[i];
			unsigned int got = pte_none(pte) ? 0 : swp_offset(pte_to_swp_entry(pte));

			if (got != offset[i] || (got && !is_marked(a.pte + i)))
				break;
			pte_clear(t->mm, start + i * PAGE_SIZE, a.pte + i);
		}
		ptes_mark_none(a.pte, i);
		pte_walk_unlock_created(&a);
		KUNIT_ASSERT_EQ_MSG(test, i, PTRS_PER_PTE, "%u entries from %u to %u",
				    nr, from, to);
	}
}

#ifdef CONFIG_PGTABLE_INUSE
/* The marks of the sections of an empty page table, as bits */
static unsigned long marks_of(pte_t *table)
{
	unsigned long all = GENMASK(pgtable_section(table + PTRS_PER_PTE - 1),
				    pgtable_section(table));

	return virt_to_page(table)->pt_inuse & all;
}

static unsigned long naive_bit(const pte_t *pte)
{
	return (1UL << pgtable_section(pte)) & ~1UL;
}

/* Mark, copy and unmark random ranges, and compare the marks with those of each entry. */
static void walk_test_marks(struct kunit *test)
{
	struct walk_test *t = test->priv;
	struct pte_walk_target a = { }, b = { };
	unsigned int round, at, to, nr, i;
	unsigned long expect, others, got;

	t->mm = mm_alloc();
	t->other = mm_alloc();
	KUNIT_ASSERT_TRUE(test, t->mm && t->other);
	a.mm = t->mm;
	b.mm = t->other;
	KUNIT_ASSERT_EQ(test, pte_walk_move_and_create(&a, 2 * PMD_SIZE, PTE_WALK_PTE), 0);
	pte_walk_unlock_created(&a);
	/* Where tables share a page, this one is at another place in it. */
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, pte_walk_move_and_create(&b, (2 + i) * PMD_SIZE,
							       PTE_WALK_PTE), 0);
		pte_walk_unlock_created(&b);
	}
	for (round = 0; round < 2000; round++) {
		at = draw(t, PTRS_PER_PTE);
		to = draw(t, 2) ? at : draw(t, PTRS_PER_PTE);
		nr = 1 + draw(t, PTRS_PER_PTE - max(at, to));
		expect = marks_of(a.pte);
		switch (draw(t, 4)) {
		case 0:
			pte_mark_inuse(a.pte + at, a.ptl);
			expect |= naive_bit(a.pte + at);
			break;
		case 1:
			ptes_mark_inuse(a.pte + at, nr, a.ptl);
			for (i = 0; i < nr; i++)
				expect |= naive_bit(a.pte + at + i);
			break;
		default:
			ptes_mark_none(a.pte + at, nr);
			/* Sections with other entries do not change. */
			others = 0;
			for (i = 0; i < PTRS_PER_PTE; i++)
				if (i < at || i >= at + nr)
					others |= naive_bit(a.pte + i);
			expect &= others;
			break;
		}
		KUNIT_ASSERT_EQ_MSG(test, marks_of(a.pte), expect, "%u entries at %u", nr, at);

		/* More sections than necessary may be marked if these are not in step. */
		ptes_mark_none(b.pte, PTRS_PER_PTE);
		ptes_copy_inuse(b.pte + to, a.pte + at, nr);
		expect = 0;
		others = 0;
		for (i = 0; i < nr; i++) {
			if (is_marked(a.pte + at + i))
				expect |= naive_bit(b.pte + to + i);
			else
				others |= naive_bit(b.pte + to + i);
		}
		got = marks_of(b.pte);
		KUNIT_ASSERT_EQ_MSG(test, got | others, expect | others,
				    "%u entries from %u to %u", nr, at, to);
		if (!(((unsigned long)(a.pte + at) ^ (unsigned long)(b.pte + to)) %
		      PGTABLE_SECTION))
			KUNIT_ASSERT_EQ(test, got, expect);
	}
}
#else
static void walk_test_marks(struct kunit *test)
{
	kunit_skip(test, "no marks");
}
#endif

static struct kunit_case walk_test_cases[] = {
	KUNIT_CASE(walk_test_order),
	KUNIT_CASE(walk_test_copy),
	KUNIT_CASE(walk_test_move),
	KUNIT_CASE(walk_test_marks),
	{}
};

static struct kunit_suite walk_test_suite = {
	.name = "pte_walk",
	.init = walk_test_init,
	.exit = walk_test_exit,
	.test_cases = walk_test_cases,
};

kunit_test_suite(walk_test_suite);

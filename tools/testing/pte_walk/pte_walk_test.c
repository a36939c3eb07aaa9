// SPDX-License-Identifier: GPL-2.0
/*
 * Test the walker of <linux/pte_walk.h> on random page tables: compare each stop with
 * that of a naive walk, which looks up every address from the top.  The body consumes
 * random numbers of entries, drops the PTL at random, and replaces huge leaves.  Then
 * copy the tables like fork().  Where parts of tables in use are marked, check the marks.
 *
 * Usage: pte_walk_test [ROUNDS [SEED]].  Prints a line of TAP, or fails.
 */
#include <stdio.h>
#include <string.h>

#include "../../../mm/pte_walk.c"

struct mm_struct init_mm;
int maps, locks, lazy;
unsigned long yields;
pte_t *mapped[2];

static uint64_t rng;
static unsigned int patience;

static unsigned long draw(unsigned long below)
{
	rng = rng * 6364136223846793005 + 1442695040888963407;
	return (rng >> 33 | rng << 31) % below;
}

bool need_resched(void)
{
	return patience && !draw(patience);
}

#ifdef CONFIG_PGTABLE_INUSE
#define TABLE_SIZE	(PTRS * sizeof(pte_t))

static void put_page(struct page *page)
{
	if (!--page->tables)
		free((char *)page - PAGE_SIZE);
}

/* Tables are taken from a page in ascending order, and a page is freed with the last. */
unsigned long *new_table(void)
{
	static unsigned long used;
	static char *page;
	void *table;

	if (!page) {
		page = aligned_alloc(2 * PAGE_SIZE, 2 * PAGE_SIZE);
		memset(page, 0, 2 * PAGE_SIZE);
		used = 0;
	}
	table = page + used;
	used += TABLE_SIZE;
	virt_to_page(table)->tables++;
	if (used == TABLE_SIZE)
		virt_to_page(table)->tables++;
	if (used + TABLE_SIZE > PAGE_SIZE) {
		put_page(virt_to_page(table));
		page = NULL;
	}
	return table;
}

void delete_table(unsigned long *table)
{
	put_page(virt_to_page(table));
}

void mark_inuse(unsigned long *entry)
{
	pmd_mark_inuse((pmd_t *)entry, NULL);
}

/* Is everything marked that is in use, and nothing in bit 0? */
static bool is_marked(unsigned long *table, int level)
{
	for (int i = 0; i < PTRS; i++) {
		unsigned long marks = virt_to_page(table)->pt_inuse;

		if (!(table[i] & ~IGNORED))
			continue;
		if (marks & 1 || !((marks | 1) >> pgtable_section(table + i) & 1))
			return false;
		if (level > 1 && !(table[i] & LEAF) &&
		    !is_marked((unsigned long *)table[i], level - 1))
			return false;
	}
	return true;
}
#else
unsigned long *new_table(void)
{
	return calloc(PTRS, sizeof(unsigned long));
}

void delete_table(unsigned long *table)
{
	free(table);
}

void mark_inuse(unsigned long *entry)
{
}

static bool is_marked(unsigned long *table, int level)
{
	return true;
}
#endif

/*
 * A table of level 1 is a page table, one of level LEVELS the top.  Some of the none
 * entries are marked, too.
 */
static unsigned long *random_table(int level, unsigned int density)
{
	unsigned long *table = new_table();
	unsigned int marks = draw(3) * draw(40);

	for (int i = 0; i < PTRS; i++) {
		if (draw(100) >= density) {
			if (!draw(4))
				table[i] = draw(4) * 2;	/* IGNORED bits */
			if (draw(100) < marks)
				mark_inuse(table + i);
			continue;
		}
		mark_inuse(table + i);
		if (level == 1)
			table[i] = 8ul << draw(60) | draw(8);
		else if (level <= 3 && level < LEVELS && !draw(4))
			table[i] = LEAF | draw(4) << 1;
		else
			table[i] = (unsigned long)random_table(level - 1, draw(4) ? draw(101) :
							       draw(2) * 100);
	}
	return table;
}

static void free_table(unsigned long *table, int level)
{
	for (int i = 0; level > 1 && i < PTRS; i++)
		if (table[i] & ~IGNORED && !(table[i] & LEAF))
			free_table((unsigned long *)table[i], level - 1);
	delete_table(table);
}

/* Return the entry that maps @addr, or NULL, and store its level and what it maps. */
static unsigned long *naive(struct mm_struct *mm, unsigned long addr, int *level,
			    unsigned long *size)
{
	unsigned long *table = (unsigned long *)mm->pgd;

	*size = TASK_SIZE / PTRS;
	for (*level = LEVELS; ; --*level, *size /= PTRS) {
		unsigned long *entry = table + addr / *size % PTRS;

		if (!(*entry & ~IGNORED))
			return NULL;
		if (*level == 1 || *entry & LEAF)
			return entry;
		table = (unsigned long *)*entry;
	}
}

static unsigned long round_up_to(unsigned long addr, unsigned long size, unsigned long end)
{
	addr = (addr / size + 1) * size;
	return addr < end ? addr : end;
}

/* Return the first address in use from @addr on, or @end. */
static unsigned long naive_next(struct mm_struct *mm, unsigned long addr, unsigned long end,
				int *level, unsigned long *size, unsigned long **entry)
{
	while (addr < end) {
		*entry = naive(mm, addr, level, size);
		if (*entry)
			return addr;
		addr = round_up_to(addr, *size, end);
	}
	return end;
}

static unsigned long stops;

static bool walk_once(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	DEFINE_PTE_WALK(walk);
	unsigned long expect = start, size, *entry, yielded = -1;
	struct pte_walk_hint hint = { };
	bool ended = true;
	int level;

	/* A walk that has ended early leaves nothing behind for the next one. */
	for_each_inuse_pte(mm, &walk, 0, (1 + draw(TASK_SIZE / PAGE_SIZE)) * PAGE_SIZE) {
		if (!draw(20)) {
			if (walk.level == PTE_WALK_PTE)
				pte_walk_unlock(&walk, 0);
			break;
		}
	}
	pte_walk_end_at(&walk, &hint);
	pte_walk_begin(&walk, mm, start, end, NULL, NULL);
	if (draw(2))
		pte_walk_begin_near(&walk, &hint);
	while (next_inuse_pte(&walk)) {
		/* After pte_walk_unlock(), the walk must have called cond_resched(). */
		if (yielded == yields)
			return false;
		yielded = -1;
		expect = naive_next(mm, expect, end, &level, &size, &entry);
		if (walk.vaddr != expect)
			return false;
		stops++;
		if (level > 1) {
			unsigned long *at = (unsigned long *)(level == 2 ? (void *)walk.table->pmd :
							      (void *)walk.table->pud);

			if (walk.level != (level == 2 ? PTE_WALK_PMD : PTE_WALK_PUD) ||
			    at != entry || locks || maps ||
			    walk.next != round_up_to(expect, size, end))
				return false;
			if (!draw(3)) {
				/* Clear it, or replace it by a table. */
				*entry = draw(2) ? 0 : (unsigned long)random_table(level - 1, 30);
				pte_walk_retry(&walk);
			} else {
				expect = walk.next;
			}
			continue;
		}
		if (walk.level != PTE_WALK_PTE || (unsigned long *)walk.pte != entry ||
		    locks != 1 || maps != 1 || !lazy || walk.next > end)
			return false;
		if (!draw(500)) {
			pte_walk_unlock(&walk, 0);
			ended = false;
			break;
		}
		/* Consume a random number of entries, in use or not. */
		if (!draw(4)) {
			unsigned int nr = 1 + draw((walk.next - walk.vaddr) / PAGE_SIZE);

			pte_walk_consume(&walk, nr);
			expect += nr * PAGE_SIZE;
		} else if (!draw(10)) {
			unsigned int nr = draw(2);

			pte_walk_unlock(&walk, nr);
			if (locks || maps || lazy)
				return false;
			expect += nr * PAGE_SIZE;
			yielded = yields;
		} else {
			if (!draw(10))
				pte_walk_relock(&walk);
			expect += PAGE_SIZE;
		}
	}
	if (!ended)
		return !locks && !maps && !lazy;
	return naive_next(mm, expect, end, &level, &size, &entry) == end && !locks && !maps &&
	       !lazy;
}

/* Copy page tables like fork(), where the allocation of a table may fail. */
struct copy {
	struct pte_walk_target child;
	bool entered;
	unsigned int out_of_memory;
};

static int copy_before_lock(struct pte_walk_table *table, void *private)
{
	struct copy *copy = private;

	assert(!locks && !maps && !copy->entered);
	if (copy->out_of_memory && !draw(copy->out_of_memory))
		return -ENOMEM;
	return pte_walk_move_and_create(&copy->child, table->vaddr, PTE_WALK_PTE);
}

static void copy_after_lock(struct pte_walk_table *table, pte_t *pte, void *private)
{
	struct copy *copy = private;

	assert(locks == 2 && maps == 2 && !lazy && !copy->entered);
	copy->entered = true;
	ptes_copy_inuse(copy->child.pte, pte, (table->next - table->vaddr) / PAGE_SIZE);
}

static void copy_before_unlock(struct pte_walk_table *table, void *private)
{
	struct copy *copy = private;

	assert(locks == 2 && maps == 2 && !lazy && copy->entered);
	copy->entered = false;
}

static void copy_after_unlock(struct pte_walk_table *table, void *private)
{
	struct copy *copy = private;

	assert(locks == 1 && maps == 1);
	pte_walk_unlock_created(&copy->child);
}

static const struct pte_walk_ops copy_ops = {
	.inuse_only = true,
	.nested = true,
	.before_lock = copy_before_lock,
	.after_lock = copy_after_lock,
	.before_unlock = copy_before_unlock,
	.after_unlock = copy_after_unlock,
};

/* Is any table of the child empty, except for the top? */
static bool any_empty(unsigned long *table, int level)
{
	int i, nr = 0;

	for (i = 0; i < PTRS; i++) {
		if (!(table[i] & ~IGNORED))
			continue;
		nr++;
		if (level > 1 && !(table[i] & LEAF) &&
		    any_empty((unsigned long *)table[i], level - 1))
			return true;
	}
	return level < LEVELS && !nr;
}

static bool copy_once(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct mm_struct child = { .pgd = (pgd_t *)new_table() };
	struct copy copy = { .child.mm = &child, .out_of_memory = draw(2) * 100 };
	unsigned long addr, size, other_size, *entry, *other;
	DEFINE_PTE_WALK(walk);
	bool good = true, ended = true;
	int level, other_level;

	for_each_inuse_pte_ops(mm, &walk, start, end, &copy_ops, &copy) {
		if (walk.level != PTE_WALK_PTE) {
			if (pte_walk_move_and_create(&copy.child, walk.vaddr, walk.level)) {
				good = false;
				break;
			}
			mark_inuse((unsigned long *)copy.child.pmd);
			if (walk.level == PTE_WALK_PMD)
				*copy.child.pmd = *walk.table->pmd;
			else
				*copy.child.pud = *walk.table->pud;
			continue;
		}
		good = good && copy.entered && locks == 2;
		if (!draw(20)) {
			pte_walk_unlock(&walk, 0);
			ended = draw(50);
			if (!ended)
				break;
			continue;
		}
		copy.child.pte[(walk.vaddr - copy.child.vaddr) / PAGE_SIZE] = *walk.pte;
		if (!draw(1000)) {
			pte_walk_unlock(&walk, 0);
			ended = false;
			break;
		}
	}
	good = good && !locks && !maps && !lazy &&
	       (!walk.table->error || (walk.table->error == -ENOMEM && copy.out_of_memory));
	/* After a complete walk, the child has what the range has, and nothing else. */
	if (ended && !walk.table->error) {
		good = good && !any_empty((unsigned long *)child.pgd, LEVELS) &&
		       (naive_next(&child, 0, start, &level, &size, &entry) == start || level > 1);
		addr = naive_next(&child, start, TASK_SIZE, &other_level, &other_size, &other);
		start = naive_next(mm, start, end, &level, &size, &entry);
		while (good && start != end) {
			good = addr == start && *entry == *other && level == other_level;
			start = naive_next(mm, round_up_to(start, size, end), end, &level, &size,
					   &entry);
			addr = naive_next(&child, round_up_to(addr, other_size, TASK_SIZE),
					  TASK_SIZE, &other_level, &other_size, &other);
		}
		good = good && addr == TASK_SIZE;
	}
	good = good && is_marked((unsigned long *)child.pgd, LEVELS);
	free_table((unsigned long *)child.pgd, LEVELS);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 300;
	bool good = true;

	rng = argc > 2 ? strtoul(argv[2], NULL, 0) : 61;
	for (unsigned long round = 0; good && round < rounds; round++) {
		struct mm_struct mm = { .pgd = (pgd_t *)random_table(LEVELS, draw(101)) };

		patience = draw(3) * draw(100);
		for (int i = 0; good && i < 20; i++) {
			unsigned long start = draw(TASK_SIZE / PAGE_SIZE) * PAGE_SIZE;
			unsigned long pages = (TASK_SIZE - start) / PAGE_SIZE;
			unsigned long end = start + (1 + draw(pages)) * PAGE_SIZE;

			good = walk_once(&mm, start, end) && copy_once(&mm, start, end) &&
			       is_marked((unsigned long *)mm.pgd, LEVELS);
			if (!good)
				printf("# round %lu, %#lx to %#lx\n", round, start, end);
		}
		free_table((unsigned long *)mm.pgd, LEVELS);
	}
	if (good)
		printf("ok - %d levels of %d entries, %lu stops\n", LEVELS, PTRS, stops);
	return !good;
}

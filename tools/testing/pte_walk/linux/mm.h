/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mm/pte_walk.c takes from the kernel, for the tables of a test: LEVELS
 * levels, of PTRS entries each; the levels that are missing are folded.  With
 * CONFIG_PGTABLE_INUSE, tables share pages, as many as go into one.
 */
#ifndef PTE_WALK_LINUX_MM_H
#define PTE_WALK_LINUX_MM_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define BUILD_BUG_ON(wrong)	_Static_assert(!(wrong), "")
#define min(a, b)	((a) < (b) ? (a) : (b))
#define BITS_PER_LONG	64
#define GENMASK(high, low)	(~0ul >> (63 - (high)) & ~0ul << (low))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define PTR_ALIGN(p, a)		((typeof(p))(DIV_ROUND_UP((unsigned long)(p), a) * (a)))
#define PTR_ALIGN_DOWN(p, a)	((typeof(p))((unsigned long)(p) / (a) * (a)))
#define __ffs(x)		__builtin_ctzl(x)
#define container_of(p, type, member)	((type *)((char *)(p) - offsetof(type, member)))
#define IS_ENABLED(option)	0
#define WRITE_ONCE(x, new)	((x) = (new))
#define smp_wmb()		do { } while (0)
#define smp_rmb()		do { } while (0)
#define noinline	__attribute__((__noinline__))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#ifndef __always_inline
#define __always_inline	inline __attribute__((always_inline))
#endif

#ifndef PAGE_SHIFT
#define PAGE_SHIFT	12
#endif
#define PAGE_SIZE	(1ul << PAGE_SHIFT)
#define offset_in_page(p)	((unsigned long)(p) & (PAGE_SIZE - 1))

/* An entry: 0 is none; a table by its address; a leaf has LEAF, whatever else. */
#define LEAF		1ul
/* Bits that may be set in an entry that is none, as by an erratum of x86 */
#define IGNORED		6ul

typedef uint64_t u64;
typedef struct { unsigned long val; } pte_t;
typedef struct { unsigned long val; } pmd_t;
typedef struct { unsigned long val; } pud_t;
typedef struct { unsigned long val; } p4d_t;
typedef struct { unsigned long val; } pgd_t;

struct pte_walk_hint {
	pmd_t *pmd;
	unsigned long vaddr;
};

typedef struct { int held; } spinlock_t;

struct page {
	unsigned long pt_inuse;
	spinlock_t ptl;
	unsigned int tables;		/* that are not free */
};

#define pmd_page_vaddr(pmd)	((pmd).val & ~7ul)
#define pmd_page(pmd)		virt_to_page(pmd_page_vaddr(pmd))

/* It follows the page, and both are aligned to two pages. */
#define virt_to_page(p)	((struct page *)(((unsigned long)(p) | PAGE_SIZE) & ~(PAGE_SIZE - 1)))

struct mm_struct {
	pgd_t *pgd;
	spinlock_t ptl;
};

extern struct mm_struct init_mm;

/* Shifts and sizes.  A folded level has one entry, which is that of the level above. */
#define PTRS_PER_PTE	PTRS
#define PTRS_PER_PMD	(LEVELS > 2 ? PTRS : 1)
#define PTRS_PER_PUD	(LEVELS > 3 ? PTRS : 1)
#define PTRS_PER_P4D	(LEVELS > 4 ? PTRS : 1)
#define PTRS_PER_PGD	PTRS
#define PMD_SHIFT	(PAGE_SHIFT + __builtin_ctz(PTRS_PER_PTE))
#define PMD_SIZE	(PAGE_SIZE * PTRS_PER_PTE)
#define PMD_MASK	(~(PMD_SIZE - 1))
#define PUD_SIZE	(PMD_SIZE * PTRS_PER_PMD)
#define P4D_SIZE	(PUD_SIZE * PTRS_PER_PUD)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PGDIR_SIZE	(P4D_SIZE * PTRS_PER_P4D)
#define TASK_SIZE	(PGDIR_SIZE * PTRS_PER_PGD)

#define is_none(entry)		(!((entry).val & ~IGNORED))
#define pte_none(entry)		is_none(entry)
#define pmd_none(entry)		(LEVELS > 1 && is_none(entry))
#define pud_none(entry)		(LEVELS > 2 && is_none(entry))
#define p4d_none(entry)		(LEVELS > 3 && is_none(entry))
#define pgd_none(entry)		(LEVELS > 4 && is_none(entry))
#define pud_clear_bad(pud)	((void)(pud))
#define READ_ONCE(x)		(x)
#define data_race(x)		(x)
#define p4d_none_or_clear_bad(p4d)	p4d_none(*(p4d))
#define pgd_none_or_clear_bad(pgd)	pgd_none(*(pgd))

#define ptep_peek(ptep)		(*(ptep))
#ifndef ONE
#define pte_none_mask()		(~IGNORED)
#define pmd_none_mask()		(~IGNORED)
#endif

#define is_leaf(entry)		(!!((entry).val & LEAF))
#define pmd_trans_huge(pmd)	is_leaf(pmd)
#define pud_trans_huge(pud)	(LEVELS > 2 && is_leaf(pud))
#define pmd_devmap(pmd)		false
#define pud_devmap(pud)		false
#define is_swap_pmd(pmd)	false
#define thp_migration_supported()	false
#define pgd_bad(pgd)		false
#define p4d_bad(p4d)		false
#define pud_bad(pud)		false
#define pmd_bad(pmd)		false
#define pmd_clear_bad(pmd)	((void)(pmd))
#define pmd_read_atomic(pmd)	(*(pmd))
#define barrier()		do { } while (0)

#define table_of(type, entry)	((type *)((entry)->val & ~7ul))
#define entry_at(table, addr, size, ptrs)	((table) + (addr) / (size) % (ptrs))
#define pmd_index(addr)		((addr) / PMD_SIZE % PTRS_PER_PMD)

static inline pgd_t *pgd_offset(struct mm_struct *mm, unsigned long addr)
{
	return entry_at(mm->pgd, addr, PGDIR_SIZE, PTRS_PER_PGD);
}

static inline p4d_t *p4d_offset(pgd_t *pgd, unsigned long addr)
{
	if (LEVELS < 5)
		return (p4d_t *)pgd;
	return entry_at(table_of(p4d_t, pgd), addr, P4D_SIZE, PTRS_PER_P4D);
}

static inline pud_t *pud_offset(p4d_t *p4d, unsigned long addr)
{
	if (LEVELS < 4)
		return (pud_t *)p4d;
	return entry_at(table_of(pud_t, p4d), addr, PUD_SIZE, PTRS_PER_PUD);
}

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long addr)
{
	if (LEVELS < 3)
		return (pmd_t *)pud;
	return entry_at(table_of(pmd_t, pud), addr, PMD_SIZE, PTRS_PER_PMD);
}

/* Mapped page tables and held locks are counted; nothing may sleep with one. */
extern int maps, locks, lazy;
/* The last that is mapped is the first that is unmapped, as with highmem. */
extern pte_t *mapped[2];

static inline pte_t *pte_offset_map(pmd_t *pmd, unsigned long addr)
{
	assert(maps < 2);
	mapped[maps++] = table_of(pte_t, pmd);
	return entry_at(table_of(pte_t, pmd), addr, PAGE_SIZE, PTRS_PER_PTE);
}

unsigned long *new_table(void);
void delete_table(unsigned long *table);
void mark_inuse(unsigned long *entry);

/* As the kernel allocates tables: where there is none yet. */
static inline bool table_alloc(unsigned long *entry)
{
	if (!(*entry & ~IGNORED)) {
		mark_inuse(entry);
		*entry = (unsigned long)new_table();
	}
	return !(*entry & LEAF);
}

static inline p4d_t *p4d_alloc(struct mm_struct *mm, pgd_t *pgd, unsigned long addr)
{
	return LEVELS < 5 || table_alloc(&pgd->val) ? p4d_offset(pgd, addr) : NULL;
}

static inline pud_t *pud_alloc(struct mm_struct *mm, p4d_t *p4d, unsigned long addr)
{
	return LEVELS < 4 || table_alloc(&p4d->val) ? pud_offset(p4d, addr) : NULL;
}

static inline pmd_t *pmd_alloc(struct mm_struct *mm, pud_t *pud, unsigned long addr)
{
	return LEVELS < 3 || table_alloc(&pud->val) ? pmd_offset(pud, addr) : NULL;
}

static inline void pte_unmap(pte_t *pte)
{
	assert(maps-- > 0 && pte >= mapped[maps] && pte < mapped[maps] + PTRS_PER_PTE);
}

static inline spinlock_t *pte_lockptr(struct mm_struct *mm, pmd_t *pmd)
{
	return &mm->ptl;
}

static inline void spin_lock(spinlock_t *lock)
{
	assert(!lock->held++);
	locks++;
}

#define SINGLE_DEPTH_NESTING	1
#define spin_lock_nested(lock, depth)	((void)(depth), spin_lock(lock))

static inline void spin_unlock(spinlock_t *lock)
{
	assert(lock->held-- == 1);
	locks--;
}

#define pte_alloc_map_lock(mm, pmd, addr, ptlp) ({			\
	pte_t *__pte = NULL;						\
									\
	if (table_alloc(&(pmd)->val)) {					\
		__pte = pte_offset_map(pmd, addr);			\
		*(ptlp) = pte_lockptr(mm, pmd);				\
		spin_lock(*(ptlp));					\
	}								\
	__pte;								\
})

#define pte_unmap_unlock(pte, ptl) do {					\
	spin_unlock(ptl);						\
	pte_unmap(pte);							\
} while (0)

static inline void arch_enter_lazy_mmu_mode(void)
{
	assert(locks && !lazy++);
}

static inline void arch_leave_lazy_mmu_mode(void)
{
	assert(locks && lazy-- == 1);
}

#define VM_WARN_ON_ONCE(condition)	assert(!(condition))
#define VM_BUG_ON(condition)		assert(!(condition))

/* True at random */
bool need_resched(void);

extern unsigned long yields;

static inline void cond_resched(void)
{
	assert(!locks && !maps);
	yields++;
}

#endif

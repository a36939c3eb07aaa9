/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_CONTPTE_H
#define __ASM_CONTPTE_H

/*
 * Operations on page table entries that may be part of a block of contiguous
 * entries, see arch/arm64/mm/contpte.c.  This header has the fast paths for
 * ordinary entries, most of which only check the Contiguous bit.
 */

#ifdef CONFIG_ARM64_CONTPTE_KUNIT_TEST
extern unsigned int contpte_flushes, contpte_flushes_all, contpte_flushes_nosync;
#endif

pte_t contpte_ptep_get(pte_t *ptep, pte_t raw);
pte_t contpte_ptep_get_lockless(pte_t *ptep, pte_t raw);
void __contpte_try_unfold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t raw);
void __contpte_try_fold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte);
void contpte_set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte);
void contpte_set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte,
		      unsigned int nr);
void contpte_set_flushed_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			      pte_t pte, unsigned int nr);
void contpte_fold_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
		       unsigned int nr);
void contpte_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			    unsigned int nr);
pte_t contpte_get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr,
				      pte_t *ptep, unsigned int nr);
void contpte_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			     unsigned int nr);
int contpte_ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr,
				      pte_t *ptep, pte_t raw);
int contpte_ptep_clear_flush_young(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t raw);
int contpte_ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
				  pte_t raw, pte_t entry, int dirty);

/* Return the position of @ptep within its naturally aligned CONT_PTES entries. */
static inline unsigned int contpte_index(pte_t *ptep)
{
	return ((unsigned long)ptep / sizeof(*ptep)) % CONT_PTES;
}

static inline bool contpte_is_last(pte_t *ptep)
{
	return contpte_index(ptep) == CONT_PTES - 1;
}

/* Do the address and the page have the same offset in a block? */
static inline bool contpte_is_aligned(unsigned long addr, pte_t pte)
{
	return !(((addr ^ pte_val(pte)) >> PAGE_SHIFT) % CONT_PTES);
}

/* contpte_is_aligned(), and contpte_is_last() for the entry, in one test */
static inline bool contpte_is_aligned_last(unsigned long addr, pte_t pte)
{
	return ((addr & pte_val(pte)) >> PAGE_SHIFT) % CONT_PTES == CONT_PTES - 1;
}

/*
 * Is this a user entry, either valid or PROT_NONE?  If so, the Contiguous bit
 * means a block, or a hugetlb page that is read as one.  Other entries that may
 * have the bit are those of the kernel, leaf entries of a higher level, and
 * swap entries.
 */
static inline bool pte_is_user_page(pte_t pte)
{
	if (!pte_valid(pte))
		return (pte_val(pte) & (PTE_TABLE_BIT | PTE_PROT_NONE)) ==
		       (PTE_TABLE_BIT | PTE_PROT_NONE);
	return pte_val(pte) & PTE_TABLE_BIT && !pte_valid_not_user(pte);
}

#define __HAVE_ARCH_PTEP_GET
static inline pte_t ptep_get(pte_t *ptep)
{
	pte_t raw = __ptep_get(ptep);

	return likely(!pte_cont(raw)) ? raw : contpte_ptep_get(ptep, raw);
}

static inline pte_t ptep_get_lockless(pte_t *ptep)
{
	pte_t raw = __ptep_get(ptep);

	return likely(!pte_cont(raw)) ? raw : contpte_ptep_get_lockless(ptep, raw);
}

#define ptep_get_lockless ptep_get_lockless

/*
 * The size by which the MMU maps, which is not that of a block if PROT_NONE.  Without the
 * PTL, the entry may have changed since it was @pte, so rely on one read alone.
 */
static inline unsigned long ptep_leaf_size(pte_t *ptep, pte_t pte)
{
	pte_t raw = __ptep_get(ptep);

	return pte_valid(raw) ? pte_leaf_size(raw) : PAGE_SIZE;
}

#define ptep_leaf_size ptep_leaf_size

/* Only for present user entries, in which the Contiguous bit means a block */
static inline unsigned int pte_batch_hint(pte_t *ptep, pte_t pte)
{
	return likely(!pte_cont(__ptep_get(ptep))) ? 1 : CONT_PTES - contpte_index(ptep);
}

#define pte_batch_hint pte_batch_hint

/* For an ordinary valid entry, this checks PTE_VALID and PTE_CONT only. */
static inline bool ptep_get_single(pte_t *ptep, pte_t *pte)
{
	pte_t raw = __ptep_get(ptep);

	*pte = raw;
	if (unlikely(!pte_valid(raw))) {
		if (likely(pte_none(raw)))
			return false;
		if (likely(!pte_cont(raw)))
			return pte_present(raw);
	} else if (likely(!pte_cont(raw))) {
		return true;
	}
	if (!pte_is_user_page(raw))
		return pte_present(raw);
	*pte = pte_mknoncont(raw);
	return false;
}

#define ptep_get_single ptep_get_single

static inline bool pte_is_block(pte_t pte)
{
	return pte_present(pte);
}

static inline pte_t contpte_ptep_get_batch(pte_t *ptep, bool young, bool dirty)
{
	pte_t raw = __ptep_get(ptep);

	if (likely(!pte_cont(raw)))
		return raw;
	/* No need to gather if the bits that matter are set in this entry. */
	if (pte_valid(raw) && (!young || pte_young(raw)) && (!dirty || pte_dirty(raw)))
		return pte_mknoncont(raw);
	return contpte_ptep_get(ptep, raw);
}

#define ptep_get_batch(ptep, flags)					\
	contpte_ptep_get_batch(ptep, !((flags) & FPB_IGNORE_YOUNG),	\
			       !((flags) & FPB_IGNORE_DIRTY))

static inline void contpte_try_unfold(struct mm_struct *mm, unsigned long addr,
				      pte_t *ptep)
{
	pte_t raw = __ptep_get(ptep);

	if (unlikely(pte_cont(raw)))
		__contpte_try_unfold(mm, addr, ptep, raw);
}

static inline void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			      pte_t pte)
{
	/* Entries are mostly set in ascending order, so fold after the last one. */
	if (unlikely(pte_cont(__ptep_get(ptep)) || contpte_is_aligned_last(addr, pte)))
		contpte_set_pte_at(mm, addr, ptep, pte);
	else
		__set_pte_at(mm, addr, ptep, pte);
}

#define set_pte_at set_pte_at

#define set_pte_single __set_pte_at

static inline void set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			    pte_t pte, unsigned int nr)
{
	if (nr == 1)
		__set_pte_at(mm, addr, ptep, pte);
	else
		contpte_set_ptes(mm, addr, ptep, pte, nr);
}

#define set_ptes set_ptes

static inline void set_flushed_ptes(struct mm_struct *mm, unsigned long addr,
				    pte_t *ptep, pte_t pte, unsigned int nr)
{
	if (nr == 1)
		__set_pte_at(mm, addr, ptep, pte);
	else
		contpte_set_flushed_ptes(mm, addr, ptep, pte, nr);
}

#define set_flushed_ptes set_flushed_ptes

static inline void fold_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			     unsigned int nr)
{
	if (nr > 1 || contpte_is_last(ptep))
		contpte_fold_ptes(mm, addr, ptep, nr);
}

#define fold_ptes fold_ptes

static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	contpte_try_unfold(mm, addr, ptep);
	__pte_clear(mm, addr, ptep);
}

#define pte_clear pte_clear

/* An entry that is not present is not part of a block. */
#define __HAVE_ARCH_PTE_CLEAR_NOT_PRESENT_FULL
static inline void pte_clear_not_present_full(struct mm_struct *mm, unsigned long addr,
					      pte_t *ptep, int full)
{
	__pte_clear(mm, addr, ptep);
}

#define __HAVE_ARCH_PTEP_GET_AND_CLEAR
static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr,
				       pte_t *ptep)
{
	contpte_try_unfold(mm, addr, ptep);
	return __ptep_get_and_clear(mm, addr, ptep);
}

#define __HAVE_ARCH_PTEP_CLEAR_FLUSH
pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep);

static inline pte_t get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr,
					    pte_t *ptep, unsigned int nr, int full)
{
	if (nr == 1)
		return ptep_get_and_clear(mm, addr, ptep);
	return contpte_get_and_clear_full_ptes(mm, addr, ptep, nr);
}

#define get_and_clear_full_ptes get_and_clear_full_ptes

static inline pte_t get_and_clear_full_pte(struct mm_struct *mm, unsigned long addr,
					   pte_t *ptep, int full)
{
	VM_WARN_ON_ONCE(pte_present(__ptep_get(ptep)) && pte_cont(__ptep_get(ptep)));
	return __ptep_get_and_clear(mm, addr, ptep);
}

#define get_and_clear_full_pte get_and_clear_full_pte

/* For an entry that is not part of a block; one of a small folio never is. */
static inline void clear_full_pte(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				  int full)
{
	VM_WARN_ON_ONCE(pte_cont(__ptep_get(ptep)));
	if (IS_ENABLED(CONFIG_PAGE_TABLE_CHECK))
		page_table_check_pte_clear(mm, addr, __ptep_get(ptep));
	__pte_clear(mm, addr, ptep);
}

#define clear_full_pte clear_full_pte

static inline void clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				   unsigned int nr, int full)
{
	if (unlikely(nr > 1 || pte_cont(__ptep_get(ptep))))
		contpte_clear_full_ptes(mm, addr, ptep, nr);
	else
		clear_full_pte(mm, addr, ptep, full);
}

#define clear_full_ptes clear_full_ptes

/*
 * A whole block needs no flush: all that the TLB can hold is the block, and its size does
 * not change.  A part of one is unfolded first.
 */
static inline pte_t modify_prot_start_ptes(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep, unsigned int nr)
{
	return get_and_clear_full_ptes(vma->vm_mm, addr, ptep, nr, 0);
}

#define modify_prot_start_ptes modify_prot_start_ptes

static inline pte_t modify_prot_start_pte(struct vm_area_struct *vma, unsigned long addr,
					  pte_t *ptep)
{
	return get_and_clear_full_pte(vma->vm_mm, addr, ptep, 0);
}

#define modify_prot_start_pte modify_prot_start_pte

static inline void modify_prot_commit_ptes(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep, pte_t old_pte, pte_t pte,
					   unsigned int nr)
{
	set_flushed_ptes(vma->vm_mm, addr, ptep, pte, nr);
}

#define modify_prot_commit_ptes modify_prot_commit_ptes

#define __HAVE_ARCH_PTEP_TEST_AND_CLEAR_YOUNG
static inline int ptep_test_and_clear_young(struct vm_area_struct *vma,
					    unsigned long addr, pte_t *ptep)
{
	pte_t raw = __ptep_get(ptep);

	if (likely(!pte_cont(raw)))
		return __ptep_mkold(ptep, raw);
	return contpte_ptep_test_and_clear_young(vma, addr, ptep, raw);
}

static inline int test_and_clear_young_pte(struct vm_area_struct *vma,
					   unsigned long addr, pte_t *ptep)
{
	return __ptep_test_and_clear_young(ptep);
}

#define test_and_clear_young_pte test_and_clear_young_pte

#define __HAVE_ARCH_PTEP_CLEAR_YOUNG_FLUSH
static inline int ptep_clear_flush_young(struct vm_area_struct *vma, unsigned long addr,
					 pte_t *ptep)
{
	pte_t raw = __ptep_get(ptep);

	if (likely(!pte_cont(raw)))
		return __ptep_clear_flush_young(vma, addr, ptep);
	return contpte_ptep_clear_flush_young(vma, addr, ptep, raw);
}

#define __HAVE_ARCH_PTEP_SET_WRPROTECT
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr,
				      pte_t *ptep)
{
	contpte_try_unfold(mm, addr, ptep);
	__ptep_set_wrprotect(mm, addr, ptep);
}

static inline void wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
				  unsigned int nr)
{
	pte_t raw = __ptep_get(ptep);

	if (unlikely(nr > 1 || pte_cont(raw)))
		contpte_wrprotect_ptes(mm, addr, ptep, nr);
	else if (likely(pte_write(raw)))
		__ptep_wrprotect(ptep, raw);
}

#define wrprotect_ptes wrprotect_ptes

#define __HAVE_ARCH_PTEP_SET_ACCESS_FLAGS
static inline int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr,
					pte_t *ptep, pte_t entry, int dirty)
{
	pte_t raw = __ptep_get(ptep);
	int changed;

	if (unlikely(pte_cont(raw)))
		return contpte_ptep_set_access_flags(vma, addr, ptep, raw, entry, dirty);
	changed = __ptep_set_access_flags(vma, addr, ptep, entry, dirty);
	/* This may have been the last read-only entry among writable ones. */
	if (changed && dirty && contpte_is_aligned(addr, entry))
		__contpte_try_fold(vma->vm_mm, addr, ptep, entry);
	return changed;
}

#endif /* __ASM_CONTPTE_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Find code that populates entries of page tables and does not mark them, see
 * <linux/pgtable_inuse.h>
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/pgtable_inuse.h>
#include <linux/swapops.h>

/* The lock with which the entry was populated may not be held here. */
static bool is_marked(const void *entry)
{
	unsigned int section = pgtable_section(entry);

	/* Read the mark after the entry.  Pairs with pmd_mark_inuse(). */
	smp_rmb();
	return !section || READ_ONCE(virt_to_page(entry)->pt_inuse) >> section & 1;
}

/**
 * pgtable_inuse_check - check that an entry is marked
 * @entry: the entry, which has been found in use
 *
 * Context: The page table cannot be freed.
 */
void pgtable_inuse_check(const void *entry)
{
	WARN_ONCE(!is_marked(entry), "page table entry in use, but not marked: %llx\n",
		  *(const u64 *)entry);
}

/**
 * pgtable_inuse_check_none - check that entries are none
 * @pte: the first entry
 * @nr: number of entries
 *
 * Context: The PTL is held.
 */
void pgtable_inuse_check_none(const pte_t *pte, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		WARN_ONCE(!pte_none(pte[i]), "page table entry in use is unmarked: %llx\n",
			  (u64)pte_val(pte[i]));
}

/*
 * Is this an entry of hugetlb?  Nothing tells that of a marker, nor of an entry for
 * hardware poison, whose page may have been split since: assume that they are.
 */
static bool is_hugetlb(pte_t pte)
{
	swp_entry_t entry;

	if (pte_present(pte))
		return pfn_valid(pte_pfn(pte)) && PageHuge(pfn_to_page(pte_pfn(pte)));
	entry = pte_to_swp_entry(pte);
	if (is_pte_marker_entry(entry) || is_hwpoison_entry(entry))
		return true;
	return is_pfn_swap_entry(entry) && PageHuge(pfn_swap_entry_to_page(entry));
}

static bool is_user_table(struct mm_struct *mm, const void *entry)
{
	/* Page tables of the kernel's own have no VMAs: that for text_poke(), for instance. */
	return mm->map_count && virt_addr_valid(entry) && PageTable(virt_to_page(entry));
}

/**
 * pte_inuse_check_set - check that an entry is marked before it is populated
 * @mm: the address space
 * @ptep: the entry
 * @pte: what it is going to be
 *
 * Context: As for set_pte_at().
 */
void pte_inuse_check_set(struct mm_struct *mm, const pte_t *ptep, pte_t pte)
{
	if (!pte_none(*ptep) || pte_none(pte) || !is_user_table(mm, ptep) || is_hugetlb(pte))
		return;
	WARN_ONCE(!is_marked(ptep), "PTE is populated, but not marked: %llx\n", (u64)pte_val(pte));
}

/**
 * pmd_inuse_check_set - check that a PMD entry is marked before it is populated
 * @mm: the address space
 * @pmdp: the entry
 * @pmd: what it is going to be
 *
 * Context: As for set_pmd_at().
 */
void pmd_inuse_check_set(struct mm_struct *mm, const pmd_t *pmdp, pmd_t pmd)
{
	if (!pmd_none(*pmdp) || pmd_none(pmd) || !is_user_table(mm, pmdp))
		return;
	WARN_ONCE(!is_marked(pmdp), "PMD is populated, but not marked: %llx\n", (u64)pmd_val(pmd));
}

/**
 * pte_table_check_free - check a page table that is going to be freed
 * @pmd: its PMD entry
 *
 * Context: Nobody else changes the page table.
 */
void pte_table_check_free(pmd_t *pmd)
{
	const pte_t *pte = (const pte_t *)pmd_page_vaddr(*pmd);
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		if (!pte_none(pte[i]))
			pgtable_inuse_check(pte + i);
}

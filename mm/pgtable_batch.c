// SPDX-License-Identifier: GPL-2.0
/*
 * Finding runs of page table entries, see <linux/pgtable_batch.h>
 */
#include <linux/mm.h>
#include <linux/pgtable.h>

#ifdef __HAVE_ARCH_PTE_BATCH

static pte_t pte_batch_clear_ignored(pte_t pte, fpb_t flags)
{
	if (flags & FPB_IGNORE_YOUNG)
		pte = pte_mkold(pte);
	if (flags & FPB_IGNORE_DIRTY)
		pte = pte_mkclean(pte);
	if (flags & FPB_IGNORE_SOFT_DIRTY)
		pte = pte_clear_soft_dirty(pte);
	/* Not all that is not writable is read-only: PROT_NONE on 8xx is not. */
	if (flags & FPB_IGNORE_WRITE && pte_write(pte))
		pte = pte_wrprotect(pte);
	return pte;
}

/* Are two entries, @expected a present one, the same but for what is ignored? */
static noinline bool pte_batch_same(pte_t pte, pte_t expected, fpb_t flags)
{
	return pte_present(pte) &&
	       pte_same(pte_batch_clear_ignored(pte, flags),
			pte_batch_clear_ignored(expected, flags));
}

/**
 * folio_pte_batch - how many entries map consecutive pages of one folio
 * @folio: the folio that the first entry maps a page of
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @pte: value of the first entry, present
 * @max_nr: number of entries to consider, at least 1
 * @flags: FPB_IGNORE_* of what may differ between the entries
 * @any_writable: if not NULL, set to whether pte_write() holds for one of them
 *
 * Entries belong to the batch as long as each is present, maps the page after
 * the one before, and has the same other bits, except for those that @flags
 * name.  No entry behind @max_nr, the last page of the folio or the end of the
 * page table is read.
 *
 * The end of the folio is found by PFN: a folio is naturally aligned, see
 * struct folio.
 *
 * Context: the lock of the page table is held.
 * Return: the number of entries, from 1 to @max_nr.
 */
unsigned int folio_pte_batch(struct folio *folio, unsigned long addr,
			     pte_t *ptep, pte_t pte, unsigned int max_nr,
			     fpb_t flags, bool *any_writable)
{
	unsigned long nr_pages = folio_nr_pages(folio);
	pte_t *start = ptep, *end;

	VM_WARN_ON_ONCE(!pte_present(pte));
	VM_WARN_ON_ONCE(page_folio(pfn_to_page(pte_pfn(pte))) != folio);

	max_nr = min3((unsigned long)max_nr,
		      nr_pages - (pte_pfn(pte) & (nr_pages - 1)),
		      PTRS_PER_PTE - pte_index(addr));
	end = ptep + max_nr;

	if (any_writable)
		*any_writable = pte_write(pte);

	for (;;) {
		unsigned int nr = pte_batch_hint(ptep, pte);
		pte_t expected;

		ptep += nr;
		if (ptep >= end)
			return max_nr;

		/*
		 * Each entry is held against the one before it: mostly they
		 * are the same to the bit, and only where that changes is it
		 * worth asking whether the difference matters.
		 */
		expected = pte_advance_pfns(pte, nr);
		pte = ptep_get_batch(ptep, flags);
		if (!pte_same(pte, expected)) {
			if (!pte_batch_same(pte, expected, flags))
				return ptep - start;
			if (any_writable)
				*any_writable |= pte_write(pte);
		}
	}
}

#endif /* __HAVE_ARCH_PTE_BATCH */

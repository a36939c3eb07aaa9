// SPDX-License-Identifier: GPL-2.0
/*
 * Finding batches of page table entries, see <linux/pgtable_batch.h>
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
	/* Test first: on powerpc 8xx, pte_wrprotect() makes PROT_NONE read-only. */
	if (flags & FPB_IGNORE_WRITE && pte_write(pte))
		pte = pte_wrprotect(pte);
	return pte;
}

/* Is @pte present and, except for the ignored bits, the same as @expected? */
static noinline bool pte_batch_same(pte_t pte, pte_t expected, fpb_t flags)
{
	return pte_present(pte) &&
	       pte_same(pte_batch_clear_ignored(pte, flags),
			pte_batch_clear_ignored(expected, flags));
}

/**
 * folio_pte_batch - find the batch that begins at an entry
 * @folio: the folio that the first entry maps a page of
 * @addr: address that the first entry maps
 * @ptep: pointer to the first entry
 * @pte: value of the first entry, which is present, as returned by ptep_get()
 * @max_nr: maximum number of entries, at least 1
 * @flags: FPB_IGNORE_* flags, the bits in which the entries may differ
 * @any_writable: if not NULL, set to whether pte_write() is true for any entry
 *
 * An entry belongs to the batch if it is present, maps the page after that of the
 * entry before it, and has the same other bits as that entry, except for those that
 * @flags ignores.  The batch ends at the end of the folio, which follows from the PFN
 * as folios are naturally aligned, and at the end of the page table.  No entry beyond
 * that or beyond @max_nr is read, except that ptep_get() may read all of a block.
 *
 * Context: The PTL is held.
 * Return: The number of entries in the batch, from 1 to @max_nr.
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
		 * Compare each entry to the one before it, not to the first:
		 * neighbors mostly have the same ignored bits, too, and then
		 * pte_batch_same() need not be called.
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

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests for batches of page table entries, see <linux/pgtable_batch.h>
 *
 * The page tables are arrays that no MMU walks, and the folio is allocated for the
 * test, so the tests can set entries of any kind.  They pass init_mm as the address
 * space because page_table_check and assert_pte_locked() ignore it.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/prandom.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmalloc.h>

#ifdef __HAVE_ARCH_PTE_BATCH

#define FOLIO_ORDER	4
#define FOLIO_NR	(1U << FOLIO_ORDER)

/* The address of the first entry; only its index in the page table matters. */
#define TABLE_START	((unsigned long)PMD_SIZE)

#ifdef MAX_PHYSMEM_BITS
#define PFN_BITS	(MAX_PHYSMEM_BITS - PAGE_SHIFT)
#else
#define PFN_BITS	(BITS_PER_LONG - PAGE_SHIFT)
#endif

struct batch_test {
	struct folio *folio;
	unsigned long pfn;	/* of the folio */
	pgprot_t prot;		/* user, readable and writable */
	pte_t *table;		/* TABLE_NR entries, and then a guard page */
};

#define TABLE_NR	((unsigned int)(PAGE_SIZE / sizeof(pte_t)))

static int batch_test_init(struct kunit *test)
{
	struct batch_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->folio = folio_alloc(GFP_KERNEL | __GFP_COMP, FOLIO_ORDER);
	t->table = vzalloc(PAGE_SIZE);
	test->priv = t;
	if (!t->folio || !t->table)
		return -ENOMEM;
	t->pfn = folio_pfn(t->folio);
	t->prot = vm_get_page_prot(VM_READ | VM_WRITE | VM_SHARED);
	return 0;
}

static void batch_test_exit(struct kunit *test)
{
	struct batch_test *t = test->priv;

	if (!t)
		return;
	if (t->folio)
		folio_put(t->folio);
	vfree(t->table);
}

/* An entry with the protection of VM_* flags @prot, and the bits that @state selects */
static pte_t entry(unsigned long pfn, unsigned int prot, unsigned int state)
{
	pte_t pte = pfn_pte(pfn, vm_get_page_prot(prot & 0xf));

	pte = state & BIT(0) ? pte_mkyoung(pte) : pte_mkold(pte);
	pte = state & BIT(1) ? pte_mkdirty(pte) : pte_mkclean(pte);
	pte = state & BIT(2) ? pte_mksoft_dirty(pte) : pte_clear_soft_dirty(pte);
	if (state & BIT(3))
		pte = pte_mkspecial(pte);
	if (state & BIT(4))
		pte = pte_mkuffd_wp(pte);
	return pte;
}

#define NR_PROTS	16
#define NR_STATES	32

static bool pte_identical(pte_t a, pte_t b)
{
	return !memcmp(&a, &b, sizeof(a));
}

/* Check that an entry of PFN @from, advanced by @nr, is that of PFN @from + @nr. */
static bool advances(struct kunit *test, unsigned long from, unsigned long nr,
		     unsigned int prot, unsigned int state)
{
	pte_t pte = entry(from, prot, state);
	pte_t want = entry(from + nr, prot, state);

	/* With memory encryption or Xen, not every PFN fits into an entry. */
	if (pte_pfn(pte) != from || pte_pfn(want) != from + nr)
		return true;
	pte = pte_advance_pfns(pte, nr);
	if (pte_identical(pte, want) && pte_pfn(pte) == from + nr)
		return true;
	KUNIT_FAIL(test, "pfn %#lx + %lu, prot %u, state %u: %#llx, not %#llx",
		   from, nr, prot, state, (unsigned long long)pte_val(pte),
		   (unsigned long long)pte_val(want));
	return false;
}

/* Carry into every bit of the PFN. */
static void batch_test_advance(struct kunit *test)
{
	static const unsigned long steps[] = { 1, 2, 15, 16, 511, 512, 8191 };
	unsigned int bit, kind, i;

	for (bit = 1; bit < PFN_BITS; bit++) {
		for (i = 0; i < ARRAY_SIZE(steps) && steps[i] <= 1UL << bit; i++) {
			for (kind = 0; kind < NR_PROTS * NR_STATES; kind++) {
				if (!advances(test, (1UL << bit) - steps[i],
					      steps[i], kind % NR_PROTS,
					      kind / NR_PROTS))
					return;
			}
		}
	}
}

static void batch_test_next(struct kunit *test)
{
	unsigned int kind;

	for (kind = 0; kind < NR_PROTS * NR_STATES; kind++) {
		unsigned int prot = kind % NR_PROTS, state = kind / NR_PROTS;
		pte_t pte = entry(0x7ff, prot, state);

		KUNIT_EXPECT_TRUE(test, pte_identical(pte_next_pfn(pte),
						      entry(0x800, prot, state)));
		KUNIT_EXPECT_TRUE(test, pte_identical(pte_advance_pfns(pte, 0), pte));
	}
}

/* Let the last @nr entries before the guard page map consecutive pages from @pfn on. */
static pte_t *fill(struct batch_test *t, unsigned long pfn, unsigned int nr)
{
	pte_t *ptep = t->table + TABLE_NR - nr;
	unsigned int i;

	memset(t->table, 0, PAGE_SIZE);
	for (i = 0; i < nr; i++)
		ptep[i] = pfn_pte(pfn + i, t->prot);
	return ptep;
}

static unsigned int batch(struct batch_test *t, pte_t *ptep, unsigned int max_nr,
			  fpb_t flags, bool *any_writable)
{
	return folio_pte_batch(t->folio, TABLE_START, ptep, ptep_get(ptep),
			       max_nr, flags, any_writable);
}

/* A batch ends at max_nr.  Reading the next entry would hit the guard page. */
static void batch_test_max_nr(struct kunit *test)
{
	struct batch_test *t = test->priv;
	unsigned int nr;

	for (nr = 1; nr <= FOLIO_NR; nr++)
		KUNIT_EXPECT_EQ(test, nr,
				batch(t, fill(t, t->pfn, nr), nr, 0, NULL));
}

/* A batch ends at the end of the folio, even if the next entry maps the next PFN. */
static void batch_test_folio_end(struct kunit *test)
{
	struct batch_test *t = test->priv;
	unsigned int first;

	for (first = 0; first < FOLIO_NR; first++) {
		unsigned int nr = FOLIO_NR - first;
		pte_t *ptep = fill(t, t->pfn + first, nr);

		/* The entry of the folio's last page is followed by the guard page. */
		KUNIT_EXPECT_EQ(test, nr, batch(t, ptep, TABLE_NR, 0, NULL));
		ptep = fill(t, t->pfn + first, 2 * FOLIO_NR);
		KUNIT_EXPECT_EQ(test, nr, batch(t, ptep, TABLE_NR, 0, NULL));
	}
}

/* A batch ends at the end of the page table. */
static void batch_test_table_end(struct kunit *test)
{
	struct batch_test *t = test->priv;
	unsigned int nr;

	for (nr = 1; nr < FOLIO_NR; nr++) {
		pte_t *ptep = fill(t, t->pfn, nr);
		unsigned long addr = TABLE_START + PMD_SIZE - nr * PAGE_SIZE;

		KUNIT_EXPECT_EQ(test, nr,
				folio_pte_batch(t->folio, addr, ptep,
						ptep_get(ptep), TABLE_NR, 0,
						NULL));
	}
}

/* A folio of one page has a batch of one entry. */
static void batch_test_small(struct kunit *test)
{
	struct batch_test *t = test->priv;
	pte_t *ptep = fill(t, t->pfn, 1);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	ptep[0] = mk_pte(page, t->prot);
	KUNIT_EXPECT_EQ(test, 1U,
			folio_pte_batch(page_folio(page), TABLE_START, ptep,
					ptep[0], 8, 0, NULL));
	__free_page(page);
}

/* A batch ends at an entry that is none or not present, or that maps another page. */
static void batch_test_other_entry(struct kunit *test)
{
	const fpb_t all = FPB_IGNORE_YOUNG | FPB_IGNORE_DIRTY |
			  FPB_IGNORE_SOFT_DIRTY | FPB_IGNORE_WRITE;
	struct batch_test *t = test->priv;
	unsigned int at;

	for (at = 1; at < FOLIO_NR; at++) {
		pte_t *ptep = fill(t, t->pfn, FOLIO_NR);
		pte_t next = ptep[at];

		ptep[at] = __pte(0);
		KUNIT_EXPECT_EQ(test, at, batch(t, ptep, FOLIO_NR, all, NULL));
#ifdef CONFIG_MIGRATION
		ptep[at] = swp_entry_to_pte(make_readable_migration_entry(t->pfn + at));
		KUNIT_EXPECT_EQ(test, at, batch(t, ptep, FOLIO_NR, all, NULL));
#endif
#ifdef CONFIG_SWAP
		ptep[at] = swp_entry_to_pte(swp_entry(0, t->pfn + at));
		KUNIT_EXPECT_EQ(test, at, batch(t, ptep, FOLIO_NR, all, NULL));
#endif
		ptep[at] = ptep[at - 1];
		KUNIT_EXPECT_EQ(test, at, batch(t, ptep, FOLIO_NR, all, NULL));
		ptep[at] = pte_next_pfn(next);
		KUNIT_EXPECT_EQ(test, at, batch(t, ptep, FOLIO_NR, all, NULL));
		ptep[at] = next;
		KUNIT_EXPECT_EQ(test, FOLIO_NR, batch(t, ptep, FOLIO_NR, all, NULL));
	}
}

/*
 * The naive implementation: compare each entry to the first one, by accessors.  @none
 * has true for the entries that are PROT_NONE, because not every configuration has
 * pte_protnone().
 */
static unsigned int naive_batch(pte_t *ptep, bool *none, unsigned int max_nr,
				fpb_t flags, bool *any_writable)
{
	pte_t first = ptep[0];
	unsigned int nr;

	*any_writable = pte_write(first);
	for (nr = 1; nr < max_nr; nr++) {
		pte_t pte = ptep[nr];

		if (!pte_present(pte) || pte_pfn(pte) != pte_pfn(first) + nr ||
		    pte_special(pte) != pte_special(first) ||
		    pte_uffd_wp(pte) != pte_uffd_wp(first) ||
		    none[nr] != none[0])
			break;
		if (!(flags & FPB_IGNORE_YOUNG) && pte_young(pte) != pte_young(first))
			break;
		if (!(flags & FPB_IGNORE_DIRTY) && pte_dirty(pte) != pte_dirty(first))
			break;
		if (!(flags & FPB_IGNORE_SOFT_DIRTY) &&
		    pte_soft_dirty(pte) != pte_soft_dirty(first))
			break;
		if (!(flags & FPB_IGNORE_WRITE) && pte_write(pte) != pte_write(first))
			break;
		*any_writable |= pte_write(pte);
	}
	return nr;
}

/*
 * Compare folio_pte_batch() to the naive implementation, for random entries, every
 * combination of flags, and every first entry.
 */
static void batch_test_flags(struct kunit *test)
{
	struct batch_test *t = test->priv;
	struct rnd_state rnd;
	bool none[FOLIO_NR];
	unsigned int round, i, choice;

	prandom_seed_state(&rnd, 61);
	for (round = 0; round < 500; round++) {
		unsigned int state = prandom_u32_state(&rnd);
		pte_t *ptep = fill(t, t->pfn, FOLIO_NR);

		for (i = 0; i < FOLIO_NR; i++) {
			pte_t pte = ptep[i];

			/* Change a bit at every fourth entry on average. */
			if (!(prandom_u32_state(&rnd) % 4))
				state ^= BIT(prandom_u32_state(&rnd) % 7);
			pte = state & BIT(0) ? pte_mkyoung(pte) : pte_mkold(pte);
			pte = state & BIT(1) ? pte_mkdirty(pte) : pte_mkclean(pte);
			if (!(state & BIT(2)))
				pte = pte_wrprotect(pte);
			pte = state & BIT(3) ? pte_mksoft_dirty(pte) :
					       pte_clear_soft_dirty(pte);
			if (state & BIT(4) && round % 2)
				pte = pte_mkuffd_wp(pte);
			if (state & BIT(5) && round % 3 == 0)
				pte = pte_mkspecial(pte);
			none[i] = state & BIT(6) && round % 5 == 0;
			if (none[i])
				pte = pte_modify(pte, PAGE_NONE);
			ptep[i] = pte;
		}

		for (choice = 0; choice < 16 * FOLIO_NR; choice++) {
			unsigned int flags = choice % 16, first = choice / 16;
			bool writable, naive_writable;
			unsigned int nr, naive_nr;

			nr = batch(t, ptep + first, FOLIO_NR - first,
				   (__force fpb_t)flags, &writable);
			naive_nr = naive_batch(ptep + first, none + first,
					       FOLIO_NR - first,
					       (__force fpb_t)flags,
					       &naive_writable);
			if (nr == naive_nr && writable == naive_writable)
				continue;
			KUNIT_FAIL(test, "round %u, flags %#x, entry %u: %u%s, not %u%s",
				   round, flags, first,
				   nr, writable ? " writable" : "",
				   naive_nr, naive_writable ? " writable" : "");
			return;
		}
	}
}

/* set_ptes() does the same as set_pte_at() for each entry. */
static void batch_test_set(struct kunit *test)
{
	struct batch_test *t = test->priv;
	pte_t *got = t->table, *want = t->table + 2 * FOLIO_NR;
	unsigned int kind, i;

	for (kind = 0; kind < NR_PROTS * NR_STATES * FOLIO_NR; kind++) {
		unsigned int prot = kind % NR_PROTS;
		unsigned int state = kind / NR_PROTS % NR_STATES;
		unsigned int nr = kind / (NR_PROTS * NR_STATES) + 1;

		memset(t->table, 0, PAGE_SIZE);
		set_ptes(&init_mm, TABLE_START, got, entry(t->pfn, prot, state), nr);
		for (i = 0; i < nr; i++)
			set_pte_at(&init_mm, TABLE_START + i * PAGE_SIZE, want + i,
				   entry(t->pfn + i, prot, state));
		if (!memcmp(got, want, 2 * FOLIO_NR * sizeof(pte_t)))
			continue;
		KUNIT_FAIL(test, "prot %u, state %u, nr %u", prot, state, nr);
		return;
	}
}

/* A present entry, which is read-only or PROT_NONE if @state says so */
static pte_t any_entry(struct batch_test *t, unsigned int i, bool young, bool dirty,
		       u32 state)
{
	pte_t pte = pfn_pte(t->pfn + i, t->prot);

	pte = young ? pte_mkyoung(pte) : pte_mkold(pte);
	pte = dirty ? pte_mkdirty(pte) : pte_mkclean(pte);
	if (state & BIT(0))
		pte = pte_wrprotect(pte);
	if (state & BIT(1) && state & BIT(2))
		pte = pte_modify(pte, PAGE_NONE);
	return pte;
}

/* wrprotect_ptes() does the same as ptep_set_wrprotect() for each writable entry. */
static void batch_test_wrprotect(struct kunit *test)
{
	struct batch_test *t = test->priv;
	pte_t *got = t->table, *want = t->table + 2 * FOLIO_NR;
	struct rnd_state rnd;
	unsigned int round, i;

	prandom_seed_state(&rnd, 61);
	for (round = 0; round < 200 * FOLIO_NR; round++) {
		unsigned int nr = round % FOLIO_NR + 1;

		memset(t->table, 0, PAGE_SIZE);
		for (i = 0; i < FOLIO_NR; i++) {
			u32 state = prandom_u32_state(&rnd);

			got[i] = any_entry(t, i, state & BIT(0), state & BIT(1), state >> 2);
			want[i] = got[i];
		}
		wrprotect_ptes(&init_mm, TABLE_START, got, nr);
		for (i = 0; i < nr; i++)
			if (pte_write(want[i]))
				ptep_set_wrprotect(&init_mm,
						   TABLE_START + i * PAGE_SIZE,
						   want + i);
		if (!memcmp(got, want, 2 * FOLIO_NR * sizeof(pte_t)))
			continue;
		KUNIT_FAIL(test, "round %u, nr %u", round, nr);
		return;
	}
}

/*
 * get_and_clear_full_ptes() and clear_full_ptes() clear the entries of the batch and
 * no others.  The former returns dirty and young if any entry has them.
 */
static void batch_test_clear(struct kunit *test)
{
	struct batch_test *t = test->priv;
	pte_t *got = t->table, *want = t->table + 2 * FOLIO_NR;
	struct rnd_state rnd;
	unsigned int round, i;

	prandom_seed_state(&rnd, 61);
	for (round = 0; round < 400 * FOLIO_NR; round++) {
		unsigned int nr = round % FOLIO_NR + 1;
		int full = round / FOLIO_NR % 2;
		bool dirty = false, young = false;
		pte_t first, pte;

		for (i = 0; i < FOLIO_NR; i++) {
			u32 state = prandom_u32_state(&rnd);

			pte = any_entry(t, i, state % 16 == 0, state / 16 % 16 == 0,
					state >> 8);
			got[i] = pte;
			want[i] = i < nr ? __pte(0) : pte;
			dirty |= i < nr && pte_dirty(pte);
			young |= i < nr && pte_young(pte);
		}
		first = got[0];
		if (round / FOLIO_NR % 4 < 2) {
			pte = get_and_clear_full_ptes(&init_mm, TABLE_START, got,
						      nr, full);
			if (pte_pfn(pte) != t->pfn || !pte_dirty(pte) == dirty ||
			    !pte_young(pte) == young ||
			    !pte_write(pte) != !pte_write(first)) {
				KUNIT_FAIL(test, "round %u, nr %u: %#llx", round, nr,
					   (unsigned long long)pte_val(pte));
				return;
			}
		} else {
			clear_full_ptes(&init_mm, TABLE_START, got, nr, full);
		}
		if (!memcmp(got, want, FOLIO_NR * sizeof(pte_t)))
			continue;
		KUNIT_FAIL(test, "round %u, nr %u", round, nr);
		return;
	}
}

static struct kunit_case batch_test_cases[] = {
	KUNIT_CASE(batch_test_advance),
	KUNIT_CASE(batch_test_next),
	KUNIT_CASE(batch_test_max_nr),
	KUNIT_CASE(batch_test_folio_end),
	KUNIT_CASE(batch_test_table_end),
	KUNIT_CASE(batch_test_small),
	KUNIT_CASE(batch_test_other_entry),
	KUNIT_CASE(batch_test_flags),
	KUNIT_CASE(batch_test_set),
	KUNIT_CASE(batch_test_wrprotect),
	KUNIT_CASE(batch_test_clear),
	{}
};

static struct kunit_suite batch_test_suite = {
	.name = "pgtable_batch",
	.init = batch_test_init,
	.exit = batch_test_exit,
	.test_cases = batch_test_cases,
};

kunit_test_suite(batch_test_suite);

#endif /* __HAVE_ARCH_PTE_BATCH */

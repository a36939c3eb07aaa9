// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests for arch/arm64/mm/contpte.c
 *
 * Each test performs an operation on blocks in the page table of an mm that no
 * thread uses.  It performs the equivalent private one-entry operations on a
 * model, a table of ordinary entries.  Afterwards the values of both have to be
 * equal, and the blocks have to be folded or unfolded as documented in
 * contpte.c.  The tests count TLB flushes, because QEMU caches no blocks in its
 * TLB and so would not show a missing flush.
 *
 * The mm that is passed to the operations is init_mm, which page_table_check
 * ignores.  Nothing else changes user entries in init_mm, so the flushes
 * counted for it are those of the running test.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include <asm/tlb.h>

#define NR_BLOCKS	4U
#define NR		(NR_BLOCKS * CONT_PTES)
#define START		PMD_SIZE		/* address of the first entry */
#define MIDDLE		CONT_PTES		/* first entry of the block under test */

struct contpte_test {
	struct mm_struct *mm;
	struct vm_area_struct vma;
	struct folio *folio;
	struct page *pages;	/* the same number of pages, as small folios */
	pte_t *pte;		/* the entries under test, in blocks */
	pte_t *model;		/* ordinary entries to compare with */
	unsigned int flushes, flushes_all, flushes_nosync;
};

static unsigned long addr_of(unsigned int i)
{
	return START + i * PAGE_SIZE;
}

static bool is_folded(struct contpte_test *t, unsigned int i)
{
	return pte_cont(__ptep_get(t->pte + i));
}

static pte_t make_pte(struct contpte_test *t, pgprot_t prot)
{
	return mk_pte(&t->folio->page, prot);
}

static void wipe(struct contpte_test *t)
{
	unsigned int i;

	for (i = 0; i < NR; i++)
		set_pte(t->pte + i, __pte(0));
}

/* Map the folio anew, by blocks under test and by ordinary entries in the model. */
static void map_folio(struct contpte_test *t, pte_t pte)
{
	unsigned int i;

	wipe(t);
	for (i = 0; i < NR; i++)
		set_pte(t->model + i, pte_advance_pfns(pte, i));
	set_ptes(&init_mm, START, t->pte, pte, NR);
	t->flushes = contpte_flushes;
	t->flushes_all = contpte_flushes_all;
	t->flushes_nosync = contpte_flushes_nosync;
}

static unsigned int count_since(unsigned int *before, unsigned int now)
{
	unsigned int nr = now - *before;

	*before = now;
	return nr;
}

static unsigned int nr_flushes(struct contpte_test *t)
{
	return count_since(&t->flushes, contpte_flushes);
}

/* Flushes of all levels */
static unsigned int nr_flushes_all(struct contpte_test *t)
{
	return count_since(&t->flushes_all, contpte_flushes_all);
}

static unsigned int nr_flushes_nosync(struct contpte_test *t)
{
	return count_since(&t->flushes_nosync, contpte_flushes_nosync);
}

static void check_none_folded(struct kunit *test, const char *what)
{
	struct contpte_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < NR; i++)
		KUNIT_ASSERT_FALSE_MSG(test, is_folded(t, i), "%s: entry %u", what, i);
}

/*
 * Compare all entries with the model.  The middle block has to be folded if
 * @folded is true, and the other blocks always.
 */
static void check(struct kunit *test, bool folded, const char *what, unsigned int at)
{
	struct contpte_test *t = test->priv;
	unsigned int i;

	cond_resched();
	for (i = 0; i < NR; i++) {
		bool middle = i / CONT_PTES == MIDDLE / CONT_PTES;
		pte_t pte = ptep_get(t->pte + i), expected = __ptep_get(t->model + i);
		bool single;
		pte_t read;

		KUNIT_ASSERT_EQ_MSG(test, is_folded(t, i), middle ? folded : true,
				    "%s at %u: entry %u", what, at, i);
		KUNIT_ASSERT_EQ_MSG(test, pte_val(pte), pte_val(expected),
				    "%s at %u: entry %u", what, at, i);
		KUNIT_ASSERT_EQ_MSG(test, pte_val(ptep_get_lockless(t->pte + i)),
				    pte_val(expected), "%s at %u: entry %u", what, at, i);
		if (pte_present(pte))
			KUNIT_ASSERT_EQ(test, pte_batch_hint(t->pte + i, pte),
					is_folded(t, i) ? CONT_PTES - i % CONT_PTES : 1);
		KUNIT_ASSERT_EQ(test, ptep_leaf_size(t->pte + i, pte),
				is_folded(t, i) && pte_valid(pte) ? CONT_PTE_SIZE : PAGE_SIZE);
		single = ptep_get_single(t->pte + i, &read);
		KUNIT_ASSERT_EQ(test, single, pte_present(pte) && !is_folded(t, i));
		KUNIT_ASSERT_EQ(test, !single && pte_is_block(read), is_folded(t, i));
		if (is_folded(t, i)) {
			pte = pte_mkold(pte_mkclean(pte));
			read = pte_mkold(pte_mkclean(read));
		}
		KUNIT_ASSERT_EQ(test, pte_val(read), pte_val(pte));
	}
}

static const char *const kinds[] = {
	"writable, dirty",
	"writable, clean",
	"writable, clean, old",
	"read-only",
	"read-only, dirty, old",
	"executable",
};

static pte_t make_kind(struct contpte_test *t, unsigned int kind)
{
	pte_t rw = make_pte(t, PAGE_SHARED), ro = make_pte(t, PAGE_READONLY);

	switch (kind) {
	case 0:
		return clear_pte_bit(rw, __pgprot(PTE_RDONLY));
	case 1:
		return set_pte_bit(rw, __pgprot(PTE_RDONLY));
	case 2:
		return pte_mkold(set_pte_bit(rw, __pgprot(PTE_RDONLY)));
	case 3:
		return ro;
	case 4:
		return pte_mkold(pte_mkdirty(ro));
	default:
		return make_pte(t, PAGE_READONLY_EXEC);
	}
}

/* One-entry operations, at each entry of a block */
static void contpte_test_one(struct kunit *test)
{
	struct contpte_test *t = test->priv;
	unsigned int k, i, at;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		pte_t pte = make_kind(t, k), got;
		const char *name = kinds[k];
		bool young = pte_young(pte);

		for (at = MIDDLE; at < MIDDLE + CONT_PTES; at++) {
			pte_t *ptep = t->pte + at, *model = t->model + at;
			unsigned long addr = addr_of(at);
			bool last = at == MIDDLE + CONT_PTES - 1;

			map_folio(t, pte);
			check(test, true, name, at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);

			pte_clear(&init_mm, addr, ptep);
			__pte_clear(&init_mm, addr, model);
			check(test, false, "pte_clear", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 1);
			set_pte_at(&init_mm, addr, ptep, pte_advance_pfns(pte, at));
			__set_pte_at(&init_mm, addr, model, pte_advance_pfns(pte, at));
			check(test, last, "set_pte_at after pte_clear", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), last);

			map_folio(t, pte);
			got = ptep_get_and_clear(&init_mm, addr, ptep);
			KUNIT_ASSERT_EQ(test, pte_val(got), pte_val(__ptep_get(model)));
			__ptep_get_and_clear(&init_mm, addr, model);
			check(test, false, "ptep_get_and_clear", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 1);

			map_folio(t, pte);
			got = ptep_clear_flush(&t->vma, addr, ptep);
			KUNIT_ASSERT_EQ(test, pte_val(got), pte_val(__ptep_get(model)));
			__ptep_get_and_clear(&init_mm, addr, model);
			check(test, false, "ptep_clear_flush", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 1);

			map_folio(t, pte);
			got = pte_mkspecial(pte_mkyoung(pte_mkdirty(pte)));
			set_pte_at(&init_mm, addr, ptep, got);
			__set_pte_at(&init_mm, addr, model, got);
			check(test, false, "set_pte_at", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 1);

			map_folio(t, pte);
			ptep_set_wrprotect(&init_mm, addr, ptep);
			__ptep_set_wrprotect(&init_mm, addr, model);
			check(test, false, "ptep_set_wrprotect", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 1);

			/* Accessed is cleared for the whole block. */
			map_folio(t, pte);
			KUNIT_ASSERT_EQ(test, !!ptep_test_and_clear_young(&t->vma, addr, ptep),
					young);
			for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++)
				__ptep_test_and_clear_young(t->model + i);
			check(test, true, "ptep_test_and_clear_young", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);

			map_folio(t, pte);
			KUNIT_ASSERT_EQ(test, !!ptep_clear_flush_young(&t->vma, addr, ptep),
					young);
			for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++)
				__ptep_test_and_clear_young(t->model + i);
			check(test, true, "ptep_clear_flush_young", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
			KUNIT_ASSERT_EQ(test, nr_flushes_nosync(t), young);

			/* Accessed and dirty are set for the whole block. */
			map_folio(t, pte);
			got = pte_mkyoung(pte_mkdirty(ptep_get(ptep)));
			ptep_set_access_flags(&t->vma, addr, ptep, got, 1);
			for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++)
				__ptep_set_access_flags(&t->vma, addr_of(i), t->model + i,
							pte_advance_pfns(got, (long)i - at), 0);
			check(test, true, "ptep_set_access_flags", at);
			KUNIT_ASSERT_EQ(test, nr_flushes(t),
					!pte_same(got, pte_advance_pfns(pte, at)));
		}
	}
}

static void try_range(struct kunit *test, unsigned int kind, unsigned int at,
		      unsigned int nr, unsigned int op)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, kind), got;
	bool whole = nr == CONT_PTES;
	unsigned int i;

	map_folio(t, pte);
	if (op == 0) {
		wrprotect_ptes(&init_mm, addr_of(at), t->pte + at, nr);
		for (i = at; i < at + nr && pte_write(pte); i++)
			__ptep_set_wrprotect(&init_mm, addr_of(i), t->model + i);
		check(test, whole || !pte_write(pte), "wrprotect_ptes", at);
		KUNIT_ASSERT_EQ(test, nr_flushes(t), !whole && pte_write(pte));
		return;
	}
	if (op == 1) {
		clear_full_ptes(&init_mm, addr_of(at), t->pte + at, nr, 0);
	} else {
		got = get_and_clear_full_ptes(&init_mm, addr_of(at), t->pte + at, nr, 0);
		KUNIT_ASSERT_EQ(test, pte_val(got), pte_val(__ptep_get(t->model + at)));
	}
	for (i = at; i < at + nr; i++)
		__pte_clear(&init_mm, addr_of(i), t->model + i);
	check(test, false, "clear_full_ptes", at);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), !whole);
	if (op == 2)
		return;

	/* Set the entries again: only a whole block is folded. */
	set_ptes(&init_mm, addr_of(at), t->pte + at, pte_advance_pfns(pte, at), nr);
	for (i = at; i < at + nr; i++)
		__set_pte_at(&init_mm, addr_of(i), t->model + i, pte_advance_pfns(pte, i));
	check(test, whole, "set_ptes", at);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
}

/* Ranges of several lengths, from each entry of a block on */
static void contpte_test_range(struct kunit *test)
{
	static const unsigned int lengths[] = { 1, 2, CONT_PTES - 1, CONT_PTES };
	unsigned int kind, l, at, op;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (l = 0; l < ARRAY_SIZE(lengths); l++) {
			for (at = MIDDLE; at + lengths[l] <= MIDDLE + CONT_PTES; at++) {
				for (op = 0; op < 4; op++)
					try_range(test, kind, at, lengths[l], op);
			}
		}
	}
}

static void try_blocks(struct kunit *test, unsigned int from, unsigned int to)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, 0);
	bool head = from % CONT_PTES, tail = to % CONT_PTES;
	unsigned int i;

	map_folio(t, pte);
	wrprotect_ptes(&init_mm, addr_of(from), t->pte + from, to - from);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), head + tail);
	for (i = 0; i < NR; i++) {
		bool cut = (head && i / CONT_PTES == from / CONT_PTES) ||
			   (tail && i / CONT_PTES == to / CONT_PTES);

		KUNIT_ASSERT_EQ(test, is_folded(t, i), !cut);
		KUNIT_ASSERT_EQ(test, !!pte_write(ptep_get(t->pte + i)), i < from || i >= to);
		KUNIT_ASSERT_TRUE(test, pte_dirty(ptep_get(t->pte + i)));
	}

	map_folio(t, pte);
	clear_full_ptes(&init_mm, addr_of(from), t->pte + from, to - from, 0);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), head + tail);
	for (i = 0; i < NR; i++)
		KUNIT_ASSERT_EQ(test, pte_none(ptep_get(t->pte + i)), i >= from && i < to);
}

/* Ranges of more than one block: only blocks that are partly covered are unfolded. */
static void contpte_test_many(struct kunit *test)
{
	unsigned int from, to;

	for (from = 0; from < 2 * CONT_PTES; from++) {
		for (to = from + CONT_PTES + 1; to <= NR; to += 1 + CONT_PTES / 5)
			try_blocks(test, from, to);
	}
}

/* Change the protection of a whole block or of some of its entries. */
static void try_protect(struct kunit *test, unsigned int kind, unsigned int at,
			unsigned int nr, pgprot_t prot)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, kind), old, new;
	bool whole = nr == CONT_PTES;
	unsigned int i;

	map_folio(t, pte);
	old = modify_prot_start_ptes(&t->vma, addr_of(at), t->pte + at, nr);
	KUNIT_ASSERT_EQ(test, pte_val(old), pte_val(pte_advance_pfns(pte, at)));
	for (i = 0; i < NR; i++)
		KUNIT_ASSERT_EQ(test, pte_none(__ptep_get(t->pte + i)),
				i >= at && i < at + nr);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), !whole);

	new = pte_modify(old, prot);
	modify_prot_commit_ptes(&t->vma, addr_of(at), t->pte + at, old, new, nr);
	for (i = at; i < at + nr; i++)
		set_pte(t->model + i, pte_modify(__ptep_get(t->model + i), prot));
	check(test, whole, "modify_prot_commit_ptes", at);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);

	/* Restore the protection: of a block at once, otherwise entry by entry. */
	if (whole) {
		old = modify_prot_start_ptes(&t->vma, addr_of(at), t->pte + at, nr);
		KUNIT_ASSERT_EQ(test, pte_val(old), pte_val(new));
		modify_prot_commit_ptes(&t->vma, addr_of(at), t->pte + at, old,
					pte_advance_pfns(pte, at), nr);
	}
	for (i = at; i < at + nr; i++) {
		set_pte(t->model + i, pte_advance_pfns(pte, i));
		if (whole)
			continue;
		old = modify_prot_start_pte(&t->vma, addr_of(i), t->pte + i);
		modify_prot_commit_ptes(&t->vma, addr_of(i), t->pte + i, old,
					pte_advance_pfns(pte, i), 1);
	}
	check(test, whole, "back again", at);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
	fold_ptes(&init_mm, addr_of(at), t->pte + at, nr);
	check(test, at + nr == MIDDLE + CONT_PTES, "fold_ptes", at);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), !whole && at + nr == MIDDLE + CONT_PTES);
}

/* Blocks of PROT_NONE entries, and the change of a single entry of one */
static void try_one_of_none(struct kunit *test, unsigned int at)
{
	struct contpte_test *t = test->priv;
	pte_t pte = pte_modify(make_kind(t, 2), PAGE_NONE), valid = make_kind(t, 0), got;
	unsigned int i;

	map_folio(t, pte);
	check_none_folded(test, "PROT_NONE");
	wipe(t);
	set_flushed_ptes(&init_mm, START, t->pte, pte, NR);
	check(test, true, "PROT_NONE", at);

	/* Accessed and dirty are set in all entries, and returned on clearing. */
	got = pte_mkyoung(pte_mkdirty(ptep_get(t->pte + at)));
	ptep_set_access_flags(&t->vma, addr_of(at), t->pte + at, got, 0);
	for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++)
		set_pte(t->model + i, pte_mkyoung(pte_mkdirty(pte_advance_pfns(pte, i))));
	check(test, true, "access flags of PROT_NONE", at);
	got = get_and_clear_full_ptes(&init_mm, addr_of(MIDDLE), t->pte + MIDDLE, CONT_PTES, 0);
	KUNIT_ASSERT_EQ(test, pte_val(got), pte_val(__ptep_get(t->model + MIDDLE)));
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
	set_flushed_ptes(&init_mm, addr_of(MIDDLE), t->pte + MIDDLE, got, CONT_PTES);
	check(test, true, "PROT_NONE once more", at);

	KUNIT_ASSERT_EQ(test, ptep_leaf_size(t->pte + at, ptep_get(t->pte + at)), PAGE_SIZE);
	ptep_modify_prot_start(&t->vma, addr_of(at), t->pte + at);
	ptep_modify_prot_commit(&t->vma, addr_of(at), t->pte + at, pte,
				pte_advance_pfns(valid, at));
	set_pte(t->model + at, pte_advance_pfns(valid, at));
	check(test, false, "one of PROT_NONE", at);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 1);
}

static void contpte_test_protect(struct kunit *test)
{
	static const unsigned int lengths[] = { 1, 2, CONT_PTES - 1, CONT_PTES };
	unsigned int kind, l, at;

	for (at = MIDDLE; at < MIDDLE + CONT_PTES; at++)
		try_one_of_none(test, at);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (l = 0; l < ARRAY_SIZE(lengths); l++) {
			for (at = MIDDLE; at + lengths[l] <= MIDDLE + CONT_PTES; at++) {
				try_protect(test, kind, at, lengths[l], PAGE_NONE);
				try_protect(test, kind, at, lengths[l], PAGE_READONLY);
			}
		}
	}
}

static void try_pending(struct kunit *test, bool pending, unsigned int at,
			unsigned int nr, unsigned int shift)
{
	struct contpte_test *t = test->priv;
	pte_t pte = pte_advance_pfns(make_kind(t, 0), at + shift), old;
	bool whole = ALIGN(at, CONT_PTES) + CONT_PTES <= at + nr && !shift;

	wipe(t);
	nr_flushes(t);
	nr_flushes_all(t);
	set_ptes(&init_mm, addr_of(at), t->pte + at, pte, nr);
	KUNIT_EXPECT_EQ_MSG(test, nr_flushes_all(t), pending && whole,
			    "%u entries at %u", nr, at);
	KUNIT_EXPECT_EQ(test, is_folded(t, ALIGN(at, CONT_PTES)), whole);

	/* The commit of a whole block flushes nothing, even if a flush is pending. */
	if (whole && !(at % CONT_PTES)) {
		old = modify_prot_start_ptes(&t->vma, addr_of(at), t->pte + at, CONT_PTES);
		modify_prot_commit_ptes(&t->vma, addr_of(at), t->pte + at, old,
					pte_wrprotect(old), CONT_PTES);
		KUNIT_EXPECT_TRUE(test, is_folded(t, at));
		KUNIT_EXPECT_EQ(test, nr_flushes(t), 0);
	}

	wipe(t);
	set_flushed_ptes(&init_mm, addr_of(at), t->pte + at, pte, nr);
	KUNIT_EXPECT_EQ(test, is_folded(t, ALIGN(at, CONT_PTES)), whole);
	KUNIT_EXPECT_EQ(test, nr_flushes(t) + nr_flushes_all(t), 0);
}

static void try_pending_fold(struct kunit *test, bool pending)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, 0);
	unsigned int at;

	wipe(t);
	for (at = MIDDLE; at < MIDDLE + CONT_PTES; at++)
		set_pte_at(&init_mm, addr_of(at), t->pte + at, pte_advance_pfns(pte, at));
	KUNIT_EXPECT_TRUE(test, is_folded(t, MIDDLE));
	KUNIT_EXPECT_EQ(test, nr_flushes(t), !pending);
	KUNIT_EXPECT_EQ(test, nr_flushes_all(t), pending);

	/* The TLB cannot hold anything but the block when it is unfolded. */
	ptep_get_and_clear(&init_mm, addr_of(MIDDLE), t->pte + MIDDLE);
	KUNIT_EXPECT_EQ(test, nr_flushes(t), 1);
}

/*
 * If another thread has a TLB flush pending, set_ptes() of a block flushes, and a fold
 * flushes all levels.
 */
static void contpte_test_pending(struct kunit *test)
{
	unsigned int at, nr, pending;

	for (pending = 0; pending < 2; pending++) {
		if (pending)
			inc_tlb_flush_pending(&init_mm);
		for (at = 0; at <= CONT_PTES; at++) {
			for (nr = 1; nr <= 2 * CONT_PTES; nr++) {
				try_pending(test, pending, at, nr, 0);
				try_pending(test, pending, at, nr, 1);
			}
			cond_resched();
		}
		try_pending_fold(test, pending);
		if (pending)
			dec_tlb_flush_pending(&init_mm);
	}
}

static void try_hw_bits(struct kunit *test, unsigned int hw, unsigned int op)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, 2), raw, got;
	unsigned int at, i;

	map_folio(t, pte);
	raw = __ptep_get(t->pte + hw);
	raw = op & 1 ? pte_mkyoung(raw) : clear_pte_bit(raw, __pgprot(PTE_RDONLY));
	set_pte(t->pte + hw, raw);
	for (i = 0; i < NR; i++) {
		bool same = i / CONT_PTES == MIDDLE / CONT_PTES;

		got = ptep_get(t->pte + i);
		KUNIT_ASSERT_EQ(test, pte_young(got), same && op & 1);
		KUNIT_ASSERT_EQ(test, pte_dirty(got), same && !(op & 1));
		got = ptep_get_lockless(t->pte + i);
		KUNIT_ASSERT_EQ(test, pte_young(got), same && op & 1);
		KUNIT_ASSERT_EQ(test, pte_dirty(got), same && !(op & 1));
	}

	/* A fault on an old entry of the block makes all its entries young. */
	at = MIDDLE + (hw * 7 + op) % CONT_PTES;
	if (op == 1) {
		got = pte_mkyoung(ptep_get(t->pte + at));
		ptep_set_access_flags(&t->vma, addr_of(at), t->pte + at, got, 0);
		for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++)
			KUNIT_ASSERT_TRUE(test, pte_young(__ptep_get(t->pte + i)));
		KUNIT_ASSERT_TRUE(test, is_folded(t, at));
		KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
	}

	if (op & 2) {
		got = ptep_get_and_clear(&init_mm, addr_of(at), t->pte + at);
	} else {
		got = get_and_clear_full_ptes(&init_mm, addr_of(MIDDLE), t->pte + MIDDLE,
					      CONT_PTES, 0);
		at = MIDDLE;
	}
	KUNIT_ASSERT_EQ(test, pte_young(got), op & 1);
	KUNIT_ASSERT_EQ(test, pte_dirty(got), !(op & 1));
	for (i = MIDDLE; op & 2 && i < MIDDLE + CONT_PTES; i++) {
		if (i == at)
			continue;
		KUNIT_ASSERT_FALSE(test, is_folded(t, i));
		KUNIT_ASSERT_EQ(test, pte_young(__ptep_get(t->pte + i)), op & 1);
		KUNIT_ASSERT_EQ(test, pte_dirty(__ptep_get(t->pte + i)), !(op & 1));
	}
}

/* Accessed or dirty set in one entry is read from all, and survives an unfold. */
static void contpte_test_hardware(struct kunit *test)
{
	unsigned int hw, op;

	for (hw = MIDDLE; hw < MIDDLE + CONT_PTES; hw++) {
		for (op = 0; op < 4; op++)
			try_hw_bits(test, hw, op);
	}
}

/* Fold when the last entry is set to match, but not if another one differs. */
static void contpte_test_fold(struct kunit *test)
{
	struct contpte_test *t = test->priv;
	pte_t ro = make_pte(t, PAGE_READONLY), rw = make_kind(t, 0);
	unsigned int i, at, kind;

	/* Write faults on all entries, in ascending and in descending order */
	for (kind = 0; kind < 2; kind++) {
		map_folio(t, ro);
		for (i = 0; i < CONT_PTES; i++) {
			at = MIDDLE + (kind ? CONT_PTES - 1 - i : i);
			KUNIT_ASSERT_EQ(test, is_folded(t, at), !i);
			ptep_set_access_flags(&t->vma, addr_of(at), t->pte + at,
					      pte_mkdirty(pte_advance_pfns(rw, at)), 1);
			set_pte(t->model + at, pte_mkdirty(pte_advance_pfns(rw, at)));
		}
		for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++)
			set_pte(t->model + i, pte_mkdirty(__ptep_get(t->model + i)));
		KUNIT_ASSERT_EQ(test, nr_flushes(t), 2);
		check(test, true, "write faults", kind);
	}

	/* A single entry that differs prevents the fold. */
	for (at = MIDDLE; at < MIDDLE + CONT_PTES - 1; at++) {
		const pte_t other[] = {
			__pte(0),
			pte_advance_pfns(ro, at),
			pte_advance_pfns(rw, at + 1),
			pte_mkspecial(pte_advance_pfns(rw, at)),
			clear_pte_bit(pte_advance_pfns(rw, at), __pgprot(PTE_NG)),
			clear_pte_bit(pte_advance_pfns(rw, at), __pgprot(PTE_UXN)),
			clear_pte_bit(pte_advance_pfns(rw, at), __pgprot(PTE_VALID)),
		};

		for (kind = 0; kind <= ARRAY_SIZE(other); kind++) {
			bool same = kind == ARRAY_SIZE(other);

			map_folio(t, rw);
			clear_full_ptes(&init_mm, addr_of(MIDDLE), t->pte + MIDDLE, CONT_PTES, 0);
			for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++) {
				pte_t pte = pte_advance_pfns(rw, i);

				if (i == at)
					pte = same ? pte_mkold(pte) : other[kind];
				set_pte_at(&init_mm, addr_of(i), t->pte + i, pte);
			}
			KUNIT_ASSERT_EQ_MSG(test, is_folded(t, MIDDLE), same,
					    "entry %u, kind %u", at, kind);
			KUNIT_ASSERT_EQ(test, nr_flushes(t), same);
		}
	}
}

/* fold_ptes() folds the matching blocks that have their last entry in the range. */
static void contpte_test_fold_range(struct kunit *test)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, 0);
	unsigned int from, to, i, nr;

	for (from = 0; from < 2 * CONT_PTES; from++) {
		for (to = from + 1; to <= NR; to++) {
			wipe(t);
			for (i = 0; i < NR; i++)
				set_ptes(&init_mm, addr_of(i), t->pte + i,
					 pte_advance_pfns(pte, i), 1);
			/* The third block must not be folded: one entry differs. */
			set_pte(t->pte + 2 * CONT_PTES, __pte(0));
			check_none_folded(test, "set_ptes");
			nr_flushes(t);
			fold_ptes(&init_mm, addr_of(from), t->pte + from, to - from);
			for (i = 0, nr = 0; i < NR_BLOCKS; i++) {
				unsigned int last = (i + 1) * CONT_PTES - 1;
				bool folded = from <= last && last < to && i != 2;

				KUNIT_ASSERT_EQ(test, is_folded(t, last), folded);
				nr += folded;
			}
			KUNIT_ASSERT_EQ(test, nr_flushes(t), nr);
		}
		cond_resched();
	}
}

static void set_one_by_one(struct contpte_test *t, unsigned int shift, pte_t pte)
{
	unsigned int i;

	wipe(t);
	for (i = shift; i < NR; i++)
		set_pte_at(&init_mm, addr_of(i), t->pte + i, pte_advance_pfns(pte, i - shift));
}

/* Entries that must never be folded or unfolded */
static void contpte_test_never(struct kunit *test)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_pte(t, PAGE_SHARED), raw;
	const pte_t never[] = {
		pte_mkspecial(pte),
		make_pte(t, PAGE_KERNEL),
		pte_modify(pte, PAGE_NONE),
	};
	static const char *const names[] = { "special", "kernel", "PROT_NONE" };
	unsigned int i, kind;

	for (kind = 0; kind < ARRAY_SIZE(never); kind++) {
		map_folio(t, never[kind]);
		check_none_folded(test, names[kind]);
		set_one_by_one(t, 0, never[kind]);
		check_none_folded(test, names[kind]);
	}

	/* Read-only entries, one of which is dirty */
	for (kind = MIDDLE; kind < MIDDLE + CONT_PTES; kind++) {
		wipe(t);
		pte = make_pte(t, PAGE_READONLY);
		for (i = MIDDLE; i < MIDDLE + CONT_PTES; i++) {
			raw = pte_advance_pfns(pte, i);
			set_pte_at(&init_mm, addr_of(i), t->pte + i,
				   i == kind ? pte_mkdirty(raw) : raw);
		}
		KUNIT_ASSERT_FALSE_MSG(test, is_folded(t, MIDDLE), "entry %u", kind);
	}

	/* Pages whose alignment differs from that of their addresses */
	pte = make_pte(t, PAGE_SHARED);
	map_folio(t, pte_advance_pfns(pte, 1));
	check_none_folded(test, "misaligned, at once");
	set_one_by_one(t, 1, pte);
	check_none_folded(test, "misaligned, one by one");

	/* Consecutive small folios */
	set_one_by_one(t, 0, mk_pte(t->pages, PAGE_SHARED));
	check_none_folded(test, "small folios");

	/* Contiguous kernel entries are left alone. */
	for (i = 0; i < NR; i++)
		set_pte(t->pte + i, pte_mkcont(pte_advance_pfns(never[1], i)));
	raw = __ptep_get(t->pte + MIDDLE);
	KUNIT_ASSERT_EQ(test, pte_val(ptep_get(t->pte + MIDDLE)), pte_val(raw));
	KUNIT_ASSERT_EQ(test, pte_val(ptep_get_lockless(t->pte + MIDDLE)), pte_val(raw));
	nr_flushes(t);
	pte_clear(&init_mm, addr_of(MIDDLE), t->pte + MIDDLE);
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
	KUNIT_ASSERT_TRUE(test, is_folded(t, MIDDLE + 1));

	/* A swap entry may have the Contiguous bit set. */
	raw = set_pte_bit(__pte(0), __pgprot(PTE_CONT | BIT(9)));
	set_pte(t->pte, raw);
	KUNIT_ASSERT_EQ(test, pte_val(ptep_get(t->pte)), pte_val(raw));
	KUNIT_ASSERT_EQ(test, pte_val(ptep_get_lockless(t->pte)), pte_val(raw));
	raw = ptep_get_and_clear(&init_mm, addr_of(0), t->pte);
	KUNIT_ASSERT_TRUE(test, pte_cont(raw));
	KUNIT_ASSERT_EQ(test, nr_flushes(t), 0);
}

/* ptep_get_lockless() of a partly changed block gathers from matching entries. */
static void contpte_test_lockless(struct kunit *test)
{
	struct contpte_test *t = test->priv;
	pte_t pte = make_kind(t, 2), got;
	unsigned int gone;

	for (gone = MIDDLE + 1; gone < MIDDLE + CONT_PTES; gone++) {
		map_folio(t, pte);
		set_pte(t->pte + gone, __pte(0));
		got = ptep_get_lockless(t->pte + MIDDLE);
		KUNIT_ASSERT_EQ(test, pte_val(got), pte_val(pte_advance_pfns(pte, MIDDLE)));
		/* Dirty and young, but of another page */
		got = pte_mkyoung(pte_mkdirty(pte_mkcont(pte_advance_pfns(pte, 0))));
		set_pte(t->pte + gone, got);
		got = ptep_get_lockless(t->pte + MIDDLE);
		KUNIT_ASSERT_EQ(test, pte_val(got), pte_val(pte_advance_pfns(pte, MIDDLE)));
	}
}

static int contpte_test_init(struct kunit *test)
{
	struct contpte_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int order = get_order(NR * PAGE_SIZE);
	spinlock_t *ptl;

	if (!t)
		return -ENOMEM;
	test->priv = t;
	t->mm = mm_alloc();
	t->model = (pte_t *)get_zeroed_page(GFP_KERNEL);
	t->folio = folio_alloc(GFP_KERNEL, order);
	t->pages = alloc_pages(GFP_KERNEL, order);
	if (t->pages)
		split_page(t->pages, order);
	if (!t->mm || !t->model || !t->folio || !t->pages)
		return -ENOMEM;
	vma_init(&t->vma, &init_mm);
	t->pte = get_locked_pte(t->mm, START, &ptl);
	if (!t->pte)
		return -ENOMEM;
	pte_unmap_unlock(t->pte, ptl);
	return 0;
}

static void contpte_test_exit(struct kunit *test)
{
	struct contpte_test *t = test->priv;
	struct mmu_gather tlb;
	unsigned int i;

	if (!t)
		return;
	if (t->pte)
		wipe(t);
	if (t->mm) {
		tlb_gather_mmu_fullmm(&tlb, t->mm);
		free_pgd_range(&tlb, START, 2 * START, FIRST_USER_ADDRESS,
			       USER_PGTABLES_CEILING);
		tlb_finish_mmu(&tlb);
		mmput(t->mm);
	}
	for (i = 0; t->pages && i < NR; i++)
		__free_page(t->pages + i);
	if (t->folio)
		folio_put(t->folio);
	free_page((unsigned long)t->model);
}

static struct kunit_case contpte_test_cases[] = {
	KUNIT_CASE(contpte_test_one),
	KUNIT_CASE(contpte_test_range),
	KUNIT_CASE(contpte_test_many),
	KUNIT_CASE(contpte_test_protect),
	KUNIT_CASE(contpte_test_pending),
	KUNIT_CASE(contpte_test_hardware),
	KUNIT_CASE(contpte_test_fold),
	KUNIT_CASE(contpte_test_fold_range),
	KUNIT_CASE(contpte_test_never),
	KUNIT_CASE(contpte_test_lockless),
	{}
};

static struct kunit_suite contpte_test_suite = {
	.name = "contpte",
	.init = contpte_test_init,
	.exit = contpte_test_exit,
	.test_cases = contpte_test_cases,
};

kunit_test_suite(contpte_test_suite);

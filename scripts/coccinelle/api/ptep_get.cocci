// SPDX-License-Identifier: GPL-2.0-only
///
/// Read a page table entry by ptep_get() instead of a dereference: an
/// architecture may keep accessed and dirty bits of the entry in other entries,
/// which ptep_get() gathers.
/// A READ_ONCE() of an entry is taken as a read without the page table lock, and
/// becomes ptep_get_lockless().
///
//# Not reported: the implementation of the accessors (architecture headers,
//# arch/arm64, arch/x86/mm, and functions named like accessors), KUnit tests, and
//# files about page tables other than those of a process (the kernel's, and those
//# that KVM makes for guests).
//# False positives: a pte_t * that does not point into a page table.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
//
// Keywords: pte_t, ptep_get, ptep_get_lockless, READ_ONCE
//

virtual patch
virtual report

@initialize:python@
@@
import re
other_file = re.compile(r'arch/\w+/(include|boot)/|_test\.c$|arch/arm64/|'
    r'arch/powerpc/(kvm/book3s_(64_mmu_radix|hv_nested)|lib/|xmon/|'
    r'mm/(kasan/|ptdump/|pgtable_32|nohash/8xx|book3s64/radix_pgtable))|'
    r'arch/x86/(kernel/sev|mm/|power/|xen/)|'
    r'mm/(highmem|hugetlb_vmemmap|kasan/|sparse-vmemmap|vmalloc)')
accessor = re.compile(r'(^|_)ptep_(get|peek|set|test|clear|modify)|^(__)?set_(huge_)?pte_at$|'
    r'^(__pte_none_batch|__flush_hash_table_range)$')
written = set()

def place(p):
    return p[0].file, p[0].line, p[0].column

def reads(p):
    return not (place(p) in written or other_file.search(p[0].file) or
                accessor.search(p[0].current_element))

@write@
pte_t *ptep;
expression e, i;
position q;
@@
(
  *ptep@q = e
|
  ptep@q[i] = e
|
  WRITE_ONCE(*ptep@q, e)
|
  sizeof(*ptep@q)
|
  &*ptep@q
|
  &ptep@q[i]
|
  &(ptep@q[i])
|
  &pte_val(*ptep@q)
)

@script:python@
q << write.q;
@@
written.add(place(q))

@read@
pte_t *ptep;
identifier x =~ "^(pvmw|vmf|walk)$";
expression i;
position p : script:python() { reads(p) };
@@
(
  *ptep@p
|
  ptep@p[i]
|
  *x@p.pte
|
  *x@p->pte
)

@depends on patch@
pte_t *ptep;
identifier x;
expression i;
position read.p;
@@
(
- READ_ONCE(*ptep@p)
+ ptep_get_lockless(ptep)
|
- READ_ONCE(ptep@p[i])
+ ptep_get_lockless(ptep + i)
|
- READ_ONCE(pte_val(*ptep@p))
+ pte_val(ptep_get_lockless(ptep))
|
- *ptep@p
+ ptep_get(ptep)
|
- ptep@p[i]
+ ptep_get(ptep + i)
|
- *x@p.pte
+ ptep_get(x.pte)
|
- *x@p->pte
+ ptep_get(x->pte)
)

@script:python depends on report@
p << read.p;
@@
coccilib.report.print_report(p[0], "page table entry read by dereference, consider ptep_get() or ptep_get_lockless()")

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: run-tests.sh ARCH VARIANT CONFIG [CPU]
#
# Boot a kernel, whose KUnit tests run first, with the selftests of the series, and turn
# its console into TAP.  Use KVM if it works and no CPU is given.  If the guest does not
# finish in KVM, run it again without; that is a failure if the patched kernel had begun
# to test.
#
# Reads:  build/v6.1/ARCH-VARIANT-CONFIG/, tests-ARCH/ and tests-ARCH.cpio; from the
#         environment CHECK_DIR, APPEND, LIMIT, SMP and MEM
# Writes: ARCH-VARIANT-CONFIG[-CPU].log, the console, and .tap, both in CHECK_DIR
#         (build/v6.1/check); -kvm.log and -kvm.tap, if the guest does not finish in KVM

. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: run-tests.sh ARCH VARIANT CONFIG [CPU]"
arch_vars "$1"
variant=$2 config=$3
name=$arch-$variant-$config${4:+-$4}
dir=${CHECK_DIR:-$build/check} kernel=$build/$arch-$variant-$config initramfs=$build/tests-$arch.cpio
export CPU=${4:-$cpu} SMP=${SMP:-4} MEM=${MEM:-2G}
why="a CPU is given" hung=
if [ $# -eq 3 ] && why=$("$top/harness/guest/probe-kvm.sh" "$arch" "$kernel" "$initramfs"); then
	export ACCEL=kvm why="it works"
fi

# KASAN keeps every new call trace, which would look like a leak.
if [ "$config" = debug ]; then
	export APPEND="stack_depot_disable=on seconds=1200 ${APPEND:-}" LIMIT=${LIMIT:-2400}
fi

# The programs and KUnit suites that must run to their end.
want=$(cd "$build/tests-$arch" && ls)
[ "$variant" = base ] || want+=" pte_walk"
# Where a batch is always one entry, there is nothing to test.
[ "$variant" = base ] || [[ $arch = @(s390x|riscv64|arm) ]] || want+=" pgtable_batch"
[ "$config" != debug ] || [ "$arch" = i386 ] || want+=" debug_vm_pgtable"

# The reasons for which a test may skip: what the guest lacks.  To skip for another fails.
case $arch-$config${4:+-$4} in
arm64-64k)	skips="no (soft-dirty bits|uffd-wp|THP.*)$" ;;	# a THP is 512 MiB
arm64-preempt)	skips="no (soft-dirty bits|uffd-wp)$" ;;
arm64*)		skips="no (soft-dirty bits|uffd-wp|preemption, or no idle bits)$" ;;
powerpc-64k*)	skips="no uffd-wp$" ;;
powerpc*power8)	skips="no (uffd-wp|THP.*)$" ;;	# hash MMU with 4K pages
powerpc*)	skips="no uffd-wp$" ;;
s390x*)		skips="no (uffd-wp|THP.*)$" ;;	# QEMU's CPUs lack EDAT
i386*|arm-*|riscv64*)
		skips="no (soft-dirty bits|uffd-wp)$" ;;
*)		skips="^$" ;;
esac

# Only these kernels have contiguous entries and a KUnit suite for them.  contpte=off lets
# contpte_blocks test that there are none.
case $arch-$variant-$config in
arm64-base-*|arm64-*-nocontpte)
	export APPEND="contpte=off ${APPEND:-}"
	skips+="|no contiguous page table entries$" ;;
arm64-*) want+=" contpte" ;;
*)	skips+="|no contiguous page table entries$" ;;
esac
# lru_gen is not for SPARSEMEM on 32-bit, and walks page tables where the MMU sets accessed.
[[ $arch != @(i386|arm) && $skips != *THP* ]] || skips+="|no lru_gen, or no THP.*$"
[[ $arch = @(x86_64|arm64) ]] || skips+="|no page table walks of lru_gen$"

# Complaints that the base makes, too:
# - at every boot: test_hmm's memory lies beyond the memmap
# - mprotect(PROT_NONE) on powerpc: a check whether privileged entries need a flush
# - on s390: nr_page_table_pages includes tables of the kernel, and mm_oracle lets those
#   of vmalloc() grow
known='WARNING: .* PID: 1 at .*/arch/(arm64/mm/mmu|powerpc/mm/book3s64/hash_pgtable)[.]c:'
known+='|WARNING: .* at .*/powerpc/include/asm/book3s/64/tlbflush[.]h:.* change_protection'
[ "$arch" != s390x ] || known+='|leak .*: nr_page_table_pages was 6, is 7$'

step "testing $name" "$dir/$name.log" run_guest "$arch" "$kernel" "$initramfs"
if [ "${ACCEL:-}" = kvm ] && ! grep -q '^# ran [0-9]* programs' "$dir/$name.log"; then
	mv "$dir/$name.log" "$dir/$name-kvm.log"
	unset ACCEL
	why="it does not finish in KVM, see $name-kvm.log"
	[ "$variant" = base ] || ! grep -q '^# begin \|# Subtest: ' "$dir/$name-kvm.log" || hung=yes
	step "testing $name without KVM" "$dir/$name.log" run_guest "$arch" "$kernel" "$initramfs"
fi
awk -v want="${want//$'\n'/ }" -v skips="$skips" -v known="$known" \
	-f "$top/harness/guest/console-tap.awk" \
	"$dir/$name.log" >"$dir/$name.tap"
echo "# with ${ACCEL:-tcg}, as $why" >>"$dir/$name.tap"
[ -z "$hung" ] || printf '1..1\nnot ok 1 - the guest finished in KVM\n' >"$dir/$name-kvm.tap"

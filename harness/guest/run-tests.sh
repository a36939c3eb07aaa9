#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# run-tests.sh ARCH VARIANT CONFIG [CPU]: boot that kernel with the tests in its
# initramfs, and write NAME.log, the console, and NAME.tap to build/v6.1/check or to
# CHECK_DIR.

. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: run-tests.sh ARCH VARIANT CONFIG [CPU]"
arch_vars "$1"
variant=$2 config=$3
name=$arch-$variant-$config${4:+-$4}
dir=${CHECK_DIR:-$build/check} kernel=$build/$arch-$variant-$config initramfs=$build/tests-$arch.cpio
export CPU=${4:-$cpu} SMP=${SMP:-4} MEM=${MEM:-2G}
if [ $# -eq 3 ] && "$top/harness/guest/probe-kvm.sh" "$arch" "$kernel" "$initramfs" >/dev/null; then
	export ACCEL=kvm
fi

# KASAN keeps every new call trace, which would look like a leak.
if [ "$config" = debug ]; then
	export APPEND="stack_depot_disable=on seconds=1200 ${APPEND:-}" LIMIT=${LIMIT:-2400}
fi

# KUnit suites and programs that must have run.
want=$(cd "$build/tests-$arch" && ls)
[ "$variant" = base ] || want+=" pte_walk"
# Where a batch is one entry, there is nothing to test.
[ "$variant" = base ] || [[ $arch = @(s390x|riscv64|arm) ]] || want+=" pgtable_batch"
[ "$config" != debug ] || [ "$arch" = i386 ] || want+=" debug_vm_pgtable"

# What a guest lacks; a test may skip for no other reason.
case $arch-$config${4:+-$4} in
arm64-64k)	skips="no (soft-dirty bits|uffd-wp|THP.*)$" ;;	# one is 512 MiB
arm64-preempt)	skips="no (soft-dirty bits|uffd-wp)$" ;;
arm64*)		skips="no (soft-dirty bits|uffd-wp|preemption, or no idle bits)$" ;;
powerpc-64k*)	skips="no uffd-wp$" ;;
powerpc*power8)	skips="no (uffd-wp|THP.*)$" ;;	# hash with 4K pages
powerpc*)	skips="no uffd-wp$" ;;
s390x*)		skips="no (uffd-wp|THP.*)$" ;;	# QEMU's CPUs have no EDAT
i386*|arm-*|riscv64*)
		skips="no (soft-dirty bits|uffd-wp)$" ;;
*)		skips="^$" ;;
esac

# Are there contiguous entries? A test has to know.
case $arch-$variant-$config in
arm64-base-*|arm64-*-nocontpte)
	export APPEND="contpte=off ${APPEND:-}"
	skips+="|no contiguous page table entries$" ;;
arm64-*) want+=" contpte" ;;
*)	skips+="|no contiguous page table entries$" ;;
esac
[ "$config" = preempt ] || skips+="|no lru_gen, or no THP$"

# What the base says too: test_hmm has its memory beyond the memmap, at every boot;
# mprotect(PROT_NONE) asks powerpc whether what is privileged then needs a flush; s390x
# counts tables of the kernel, too, and mm_oracle lets those of vmalloc() grow.
known='WARNING: .* PID: 1 at .*/arch/(arm64/mm/mmu|powerpc/mm/book3s64/hash_pgtable)[.]c:'
known+='|WARNING: .* at .*/powerpc/include/asm/book3s/64/tlbflush[.]h:.* change_protection'
[ "$arch" != s390x ] || known+='|leak .*: nr_page_table_pages was 6, is 7$'

step "testing $name" "$dir/$name.log" run_guest "$arch" "$kernel" "$initramfs"
awk -v want="${want//$'\n'/ }" -v skips="$skips" -v known="$known" \
	-f "$top/harness/guest/console-tap.awk" \
	"$dir/$name.log" >"$dir/$name.tap"
echo "# with ${ACCEL:-tcg}" >>"$dir/$name.tap"

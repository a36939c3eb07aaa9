#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: compare-vmtests.sh ARCH
#
# Run the kernel's own vm selftests, those of the base, on base and patched kernel at the
# same time, and print TAP: each must pass or skip on the base and have the same results
# on both, and the patched kernel must not complain of more than the base.
#
# Reads:  build/v6.1/linux-base, linux and ARCH-VARIANT-test/; from the environment
#         CHECK_DIR, APPEND, SMP and MEM
# Writes: build/v6.1/vmtests-ARCH/, programs and results, with .cpio and .log;
#         vmtests-ARCH-VARIANT.log, the consoles, in CHECK_DIR (build/v6.1/check)

. "$(dirname "$0")/../lib.sh"

[ $# -eq 1 ] || die "usage: compare-vmtests.sh ARCH"
arch_vars "$1"
ours=$tree/tools/testing/selftests/mm
out=$build/vmtests-$arch logs=${CHECK_DIR:-$build/check}/vmtests-$arch
export SMP=${SMP:-2} MEM=${MEM:-2G}
# norandmaps: the test khugepaged maps memory at 1 GiB, and must not have its heap there.
# overcommit_memory=1: mremap_test and virtual_address_range map more than there is.
# hugepages=160: the tests hugepage-* need 256 MiB, the others some more.
export APPEND="norandmaps sysctl.vm.overcommit_memory=1 hugepages=160 seconds=150 ${APPEND:-}"

# The arguments are those of run_vmtests.sh, with less memory.  Left out:
# compaction_test, thuge-gen	need a shell
# map_populate, memfd_secret, protection_keys	need options that CONFIG=test lacks
# migration			needs two nodes and three minutes
# on-fault-limit		must not be root
# va_128TBswitch		needs page tables of five levels
# hugetlb-madvise, split_huge_page_test	fail on 6.1.y by bugs of their own
# ksm_tests -U			fails now and then: the scan it waits for may be under way
# mlock-random-test		is random
# transhuge-stress		never ends
# write_to_hugetlbfs		is a part of shell scripts
tests=(
	"gup_test -L -t" "gup_test -U -S" "gup_test -a" "gup_test -b -H" "gup_test -u"
	"gup_test -ct -F 0x1 0 19 0x1000" hmm-tests hugepage-mmap
	"hugepage-mremap huge/mremap" hugepage-shm hugepage-vmemmap
	"khugepaged all:anon" "khugepaged all:file /tmp" "khugepaged all:shmem"
	"ksm_tests -M -p 10" "ksm_tests -Z -p 10 -z 0" "ksm_tests -Z -p 10 -z 1"
	madv_populate map_fixed_noreplace map_hugetlb
	mlock2-tests mrelease_test mremap_dontunmap mremap_test soft-dirty
	"userfaultfd anon 4 16" "userfaultfd anon:dev 4 4" "userfaultfd hugetlb 32 16"
	"userfaultfd hugetlb_shared 32 16 huge/uffd" "userfaultfd shmem:collapse 4 16"
	virtual_address_range
)
programs=("${tests[@]%% *}") files=("${tests[@]//[ \/]/_}")

# An empty numa.h is enough: vmtest.h has the functions that ksm_tests calls.
selftests()
{
	rm -rf "$out" && mkdir -p "$out"/{headers,bin,tests} &&
	kernel_make "$base_tree" "$out/headers" "$karch" "$cross" headers &&
	touch "$out/headers/usr/include/numa.h" &&
	make -C "$base_tree/tools/testing/selftests/vm" "OUTPUT=$out/bin" "ARCH=$karch" \
		"CROSS_COMPILE=$cross" LDFLAGS=-static LDLIBS="-lrt -lpthread" \
		KHDR_INCLUDES="-isystem $out/headers/usr/include" \
		EXTRA_CFLAGS="-include $top/harness/guest/vmtest.h" \
		"${programs[@]/#/"$out/bin/"}" &&
	"${cross}gcc" -O2 -Wall -static -I "$ours" -I "$ours/.." -o "$out/tests/.vmtest" \
		"$top/harness/guest/vmtest.c" "$ours/mm_util.c" &&
	for i in "${!tests[@]}"; do
		cp "$out/bin/${programs[i]}" "$out/tests/.${programs[i]}" &&
		echo "#!/tests/.vmtest .${tests[i]}" >"$out/tests/${files[i]}" &&
		chmod +x "$out/tests/${files[i]}" || return
	done &&
	"$top/harness/guest/initramfs.sh" "$arch" "$out.cpio" "$out"/tests/.[!.]* "$out"/tests/*
}

boot()
{
	for variant in base patched; do
		run_guest "$arch" "$build/$arch-$variant-test" "$out.cpio" \
			>"$logs-$variant.log" 2>&1 &
	done
	wait
}

# results VARIANT: write the results that each test printed to a file of its own, without
# the numbers that differ from run to run, and the complaints of the kernel to another.
results()
{
	rm -rf "${out:?}/$1" && mkdir "$out/$1" && touch "${files[@]/#/"$out/$1/"}"
	awk -v dir="$out/$1" '
		{ sub(/\r+$/, ""); sub(/.*\r/, ""); gsub(/\033\[[0-9;]*m/, "") }
		/^# begin / { file = dir "/" $3; next }
		/^# end / { print "wait status " $4 >file; next }
		file && tolower($0) ~ /(^|[^a-z])ok|pass|fail|skip|error|done|success|leak/ {
			gsub(/0x[0-9a-f]+|[0-9]+MB/, "N"); gsub(/\.\.\.+/, "..."); print >file
		}' "$logs-$1.log"
	awk -v skips=. -v most=1000000 -f "$top/harness/guest/console-tap.awk" "$logs-$1.log" |
		sed -nE 's/0x[0-9a-f]+|[0-9]+/N/g; s/linux-base/linux/; s/^# //p' |
		sort -u >"$out/$1/.complaints"
}

step "building the vm selftests for $arch" "$out.log" selftests
if "$top/harness/guest/probe-kvm.sh" "$arch" "$build/$arch-base-test" "$out.cpio" >/dev/null; then
	export ACCEL=kvm
fi
step "running ${logs##*/} on base and patched" "$logs.log" boot
results base
results patched

for i in "${!tests[@]}"; do
	base=$out/base/${files[i]} ok=ok skip=
	why=$(diff "$base" "$out/patched/${files[i]}" | sed -n '1,20s/^/# /p') || ok="not ok"
	end=$(sed -n 's/^wait status //p' "$base")
	case $end in
	0) ;;
	1024) skip=$(sed -n 's/^1\.\.0 # SKIP/ # SKIP/p' "$base"); [ -n "$skip" ] || ok="not ok" ;;
	*) ok="not ok" why+=$'\n'"# wait status on base: ${end:-none, it did not end}" ;;
	esac
	echo "$ok $((i + 1)) - ${tests[i]}: the same results$skip"
	[ -z "$why" ] || echo "$why"
done
why=$(comm -13 "$out/base/.complaints" "$out/patched/.complaints" | sed 's/^/# /')
[ -z "$why" ] && ok=ok || ok="not ok"
echo "$ok $((i + 2)) - the kernel makes no complaint that the base does not make"
[ -z "$why" ] || echo "$why"
echo "1..$((i + 2))"

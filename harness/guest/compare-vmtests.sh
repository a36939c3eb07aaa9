#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# compare-vmtests.sh ARCH: run the vm selftests of the base on the base and on the
# patched kernel of CONFIG=test, both at once, and print as TAP whether each test
# passes or skips on the base and has the same results on both.  Programs and results
# are left in build/v6.1/vmtests-ARCH, the consoles in build/v6.1/check or CHECK_DIR.

. "$(dirname "$0")/../lib.sh"

[ $# -eq 1 ] || die "usage: compare-vmtests.sh ARCH"
arch_vars "$1"
ours=$tree/tools/testing/selftests/mm
out=$build/vmtests-$arch logs=${CHECK_DIR:-$build/check}/vmtests-$arch
export SMP=${SMP:-2} MEM=${MEM:-2G}
# khugepaged maps over what is at 1 GiB, which random addresses would make its heap now
# and then.  mremap_test and virtual_address_range want more memory than there is.
# 256 MiB of huge pages are for hugepage-*, and some are to spare.
export APPEND="norandmaps sysctl.vm.overcommit_memory=1 hugepages=160 seconds=150 ${APPEND:-}"

# The arguments are those of run_vmtests.sh, with less memory.  Left out:
# compaction_test, thuge-gen	want a shell
# map_populate, memfd_secret, protection_keys	want what CONFIG=test lacks
# migration			wants two nodes and three minutes
# on-fault-limit		wants not to be root
# va_128TBswitch		wants tables of five levels
# hugetlb-madvise, split_huge_page_test	fail on 6.1.y: wrong about it early on
# ksm_tests -U			fails now and then: the scan it waits for may be under way
# mlock-random-test		is random
# transhuge-stress		never ends
# write_to_hugetlbfs		is a part of scripts
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

# vmtest.h has what ksm_tests needs of numa.h.
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

# results VARIANT: what each test said that is a result, in a file of its own and
# without what differs from run to run; the same for complaints of the kernel.
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
	awk -v skips=. -f "$top/harness/guest/console-tap.awk" "$logs-$1.log" |
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
echo "$ok $((i + 2)) - no complaint of the kernel that base does not have"
[ -z "$why" ] || echo "$why"
echo "1..$((i + 2))"

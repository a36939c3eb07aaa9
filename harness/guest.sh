#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# guest.sh ARCH VARIANT CONFIG [CPU]: boot that kernel with the tests in its
# initramfs, and write build/v6.1/check/NAME.log, the console, and NAME.tap.

. "$(dirname "$0")/lib.sh"

[ $# -ge 3 ] || die "usage: guest.sh ARCH VARIANT CONFIG [CPU]"
arch_vars "$1"
variant=$2 config=$3
name=$arch-$variant-$config${4:+-$4}
dir=$build/check kernel=$build/$arch-$variant-$config initramfs=$build/tests-$arch.cpio
export CPU=${4:-$cpu} SMP=${SMP:-2} MEM=${MEM:-2G}
if [ $# -eq 3 ] && "$top/harness/kvm.sh" "$arch" "$kernel" "$initramfs" >/dev/null; then
	export ACCEL=kvm
fi

# KUnit suites and programs that must have run.
want=$(cd "$build/tests-$arch" && ls)
[ "$variant" = base ] || want+=" pgtable_batch"

# What a guest lacks; a test may skip for no other reason.
case $arch${4:+-$4} in
arm64)		skips="no (soft-dirty bits|uffd-wp)$" ;;
powerpc-power8) skips="no (uffd-wp|THP.*)$" ;;	# hash with 4K pages
powerpc*)	skips="no uffd-wp$" ;;
*)		skips="^$" ;;
esac

boot()
{
	timeout --foreground -k 5 "${LIMIT:-900}" \
		"$top/harness/qemu.sh" "$arch" "$kernel" "$initramfs"
	# A hang is a result like any other: the TAP says that the guest did
	# not finish.
	return 0
}

step "testing $name" "$dir/$name.log" boot
awk -v want="${want//$'\n'/ }" -v skips="$skips" -f "$top/harness/console-tap.awk" \
	"$dir/$name.log" >"$dir/$name.tap"

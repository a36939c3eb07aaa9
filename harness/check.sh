#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check.sh ARCH...: run all tests on these architectures: those of the harness,
# the kernels of other architectures that have to go on building, and the guests.
# The kernels are built before.  Closes with prove's summary.

. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || die "usage: check.sh ARCH..."
dir=$build/check
rm -rf "$dir"
mkdir -p "$dir"

# both ARCH [CPU]: the same guest on base and patched; mm_oracle, whose lines begin
# with ~, has to print the same in both.  With blocks of contiguous entries more can be
# dirty; fuzz.py looks at that.
both()
{
	local name=test${2:+-$2} blocks='' base patched
	[ "$1" != arm64 ] || blocks=yes
	"$top/harness/guest.sh" "$1" base test "${@:2}" & base=$!
	"$top/harness/guest.sh" "$1" patched test "${@:2}" & patched=$!
	if ! wait "$base" || ! wait "$patched"; then
		die "a guest of $1 could not be run"
	fi
	for variant in base patched; do
		sed -n "/^~/ { ${blocks:+s/ dirty .*//;} p }" "$dir/$1-$variant-$name.log" \
			>"$dir/$1-$variant-$name.oracle"
	done
	{
		echo 1..1
		if [ -s "$dir/$1-base-$name.oracle" ] &&
		   diff "$dir/$1-base-$name.oracle" "$dir/$1-patched-$name.oracle" >"$dir/diff"; then
			echo "ok 1 - mm_oracle prints the same on both"
		else
			echo "not ok 1 - mm_oracle prints the same on both"
			sed 's/^/# /; 6q' "$dir/diff"
		fi
	} >"$dir/$1-oracle-$name.tap"
}

step "testing the harness" "$dir/harness.tap" "$top/harness/test-tree.sh"
# What it finds is in its TAP.
(step "testing the walk in userspace" "$dir/pte_walk.tap" \
	make -s -C "$tree/tools/testing/pte_walk" "OUTPUT=$dir" run) || :
for arch in "$@"; do
	arch_vars "$arch"
	"$top/harness/tests.sh" "$arch"
	for cpu in "${cpus[@]}"; do
		both "$arch" ${cpu:+"$cpu"}
	done
	[ "$arch" != x86_64 ] || "$top/harness/guest.sh" x86_64 patched debug
done
"$top/harness/others.sh" >"$dir/others.tap"

cd "$dir"
exec prove --failures --comments --exec cat ./*.tap

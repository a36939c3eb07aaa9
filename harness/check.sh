#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check.sh ARCH...: run all tests on these architectures: those of the harness,
# the kernels of other architectures that have to go on building, and the guests.
# The kernels are built before.  Closes with prove's summary.

# shellcheck source-path=SCRIPTDIR/guest
. "$(dirname "$0")/guest/lib-compare.sh"

[ $# -gt 0 ] || die "usage: check.sh ARCH..."
rm -rf "$dir"
mkdir -p "$dir"

"$top/harness/series/check-mirror.sh" >"$dir/mirror.tap"
step "applying the series" "$dir/apply.tap" "$top/harness/series/check-apply.sh"
for test in tree args; do
	step "testing the harness: $test" "$dir/harness-$test.tap" "$top/harness/test/test-$test.sh"
done
# What it finds is in its TAP.
(step "testing the walk in userspace" "$dir/pte_walk.tap" \
	make -s -C "$tree/tools/testing/pte_walk" "OUTPUT=$dir" run) || :
for arch in "$@"; do
	arch_vars "$arch"
	"$top/harness/guest/build-tests.sh" "$arch"
	for cpu in "${cpus[@]}"; do
		both "$arch" test ${cpu:+"$cpu"}
	done
	[ "$arch" != x86_64 ] || "$top/harness/guest/run-tests.sh" x86_64 patched debug
done
"$top/harness/kernel/build-others.sh" >"$dir/others.tap"

cd "$dir"
exec prove --failures --comments --exec cat ./*.tap

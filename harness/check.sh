#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check.sh ARCH...
#
# Run the tests on these architectures and print a summary: the patches and the harness,
# the walk of page tables in userspace, base and patched kernel with the tests (of x86_64
# also the patched debug kernel), and other architectures compiled.
#
# Reads:  build/v6.1/linux-base and linux; build/v6.1/ARCH-VARIANT-CONFIG/, the kernels,
#         which make check builds before
# Writes: build/v6.1/check/: *.tap, the results, and *.log; what the scripts that it runs
#         write

unset CHECK_DIR # below, $dir is removed
# shellcheck source-path=SCRIPTDIR/guest
. "$(dirname "$0")/guest/lib-compare.sh"

[ $# -gt 0 ] || die "usage: check.sh ARCH..."
rm -rf "$dir"
mkdir -p "$dir"

"$top/harness/series/check-mirror.sh" >"$dir/mirror.tap"
step "applying the series" "$dir/apply.tap" "$top/harness/series/check-apply.sh"
for test in args sync work interrupted mails base; do
	step "testing the harness: $test" "$dir/harness-$test.tap" "$top/harness/test/test-$test.sh"
done
# A failed test is not an error here: it is in the TAP.
(step "testing the walk in userspace" "$dir/pte_walk.tap" \
	make -s -C "$tree/tools/testing/pte_walk" "OUTPUT=$dir" run) || :
for arch in "$@"; do
	arch_vars "$arch"
	"$top/harness/guest/build-tests.sh" "$arch"
	for cpu in "${cpus[@]}"; do
		compare_guests "$arch" test ${cpu:+"$cpu"}
	done
	[ "$arch" != x86_64 ] || "$top/harness/guest/run-tests.sh" x86_64 patched debug
done
"$top/harness/kernel/build-others.sh" >"$dir/others.tap"

cd "$dir"
summary .

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

step "testing the harness" "$dir/harness.tap" "$top/harness/test-tree.sh"
for arch in "$@"; do
	"$top/harness/tests.sh" "$arch"
	for variant in base patched; do
		if [ "$arch" = powerpc ]; then
			"$top/harness/guest.sh" "$arch" "$variant" test power9 # radix
			"$top/harness/guest.sh" "$arch" "$variant" test power8 # hash
		else
			"$top/harness/guest.sh" "$arch" "$variant" test
		fi
	done
	[ "$arch" != x86_64 ] || "$top/harness/guest.sh" "$arch" patched debug
done
"$top/harness/others.sh" >"$dir/others.tap"

cd "$dir"
exec prove --failures --comments --exec cat ./*.tap

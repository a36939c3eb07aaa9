#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: profile.sh ARCH WORKLOAD
#
# Print the instructions per unit and kernel function of one row of the benchmark, base
# beside patched.  All rows run, in the order of compare.sh, so that the totals are equal to
# its figures.
#
# Reads:  build/v6.1/ARCH-base-CONFIG/ and ARCH-patched-CONFIG/; CONFIG, from the
#         environment (see lib-bench.sh)
# Writes: build/v6.1/bench-ARCH/: VARIANT-profile.log and .counts

. "$(dirname "$0")/lib-bench.sh"

[ $# -eq 2 ] || die "usage: profile.sh ARCH WORKLOAD"
bench_vars "$1"
workload=$2

"$here/fetch-dash.sh" "$arch"
step "building the $arch benchmark" "$dir/build.log" "$here/build.sh" "$arch"
for variant in base patched; do
	PLUGIN=,profile=on "$here/measure.sh" "$arch" "$variant" "$variant-profile"
done
"$here/profile-table.py" "$workload" "$dir" \
	"$build/$arch-base-$config/System.map" "$build/$arch-patched-$config/System.map"

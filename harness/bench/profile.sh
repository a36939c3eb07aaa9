#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# profile.sh ARCH WORKLOAD: instructions per unit and kernel function for one
# workload of the benchmark, base beside patched.  All of them run, in the order
# of bench.sh, so that the totals are exactly its figures.  CONFIG as for bench.sh.

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

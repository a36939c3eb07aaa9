#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# profile.sh ARCH WORKLOAD: instructions per unit and kernel function for one
# workload of the benchmark, base beside patched.  All of them run, in the order
# of bench.sh, so that the totals are exactly its figures.

. "$(dirname "$0")/lib.sh"

[ $# -eq 2 ] || die "usage: profile.sh ARCH WORKLOAD"
arch_vars "$1"
workload=$2
dir=$build/bench-$arch here=$top/harness

mkdir -p "$dir"
step "building the $arch benchmark" "$dir/build.log" "$here/bench/build.sh" "$arch"
for variant in base patched; do
	PLUGIN=,profile=on "$here/bench/boot.sh" "$arch" "$variant" "$variant-profile"
done
"$here/bench/profile.py" "$workload" "$dir" \
	"$build/$arch-base-perf/System.map" "$build/$arch-patched-perf/System.map"

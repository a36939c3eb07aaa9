#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: compare.sh ARCH
#
# Run the benchmark on base and patched kernel and print the tables.  Each kernel runs it
# twice, the second time to count the lines of memory.  If KVM works, a third run measures
# wall time.
#
# Reads:  build/v6.1/ARCH-base-CONFIG/ and ARCH-patched-CONFIG/; CONFIG, from the
#         environment (see lib-bench.sh)
# Writes: build/v6.1/bench-ARCH.json and .svg, bench-ARCH/; with CONFIG=swap
#         bench-ARCH-swap.json and so on

. "$(dirname "$0")/lib-bench.sh"

[ $# -eq 1 ] || die "usage: compare.sh ARCH"
bench_vars "$1"

# measure_both SUFFIX WORD...: run both kernels at the same time.
measure_both()
{
	local base patched
	"$here/measure.sh" "$arch" base "base$1" "${@:2}" & base=$!
	"$here/measure.sh" "$arch" patched "patched$1" "${@:2}" & patched=$!
	wait_all "$base" "$patched" || die "$arch could not be measured"
}

rm -f "$dir"/*.counts "$dir"/*.log "$build/$result".{json,svg}
"$here/fetch-dash.sh" "$arch"
step "building the $arch benchmark" "$dir/build.log" "$here/build.sh" "$arch"
measure_both ""
PLUGIN=,lines=on measure_both -lines

# Under TCG, time means nothing.
if wall=$("$top/harness/guest/probe-kvm.sh" "$arch" "$build/$arch-base-$config" "$dir/initramfs"); then
	wall=KVM
	for variant in base patched; do
		ACCEL=kvm "$here/measure.sh" "$arch" "$variant" "$variant-wall" wall=9
	done
fi

"$here/report.py" "${result#bench-}" "$("${qemu[0]}" --version | head -n 1)" "$wall" \
	"$dir" "$build/$result"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# compare.sh ARCH: run the benchmark on the base and the patched kernel, print the
# tables, and write build/v6.1/bench-ARCH.json and bench-ARCH.svg; with CONFIG=swap
# bench-ARCH-swap.json and .svg, of kernels with swap.

. "$(dirname "$0")/lib-bench.sh"

[ $# -eq 1 ] || die "usage: compare.sh ARCH"
bench_vars "$1"
export PYTHONDONTWRITEBYTECODE=1

# both SUFFIX WORD...: boot both kernels at the same time.
both()
{
	local base patched
	"$here/measure.sh" "$arch" base "base$1" "${@:2}" & base=$!
	"$here/measure.sh" "$arch" patched "patched$1" "${@:2}" & patched=$!
	if ! wait "$base" || ! wait "$patched"; then
		wait
		die "$arch could not be measured"
	fi
}

rm -f "$dir"/*.counts "$dir"/*.log "$build/bench-$arch$suffix".{json,svg}
"$here/fetch-dash.sh" "$arch"
step "building the $arch benchmark" "$dir/build.log" "$here/build.sh" "$arch"
both ""
PLUGIN=,lines=on both -lines

# Time means something only where the guest runs on the CPU itself.
if wall=$("$top/harness/guest/probe-kvm.sh" "$arch" "$build/$arch-base-$config" "$dir/initramfs"); then
	wall=KVM
	for variant in base patched; do
		ACCEL=kvm "$here/measure.sh" "$arch" "$variant" "$variant-wall" wall=9
	done
fi

"$here/report.py" "$arch$suffix" "$("${qemu[0]}" --version | head -n 1)" "$wall" \
	"$dir" "$build/bench-$arch$suffix"

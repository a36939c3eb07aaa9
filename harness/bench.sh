#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# bench.sh ARCH: run the benchmark on the base and the patched kernel, print the
# table, and write build/v6.1/bench-ARCH.json and bench-ARCH.svg.

. "$(dirname "$0")/lib.sh"

[ $# -eq 1 ] || die "usage: bench.sh ARCH"
arch_vars "$1"
dir=$build/bench-$arch here=$top/harness
export PYTHONDONTWRITEBYTECODE=1

mkdir -p "$dir"
rm -f "$dir"/*.counts "$dir"/*.log
step "building the $arch benchmark" "$dir/build.log" "$here/bench/build.sh" "$arch"
for variant in base patched; do
	"$here/bench/boot.sh" "$arch" "$variant" "$variant"
done

# Time means something only where the guest runs on the CPU itself.
if wall=$("$here/kvm.sh" "$arch" "$build/$arch-base-perf" "$dir/initramfs"); then
	wall=KVM
	for variant in base patched; do
		ACCEL=kvm "$here/bench/boot.sh" "$arch" "$variant" "$variant-wall" wall=9
	done
fi

"$here/bench/report.py" "$arch" "$("${qemu[0]}" --version | head -n 1)" "$wall" \
	"$dir" "$build/bench-$arch"

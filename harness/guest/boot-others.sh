#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# boot-others.sh [ARCH...]: build and boot, base and patched, architectures that make
# check only compiles, all by default: their page tables have other shapes, and
# those of i386 and arm can lie in high memory.  Leaves logs and TAP where guest.sh does.

. "$(dirname "$0")/lib-compare.sh"

[ $# -gt 0 ] || set -- i386 riscv64 s390x arm
mkdir -p "$dir"

# lacks: print which tools are missing for this architecture.
lacks()
{
	local tool
	for tool in "${cross}gcc" "${qemu[0]}"; do
		command -v "$tool" >/dev/null || echo "no $tool"
	done
}

for arch; do
	arch_vars "$arch"
	config="test"
	[ "$arch" != i386 ] || config=debug
	lacking=$(lacks)
	if [ -n "$lacking" ]; then
		printf '1..1\nok 1 - %s: boots # SKIP %s\n' "$arch" "${lacking//$'\n'/, }" \
			>"$dir/$arch.tap"
		continue
	fi
	for variant in base patched; do
		"$top/harness/kernel/build.sh" "$arch" "$variant" "$config"
	done
	"$top/harness/guest/build-tests.sh" "$arch"
	both "$arch" "$config"
done

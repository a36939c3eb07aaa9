#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: boot-others.sh [ARCH...]
#
# Build base and patched kernel of architectures that make check only compiles (i386,
# riscv64, s390x and arm by default), and run the tests on both.  Their page tables have
# other formats; those of i386 and arm can lie in high memory.  Skip an architecture
# whose compiler or QEMU is not installed.
#
# Reads:  build/v6.1/linux-base and linux; CHECK_DIR, from the environment
# Writes: what build.sh, build-tests.sh and run-tests.sh write; ARCH.tap in CHECK_DIR
#         (build/v6.1/check) if skipped

. "$(dirname "$0")/lib-compare.sh"

[ $# -gt 0 ] || set -- i386 riscv64 s390x arm
mkdir -p "$dir"

# missing_tools: print which tools of $arch are not installed.
missing_tools()
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
	missing=$(missing_tools)
	if [ -n "$missing" ]; then
		printf '1..1\nok 1 - %s: boots # SKIP %s\n' "$arch" "${missing//$'\n'/, }" \
			>"$dir/$arch.tap"
		continue
	fi
	for variant in base patched; do
		"$top/harness/kernel/build.sh" "$arch" "$variant" "$config"
	done
	"$top/harness/guest/build-tests.sh" "$arch"
	compare_guests "$arch" "$config"
done

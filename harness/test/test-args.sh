#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# test-args.sh: TAP test of what make says of words that are wrong, at once and in a
# line; and of what each command wants installed.

. "$(dirname "$0")/lib-test-tree.sh"

refuses() { check "make $*" fails "$text" make -s -C "$top" "$@"; }
text="one of x86_64, arm64, powerpc is wanted" refuses bench ARCH=foo
text="one of x86_64, arm64, powerpc is wanted" refuses kernel
text="is not one of x86_64, arm64, powerpc" refuses check ARCH="arm64 ppc"
text="CONFIG=nope is not in harness/kernel/config" refuses bench CONFIG=nope
text="CONFIG=perf+nope is not in harness/kernel/config" refuses fuzz CONFIG=perf+nope
text="VARIANT=nope is neither base nor patched" refuses kernel ARCH=arm64 VARIANT=nope
text="VARIANT= is neither base nor patched" refuses boot ARCH=arm64 VARIANT=
text="SEEDS=abc: a number" refuses fuzz SEEDS=abc
text="SEEDS=: a number" refuses check-long SEEDS=
text="FIRST=0: a number" refuses fuzz FIRST=0
text="WORKLOAD=nope is no row" refuses profile ARCH=arm64 WORKLOAD=nope
text="INITRAMFS=/nope: there is no such file" refuses boot ARCH=arm64 INITRAMFS=/nope
check "make help with another's ARCH" says "make bench" env ARCH=foo make -s -C "$top" help
check "a row is found by a pattern" "$top/harness/check-args.sh" "WORKLOAD=holes-*"

# With no tool but those of a minimal system
mkdir "$tmp/bin"
for tool in bash cat dirname id mkdir sed sort env grep; do
	ln -s "$(command -v "$tool")" "$tmp/bin" 2>/dev/null || :
done
wants() { env PATH="$tmp/bin" ARCH=arm64 "$top/harness/setup.sh" list "$@"; }
wants tree >"$tmp/tree" 2>&1
wants tree kernel >"$tmp/kernel" 2>&1
check "make tree wants git" grep -qx git "$tmp/tree"
check "... and no compiler" not grep -q gcc "$tmp/tree"
check "a kernel wants the compiler of its architecture" grep -qx gcc-aarch64-linux-gnu "$tmp/kernel"
check "... and no other" not grep -q powerpc "$tmp/kernel"
check "... and no QEMU" not grep -q qemu "$tmp/kernel"
echo "1..$count"

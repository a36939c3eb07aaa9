#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: test-args.sh
#
# Test that make refuses wrong arguments at once, in one line, and which packages each
# target needs.  Print TAP.
#
# Reads:  Makefile, check-args.sh, setup.sh
# Writes: a temporary directory, removed at the end

. "$(dirname "$0")/lib-test.sh"

# Start without the arguments of a make that runs this, and let make fail even if it
# refuses nothing.
unset MAKEFLAGS ARCH VARIANT CONFIG SEEDS FIRST WORKLOAD INITRAMFS
export KERNEL_SRC=$tmp/none

refuses() { check "make $*" fails "$text" make -s -C "$top" "$@"; }
text="must be one of x86_64, arm64, powerpc" refuses bench ARCH=foo
text="must be one of x86_64, arm64, powerpc" refuses kernel
text="is not one of x86_64, arm64, powerpc" refuses check ARCH="arm64 ppc"
text="CONFIG=nope is not in harness/kernel/config" refuses bench CONFIG=nope
text="CONFIG=perf+nope is not in harness/kernel/config" refuses fuzz CONFIG=perf+nope
text="VARIANT=nope is neither base nor patched" refuses kernel ARCH=arm64 VARIANT=nope
text="VARIANT= is neither base nor patched" refuses boot ARCH=arm64 VARIANT=
text="SEEDS=abc is not a number" refuses fuzz SEEDS=abc
text="SEEDS= is not a number" refuses check-long SEEDS=
text="FIRST=0 is not a number from 1" refuses fuzz FIRST=0
text="WORKLOAD=nope is not a row" refuses profile ARCH=arm64 WORKLOAD=nope
text="INITRAMFS=/nope cannot be read" refuses boot ARCH=arm64 INITRAMFS=/nope
check "make help with another's ARCH" says "make bench" env ARCH=foo make -s -C "$top" help
text="is not a row" refuses profile ARCH=arm64 "WORKLOAD=holes-*"
check "a row is found by its name" "$top/harness/check-args.sh" "WORKLOAD=holes-2"

# With only the tools of a minimal system
mkdir "$tmp/bin"
for tool in bash cat dirname id mkdir sed sort env grep; do
	ln -s "$(command -v "$tool")" "$tmp/bin" 2>/dev/null || :
done
needs() { env PATH="$tmp/bin" ARCH=arm64 "$top/harness/setup.sh" list "$@"; }
needs tree >"$tmp/tree" 2>&1
needs tree kernel >"$tmp/kernel" 2>&1
check "make tree needs git" grep -qx git "$tmp/tree"
check "... and no compiler" not grep -q gcc "$tmp/tree"
check "a kernel needs the compiler of its architecture" grep -qx gcc-aarch64-linux-gnu "$tmp/kernel"
check "... and no other" not grep -q powerpc "$tmp/kernel"
check "... and no QEMU" not grep -q qemu "$tmp/kernel"

# As root, with an apt-get that installs nothing
mkdir -p "$tmp/repo/harness"
cp "$top"/harness/{lib,lib-packages,setup}.sh "$tmp/repo/harness"
rm "$tmp/bin/id"
printf '#!/bin/bash\necho 0\n' >"$tmp/bin/id"
printf '#!/bin/bash\n' >"$tmp/bin/apt-get"
chmod +x "$tmp/bin/id" "$tmp/bin/apt-get"
ln -s "$(command -v tail)" "$tmp/bin"
text="packages are missing"
! grep -qsx 'ID=debian' /etc/os-release || text="still missing after apt-get install"
check "as root, setup.sh says: $text" fails "$text.*git" \
	env PATH="$tmp/bin" ARCH="x86_64 arm64 powerpc" "$tmp/repo/harness/setup.sh" tree kernel guest bench check
echo "1..$count"

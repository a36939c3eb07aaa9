#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: build-tests.sh ARCH
#
# Build the selftests of the series, statically, and the initramfs that runs them.
#
# Reads:  build/v6.1/linux/tools/testing/selftests/mm/
# Writes: build/v6.1/tests-ARCH/, tests-ARCH.cpio and tests-ARCH.log

. "$(dirname "$0")/../lib.sh"

[ $# -eq 1 ] || die "usage: build-tests.sh ARCH"
arch_vars "$1"
out=$build/tests-$arch

selftests()
{
	rm -rf "$out" && mkdir -p "$out" &&
	make -C "$tree/tools/testing/selftests/mm" "OUTPUT=$out" "ARCH=$karch" \
		"CROSS_COMPILE=$cross" LDFLAGS=-static &&
	"$top/harness/guest/initramfs.sh" "$arch" "$out.cpio" "$out"/*
}

step "building the tests for $arch" "$build/tests-$arch.log" selftests

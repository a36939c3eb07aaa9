#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check-args.sh NAME=VALUE...
#
# Check the arguments of make before it builds anything.  ARCH may name several
# architectures, ONE_ARCH is ARCH of a target that takes only one.
#
# Reads:  kernel/config/; bench/*.c, compiled to learn the names of the rows
# Writes: nothing that it leaves

# shellcheck source-path=SCRIPTDIR/kernel
. "$(dirname "$0")/kernel/lib-kernel.sh"

# The series is for these architectures; the harness boots others as well.
is_arch() { [[ $1 = @(x86_64|arm64|powerpc) ]]; }

# has_workload NAME: the benchmark has a row NAME.  Without a compiler, which setup.sh may
# install later, accept any name: profile-table.py checks it after the run.
has_workload()
(
	command -v gcc >/dev/null || exit 0
	bench=$(mktemp)
	trap 'rm "$bench"' EXIT
	gcc -D_GNU_SOURCE -o "$bench" "$top"/harness/bench/*bench.c 2>/dev/null || exit 0
	list=1 "$bench" | grep -xF -- "$1" >/dev/null
)

for arg; do
	value=${arg#*=}
	case $arg in
	ARCH=*)
		for arch in $value; do
			is_arch "$arch" || die "ARCH=$arch is not one of x86_64, arm64, powerpc"
		done ;;
	ONE_ARCH=*)
		is_arch "$value" || die "ARCH=$value must be one of x86_64, arm64, powerpc" ;;
	VARIANT=*)
		[[ $value = @(base|patched) ]] || die "VARIANT=$value is neither base nor patched" ;;
	CONFIG=*)
		check_config "$value" ;;
	SEEDS=*|FIRST=*)
		[[ $value =~ ^[1-9][0-9]{0,8}$ ]] || die "$arg is not a number from 1 to 999999999" ;;
	INITRAMFS=*)
		[ -z "$value" ] || [ -r "$value" ] || die "$arg cannot be read" ;;
	WORKLOAD=*)
		has_workload "$value" || die "$arg is not a row of the benchmark: 'make bench' prints their names" ;;
	*)
		die "usage: check-args.sh NAME=VALUE..." ;;
	esac
done

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check-args.sh NAME=VALUE...: see that what make was given is right, before anything is built.

# shellcheck source-path=SCRIPTDIR/kernel
. "$(dirname "$0")/kernel/lib-kernel.sh"

# The architectures that the series is for; the harness boots others, too.
is_arch() { [[ $1 = @(x86_64|arm64|powerpc) ]]; }

# has_workload PATTERN: the benchmark knows a row of that name, see bench/bench.c.
has_workload()
(
	bench=$(mktemp)
	trap 'rm "$bench"' EXIT
	gcc -D_GNU_SOURCE -o "$bench" "$top"/harness/bench/*bench.c &&
		list=1 workload=$1 "$bench" >/dev/null
)

for arg; do
	value=${arg#*=}
	case $arg in
	ARCH=*)
		for arch in $value; do
			is_arch "$arch" || die "ARCH=$arch is not one of x86_64, arm64, powerpc"
		done ;;
	ONE_ARCH=*)
		is_arch "$value" || die "ARCH=$value: one of x86_64, arm64, powerpc is wanted here" ;;
	VARIANT=*)
		[[ $value = @(base|patched) ]] || die "VARIANT=$value is neither base nor patched" ;;
	CONFIG=*)
		check_config "$value" ;;
	SEEDS=*|FIRST=*)
		[[ $value =~ ^[1-9][0-9]{0,8}$ ]] || die "$arg: a number from 1 on is wanted" ;;
	INITRAMFS=*)
		[ -z "$value" ] || [ -r "$value" ] || die "$arg: there is no such file" ;;
	WORKLOAD=*)
		has_workload "$value" || die "$arg is no row of the benchmark: 'make bench' names them" ;;
	*)
		die "usage: check-args.sh NAME=VALUE..." ;;
	esac
done

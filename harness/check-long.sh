#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check-long.sh SEEDS ARCH...: what check.sh has no time for, on these architectures:
# debug kernels and other page sizes, longer races, SEEDS seeds of the oracle, the kernel's
# own vm selftests, the benchmark, lint and bisect; and the guests of others-boot.sh.
# The kernels are built before, but for those.  Closes with prove's summary.

. "$(dirname "$0")/lib.sh"

[ $# -gt 1 ] || die "usage: check-long.sh SEEDS ARCH..."
seeds=$1
shift
export CHECK_DIR=$build/check-long
rm -rf "$CHECK_DIR"
mkdir -p "$CHECK_DIR"

# tap NAME COMMAND...: its output is TAP, its status tells no more than that.
tap() { "${@:2}" >"$CHECK_DIR/$1.tap" || :; }

# guests CONFIG: on all CPUs of the architecture at once; a powerpc guest takes one of
# the host's.
guests()
{
	local pids=()
	for cpu in "${cpus[@]}"; do
		APPEND="race=60" "$top/harness/guest.sh" "$arch" patched "$1" \
			${cpu:+"$cpu"} &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || die "a guest of $arch could not be run"
	done
}

# What the benchmark says of $arch and $config.
measured()
{
	local name=bench-$arch-$config
	name=$build/${name/-perf/}
	CONFIG=$config "$top/harness/bench.sh" "$arch" >"$CHECK_DIR/${name##*/}.txt"
	"$top/harness/bench/check.py" "$top/harness/bench-ignore" "$name.json"
}

for arch; do
	arch_vars "$arch"
	"$top/harness/tests.sh" "$arch"
	configs=(debug)
	[ "$arch" = x86_64 ] || configs+=(64k)
	[ "$arch" != arm64 ] || configs+=(16k nocontpte preempt)
	for config in "${configs[@]}"; do
		guests "$config"
	done
	for cpu in "${cpus[@]}"; do
		tap "fuzz-$arch${cpu:+-$cpu}" env ${cpu:+CPU="$cpu"} \
			"$top/harness/fuzz.py" "$arch" "$seeds" 1
	done
	tap "vmtests-$arch" "$top/harness/vmtests.sh" "$arch"
	configs=(perf swap)
	[ "$arch" != arm64 ] || configs+=(perf+nocontpte)
	for config in "${configs[@]}"; do
		tap "bench-$arch-$config" measured
	done
done
"$top/harness/others-boot.sh"
tap lint "$top/harness/lint.sh"
tap bisect "$top/harness/bisect.sh" "$@"

cd "$CHECK_DIR"
exec prove --failures --comments --exec cat ./*.tap

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check-long.sh SEEDS ARCH...: what check.sh has no time for, on these architectures:
# debug kernels and other page sizes, longer races, SEEDS seeds of the oracle, the kernel's
# own vm selftests, the benchmark, lint and bisect; and the guests of others-boot.sh.
# The kernels are built before, but for those.  What passed before, of the same series
# and with the same harness, is not run again.  Closes with prove's summary.

# shellcheck source-path=SCRIPTDIR/series
. "$(dirname "$0")/series/lib-tree.sh"

[ $# -gt 1 ] || die "usage: check-long.sh SEEDS ARCH..."
seeds=$1
shift
all=$build/check-long
state=$({ tgit rev-parse "HEAD^{tree}" "base^{tree}" && tgit diff HEAD &&
	find "$top/harness" -type f -exec sha256sum {} +; } | LC_ALL=C sort | sha256sum)
[ "$(cat "$all/state" 2>/dev/null)" = "$state" ] || rm -rf "$all"
mkdir -p "$all"
echo "$state" >"$all/state"

# part NAME COMMAND...: run COMMAND, which leaves TAP in CHECK_DIR, if it has not passed.
part()
{
	export CHECK_DIR=$all/$1
	[ ! -e "$CHECK_DIR/passed" ] || { say "$1 has passed before"; return; }
	rm -rf "$CHECK_DIR"
	mkdir -p "$CHECK_DIR"
	"${@:2}"
	! prove -Q --exec cat "$CHECK_DIR"/*.tap >/dev/null 2>&1 || touch "$CHECK_DIR/passed"
}

# tap NAME COMMAND...: a part by its output, which is TAP; its status tells no more
# than that.
tap() { part "$1" to_tap "${@:2}"; }
to_tap() { "$@" >"$CHECK_DIR/${CHECK_DIR##*/}.tap" || :; }

# guests CONFIG: on all CPUs of the architecture at once; a powerpc guest takes one of
# the host's.
guests()
{
	local pids=()
	for cpu in "${cpus[@]}"; do
		APPEND="race=60" "$top/harness/guest/run-tests.sh" "$arch" patched "$1" \
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
	CONFIG=$config "$top/harness/bench/compare.sh" "$arch" >"$CHECK_DIR/${name##*/}.txt"
	"$top/harness/bench/check-figures.py" "$top/harness/bench/bench-ignore" "$name.json"
}

for arch; do
	arch_vars "$arch"
	"$top/harness/guest/build-tests.sh" "$arch"
	configs=(debug)
	[ "$arch" = x86_64 ] || configs+=(64k)
	[ "$arch" != arm64 ] || configs+=(16k nocontpte preempt)
	for config in "${configs[@]}"; do
		part "guests-$arch-$config" guests "$config"
	done
	for cpu in "${cpus[@]}"; do
		tap "fuzz-$arch${cpu:+-$cpu}" env ${cpu:+CPU="$cpu"} \
			"$top/harness/guest/fuzz.py" "$arch" "$seeds" 1
	done
	tap "vmtests-$arch" "$top/harness/guest/compare-vmtests.sh" "$arch"
	configs=(perf swap)
	[ "$arch" != arm64 ] || configs+=(perf+nocontpte)
	for config in "${configs[@]}"; do
		tap "bench-$arch-$config" measured
	done
done
for arch in i386 riscv64 s390x arm; do
	part "boot-$arch" "$top/harness/guest/boot-others.sh" "$arch"
done
tap lint "$top/harness/lint/lint.sh"
tap bisect "$top/harness/lint/bisect.sh" "$@"

cd "$all"
exec prove --failures --comments --exec cat ./*/*.tap

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check-long.sh SEEDS ARCH...
#
# Run what check.sh has no time for on these architectures, and print a summary: the tests
# on debug kernels, with other page sizes and with longer races; SEEDS seeds of fuzz.py;
# the kernel's own vm selftests; the benchmark; other architectures booted; lint; bisect.
# A part that has passed is not run again until the series or the harness changes.
#
# Reads:  build/v6.1/linux-base and linux; build/v6.1/ARCH-VARIANT-CONFIG/, the kernels,
#         which make check-long builds before
# Writes: build/v6.1/check-long/PART/: *.tap, the results, *.log, and passed; what the
#         scripts of the parts write

# shellcheck source-path=SCRIPTDIR/bench source-path=SCRIPTDIR/series
. "$(dirname "$0")/series/lib-tree.sh"
. "$(dirname "$0")/bench/lib-bench.sh"

[ $# -gt 1 ] || die "usage: check-long.sh SEEDS ARCH..."
seeds=$1
shift
all=$build/check-long
state=$({ tgit rev-parse "HEAD^{tree}" "base^{tree}" && tgit diff HEAD &&
	find "$top/harness" -type f -exec sha256sum {} +; } | LC_ALL=C sort | sha256sum)
[ "$(cat "$all/state" 2>/dev/null)" = "$state" ] || rm -rf "$all"
mkdir -p "$all"
echo "$state" >"$all/state"

# part NAME COMMAND...: run COMMAND, which writes TAP to CHECK_DIR, unless it has passed.
part()
{
	export CHECK_DIR=$all/$1
	[ ! -e "$CHECK_DIR/passed" ] || { say "$1 has passed before"; return; }
	rm -rf "$CHECK_DIR"
	mkdir -p "$CHECK_DIR"
	"${@:2}"
	! prove -Q --exec cat "$CHECK_DIR"/*.tap >/dev/null 2>&1 || touch "$CHECK_DIR/passed"
}

# tap NAME COMMAND...: the same for a COMMAND that prints TAP.  Its status is ignored, as
# the TAP has the failures.
tap() { part "$1" to_tap "${@:2}"; }
to_tap() { "$@" >"$CHECK_DIR/${CHECK_DIR##*/}.tap" || :; }

# run_tests CONFIG: run the tests on all CPUs of $arch at the same time; a guest of powerpc,
# which has several, keeps only one CPU of the host busy.
run_tests()
{
	local pids=()
	for cpu in "${cpus[@]}"; do
		APPEND="race=60" "$top/harness/guest/run-tests.sh" "$arch" patched "$1" \
			${cpu:+"$cpu"} &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || die "the tests could not be run on $arch"
	done
}

# measure CONFIG: run the benchmark on $arch.  Prints TAP, writes the tables to CHECK_DIR.
measure()
(
	export CONFIG=$1
	bench_vars "$arch"
	"$top/harness/bench/compare.sh" "$arch" >"$CHECK_DIR/$result.txt"
	"$top/harness/bench/check-figures.py" "$top/harness/bench/bench-ignore" "$build/$result.json"
)

for arch; do
	arch_vars "$arch"
	"$top/harness/guest/build-tests.sh" "$arch"
	configs=(debug)
	[ "$arch" = x86_64 ] || configs+=(64k)
	[ "$arch" != arm64 ] || configs+=(16k nocontpte preempt)
	for config in "${configs[@]}"; do
		part "guests-$arch-$config" run_tests "$config"
	done
	for cpu in "${cpus[@]}"; do
		tap "fuzz-$arch${cpu:+-$cpu}" env ${cpu:+CPU="$cpu"} \
			"$top/harness/guest/fuzz.py" "$arch" "$seeds" 1
	done
	tap "vmtests-$arch" "$top/harness/guest/compare-vmtests.sh" "$arch"
	configs=(perf swap)
	[ "$arch" != arm64 ] || configs+=(perf+nocontpte)
	for config in "${configs[@]}"; do
		tap "bench-$arch-$config" measure "$config"
	done
done
for arch in i386 riscv64 s390x arm; do
	part "boot-$arch" "$top/harness/guest/boot-others.sh" "$arch"
done
tap lint "$top/harness/lint/lint.sh"
tap bisect "$top/harness/lint/bisect.sh" "$@"

cd "$all"
exec prove --failures --comments --exec cat ./*/*.tap

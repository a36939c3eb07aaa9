#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check-long.sh SEEDS ARCH...
#
# Run what check.sh has no time for on these architectures, and print a summary: the tests
# on debug kernels, with other page sizes and with longer races; SEEDS seeds of fuzz.py;
# the kernel's own vm selftests; the benchmark; other architectures booted; lint; bisect.
# A part that has passed is not run again until the tree or harness/ without lint/ changes;
# lint and bisect, which skips what it has tested, also if harness/lint/, a message, a
# group, README.md or Makefile does.  A part that lacked a tool is run again.
#
# Reads:  build/v6.1/linux-base and linux; patches/v6.1/
# Writes: build/v6.1/check-long/state; PART/: *.tap, the results, *.log, *.txt, and passed;
#         build/v6.1/ARCH-VARIANT-CONFIG/, the kernels; what the scripts of the parts write

# shellcheck source-path=SCRIPTDIR/bench source-path=SCRIPTDIR/series
. "$(dirname "$0")/series/lib-tree.sh"
. "$(dirname "$0")/bench/lib-bench.sh"

[ $# -gt 1 ] || die "usage: check-long.sh SEEDS ARCH..."
seeds=$1
shift
# make exports the variables of its command line.  These belong to other targets.
unset CONFIG FIRST GROUP
all=$build/check-long
state=$({ tgit rev-parse "HEAD^{tree}" "base^{tree}" && tgit diff HEAD &&
	tgit ls-files -z -o --exclude-standard | (cd "$tree" && xargs -0r sha256sum) &&
	find "$top/harness" -path "$top/harness/lint" -prune -o -type f -exec sha256sum {} +; } |
	LC_ALL=C sort | sha256sum)
[ "$(cat "$all/state" 2>/dev/null)" = "$state" ] || rm -rf "$all"
mkdir -p "$all"
echo "$state" >"$all/state"

# part NAME COMMAND...: run COMMAND, which writes TAP to CHECK_DIR, unless it has passed
# with the same texts.
parts=() texts=none
part()
{
	parts+=("$1")
	export CHECK_DIR=$all/$1
	[ "$(cat "$CHECK_DIR/passed" 2>/dev/null)" != "$texts" ] || { say "$1 has passed before"; return; }
	rm -rf "$CHECK_DIR"
	mkdir -p "$CHECK_DIR"
	("${@:2}") || grep -qs '^not ok' "$CHECK_DIR"/*.tap ||
		printf '1..1\nnot ok 1 - %s could be run\n' "$1" >"$CHECK_DIR/failed.tap"
	grep -qs '^ok.*# SKIP no .*\(gcc\|qemu\|dash\)' "$CHECK_DIR"/*.tap ||
		! prove -Q --exec cat "$CHECK_DIR"/*.tap >/dev/null 2>&1 || echo "$texts" >"$CHECK_DIR/passed"
}

# tap NAME COMMAND...: the same for a COMMAND that prints TAP.
tap() { part "$1" to_tap "${@:2}"; }
to_tap() { "$@" >"$CHECK_DIR/${CHECK_DIR##*/}.tap"; }

# kernels VARIANTS CONFIG: build kernels of $arch.  A part is run without set -e.
kernels()
{
	local variant
	for variant in $1; do
		"$top/harness/kernel/build.sh" "$arch" "$variant" "$2" || exit
	done
}

# run_tests CONFIG: run the tests on all CPUs of $arch at the same time; a guest of powerpc,
# which has several, keeps only one CPU of the host busy.
run_tests()
{
	local pids=()
	kernels patched "$1"
	for cpu in "${cpus[@]}"; do
		APPEND="race=60" "$top/harness/guest/run-tests.sh" "$arch" patched "$1" \
			${cpu:+"$cpu"} &
		pids+=($!)
	done
	wait_all "${pids[@]}" || die "the tests could not be run on $arch"
}

# fuzz CPU
fuzz()
{
	kernels "base patched" test
	env ${1:+CPU="$1"} "$top/harness/guest/fuzz.py" "$arch" "$seeds" 1
}

vmtests()
{
	kernels "base patched" test
	"$top/harness/guest/compare-vmtests.sh" "$arch"
}

# measure CONFIG: run the benchmark on $arch.  Prints TAP, writes the tables to CHECK_DIR.
measure()
{
	export CONFIG=$1
	kernels "base patched" "$1"
	bench_vars "$arch"
	"$top/harness/bench/compare.sh" "$arch" >"$CHECK_DIR/$result.txt" &&
	"$top/harness/bench/check-figures.py" "$top/harness/bench/bench-ignore" "$build/$result.json"
}

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
		tap "fuzz-$arch${cpu:+-$cpu}-$seeds" fuzz "$cpu"
	done
	tap "vmtests-$arch" vmtests
	configs=(perf swap)
	[ "$arch" != arm64 ] || configs+=(perf+nocontpte)
	for config in "${configs[@]}"; do
		tap "bench-$arch-$config" measure "$config"
	done
done
for arch in i386 riscv64 s390x arm; do
	part "boot-$arch" "$top/harness/guest/boot-others.sh" "$arch"
done
texts=$(cd "$top" && find README.md Makefile patches harness/lint -type f -exec sha256sum {} + |
	LC_ALL=C sort | sha256sum)
tap lint "$top/harness/lint/lint.sh"
tap "bisect-$(IFS=-; echo "$*")" "$top/harness/lint/bisect.sh" "$@"

cd "$all"
summary "${parts[@]}"

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # set for the scripts that source this; by arch_vars
# Name the directories and results of the benchmark.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# bench_vars ARCH: set the variables for measuring ARCH on kernels of CONFIG, from the
# environment: perf (the default, which names leave out), swap or perf+nocontpte.
#	dir	what is built and measured: build/v6.1/bench-ARCH, bench-ARCH-swap, ...
#	result	the same without the directory: the name of the results, .json and .svg
#	here	the scripts of the benchmark
bench_vars()
{
	arch_vars "$1"
	config=${CONFIG:-perf}
	result=bench-$arch-$config
	result=${result/-perf/}
	dir=$build/$result here=$top/harness/bench
	mkdir -p "$dir"
}

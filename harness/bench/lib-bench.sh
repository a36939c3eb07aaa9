# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # set for those who source it; by arch_vars
# What the scripts of the benchmark share.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# bench_vars ARCH: set where that architecture is measured.  From the environment:
# CONFIG, of the kernels: perf, which is left out in names, swap, or perf+nocontpte.
bench_vars()
{
	arch_vars "$1"
	config=${CONFIG:-perf}
	suffix=-$config
	suffix=${suffix#-perf}
	dir=$build/bench-$arch$suffix here=$top/harness/bench
	mkdir -p "$dir"
}

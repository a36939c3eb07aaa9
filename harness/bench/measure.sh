#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: measure.sh ARCH base|patched NAME [WORD...]
#
# Run the benchmark on one kernel, with the words on the kernel command line: workload=NAME
# runs that row alone, workload='holes-*' those that match.
#
# Reads:  build/v6.1/ARCH-VARIANT-CONFIG/, what build.sh made; from the environment CONFIG
#         (see lib-bench.sh), PLUGIN (more arguments for the plugin: ",lines=on" or
#         ",profile=on") and ACCEL (with kvm, there is no plugin)
# Writes: NAME.log, the console, and NAME.counts, the records of the plugin, in
#         build/v6.1/bench-ARCH/

. "$(dirname "$0")/lib-bench.sh"

[ $# -ge 3 ] || die "usage: measure.sh ARCH base|patched NAME [WORD...]"
bench_vars "$1"
variant=$2 name=$3
shift 3
kernel=$build/$arch-$variant-$config
log=$dir/$name.log
[ -e "$kernel/$image" ] ||
	die "there is no $kernel/$image: run 'make kernel ARCH=$arch VARIANT=$variant CONFIG=$config'"

# Turn off what may differ from run to run.  noreplace-smp keeps the lock prefixes of x86,
# which the kernel removes if there is one CPU.
export APPEND="norandmaps nokaslr noreplace-smp seconds=1700 $*"
options=()
[ "${ACCEL:-tcg}" = kvm ] || options=(
	-icount "shift=0,sleep=off" -rtc "base=2020-01-01,clock=vm"
	-plugin "$dir/count.so,out=$dir/$name.counts${PLUGIN:-}")
LIMIT=1800 step "measuring $name on $arch-$variant-$config" "$log" \
	run_guest "$arch" "$kernel" "$dir/initramfs" "${options[@]}"

if grep -aE 'BUG|WARNING|Oops|Bad (page|rss)|Kernel panic|Call Trace' "$log" >&2; then
	die "the kernel $arch-$variant-$config complains, see $log"
fi
grep -aq '^# end bench 0' "$log" || {
	tail -n 20 "$log" >&2
	die "the benchmark failed on $arch-$variant-$config, see $log"
}

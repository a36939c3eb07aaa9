#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# measure.sh ARCH base|patched NAME [WORD...]: run the benchmark on one kernel;
# console in build/v6.1/bench-ARCH/NAME.log, the plugin's records in NAME.counts.
# The words go to the kernel's command line: workload=NAME runs that one alone,
# workload='holes-*' those that match.
# From the environment: CONFIG, perf or swap; PLUGIN (more arguments for the plugin,
# ",lines=on" or ",profile=on"); ACCEL=kvm runs without plugin.

. "$(dirname "$0")/lib-bench.sh"

[ $# -ge 3 ] || die "usage: measure.sh ARCH base|patched NAME [WORD...]"
bench_vars "$1"
variant=$2 name=$3
shift 3
kernel=$build/$arch-$variant-$config
log=$dir/$name.log
[ -e "$kernel/$image" ] ||
	die "$kernel/$image is not there: run 'make kernel ARCH=$arch VARIANT=$variant CONFIG=$config'"

# Whatever could differ from run to run is off; noreplace-smp keeps x86's locked
# instructions locked on one CPU.
export APPEND="norandmaps nokaslr noreplace-smp seconds=1700 $*"
options=()
[ "${ACCEL:-tcg}" = kvm ] || options=(
	-icount "shift=0,sleep=off" -rtc "base=2020-01-01,clock=vm"
	-plugin "$dir/count.so,out=$dir/$name.counts${PLUGIN:-}")
step "measuring $name on $arch-$variant-$config" "$log" timeout 1800 \
	"$top/harness/guest/qemu.sh" "$arch" "$kernel" "$dir/initramfs" "${options[@]}"

if grep -aE 'BUG|WARNING|Oops|Bad (page|rss)|Kernel panic|Call Trace' "$log" >&2; then
	die "$arch-$variant-$config complains, see $log"
fi
grep -aq '^# end bench 0' "$log" || {
	tail -n 20 "$log" >&2
	die "the benchmark did not end well on $arch-$variant-$config, see $log"
}

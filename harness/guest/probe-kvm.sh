#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: probe-kvm.sh ARCH KERNEL-DIR INITRAMFS
#
# Succeed if KVM runs this kernel until its init ends, else print the reason and fail.
# Keep the answer for all kernels of ARCH until the host reboots, as a probe takes 20 s
# where /dev/kvm hangs.  Keep none if the kernel died.
#
# Reads:  /dev/kvm, the kernel and the initramfs
# Writes: build/kvm-ARCH, the answer; kvm-ARCH.log, the console; kvm-ARCH.lock

. "$(dirname "$0")/../lib.sh"

[ $# -eq 3 ] || die "usage: probe-kvm.sh ARCH KERNEL-DIR INITRAMFS"
arch_vars "$1"
answer=$top/build/kvm-$arch boot_id=$(</proc/sys/kernel/random/boot_id)
log=$top/build/kvm-$arch.log

machine=$(uname -m)
[ "${machine/aarch64/arm64}" = "${arch/powerpc/ppc64le}" ] ||
	{ echo "this machine is $machine"; exit 1; }
[ -w /dev/kvm ] || { echo "/dev/kvm is missing or not writable"; exit 1; }

probe()
{
	local status=0
	ACCEL=kvm APPEND="only=none" timeout -k 2 20 \
		"$top/harness/guest/qemu.sh" "$arch" "$2" "$3" >"$log" 2>&1 </dev/null || status=$?
	if grep -q '^# ran 0 programs' "$log"; then
		echo yes
	elif [[ $status = @(124|137) ]]; then
		echo "KVM boots no kernel in 20 s, see ${log#"$top/"}; remove ${answer#"$top/"} to try again"
	fi
}

# Of guests that start at the same time, one probes and the others read its answer.
mkdir -p "$top/build"
exec 9>"$answer.lock"
flock 9
if ! [ -e "$answer" ] || [ "$(head -n 1 "$answer")" != "$boot_id" ]; then
	{ echo "$boot_id"; probe "$@" 2>/dev/null; } >"$answer.new"
	mv "$answer.new" "$answer"
fi
reason=$(sed -n 2p "$answer")
[ -n "$reason" ] || { rm "$answer"; reason="this kernel dies in KVM, see ${log#"$top/"}"; }
[ "$reason" = yes ] || { echo "$reason"; exit 1; }

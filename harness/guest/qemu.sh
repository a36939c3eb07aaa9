#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# qemu.sh ARCH KERNEL-DIR INITRAMFS [QEMU-ARGUMENT...]: boot a kernel, its
# console on stdin and stdout.  From the environment: APPEND (kernel command
# line), ACCEL (tcg or kvm), CPU, SMP, MEM.

. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: qemu.sh ARCH KERNEL-DIR INITRAMFS [QEMU-ARGUMENT...]"
arch_vars "$1"
kernel=$2/$image initramfs=$3
shift 3
[ -e "$kernel" ] || die "$kernel is not there: build it with 'make kernel'"
[ -e "$initramfs" ] || die "$initramfs is not there"
cpu=${CPU:-$cpu}
# Without, POWER8 has no 16 MiB pages in the guest, and so no THP.
[ "$cpu" != power8 ] || qemu[2]+=,cap-hpt-max-page-size=16m
[ "${ACCEL:-tcg}" = tcg ] || cpu=host
# The test of the timer fails where the host is busy.
[[ $arch != @(x86_64|i386) ]] || APPEND="no_timer_check ${APPEND:-}"

accel=${ACCEL:-tcg}
# QEMU before 9.1 lets other CPUs write through an entry that tlbie has flushed.
[ "$arch-$accel" != powerpc-tcg ] || accel+=,thread=single
exec "${qemu[@]}" -accel "$accel" -cpu "$cpu" -smp "${SMP:-1}" \
	-m "${MEM:-2G}" -kernel "$kernel" -initrd "$initramfs" \
	-append "console=$console panic=-1 printk.time=0 ramdisk_size=65536 ${APPEND:-}" \
	-nodefaults -nographic -serial mon:stdio -no-reboot -seed 1 "$@"

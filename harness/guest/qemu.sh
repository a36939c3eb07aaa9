#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: qemu.sh ARCH KERNEL-DIR INITRAMFS [QEMU-ARGUMENT...]
#
# Boot a kernel in QEMU, with its console on stdin and stdout.
#
# Reads:  KERNEL-DIR, an O= directory; INITRAMFS; from the environment APPEND (kernel
#         command line), ACCEL (tcg or kvm), CPU, SMP and MEM
# Writes: nothing

. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: qemu.sh ARCH KERNEL-DIR INITRAMFS [QEMU-ARGUMENT...]"
arch_vars "$1"
kernel=$2/$image initramfs=$3
shift 3
[ -e "$kernel" ] || die "there is no $kernel: build it with 'make kernel'"
[ -e "$initramfs" ] || die "there is no $initramfs"
cpu=${CPU:-$cpu}
# Let POWER8 use 16 MiB pages, without which the guest has no THP.
[ "$cpu" != power8 ] || qemu[2]+=,cap-hpt-max-page-size=16m
[ "${ACCEL:-tcg}" = tcg ] || cpu=host
# The kernel's check of the timer fails while the host is busy.
[[ $arch != @(x86_64|i386) ]] || APPEND="no_timer_check ${APPEND:-}"

accel=${ACCEL:-tcg}
# QEMU before 9.1 lets other CPUs write through an entry that tlbie has flushed.
[ "$arch-$accel" != powerpc-tcg ] || accel+=,thread=single
exec "${qemu[@]}" -accel "$accel" -cpu "$cpu" -smp "${SMP:-1},sockets=${SMP:-1}" \
	-m "${MEM:-2G}" -kernel "$kernel" -initrd "$initramfs" \
	-append "console=$console panic=-1 printk.time=0 ramdisk_size=65536 ${APPEND:-}" \
	-nodefaults -nographic -serial mon:stdio -no-reboot -seed 1 "$@"

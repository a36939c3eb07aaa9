#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: boot.sh ARCH VARIANT CONFIG [INITRAMFS]
#
# Boot a kernel on this terminal, with INITRAMFS or, by default, with the tests.
#
# Reads:  build/v6.1/ARCH-VARIANT-CONFIG/, INITRAMFS; the environment as qemu.sh
# Writes: what build-tests.sh writes, unless INITRAMFS is given

. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: boot.sh ARCH VARIANT CONFIG [INITRAMFS]"
arch_vars "$1"
initramfs=${4:-$build/tests-$arch.cpio}
[ $# -gt 3 ] || "$top/harness/guest/build-tests.sh" "$arch"
say "leave QEMU with C-a x"
exec "$top/harness/guest/qemu.sh" "$arch" "$build/$arch-$2-$3" "$initramfs"

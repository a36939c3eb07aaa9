#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# boot.sh ARCH VARIANT CONFIG [INITRAMFS]: boot a kernel on this terminal, with
# the initramfs given or with the one of the tests.

. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: boot.sh ARCH VARIANT CONFIG [INITRAMFS]"
arch_vars "$1"
initramfs=${4:-$build/tests-$arch.cpio}
[ $# -gt 3 ] || "$top/harness/guest/build-tests.sh" "$arch"
say "leave QEMU with C-a x"
exec "$top/harness/guest/qemu.sh" "$arch" "$build/$arch-$2-$3" "$initramfs"

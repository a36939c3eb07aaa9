#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: build.sh ARCH
#
# Build the QEMU plugin, the guest program, and the initramfs with it and dash.
#
# Reads:  *.c, *.h; build/v6.1/bench-ARCH/root/, what fetch-dash.sh made; CONFIG, from the
#         environment (see lib-bench.sh)
# Writes: build/v6.1/bench-ARCH/: count.so, bench and initramfs

. "$(dirname "$0")/lib-bench.sh"

[ $# -eq 1 ] || die "usage: build.sh ARCH"
bench_vars "$1"

read -ra glib <<<"$(pkg-config --cflags --libs glib-2.0)"
gcc -O2 -Wall -shared -fPIC -fvisibility=hidden \
	-o "$dir/count.so" "$here/count.c" "${glib[@]}"
"${cross}gcc" -O2 -Wall -D_GNU_SOURCE -static -o "$dir/bench" "$here"/*bench.c
INITRAMFS_ROOT=$dir/root "$top/harness/guest/initramfs.sh" "$arch" "$dir/initramfs" "$dir/bench"

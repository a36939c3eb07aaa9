#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: initramfs.sh ARCH OUT PROGRAM...
#
# Make an initramfs of init.c, as /init, and of the programs, in /tests.  The same files
# make the same bytes.
#
# Reads:  init.c, PROGRAM...; INITRAMFS_ROOT, from the environment, a directory of
#         more files
# Writes: OUT

. "$(dirname "$0")/../lib.sh"

[ $# -ge 2 ] || die "usage: initramfs.sh ARCH OUT PROGRAM..."
arch_vars "$1"
mkdir -p "$(dirname "$2")"
out=$(realpath "$2")
shift 2

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{dev,proc,sys,tests,tmp}
"${cross}gcc" -O2 -Wall -static -o "$root/init" "$top/harness/guest/init.c"
[ ! -d "${INITRAMFS_ROOT:-}" ] || cp -r -- "$INITRAMFS_ROOT/." "$root/"
[ $# -eq 0 ] || cp -- "$@" "$root/tests/"
chmod -R u=rwX,go=rX "$root"
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | LC_ALL=C sort |
	cpio --quiet -o -H newc --reproducible -R 0:0) >"$out.new"
mv "$out.new" "$out"

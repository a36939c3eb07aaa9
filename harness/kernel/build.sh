#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# build.sh ARCH base|patched CONFIG: configure and build one kernel in
# build/v6.1/ARCH-VARIANT-CONFIG, an ordinary O= directory.  CONFIG as for
# kernel_vars.

. "$(dirname "$0")/lib-kernel.sh"

[ $# -eq 3 ] || die "usage: build.sh ARCH base|patched CONFIG"
arch_vars "$1"
case $2 in
base)	 source=$base_tree ;;
patched) source=$tree ;;
*)	 die "VARIANT=$2 is neither base nor patched" ;;
esac
[ -d "$source" ] || die "$source is not there: run 'make tree' first"
kernel_vars "$source" "$build/$arch-$2-$3" "$3"
step "configuring $arch-$2-$3" "$out/config.log" configure
step "building $arch-$2-$3" "$out/build.log" "${kmake[@]}" "$target"

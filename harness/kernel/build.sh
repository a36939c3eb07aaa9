#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: build.sh ARCH base|patched CONFIG
#
# Configure and build a kernel, as far as it is not up to date.  lib-kernel.sh says what
# CONFIG may be.
#
# Reads:  build/v6.1/linux-base or linux, kernel/config/
# Writes: build/v6.1/ARCH-VARIANT-CONFIG/, an ordinary O= directory

. "$(dirname "$0")/lib-kernel.sh"

[ $# -eq 3 ] || die "usage: build.sh ARCH base|patched CONFIG"
arch_vars "$1"
case $2 in
base)	 source=$base_tree ;;
patched) source=$tree ;;
*)	 die "VARIANT=$2 is neither base nor patched" ;;
esac
[ -d "$source" ] || die "there is no $source: run 'make tree' first"
kernel_vars "$source" "$build/$arch-$2-$3" "$3"
step "configuring $arch-$2-$3" "$out/config.log" configure
step "building $arch-$2-$3" "$out/build.log" "${kmake[@]}" "$target"

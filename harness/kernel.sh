#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# kernel.sh ARCH base|patched CONFIG: configure and build one kernel in
# build/v6.1/ARCH-VARIANT-CONFIG, an ordinary O= directory.  CONFIG is perf, what
# is measured; test, with what the tests need on top; or other fragments of
# config/ on top of that again, joined by "+".

. "$(dirname "$0")/lib.sh"

[ $# -eq 3 ] || die "usage: kernel.sh ARCH base|patched CONFIG"
arch_vars "$1"
variant=$2 config=$3
case $variant in
base)	 source=$base_tree ;;
patched) source=$tree ;;
*)	 die "VARIANT=$variant is neither base nor patched" ;;
esac
[ -d "$source" ] || die "$source is not there: run 'make tree' first"

fragments=("$top/harness/config/perf.config")
[ "$config" = perf ] ||
	fragments+=("$top/harness/config/test.config" "$top/tools/testing/selftests/mm/config")
for part in ${config//+/ }; do
	file=$top/harness/config/$part.config
	[ -e "$file" ] || die "CONFIG=$config: there is no harness/config/$part.config"
	case $part in
	perf|test) ;;
	*) fragments+=("$file") ;;
	esac
done

out=$build/$arch-$variant-$config
mkdir -p "$out"
kmake=(kernel_make "$source" "$out" "$karch" "$cross")

configure()
{
	"${kmake[@]}" tinyconfig &&
	"$source/scripts/kconfig/merge_config.sh" -m -O "$out" \
		"$out/.config" "${fragments[@]}" &&
	"${kmake[@]}" olddefconfig
}

# Always: a patch may have changed a Kconfig.  What stays the same is not rebuilt.
step "configuring $arch-$variant-$config" "$out/config.log" configure
step "building $arch-$variant-$config" "$out/build.log" "${kmake[@]}" "$target"

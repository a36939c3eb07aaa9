# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # set for those who source it; by arch_vars
# How the harness configures a kernel.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# kernel_vars SOURCE OUT CONFIG: set what configure and make need for a kernel
# of $arch in OUT, an ordinary O= directory.  CONFIG is perf, what is measured;
# swap, the same with swap; test, with what the tests need on top; or other
# fragments of config/ on top of that again, or of perf after "perf+", joined by "+".
kernel_vars()
{
	local config=$3 part file
	source=$1 out=$2
	fragments=("$top/harness/config/perf.config")
	[[ $config = @(perf|perf+*|swap) ]] ||
		fragments+=("$top/harness/config/test.config" "$top/tools/testing/selftests/mm/config")
	for part in ${config//+/ }; do
		file=$top/harness/config/$part.config
		[ -e "$file" ] || die "CONFIG=$config: there is no harness/config/$part.config"
		case $part in
		perf|test) ;;
		*) fragments+=("$file") ;;
		esac
	done
	file=$top/harness/config/$arch.config
	[ ! -e "$file" ] || fragments+=("$file")
	kmake=(kernel_make "$source" "$out" "$karch" "$cross")
	mkdir -p "$out"
}

# Always before a build: a patch may have changed a Kconfig.  What stays the
# same is not rebuilt.
configure()
{
	"${kmake[@]}" tinyconfig &&
	"$source/scripts/kconfig/merge_config.sh" -m -O "$out" \
		"$out/.config" "${fragments[@]}" &&
	"${kmake[@]}" olddefconfig
}

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # set for those who source it; by arch_vars
# How the harness configures a kernel.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# check_config CONFIG: one fragment of config/, or several, joined by "+"
check_config()
{
	local part parts=${1:-none}
	for part in ${parts//+/ }; do
		[ -e "$top/harness/kernel/config/$part.config" ] ||
			die "CONFIG=$1 is not in harness/kernel/config: $(cd "$top/harness/kernel/config" && echo *.config)"
	done
}

# kernel_vars SOURCE OUT CONFIG: set what configure and make need for a kernel
# of $arch in OUT, an ordinary O= directory.  CONFIG is perf, what is measured;
# swap, the same with swap; test, with what the tests need on top; or other
# fragments of config/ on top of that again, or of perf after "perf+", joined by "+".
kernel_vars()
{
	local config=$3 part
	source=$1 out=$2
	fragments=("$top/harness/kernel/config/perf.config")
	[[ $config = @(perf|perf+*|swap) ]] ||
		fragments+=("$top/harness/kernel/config/test.config" "$top/tools/testing/selftests/mm/config")
	check_config "$config"
	for part in ${config//+/ }; do
		[[ $part = @(perf|test) ]] || fragments+=("$top/harness/kernel/config/$part.config")
	done
	[ ! -e "$top/harness/kernel/config/$arch.config" ] ||
		fragments+=("$top/harness/kernel/config/$arch.config")
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

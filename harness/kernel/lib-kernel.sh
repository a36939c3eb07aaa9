# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # set for the scripts that source this; by arch_vars
# Configure a kernel from the fragments in kernel/config/.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# check_config CONFIG: fail unless kernel/config/ has each fragment that CONFIG names.
check_config()
{
	local part parts=${1:-none}
	for part in ${parts//+/ }; do
		[ -e "$top/harness/kernel/config/$part.config" ] ||
			die "CONFIG=$1 is not in harness/kernel/config:" \
			    "$(cd "$top/harness/kernel/config" && echo *.config)"
	done
}

# kernel_vars SOURCE OUT CONFIG: set the variables for building a kernel of $arch in OUT,
# an O= directory.  CONFIG is one of
#	perf			what the benchmark measures
#	perf+FRAGMENT...	the same with these fragments of kernel/config/
#	swap			the same with swap
#	test			perf, and what the tests need
#	FRAGMENT[+FRAGMENT...]	test with these fragments
# The fragment of the architecture, where it has one, always comes last.
kernel_vars()
{
	local config=$3 part
	source=$1 out=$2
	fragments=("$top/harness/kernel/config/perf.config")
	[[ $config = @(perf|perf+*|swap) ]] ||
		fragments+=("$top/harness/kernel/config/test.config" "$tree/tools/testing/selftests/mm/config")
	check_config "$config"
	for part in ${config//+/ }; do
		[[ $part = @(perf|test) ]] || fragments+=("$top/harness/kernel/config/$part.config")
	done
	[ ! -e "$top/harness/kernel/config/$arch.config" ] ||
		fragments+=("$top/harness/kernel/config/$arch.config")
	kmake=(kernel_make "$source" "$out" "$karch" "$cross")
	mkdir -p "$out"
}

# configure: write the .config of $out.  Needed before every build, because a patch may
# have changed a Kconfig; an unchanged .config makes nothing out of date.
configure()
{
	"${kmake[@]}" tinyconfig &&
	"$source/scripts/kconfig/merge_config.sh" -m -O "$out" \
		"$out/.config" "${fragments[@]}" &&
	"${kmake[@]}" olddefconfig && check_arch_config
}

# check_arch_config: fail if the kernel lacks an option of its architecture's fragment.
check_arch_config()
{
	local fragment=$top/harness/kernel/config/$arch.config lost
	[ -e "$fragment" ] || return 0
	lost=$(grep '^CONFIG_' "$fragment" | grep -vxFf "$out/.config") || return 0
	say "$fragment: not in the configuration: ${lost//$'\n'/ }"
	return 1
}

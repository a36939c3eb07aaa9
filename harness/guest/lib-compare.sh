# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How the harness compares the guests of two kernels.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# Where guest.sh writes, too
dir=${CHECK_DIR:-$build/check}

# both ARCH CONFIG [CPU]: boot the same guest on base and patched; mm_oracle, whose
# lines begin with ~, has to print the same in both.  With blocks of contiguous entries
# more can be dirty; fuzz.py looks at that.
both()
{
	local name=$2${3:+-$3} blocks='' base patched
	[ "$1" != arm64 ] || blocks=yes
	"$top/harness/guest/run-tests.sh" "$1" base "${@:2}" & base=$!
	"$top/harness/guest/run-tests.sh" "$1" patched "${@:2}" & patched=$!
	if ! wait "$base" || ! wait "$patched"; then
		die "a guest of $1 could not be run"
	fi
	for variant in base patched; do
		sed -n "/^~/ { ${blocks:+s/ dirty .*//;} p }" "$dir/$1-$variant-$name.log" \
			>"$dir/$1-$variant-$name.oracle"
	done
	{
		echo 1..1
		if [ -s "$dir/$1-base-$name.oracle" ] &&
		   diff "$dir/$1-base-$name.oracle" "$dir/$1-patched-$name.oracle" >"$dir/diff"; then
			echo "ok 1 - mm_oracle prints the same on both"
		else
			echo "not ok 1 - mm_oracle prints the same on both"
			sed 's/^/# /; 6q' "$dir/diff"
		fi
	} >"$dir/$1-oracle-$name.tap"
}

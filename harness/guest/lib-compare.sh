# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Run the tests on base and patched kernel and compare what mm_oracle prints on them.
# Sourced, never run.
#
# Reads:  CHECK_DIR, from the environment
# Writes: what run-tests.sh writes, and in the same directory ARCH-VARIANT-CONFIG[-CPU].oracle
#         and ARCH-oracle-CONFIG[-CPU].tap

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# As in run-tests.sh
dir=${CHECK_DIR:-$build/check}

# compare_guests ARCH CONFIG [CPU]: boot both kernels with the tests at the same time.
# The lines of mm_oracle, which begin with ~, must be equal.  On arm64, leave out how much
# is dirty, because contiguous entries can make it more: fuzz.py compares that.
compare_guests()
{
	local name=$2${3:+-$3} blocks='' base patched
	[ "$1" != arm64 ] || blocks=yes
	"$top/harness/guest/run-tests.sh" "$1" base "${@:2}" & base=$!
	"$top/harness/guest/run-tests.sh" "$1" patched "${@:2}" & patched=$!
	wait_all "$base" "$patched" || die "the tests could not be run on $1"
	for variant in base patched; do
		sed -n "/^~/ { ${blocks:+s/ dirty .*//;} p }" "$dir/$1-$variant-$name.log" \
			>"$dir/$1-$variant-$name.oracle"
	done
	{
		echo 1..1
		if [ ! -s "$dir/$1-base-$name.oracle" ]; then
			echo "not ok 1 - mm_oracle prints the same on both"
			echo "# it printed nothing on base, see $1-base-$name.log"
		elif diff "$dir/$1-base-$name.oracle" "$dir/$1-patched-$name.oracle" >"$dir/diff"; then
			echo "ok 1 - mm_oracle prints the same on both"
		else
			echo "not ok 1 - mm_oracle prints the same on both"
			sed 's/^/# /; 6q' "$dir/diff"
		fi
	} >"$dir/$1-oracle-$name.tap"
}

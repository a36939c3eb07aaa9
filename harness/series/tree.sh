#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: tree.sh [--keep]
#
# Make the git tree build/v6.1/linux: the base, and one commit per patch.  Do nothing if it
# is up to date.  Fail if it holds work that patches/ lacks; with --keep, use it as it is.
#
# Reads:  patches/v6.1/; KERNEL_SRC, from the environment (see base.sh)
# Writes: build/v6.1/linux, linux-base, tree.log and am.log; linux-am, until it is done

. "$(dirname "$0")/lib-apply.sh"

[ $# -eq 0 ] || [ "$*" = --keep ] || die "usage: tree.sh [--keep]"
keep=${1:-}

# leave WHY: leave the tree alone.  That is an error, except with --keep if a sync has
# completed.
leave()
{
	[ -z "$keep" ] || [ -z "$synced" ] || { say "$short is used as it is: $1"; exit 0; }
	die "$short is left alone: $1"
}

lock
"$top/harness/series/base.sh"
[ ! -e "$tree/.git/refreshing" ] || die "an interrupted 'make refresh' has left patches/ incomplete: run it again"
check_series
[ ! -e "$applying" ] || roll_back
mapfile -t list < <(repo_patches)
hash=$(repo_hash)
old_hash=$(cat "$tree/.git/synced-repo" 2>/dev/null) || :
head=$(tgit rev-parse HEAD)
synced=$(tgit rev-parse -q --verify refs/synced) || :
busy=$(tree_busy)

if [ -n "$busy" ]; then
	leave "$busy"
elif [ "$head" = "$synced" ] && [ "$hash" = "$old_hash" ]; then
	say "$short is up to date"
elif [ "$head" = "$synced" ] || [ "$head" = "$(tgit rev-parse base)" ]; then
	apply_series "${list[@]}"
elif [ "$hash" = "$old_hash" ]; then
	leave "it has commits that patches/ lacks: 'make refresh' writes them there"
else
	leave "$(both_changed)"
fi

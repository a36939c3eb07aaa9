#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tree.sh [--keep]: make build/v6.1/linux, the base with the series on it, one
# commit per patch.  A tree that holds work is left alone: that is an error,
# with --keep only a remark.

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || [ "$*" = --keep ] || die "usage: tree.sh [--keep]"
keep=${1:-}

# complete PATCH: the whole mail, added files and all.
complete()
{
	local file
	without_trailers "$1"
	new_files "$1" | while IFS= read -r file; do
		[ -f "$top/$file" ] || die "${1#"$top/"} names the file $file, which is not there"
		(cd "$top" && plain_git --git-dir="$tree/.git" diff --no-index --full-index \
			--binary -- /dev/null "$file") || [ $? -eq 1 ]
	done
}

apply_series()
{
	local mails=$tree/.git/series-mails log=$build/am.log patch twice
	twice=$(new_files "$@" | LC_ALL=C sort | uniq -d | head -n 1)
	[ -z "$twice" ] || die "two patches name the file $twice"
	rm -rf "$mails"
	mkdir "$mails"
	for patch; do
		complete "$patch" >"$mails/${patch##*/}"
	done
	tgit reset -q --hard base
	tgit update-ref -d refs/synced
	echo "$hash" >"$tree/.git/synced-repo"
	[ $# -eq 0 ] ||
		tgit am -3 --keep-non-patch --keep-cr --no-scissors --whitespace=nowarn \
			--committer-date-is-author-date "$mails"/*.patch >"$log" 2>&1 ||
		am_failed "$log"
	tgit update-ref refs/synced HEAD
	say "$short is made: $# patches on $(tgit show -s --format=%s base)"
}

am_failed()
{
	tail -n 20 "$1" >&2
	[ -d "$tree/.git/rebase-apply" ] || die "git am failed; the whole log is $1"
	die "$(sed -n 's/^Patch failed at/patch/p' "$1") does not apply: resolve it in $short, there 'git am --continue'," \
	    "here 'make refresh' (or give up: 'git am --abort')"
}

leave()
{
	[ -z "$keep" ] || [ -z "$synced" ] || { say "$short is used as it is: $1"; exit 0; }
	die "$short is left alone: $1"
}

lock
"$top/harness/base.sh"
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
	leave "it has commits that patches/ has not: 'make refresh' writes them there"
else
	leave "$(both_changed)"
fi

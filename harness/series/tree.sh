#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tree.sh [--keep]: make build/v6.1/linux, the base with patches/v6.1 on it, one
# commit per patch.  A tree that holds work is left alone: that is an error,
# with --keep only a remark.

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || [ "$*" = --keep ] || die "usage: tree.sh [--keep]"
keep=${1:-} log=$build/am.log scratch=$build/linux-am applying=$tree/.git/applying

# begin, end: what is in the tree between these two may be thrown away.
begin()
{
	tgit update-ref -d refs/synced
	echo "$hash" >"$tree/.git/synced-repo"
	touch "$applying"
}

end()
{
	tgit update-ref refs/synced HEAD
	rm "$applying"
	say "$short is made: $# patches on $(tgit show -s --format=%s base)"
}

apply_series()
{
	local am=(--keep-non-patch --keep-cr --no-scissors --whitespace=nowarn --committer-date-is-author-date)
	if [ $# -eq 0 ]; then
		begin
		tgit reset -q --hard base
	elif am_scratch "$scratch" base "${am[@]}" "$@" >"$log" 2>&1; then
		begin
		tgit reset -q --hard "$(plain_git -C "$scratch" rev-parse HEAD)"
		drop_scratch "$scratch"
	else
		grep -q '^Patch failed at' "$log" || am_broke
		drop_scratch "$scratch"
		begin
		tgit reset -q --hard base
		tgit am "${am[@]}" -3 "$@" >"$log" 2>&1 || am_failed
	fi
	end "$@"
}

am_broke()
{
	tail -n 5 "$log" >&2
	die "git am failed, and not for a patch: $(tail -n 1 "$log"); $short is as it was"
}

# The tree is left as git am leaves it, with conflict markers or with .rej files.
am_failed()
{
	local patch files
	rm "$applying"
	grep -q '^Patch failed at' "$log" || am_broke
	patch=$(sed -n 's/^Patch failed at \([0-9]*\) /\1, /p' "$log")
	files=$(tgit diff --name-only --diff-filter=U | xargs)
	if [ -z "$files" ]; then
		tgit apply --reject --whitespace=nowarn "$tree/.git/rebase-apply/patch" >>"$log" 2>&1 || :
		# What has applied is in the index, from where 'git am' goes on, or takes it away.
		grep -qx '\*.rej' "$tree/.git/info/exclude" 2>/dev/null || {
			mkdir -p "$tree/.git/info"
			echo '*.rej' >>"$tree/.git/info/exclude"
		}
		tgit add -A
		files=$(sed -n 's/^error: patch failed: //p' "$log" | LC_ALL=C sort -u | xargs)
		files+="; .rej files have the hunks"
	fi
	die "patch $patch, does not apply to $(tgit show -s --format=%s base): $files; resolve it in $short," \
	    "there 'git am --continue', here 'make refresh' (or give up: 'git am --abort')"
}

# An interrupted run had the tree in its hands: nothing in it is anyone's but, if
# somebody went on by himself, commits.
roll_back()
{
	local others
	others=$(tgit log --format=%cn base..HEAD | grep -vxc 'make tree') || :
	[ "$others" -eq 0 ] ||
		die "$short was left by an interrupted 'make tree', and has commits since: save them, then 'rm $applying'"
	rm -rf "$tree/.git/rebase-apply" "$tree/.git/index.lock"
	tgit reset -q --hard base
	mapfile -t -d '' files < <(repo_patches | xargs -r -d '\n' cat | tgit apply --summary | \
		sed -n 's/^ create mode [0-7]* //p' | tr '\n' '\0')
	[ ${#files[@]} -eq 0 ] || tgit clean -q -f -- "${files[@]}"
	rm "$applying"
	say "$short: an interrupted 'make tree' is rolled back"
}

leave()
{
	[ -z "$keep" ] || [ -z "$synced" ] || { say "$short is used as it is: $1"; exit 0; }
	die "$short is left alone: $1"
}

lock
"$top/harness/series/base.sh"
[ ! -e "$tree/.git/refreshing" ] || die "patches/ was left by an interrupted 'make refresh': run that again"
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
	leave "it has commits that patches/ has not: 'make refresh' writes them there"
else
	leave "$(both_changed)"
fi

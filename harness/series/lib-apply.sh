# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # hash is set by tree.sh
# Apply the patches to build/v6.1/linux, and roll back an interrupted attempt.  Sourced by
# tree.sh, never run.
#
# Writes: build/v6.1/am.log, what git am prints; linux-am, a worktree, while it runs

. "$(dirname "${BASH_SOURCE[0]}")/../series/lib-tree.sh"

log=$build/am.log scratch=$build/linux-am applying=$tree/.git/applying

# Between begin and end, everything in the tree may be thrown away but commits that were
# made since begin, whose HEAD is in $applying.
begin()
{
	tgit rev-parse HEAD >"$applying"
	tgit update-ref -d refs/synced
}

end()
{
	echo "$hash" >"$tree/.git/synced-repo"
	tgit update-ref refs/synced HEAD
	rm "$applying"
	say "$short is made: $# patches on $(tgit show -s --format=%s base)"
}

# apply_series PATCH...: reset the tree to the base and these patches.  Apply them in a
# scratch worktree first.  If one does not apply, let it fail in the tree, by a 3-way
# merge, to be resolved there.
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
		check_am unchanged
		drop_scratch "$scratch"
		begin
		tgit reset -q --hard base
		tgit am "${am[@]}" -3 "$@" >"$log" 2>&1 || am_failed
	fi
	end "$@"
}

# check_am STATE: fail if git am has failed for another reason than a patch, such as a full
# disk.  STATE is that of the tree.
check_am()
{
	! grep -q '^Patch failed at' "$log" || return 0
	tail -n 5 "$log" >&2
	die "git am failed, but not because of a patch: $(tail -n 1 "$log"); $short is $1"
}

# Leave the tree as git am left it, with conflict markers or, where the 3-way merge was
# not possible, with .rej files.
am_failed()
{
	local patch files
	check_am "incomplete: run 'make tree' again"
	echo "$hash" >"$tree/.git/synced-repo"
	rm "$applying"
	patch=$(sed -n 's/^Patch failed at \([0-9]*\) /\1, /p' "$log")
	files=$(tgit diff --name-only --diff-filter=U | xargs)
	if [ -z "$files" ]; then
		tgit apply --reject --whitespace=nowarn "$tree/.git/rebase-apply/patch" >>"$log" 2>&1 || :
		# Add the applied hunks, not the .rej files, to the index: 'git am' goes
		# on from there with --continue, and resets it with --abort.
		grep -qx '\*.rej' "$tree/.git/info/exclude" 2>/dev/null || {
			mkdir -p "$tree/.git/info"
			echo '*.rej' >>"$tree/.git/info/exclude"
		}
		tgit add -A
		files=$(sed -n 's/^error: patch failed: //p' "$log" | LC_ALL=C sort -u | xargs)
		files+="; .rej files have the hunks"
	fi
	die "patch $patch, does not apply to $(tgit show -s --format=%s base): $files; resolve it in $short" \
	    "and 'git am --continue' there, then 'make refresh' here (or give up: 'git am --abort' there)"
}

# Reset the tree to the base after an interrupted run.  Discard uncommitted changes: that
# run has left them.  Keep commits of others than make tree that were made since.
roll_back()
{
	local others
	others=$(tgit log --format=%cn HEAD "^$(cat "$applying")" ^base | grep -vxc 'make tree') || :
	[ "$others" -eq 0 ] ||
		die "$short was left by an interrupted 'make tree' and has commits since then:" \
		    "save them, then 'rm $applying'"
	rm -rf "$tree/.git/rebase-apply" "$tree/.git/index.lock"
	tgit reset -q --hard base
	mapfile -t -d '' files < <(repo_patches | xargs -r -d '\n' cat | tgit apply --summary | \
		sed -n 's/^ create mode [0-7]* //p' | tr '\n' '\0')
	[ ${#files[@]} -eq 0 ] || tgit clean -q -f -- "${files[@]}"
	rm "$applying"
	say "$short: an interrupted 'make tree' is rolled back"
}

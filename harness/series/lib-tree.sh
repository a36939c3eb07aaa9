# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this
# Call git in build/v6.1/linux, and keep that tree and patches/v6.1 in step.
# Sourced, never run.
#
# The state of the last sync is kept in the tree's .git:
#	refs/synced	HEAD after the sync
#	synced-repo	the hash of the patches that the tree was made from or written to
#	synced-source	the source of the base, and its state
#	applying	while make tree applies the patches: HEAD before; refs/synced is absent
#	refreshing	while make refresh writes patches/: hashes of the files before and after
# Neither refs/synced nor applying exists after a patch has failed to apply.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# shellcheck disable=SC2046 # a list of names
unset $(git rev-parse --local-env-vars) GIT_EXTERNAL_DIFF GIT_DIFF_OPTS
short=${tree#"$top/"}

# plain_git ARGUMENT...: run git without the user's configuration and hooks.
plain_git()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
	GIT_AUTHOR_NAME='make tree' GIT_AUTHOR_EMAIL=tree@localhost \
	GIT_COMMITTER_NAME=${committer_name:-make tree} \
	GIT_COMMITTER_EMAIL=${committer_email:-tree@localhost} \
	git -c core.hooksPath=/dev/null -c core.excludesFile=/dev/null \
		-c core.attributesFile=/dev/null -c core.quotePath=false "$@"
}

# tgit ARGUMENT...: run plain git in the tree, never in a repository around it.
tgit() { plain_git -C "$tree" --git-dir=.git "$@"; }

# lock: wait for other scripts that change the tree or patches/.  Held until this one ends.
lock()
{
	make_dir "$build"
	exec 9>"$build/.lock"
	flock 9
}

# repo_patches: list the patches in order, that of the file series.
repo_patches()
{
	[ ! -d "$patches" ] || find "$patches" -maxdepth 1 -name '*.patch' | LC_ALL=C sort
}

# patch_names: the same without their directory.
patch_names() { repo_patches | sed 's#.*/##'; }

# repo_hash: print a hash of the patches and their names.
repo_hash()
(
	cd "$patches" 2>/dev/null || cd /
	patch_names | xargs -r -d '\n' sha256sum -- | sha256sum
)

# check_series: fail unless the file series, which quilt reads, lists the patches.
check_series()
{
	local differ
	[ -e "$patches/series" ] || return 0
	differ=$(patch_names | diff - <(grep -v '^#' "$patches/series") | sed -n '2s/^[<>] //p') || :
	[ -z "$differ" ] || die "patches/$series/series does not list the patches there, see $differ"
}

# am_scratch DIR COMMIT ARGUMENT...: run git am on COMMIT in DIR, a new worktree, so that
# an interruption leaves the tree as it was.  The worktree has an index and no files; git
# am checks out those that it needs.
am_scratch()
{
	drop_scratch "$1"
	tgit worktree add --no-checkout --detach "$1" "$2" &&
		plain_git -C "$1" read-tree HEAD &&
		plain_git -C "$1" am "${@:3}"
}

drop_scratch()
{
	rm -rf "$1"
	tgit worktree prune
}

# added COMMIT: list the files that the series up to COMMIT adds to the base.
added() { tgit diff --name-only --no-renames --diff-filter=A base "$1" --; }

# unknown FILE...: list those files of the repository whose contents the tree has never
# had.  To overwrite them would lose work.
unknown()
{
	local file
	for file; do
		[ ! -e "$top/$file" ] ||
			tgit cat-file -e "$(tgit hash-object --no-filters "$top/$file")" 2>/dev/null ||
			echo "$file"
	done
}

# tree_busy: print why the tree can neither be rebuilt nor read as a series, if so.
tree_busy()
{
	local changes name
	for name in rebase-apply rebase-merge MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG; do
		[ ! -e "$tree/.git/$name" ] || {
			echo "a git am, rebase, merge or bisect is under way there: end it ('git status' says how)"
			return
		}
	done
	# Use the user's configuration, which may let git ignore files.
	changes=$(git -C "$tree" --git-dir=.git -c core.fsmonitor=false \
		status --porcelain --untracked-files=normal) || changes=unknown
	if [ -n "$changes" ]; then
		echo "it has uncommitted changes: commit or 'git stash -u' them there"
	elif ! tgit symbolic-ref -q HEAD >/dev/null; then
		echo "its HEAD is on no branch: 'git switch series' there"
	fi
}

# both_changed: print how to go on when both the tree and patches/ have changed.
both_changed()
{
	local from
	from=$(tgit rev-parse -q --short --verify refs/synced || tgit rev-parse --short base)
	echo "both it and patches/ have changed since the last sync: there 'git branch mine && git reset --hard $from'," \
	     "here 'make tree', there 'git cherry-pick $from..mine'"
}

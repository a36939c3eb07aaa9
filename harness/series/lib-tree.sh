# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # set for those who source it
# What tree.sh, refresh.sh and series.sh share.  Sourced, never run.
#
# The last sync of tree and repository is kept in the tree's .git: refs/synced
# is the HEAD it left, synced-repo the hash of the repository's patches.  While the
# series is being applied there is no refs/synced, and "applying" is there; where a
# patch has not applied, there is neither.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# shellcheck disable=SC2046 # a list of names
unset $(git rev-parse --local-env-vars) GIT_EXTERNAL_DIFF GIT_DIFF_OPTS
short=${tree#"$top/"}

# plain_git ARGUMENT...: git as it is, without anyone's configuration and hooks.
plain_git()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
	GIT_AUTHOR_NAME='make tree' GIT_AUTHOR_EMAIL=tree@localhost \
	GIT_COMMITTER_NAME=${committer_name:-make tree} \
	GIT_COMMITTER_EMAIL=${committer_email:-tree@localhost} \
	git -c core.hooksPath=/dev/null -c core.excludesFile=/dev/null \
		-c core.attributesFile=/dev/null -c core.quotePath=false "$@"
}

# tgit ARGUMENT...: the same in the tree; never in a repository around it.
tgit() { plain_git -C "$tree" --git-dir=.git "$@"; }

# One at a time: held until the script ends.
lock()
{
	make_dir "$build"
	exec 9>"$build/.lock"
	flock 9
}

# repo_patches: list the patches, in order, which is that of the file series.
repo_patches()
{
	[ ! -d "$patches" ] || find "$patches" -maxdepth 1 -name '*.patch' | LC_ALL=C sort
}

# patch_names: the same, without their folder.
patch_names() { repo_patches | sed 's#.*/##'; }

# repo_hash: of the patches and their names.
repo_hash()
(
	cd "$patches" 2>/dev/null || cd /
	patch_names | xargs -r -d '\n' sha256sum -- | sha256sum
)

# check_series: quilt applies what the file series lists.
check_series()
{
	local differ
	[ -e "$patches/series" ] || return 0
	differ=$(patch_names | diff - <(grep -v '^#' "$patches/series") | sed -n '2s/^[<>] //p')
	[ -z "$differ" ] || die "patches/$series/series and the patches there differ, first in $differ"
}

# am_scratch DIR COMMIT ARGUMENT...: git am in DIR, a new worktree of COMMIT with an index
# and no files, of which git am checks out those that it needs: what interrupts it
# leaves the tree as it was.
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

# added COMMIT: list the files that the series, up to there, adds to the base.
added() { tgit diff --name-only --no-renames --diff-filter=A base "$1" --; }

# unknown FILE...: which of the repository's files have contents that the tree has
# never had, and that would be lost if they were overwritten.
unknown()
{
	local file
	for file; do
		[ ! -e "$top/$file" ] ||
			tgit cat-file -e "$(tgit hash-object --no-filters "$top/$file")" 2>/dev/null ||
			echo "$file"
	done
}

# group_names: of the groups that the series is in, in order.
group_names() { sed -n 's/^\([^#\t]*\)\t.*/\1/p' "$patches/groups" 2>/dev/null; }

# group_range GROUP: the commit before its first, and its last; of all with "all".
group_range()
{
	local name subject from='' commit
	[ "$1" != all ] || { echo base HEAD; return; }
	while IFS=$'\t' read -r name subject; do
		[[ $name != \#* ]] || continue
		commit=$(tgit log --format=%H%x09%s base..HEAD | awk -F '\t' -v s="$subject" '$2 == s { print $1 }')
		[ -n "$commit" ] || die "patches/$series/groups: $name: there is no patch \"$subject\""
		[ -z "$from" ] || { echo "$from" "$commit~"; return; }
		[ "$name" != "$1" ] || from=$commit~
	done <"$patches/groups"
	echo "$from" HEAD
}

# tree_busy: say why the tree can neither be rebuilt nor read as a series; say
# nothing if it can.
tree_busy()
{
	local changes name
	for name in rebase-apply rebase-merge MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG; do
		[ ! -e "$tree/.git/$name" ] || {
			echo "a git am, rebase, merge or bisect is under way there: end it ('git status' says how)"
			return
		}
	done
	# As the user sees it, with what he has git ignore.
	changes=$(git -C "$tree" --git-dir=.git -c core.fsmonitor=false \
		status --porcelain --untracked-files=normal) || changes=unknown
	if [ -n "$changes" ]; then
		echo "it has uncommitted changes: commit or 'git stash -u' them there"
	elif ! tgit symbolic-ref -q HEAD >/dev/null; then
		echo "its HEAD is on no branch: 'git switch series' there"
	fi
}

# both_changed: say how to go on when tree and repository went apart.
both_changed()
{
	local from
	from=$(tgit rev-parse -q --short --verify refs/synced || tgit rev-parse --short base)
	echo "both it and patches/ changed since the last sync: there 'git branch mine && git reset --hard $from'," \
	     "here 'make tree', there 'git cherry-pick $from..mine'"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: base.sh
#
# Make build/v6.1/linux, the unpatched base as one commit with the tag base, and
# build/v6.1/linux-base, a worktree of that tag.  If they are there, check that they fit
# KERNEL_SRC: its path and, of a tarball or git tree, its state.  Run by tree.sh, which
# applies the series.
#
# Reads:  KERNEL_SRC, from the environment: a v6.1.y directory or tarball, by default
#         Debian's linux-source-6.1
# Writes: build/v6.1/linux, linux-base and tree.log; linux.tmp, until it is complete

. "$(dirname "$0")/lib-tree.sh"

new=$tree.tmp log=$build/tree.log
source=$(realpath -m -- "${KERNEL_SRC:-/usr/src/linux-source-6.1.tar.xz}")

# source_id: print the path of the source and, of a tarball or git tree, its state.
source_id()
{
	echo "$source"
	if [ -e "$source/.git" ]; then
		git -C "$source" rev-parse HEAD
		git -C "$source" diff-index -p --no-ext-diff HEAD | sha256sum
	elif [ -f "$source" ]; then
		stat -Lc '%s %Y' "$source"
	fi
}

# source_version: print the version that the Makefile of the source names.
source_version()
{
	local name
	if [ -d "$source" ]; then
		cat "$source/Makefile"
	else
		for name in '*/Makefile' Makefile; do
			tar -xO --occurrence=1 --wildcards --no-wildcards-match-slash -f "$source" "$name" && break
		done
	fi 2>/dev/null | sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = *//p' | paste -sd.
}

# unpack: copy the source to $new.  The files get the present time, so that make does not
# take objects of another base for up to date.  step ignores set -e: check each command.
unpack()
{
	rm -rf "$new" "$new.sub" && mkdir -p "$new" || return
	if [ -e "$source/.git" ]; then
		git -C "$source" ls-files -z |
			rsync -lp --from0 --files-from=- --ignore-missing-args "$source/" "$new/"
	elif [ -d "$source" ]; then
		rsync -rlp "$source/" "$new/"
	else
		tar -x -m --no-same-owner -C "$new" -f "$source" || return
		[ -e "$new/Makefile" ] ||
			{ mv "$new"/*/ "$new.sub" && rm -r "$new" && mv "$new.sub" "$new"; }
	fi
}

commit()
{
	git_new() { plain_git -C "$new" "$@"; }
	# Debian's .gitignore makes git ignore every new file.
	{ [ ! -e "$new/.gitignore" ] || sed -i '/^\/\*$/d' "$new/.gitignore"; } &&
	plain_git init -q --template= -b series "$new" &&
	git_new config gc.auto 0 &&
	git_new config core.autocrlf false &&
	git_new add -A -f . &&
	GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000' git_new commit -q -m "Linux $1" &&
	git_new tag base &&
	source_id >"$new/.git/synced-source"
}

# set_committer: make the committer of this checkout that of the tree, or nobody, unless
# the user has configured one.  'git am --continue' needs it.
set_committer()
{
	local name email
	if git -C "$tree" config user.email >/dev/null; then
		[ "$(tgit config committer.email)" != nobody@localhost ] ||
			tgit config --remove-section committer
		return
	fi
	name=$(git -C "$top" config user.name) || name=nobody
	email=$(git -C "$top" config user.email) || email=nobody@localhost
	tgit config committer.name "$name"
	tgit config committer.email "$email"
}

if [ ! -e "$tree" ]; then
	[ -e "$source" ] || die "there is no $source: 'harness/setup.sh tree' installs Debian's, KERNEL_SRC= names another"
	[ ! -e "$source/.config" ] || [ -e "$source/.git" ] || die "$source holds a build: 'make mrproper' there first"
	version=$(source_version) || :
	case $version in
	6.1|6.1.*) ;;
	"") die "$source is not a kernel source: it has no Makefile with a version; name a v6.1.y directory or tarball" ;;
	*) die "$source is Linux $version, not v6.1.y" ;;
	esac
	step "unpacking $(basename "$source")" "$log" unpack
	step "committing the base" "$log" commit "$version"
	mv "$new" "$tree"
elif ! tgit rev-parse -q --verify base >/dev/null; then
	die "$short is not a git tree with the tag base: move it away, then 'make tree'"
elif [ -n "${KERNEL_SRC:-}" ] && ! source_id | cmp -s - "$tree/.git/synced-source"; then
	die "$short is not made from $source as it is now: save what you need, 'rm -rf $short $short-base', then 'make tree'"
elif ! source_id | cmp -s - "$tree/.git/synced-source"; then
	say "$short is made from $(head -n 1 "$tree/.git/synced-source"), not from $source as it is now"
fi

set_committer
if [ ! -e "$base_tree" ]; then
	rm -rf "$base_tree.tmp"
	tgit worktree prune
	step "checking out the base" "$log" tgit worktree add --detach "$base_tree.tmp" base
	tgit worktree move "$base_tree.tmp" "$base_tree"
fi
is_base() { [ "$(plain_git -C "$base_tree" --git-dir=.git rev-parse HEAD 2>/dev/null)" = "$(tgit rev-parse base)" ]; }
is_base || tgit worktree repair "$base_tree" >/dev/null 2>&1 || :
is_base || die "$short-base is not the base of $short: 'rm -rf $short-base', then 'make tree'"

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this
# Make what the scripts in series/ are tested on: a base of a few files, a repository with
# a copy of these scripts and no patches, and a git configuration that breaks scripts
# which do not override it.  Sourced, never run.
#
# Reads:  lib.sh, series/
# Writes: a temporary directory, removed at the end

. "$(dirname "${BASH_SOURCE[0]}")/../test/lib-test.sh"

export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home KERNEL_SRC=$tmp/src
unset "${!GIT_@}"
repo=$tmp/repo tree=$tmp/repo/build/v6.1/linux patches=$tmp/repo/patches/v6.1

run() { "$repo/harness/series/$1.sh" "${@:2}"; }
t() { git -C "$tree" "$@"; }
add_commit() { t add -A && t commit -q -m "$@"; }
save() { rm -rf "$tmp/saved"; rsync -a --exclude=/build "$repo/" "$tmp/saved/"; }
same() { diff -r --exclude=build "$tmp/saved" "$repo"; }
# unwritten COMMAND...: succeed if COMMAND does and leaves the repository as it is.
unwritten() { save && "$@" && same; }

# with_git WORD BEFORE AFTER COMMAND...: run COMMAND with a git that, if one of its
# arguments is WORD, runs the shell commands BEFORE and AFTER the real git.
with_git()
{
	mkdir -p "$tmp/bin"
	cat >"$tmp/bin/git" <<-EOF
		#!/bin/sh
		for word; do [ "\$word" != "$1" ] || hit=1; done
		[ -z "\$hit" ] || { $2; }
		$(command -v git) "\$@"
		status=\$?
		[ -z "\$hit" ] || { $3; }
		exit \$status
	EOF
	chmod +x "$tmp/bin/git"
	PATH=$tmp/bin:$PATH "${@:4}"
}

# killed before|after WORD COMMAND...: succeed if COMMAND is killed before or after it
# runs git with the argument WORD.
killed()
{
	# shellcheck disable=SC2016 # $PPID of the shell that runs git
	local kill='kill -KILL $PPID; exit 1' word=$2
	case $1 in
	before)	set -- "$kill" : "${@:3}" ;;
	after)	set -- : "$kill" "${@:3}" ;;
	esac
	local status=0
	with_git "$word" "$@" 2>&1 || status=$?
	[ "$status" -eq 137 ]
}

# src_state: print a hash of everything in KERNEL_SRC that a script could change.
src_state()
{
	sha256sum "$KERNEL_SRC"/.git/{index,HEAD} "$KERNEL_SRC"/{Makefile,mm/*}
	git -C "$KERNEL_SRC" status --porcelain 2>&1
}

# fresh: make the tree from nothing, and let its user commit in it.
fresh()
{
	rm -rf "$tree" "$tree-base"
	run tree
	t config core.hooksPath /dev/null
	t config commit.gpgSign false
}

# three_commits: an edit with added files, an edit alone, and an added file alone.
three_commits()
{
	sed -i 's/^20$/twenty/' "$tree/mm/memory.c"
	mkdir "$tree/tools"
	printf '#!/bin/sh\n' >"$tree/tools/run"
	printf 'no newline' >"$tree/mm/new.c"
	: >"$tree/mm/empty.c"
	chmod +x "$tree/tools/run"
	add_commit "mm: first, with ümlaut" -m "Fixes: 0123456789ab"
	sed -i 's/^30$/thirty/' "$tree/mm/memory.c"
	add_commit "mm: edit only"
	echo 1 >"$tree/mm/only.c"
	add_commit "mm: adds only" -m "A body without trailers."
}

# four_patches: make a tree with these and one more, and refresh patches/.
four_patches()
{
	fresh
	three_commits
	echo x >"$tree/mm/x.c"
	add_commit "mm: x"
	run refresh
} 2>/dev/null

mkdir -p "$HOME" "$repo/harness/series" "$KERNEL_SRC"/{mm,scripts} "$tmp/hooks"
cp "$top/harness/lib.sh" "$repo/harness/"
cp "$top"/harness/series/*.sh "$repo/harness/series/"

printf '#!/bin/sh\nexit 1\n' | tee "$tmp/hooks/pre-applypatch" >"$tmp/hooks/pre-commit"
chmod +x "$tmp"/hooks/*
git config --global user.name User
git config --global user.email user@localhost
for setting in commit.gpgSign=true core.autocrlf=true "core.hooksPath=$tmp/hooks" format.signOff=true \
	diff.noprefix=true diff.context=1 format.attach=x am.keepcr=false color.ui=always trailer.separators=%; do
	git config --global "${setting%%=*}" "${setting#*=}"
done

printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\n' >"$KERNEL_SRC/Makefile"
printf '/*\n*.o\n' >"$KERNEL_SRC/.gitignore"
cat >"$KERNEL_SRC/scripts/get_maintainer.pl" <<-'EOF'
	#!/bin/sh
	case "$*" in *--no-l*) echo "One <one@localhost>" ;; *) echo list@localhost ;; esac
EOF
chmod +x "$KERNEL_SRC/scripts/get_maintainer.pl"
seq 40 >"$KERNEL_SRC/mm/memory.c"
seq 20 >"$KERNEL_SRC/mm/rmap.c"
ln -s memory.c "$KERNEL_SRC/mm/link.c"
cp -r "$KERNEL_SRC" "$tmp/plain"
git -C "$KERNEL_SRC" init -q
git -C "$KERNEL_SRC" -c core.safecrlf=false add -f .
git -C "$KERNEL_SRC" -c core.hooksPath=/dev/null commit -q --no-gpg-sign -m src
echo 'changed by its user' >>"$KERNEL_SRC/mm/rmap.c"
echo untracked >"$KERNEL_SRC/mm/junk.c"
src_before=$(src_state)

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # set for those who source it
# What test-tree.sh runs on: a base of a few files, a
# repository with a copy of the scripts and no patches yet, and a user's git
# configuration that gets in the way where it can.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home KERNEL_SRC=$tmp/src
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
repo=$tmp/repo tree=$tmp/repo/build/v6.1/linux patches=$tmp/repo/patches/v6.1
count=0

# check WHAT COMMAND...: one line of TAP.
check()
{
	local what=$1 result=ok
	shift
	"$@" >"$tmp/out" 2>&1 || { result="not ok"; sed 's/^/# /' "$tmp/out"; }
	echo "$result $((++count)) - $what"
}

# fails TEXT COMMAND...: COMMAND fails, and says TEXT in one line.
fails()
{
	local text=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then cat "$tmp/log"; return 1; fi
	cat "$tmp/log"
	[ "$(grep -c "^error: .*$text" "$tmp/log")" = 1 ]
}

# killed WORD COMMAND...: COMMAND, killed when it gives git an argument WORD: before that
# is done, or with "after" before WORD, after it.
killed()
{
	local when=before
	[ "$1" != after ] || { when=after; shift; }
	mkdir -p "$tmp/bin"
	cat >"$tmp/bin/git" <<-EOF
		#!/bin/sh
		for word; do [ "\$word" != "$1" ] || at=1; done
		[ "\$at-$when" != 1-before ] || { kill -KILL \$PPID; exit 1; }
		$(command -v git) "\$@"
		status=\$?
		[ -z "\$at" ] || kill -KILL \$PPID
		exit \$status
	EOF
	chmod +x "$tmp/bin/git"
	shift
	! PATH=$tmp/bin:$PATH "$@" 2>&1
}

says() { local text=$1; shift; "$@" >"$tmp/log" 2>&1 && cat "$tmp/log" && grep -q "$text" "$tmp/log"; }
not() { ! "$@"; }
run() { "$repo/harness/series/$1.sh" "${@:2}"; }
t() { git -C "$tree" "$@"; }
same() { diff -r --exclude=build "$tmp/saved" "$repo"; }
save() { rm -rf "$tmp/saved"; rsync -a --exclude=/build "$repo/" "$tmp/saved/"; }
add_commit() { t add -A && t commit -q -m "$@"; }
# unwritten COMMAND...: whatever it does, the repository's side stays as it is.
unwritten() { save && "$@" && same; }

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
src_state() { sha256sum "$KERNEL_SRC"/.git/{index,HEAD} "$KERNEL_SRC"/{Makefile,mm/*}; git -C "$KERNEL_SRC" status --porcelain 2>&1; }
src_before=$(src_state)

# fresh: make the tree from nothing, so that its user can commit in it.
fresh()
{
	rm -rf "$tree" "$tree-base"
	run tree
	t config core.hooksPath /dev/null
	t config commit.gpgSign false
}

# first_commits: an edit, an edit with added files, and an added file alone.
first_commits()
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

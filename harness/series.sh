#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# series.sh: write the series as one mails it to build/v6.1/series: the cover
# letter, from patches/v6.1/cover-letter.txt (first line its subject), and the
# complete patches.  Checks that plain 'git am' makes the same tree of them.

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || die "usage: series.sh"
"$top/harness/tree.sh"
lock
out=$build/series new=$build/series.tmp check=$build/series-check
branch=$(tgit symbolic-ref --short HEAD)
[ "$(tgit rev-parse base)" != "$(tgit rev-parse HEAD)" ] || die "the series is empty"

cleanup()
{
	rm -rf "$new"
	[ ! -e "$check" ] || tgit worktree remove --force "$check"
}
cleanup
trap cleanup EXIT

cover=()
if [ -e "$patches/cover-letter.txt" ]; then
	cover=(-c "branch.$branch.description=$(<"$patches/cover-letter.txt")")
fi
tgit "${cover[@]}" format-patch -q -o "$new" --cover-letter --cover-from-description=subject \
	--zero-commit --no-signature "base..$branch"
# Not a .patch: 'git am *.patch' would stop at it.
author=$(tgit show -s --format='%an <%ae>' HEAD)
sed "s|^From: make tree .*|From: $author|" "$new/0000-cover-letter.patch" \
	>"$new/0000-cover-letter.txt"
rm "$new/0000-cover-letter.patch"

# With an index and no files: git am checks out those that it needs.
tgit worktree add --no-checkout --detach "$check" base >/dev/null 2>&1
plain_git -C "$check" reset -q --soft base
plain_git -C "$check" read-tree base
plain_git -C "$check" am "$new"/*.patch >"$build/series.log" 2>&1 || {
	tail -n 20 "$build/series.log" >&2
	die "the series does not apply with plain git am; the whole log is $build/series.log"
}
[ "$(plain_git -C "$check" rev-parse 'HEAD^{tree}')" = "$(tgit rev-parse 'HEAD^{tree}')" ] ||
	die "the series, applied with plain git am, does not make the tree that $short has"

rm -rf "$out"
mv "$new" "$out"
say "the series is in ${out#"$top/"}: 'git send-email' it, or 'git am ${out#"$top/"}/*.patch' on v6.1.y"

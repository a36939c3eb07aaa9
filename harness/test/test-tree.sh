#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# test-tree.sh: TAP test of tree.sh, refresh.sh and series.sh, in seconds: what
# they make, and (test-tree-work.sh) that they lose no work.

. "$(dirname "$0")/lib-test-tree.sh"

check "make tree without patches" fresh
first_commits
check "the base has the tracked files as its user has them" \
	grep -q "changed by its user" "$tree/../linux-base/mm/rmap.c"
check "... and no others" test ! -e "$tree/mm/junk.c"
check "refresh writes new commits" run refresh
check "an added file keeps mode and bytes" test -x "$repo/tools/run" -a ! -x "$repo/mm/new.c"
check "... and is in the patch" grep -q "no newline" "$patches"/0001*
check "... and the same as the series makes it" says "^ok 1" run check-mirror
check "make tree && make refresh is a no-op" unwritten eval "run tree && run refresh"

made=$(t rev-parse 'HEAD^{tree}')
fresh 2>/dev/null
made_again=$(t rev-parse HEAD)
check "a fresh tree equals the one that refresh saw" test "$(t rev-parse 'HEAD^{tree}')" = "$made"
fresh 2>/dev/null
check "... and the commits are the same each time" test "$(t rev-parse HEAD)" = "$made_again"
check "... and refresh is a no-op there" unwritten run refresh
check "make tree is fast when up to date" says "up to date" run tree

# shellcheck source=test-tree-work.sh
. "$(dirname "$0")/test-tree-work.sh"

# The mailable series.
mkdir "$patches/cover"
printf '# two groups\none\tmm: first, with ümlaut\ntwo\tmm: adds only\n' >"$patches/groups"
check "make series wants a cover letter" fails "there is no .*cover/one.txt" run mails
printf 'A title\n\nSome text.\n' | tee "$patches"/cover/{one,two}.txt >"$patches/cover/all.txt"
check "make series" run mails
mails=$repo/build/v6.1/series
check "... has the cover letters" grep -q "^Subject: \[PATCH 6.1 0/4\] A title" "$mails/all/0000-cover-letter.txt"
check "... of each group" grep -q "^Subject: \[PATCH 6.1 0/2\] A title" "$mails/two/0000-cover-letter.txt"
check "... with what it is built on" grep -q "^prerequisite: mm: edit only" "$mails/two/0000-cover-letter.txt"
check "... to whom it concerns" grep -q "^To: One <one@localhost>" "$mails"/one/0001*
check "... from who wrote it" grep -q "^From: User <user@localhost>" "$mails/one/0000-cover-letter.txt"
t worktree add -q --detach "$tmp/check" base
check "... applies with git am" git -C "$tmp/check" -c core.hooksPath=/dev/null am -q --no-gpg-sign "$mails"/all/*.patch
check "... and makes the same tree" git -C "$tmp/check" diff --exit-code --stat series
t worktree remove --force "$tmp/check"
check "one group alone" run mails two
check "... and no other" test -e "$mails/two" -a ! -e "$mails/one"
check "a group that there is not" fails "GROUP=three is not one of one two, all" run mails three
sed -i 's/adds only/nothing/' "$patches/groups"
check "a group without its first patch" fails "there is no patch" run mails

# Other bases.
check "KERNEL_SRC is as it was" test "$(src_state)" = "$src_before"
made=$(t rev-parse 'HEAD^{tree}')
echo 5 >>"$KERNEL_SRC/mm/rmap.c"
check "a base that has changed is noticed" fails "is not made from" run tree
sed -i '$d' "$KERNEL_SRC/mm/rmap.c"
rm "$KERNEL_SRC/mm/junk.c"
tar -C "$tmp" -czf "$tmp/src.tar.gz" --exclude=.git src
mkdir "$tree.tmp"
echo "left by an interrupted make tree" >"$tree.tmp/half"
KERNEL_SRC=$tmp/src.tar.gz fresh 2>/dev/null
check "a tarball makes the same tree" test "$(t rev-parse 'HEAD^{tree}')" = "$made"
check "... and the default is not taken for it" says "is made from $tmp/src.tar.gz, not from" \
	env -u KERNEL_SRC "$repo/harness/series/tree.sh"
KERNEL_SRC=$tmp/plain fresh 2>/dev/null
check "a directory without git is a base too" grep -q thirty "$tree/mm/memory.c"
sed -i 's/^PATCHLEVEL.*/PATCHLEVEL = 6/' "$KERNEL_SRC/Makefile"
rm -rf "$tree" "$tree-base"
check "another version is refused" fails "Linux 6.6.192, need v6.1.y" run tree
check "... and leaves nothing behind" test ! -e "$tree" -a ! -e "$tree.tmp"
tar -C "$HOME" -czf "$tmp/none.tar.gz" .
check "so is a tarball without a kernel" fails "is no kernel" env KERNEL_SRC="$tmp/none.tar.gz" "$repo/harness/series/tree.sh"
check "... and a directory without one" fails "is no kernel" env KERNEL_SRC="$HOME" "$repo/harness/series/tree.sh"
check "... and what is not there" fails "there is no" env KERNEL_SRC="$tmp/nowhere" "$repo/harness/series/tree.sh"
check "... and they leave nothing behind" test ! -e "$tree" -a ! -e "$tree.tmp"
# As somebody else, whom the repository does not belong to
chmod 755 "$tmp"
other=()
[ "$(id -u)" != 0 ] || other=(setpriv --reuid=65534 --clear-groups)
chmod -R a-w "$repo/build"
check "a checkout that is read-only is said to be" fails "cannot be written" "${other[@]}" "$repo/harness/series/tree.sh"
chmod -R u+w "$repo/build"
mkdir "$tmp/a path"
cp -r "$repo/." "$tmp/a path"
check "a path with a space is refused" fails "has a space" "$tmp/a path/harness/series/tree.sh"
echo "1..$count"

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set in lib-test-tree.sh
# test-tree-work.sh: the part of test-tree.sh, which sources it, that shows that
# tree.sh and refresh.sh lose no work, neither in the tree nor in the repository.

# Local work.
echo dirty >>"$tree/mm/rmap.c"
check "a changed tree is left alone" fails "uncommitted changes" run tree
check "... but used with --keep" says "used as it is" run tree --keep
check "... and not written" unwritten fails "uncommitted changes" run refresh
check "... and still there" grep -q dirty "$tree/mm/rmap.c"
t checkout -q mm
echo new >"$tree/mm/untracked.c"
check "an untracked file counts as a change" fails "uncommitted changes" run tree
add_commit "mm: one more"
check "a tree with a new commit is left alone" fails "make refresh" run tree
t checkout -q --detach base
check "a detached HEAD is not written" unwritten fails "no branch" run refresh
t switch -q series
check "refresh takes the commit" run refresh
check "... as a patch and a file" test -e "$patches/0004-mm-one-more.patch" -a -e "$repo/mm/untracked.c"
t reset -q --hard HEAD~1
check "refresh drops what has no commit any more" run refresh
check "... the patch, the file and no more" test ! -e "$patches/0004-mm-one-more.patch" -a ! -e "$repo/mm/untracked.c" -a -e "$repo/mm/new.c"

# An added file grows with the series.
echo 2 >>"$tree/mm/only.c"
add_commit "mm: touches an added file"
check "a later change of an added file is a patch of its own" run refresh
check "... and the file here is as it is at the end" grep -q 2 "$repo/mm/only.c"
t reset -q --hard HEAD~1
check "... and back" run refresh

# What refresh refuses.
t switch -q -c side base
t commit -q --allow-empty -m side
t switch -q series
t merge -q --no-edit side >/dev/null
check "a merge is refused" unwritten fails "is a merge" run refresh
t reset -q --hard HEAD~1
mkdir "$tree/harness"
echo mine >"$tree/harness/lib.sh"
add_commit "mm: takes a file of the repository"
check "a file of the repository is not overwritten" unwritten fails "changed here.* harness/lib.sh" run refresh
t reset -q --hard base
t commit -q --allow-empty -m "mm: odd

--- a/message
that mail would cut"
check "a message that mail would cut is refused" unwritten fails "survive as mail" run refresh
t reset -q --hard base
check "a tree without the series is not written" unwritten fails "make tree" run refresh
check "... and gets the series back" run tree

# The repository changes.
echo 3 >>"$repo/mm/only.c"
check "a file that was changed here is not overwritten" unwritten fails "changed here.* mm/only.c" run refresh
check "... and is found" says "# mm/only.c is not as the series makes it" run check-mirror
rm "$repo/mm/only.c"
check "a file that is missing is found" says "# mm/only.c is not as the series makes it" run check-mirror
check "... make tree does not need it" says "up to date" run tree
check "... refresh writes it" run refresh
echo stray >"$repo/mm/stray.c"
check "a file that is in no patch is found" says "# mm/stray.c is in no patch" run check-mirror
rm "$repo/mm/stray.c"
check "all is as the series makes it" says "^ok 1" run check-mirror
sed -i 's/^+1$/+3/' "$patches"/0003*
check "changed patches are not overwritten" unwritten fails "make tree" run refresh
check "make tree takes the change" run tree
check "... into the tree" grep -q 3 "$tree/mm/only.c"
echo x >"$tree/mm/x.c"
add_commit "mm: x"
sed -i 's/^+3$/+4/' "$patches"/0003*
check "both changed: make tree refuses" fails "cherry-pick" run tree
check "both changed: refresh refuses" unwritten fails "cherry-pick" run refresh
t branch -q mine
t reset -q --hard refs/synced
from=$(t rev-parse HEAD)
run tree 2>/dev/null
t cherry-pick "$from..mine" >/dev/null
check "... and what they say to do works" says "4 patches" run refresh

# A conflict.
sed -i 's/^-20$/-21/' "$patches"/0001*
check "a conflict says what to do" fails "git am --continue" run tree
check "... and leaves git's am state" test -d "$tree/.git/rebase-apply"
check "... in which nothing is written" unwritten fails "under way" run refresh
check "... or started" fails "under way" run tree
t am --abort
check "git am --abort gives up, and make tree tries again" fails "git am --continue" run tree
check "... and names the file" grep -q "^error: .*mm/memory.c" "$tmp/log"
sed -i 's/^20$/twenty/' "$tree/mm/memory.c"
mkdir -p "$tree/tools"
cp "$repo/tools/run" "$tree/tools"
cp "$repo"/mm/{new,empty}.c "$tree/mm"
t add -A
t am --continue >/dev/null
check "... and ends in a refresh" says "4 patches" run refresh
check "... that leaves all up to date" says "up to date" run tree

# git am, ended in the middle.
sed -i 's/^-30$/-31/' "$patches"/0002*
check "a conflict in the second patch" fails "patch 0002" run tree
t am --quit
t reset -q --hard
check "... after which half a series is not written" unwritten fails "no commit" run refresh
sed -i 's/^-31$/-30/' "$patches"/0002*
t reset -q --hard base
check "... and make tree starts anew" run tree

# Killed at any time.
made=$(t rev-parse HEAD)
change() { sed -i "s/^Date: .*/Date: Sun, 22 Nov 2026 0$1:00:00 +0000/" "$patches"/0001*; }
change 1
check "make tree is killed while it applies the series" killed am run tree
check "... and the tree is as it was" test "$(t rev-parse HEAD)" = "$made" -a -z "$(t status --porcelain)"
check "... the next one makes it" says "is made: 4 patches" run tree
hour=1
for when in before after; do
	change $((++hour))
	check "make tree is killed $when it replaces the tree" eval \
		"killed ${when/before/} --hard run tree"
	check "... and refresh writes none of it" unwritten fails "run that again" run refresh
	echo half >"$tree/mm/only.c"
	check "... the next one makes it" says "is made: 4 patches" run tree
	check "... whole" test "$(t rev-parse "HEAD^{tree}")" = "$(t rev-parse "$made^{tree}")" -a -z "$(t status --porcelain)"
done
sed -i 's/^-30$/-31/' "$patches"/0002*
check "make tree is killed when a patch has not applied" killed after -3 run tree
sed -i 's/^-31$/-30/' "$patches"/0002*
check "... the next one rolls back" says "is rolled back" run tree
check "... and is up to date then" says "up to date" run tree
echo y >>"$tree/mm/x.c"
add_commit "mm: y"
check "make refresh is killed" killed after checkout-index run refresh
check "... and nothing was written" test ! -e "$patches"/0005*
touch "$tree/.git/refreshing"
rm "$patches"/0001*
check "make refresh is killed while it writes: make tree says so" fails "run that again" run tree
check "... and the next one writes all" says "has 5 patches" run refresh
check "... after which all is up to date" says "up to date" run tree

# A full disk is no conflict.
change 9
mkdir -p "$tmp/full"
cat >"$tmp/full/git" <<-EOF
	#!/bin/sh
	for word; do
		[ "\$word" != am ] || { echo "fatal: sha1 file: No space left on device" >&2; exit 128; }
	done
	exec $(command -v git) "\$@"
EOF
chmod +x "$tmp/full/git"
made=$(t rev-parse HEAD)
check "a full disk is said to be one" fails "No space left on device" env PATH="$tmp/full:$PATH" "$repo/harness/series/tree.sh"
check "... and the tree is as it was" test "$(t rev-parse HEAD)" = "$made" -a -z "$(t status --porcelain)"
run tree 2>/dev/null
t reset -q --hard HEAD~1
run refresh 2>/dev/null

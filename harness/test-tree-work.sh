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

# What refresh refuses.
echo 2 >>"$tree/mm/only.c"
add_commit "mm: touches an added file"
check "a later change of an added file is refused" unwritten fails "changes mm/only.c" run refresh
t reset -q --hard HEAD~1
t switch -q -c side base
t commit -q --allow-empty -m side
t switch -q series
t merge -q --no-edit side >/dev/null
check "a merge is refused" unwritten fails "is a merge" run refresh
t reset -q --hard HEAD~1
mkdir "$tree/harness"
echo mine >"$tree/harness/lib.sh"
add_commit "mm: takes a file of the repository"
check "a file of the repository is not overwritten" unwritten fails "in no patch" run refresh
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
check "a changed repository is not overwritten" unwritten fails "make tree" run refresh
check "make tree takes the change" run tree
check "... into the tree" grep -q 3 "$tree/mm/only.c"
echo x >"$tree/mm/x.c"
add_commit "mm: x"
echo 4 >>"$repo/mm/only.c"
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
sed -i 's/^20$/twenty/' "$tree/mm/memory.c"
mkdir -p "$tree/tools"
cp "$repo/tools/run" "$tree/tools"
cp "$repo"/mm/{new,empty}.c "$tree/mm"
t add -A
t am --continue >/dev/null
check "... and ends in a refresh" says "4 patches" run refresh
check "... that leaves all up to date" says "up to date" run tree

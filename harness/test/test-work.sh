#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: test-work.sh
#
# Test that tree.sh and refresh.sh overwrite no work, neither in the tree nor in the
# repository, and how to go on when both have changed.  Print TAP.
#
# Reads:  series/
# Writes: a temporary directory, removed at the end

. "$(dirname "$0")/lib-repo.sh"

{ fresh; three_commits; run refresh; } 2>/dev/null

# Work in the tree
echo dirty >>"$tree/mm/rmap.c"
check "a changed tree is left alone" fails "uncommitted changes" run tree
check "... but used with --keep" says "used as it is" run tree --keep
check "... and not written" unwritten fails "uncommitted changes" run refresh
check "... and still there" grep -q dirty "$tree/mm/rmap.c"
t checkout -q mm
echo new >"$tree/mm/untracked.c"
check "an untracked file is a change" fails "uncommitted changes" run tree
add_commit "mm: one more"
check "a tree with a new commit is left alone" fails "make refresh" run tree
t checkout -q --detach base
check "a detached HEAD is not written" unwritten fails "no branch" run refresh
t switch -q series
check "refresh writes the commit" run refresh
check "... as a patch and a file" test -e "$patches/0004-mm-one-more.patch" -a -e "$repo/mm/untracked.c"
t reset -q --hard HEAD~1
check "refresh removes what has no commit any more" run refresh
check "... the patch, the file and no more" test ! -e "$patches/0004-mm-one-more.patch" -a ! -e "$repo/mm/untracked.c" -a -e "$repo/mm/new.c"

# What refresh refuses
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
t commit -q --allow-empty -m "mm: nothing"
check "an empty commit is refused" unwritten fails "changes nothing" run refresh
t reset -q --hard base
echo odd >>"$tree/mm/rmap.c"
add_commit "mm: odd

--- a/message
that mail would cut"
check "a message that mail would cut is refused" unwritten fails "survive as mail" run refresh
t reset -q --hard base
check "a tree without the series is not written" unwritten fails "make tree" run refresh
check "... and make tree applies the series again" run tree

# Work in the repository
echo 3 >>"$repo/mm/only.c"
check "a file that was changed here is not overwritten" unwritten fails "changed here.* mm/only.c" run refresh
check "... and is found" says "# mm/only.c differs from the series" run check-mirror
rm "$repo/mm/only.c"
check "... and is written once it is removed" run refresh
sed -i 's/^+1$/+3/' "$patches"/0003*
check "changed patches are not overwritten" unwritten fails "make tree" run refresh
check "make tree applies the change" run tree
check "... to the tree" grep -q 3 "$tree/mm/only.c"

# Work in both
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
check "... and what they advise works" says "4 patches" run refresh
check "KERNEL_SRC is unchanged" test "$(src_state)" = "$src_before"
echo "1..$count"

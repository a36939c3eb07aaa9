#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: test-interrupted.sh
#
# Test that work can go on after a patch did not apply, after tree.sh or refresh.sh was
# killed, and after a full disk.  Print TAP.
#
# Reads:  series/
# Writes: a temporary directory, removed at the end

. "$(dirname "$0")/lib-repo.sh"

four_patches

# A conflict
sed -i 's/^-20$/-21/' "$patches"/0001*
check "a conflict says how to go on" fails "git am --continue" run tree
check "... and git am can go on" test -d "$tree/.git/rebase-apply"
check "... which is not written" unwritten fails "under way" run refresh
check "... nor started again" fails "under way" run tree
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
check "... which leaves all up to date" says "up to date" run tree

# git am that was ended in the middle
sed -i 's/^-30$/-31/' "$patches"/0002*
check "a conflict in the second patch" fails "patch 0002" run tree
t am --quit
t reset -q --hard
check "... after which half a series is not written" unwritten fails "no commit" run refresh
sed -i 's/^-31$/-30/' "$patches"/0002*
t reset -q --hard base
check "... and make tree starts again" run tree

# Killed at any time, first with the commits of a user that refresh has written
change() { sed -i "s/^Date: .*/Date: Sun, 22 Nov 2026 0$1:00:00 +0000/" "$patches"/0001*; }
t commit -q --amend --reset-author -m "mm: x, by its user"
check "the commits of a user are written" run refresh
change 1
check "make tree is killed over them" killed before --hard run tree
check "... the next one makes it" says "is made: 4 patches" run tree
change 2
check "make tree is killed, and the user commits" killed before --hard run tree
echo x >>"$tree/mm/x.c"
add_commit "mm: since"
check "... which is kept" fails "has commits since" run tree
rm "$tree/.git/applying"
check "... and is no reason to overwrite patches/" unwritten fails "both it and patches/" run refresh
t reset -q --hard base
check "... the next one makes it" says "is made: 4 patches" run tree
made=$(t rev-parse HEAD)
unchanged() { [ "$(t rev-parse HEAD)" = "$made" ] && [ -z "$(t status --porcelain)" ]; }
change 3
check "make tree is killed while it applies the series" killed before am run tree
check "... and the tree is unchanged" unchanged
check "... the next one makes it" says "is made: 4 patches" run tree
hour=3
for when in before after; do
	change $((++hour))
	check "make tree is killed $when it replaces the tree" killed "$when" --hard run tree
	check "... and refresh writes none of it" unwritten fails "run it again" run refresh
	echo half >"$tree/mm/only.c"
	check "... the next one makes it" says "is made: 4 patches" run tree
	check "... whole" test "$(t rev-parse "HEAD^{tree}")" = "$(t rev-parse "$made^{tree}")" -a -z "$(t status --porcelain)"
done
sed -i 's/^-30$/-31/' "$patches"/0002*
check "make tree is killed when a patch has not applied" killed after -3 run tree
sed -i 's/^-31$/-30/' "$patches"/0002*
check "... the next one rolls back" says "is rolled back" run tree
check "... and is up to date then" says "up to date" run tree
sed -i 's/^-30$/-31/' "$patches"/0002*
check "the disk is full when a patch has not applied" fails "incomplete" with_git -3 'echo "fatal: No space left on device" >&2; exit 128' : run tree
sed -i 's/^-31$/-30/' "$patches"/0002*
check "... the next one rolls back" says "is rolled back" run tree
echo y >>"$tree/mm/x.c"
add_commit "mm: y"
check "make refresh is killed" killed after checkout-index run refresh
check "... and nothing was written" test ! -e "$patches"/0005*
sha256sum "$patches"/* >"$tree/.git/refreshing"
rm "$patches"/0001*
check "make refresh is killed while it writes: make tree says so" fails "run it again" run tree
check "... and the next one writes all" says "has 5 patches" run refresh
check "... after which all is up to date" says "up to date" run tree

# A directory that refresh would remove is gone already, as after a run that was killed.
t reset -q --hard base
echo z >>"$tree/mm/rmap.c"
add_commit "mm: z"
rm -r "$repo/tools"
check "a directory that is gone is no error" says "has 1 patches" run refresh

# Patches that cannot be written
rm "$tmp/bin/git"
echo w >>"$tree/mm/rmap.c"
add_commit "mm: w"
printf '#!/bin/sh\ncase $* in *--delete*) exit 11 ;; esac\nexec %s "$@"\n' "$(command -v rsync)" >"$tmp/bin/rsync"
chmod +x "$tmp/bin/rsync"
refresh_fails() { ! PATH=$tmp/bin:$PATH run refresh 2>&1; }
check "patches that cannot be written are an error" refresh_fails
rm "$tmp/bin/rsync"
check "... and make tree says so" fails "run it again" run tree
cp "$patches"/0001* "$tmp/0001"
echo edited >>"$(echo "$patches"/0001*)"
check "... and what is edited then is not overwritten" unwritten fails "changed after an interrupted" run refresh
cp "$tmp/0001" "$(echo "$patches"/0001*)"
check "... and the next refresh writes them" says "has 2 patches" run refresh

# A full disk is no conflict.
change 9
made=$(t rev-parse HEAD)
full='echo "fatal: sha1 file: No space left on device" >&2; exit 128'
check "a full disk is reported as such" fails "No space left on device" with_git am "$full" : run tree
check "... and the tree is unchanged" unchanged
check "KERNEL_SRC is unchanged" test "$(src_state)" = "$src_before"
echo "1..$count"

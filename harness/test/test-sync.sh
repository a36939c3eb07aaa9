#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: test-sync.sh
#
# Test that tree.sh makes the tree of the patches, that refresh.sh makes the patches of
# the tree, and that check-mirror.sh finds files that differ.  Print TAP.
#
# Reads:  series/
# Writes: a temporary directory, removed at the end

. "$(dirname "$0")/lib-repo.sh"

check "make tree without patches" fresh
three_commits
check "the base has the tracked files as their user left them" \
	grep -q "changed by its user" "$tree/../linux-base/mm/rmap.c"
check "... and no others" test ! -e "$tree/mm/junk.c"
check "refresh writes new commits" run refresh
check "an added file keeps its mode and bytes" test -x "$repo/tools/run" -a ! -x "$repo/mm/new.c"
check "... and is in the patch" grep -q "no newline" "$patches"/0001*
check "... and does not differ from the series" says "^ok 1" run check-mirror
removed=$(tail -n 1 "$patches/series")
sed -i '$d' "$patches/series"
check "a file series that lacks a patch is found" fails "does not list the patches" run tree
check "... also by refresh" fails "does not list the patches" run refresh
echo "${removed:?}" >>"$patches/series"
check "make tree && make refresh change nothing" unwritten eval "run tree && run refresh"

made=$(t rev-parse 'HEAD^{tree}')
fresh 2>/dev/null
made_again=$(t rev-parse HEAD)
check "a fresh tree equals the one that refresh read" test "$(t rev-parse 'HEAD^{tree}')" = "$made"
fresh 2>/dev/null
check "... and the commits are the same each time" test "$(t rev-parse HEAD)" = "$made_again"
check "... and refresh changes nothing" unwritten run refresh
check "make tree does nothing when up to date" says "up to date" run tree

# Files that the series adds
echo 2 >>"$tree/mm/only.c"
add_commit "mm: touches an added file"
check "a later change of an added file is a patch of its own" run refresh
check "... and the file here is as after the last patch" grep -q 2 "$repo/mm/only.c"
t reset -q --hard HEAD~1
check "... and back" run refresh
chmod 700 "$repo" "$repo/mm"
t reset -q --hard "HEAD@{1}"
check "refresh leaves the modes of directories" run refresh
check "... as they are" test "$(stat -c %a "$repo" "$repo/mm" | xargs)" = "700 700"
t reset -q --hard HEAD~1
run refresh 2>/dev/null
rm "$repo/mm/only.c"
check "a missing file is found" says "# mm/only.c differs from the series" run check-mirror
check "... make tree does not need it" says "up to date" run tree
check "... refresh writes it" run refresh
echo stray >"$repo/mm/stray.c"
check "a file that is in no patch is found" says "# mm/stray.c is in no patch" run check-mirror
rm "$repo/mm/stray.c"
check "all files are as in the series" says "^ok 1" run check-mirror
check "KERNEL_SRC is unchanged" test "$(src_state)" = "$src_before"
echo "1..$count"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: test-mails.sh
#
# Test the mails that mails.sh writes of a series of two groups.  Print TAP.
#
# Reads:  series/
# Writes: a temporary directory, removed at the end

. "$(dirname "$0")/lib-repo.sh"

four_patches
mkdir "$patches/cover"
printf '# two groups\none\tmm: first, with ümlaut\ntwo\tmm: adds only\n' >"$patches/groups"
check "make series needs a cover letter" fails "there is no .*cover/one.txt" run mails
printf 'A title\n\nSome text.\n' | tee "$patches"/cover/{one,two}.txt >"$patches/cover/all.txt"
check "make series" run mails
mails=$repo/build/v6.1/series
check "... writes a cover letter of all patches" grep -q "^Subject: \[PATCH 6.1 0/4\] A title" "$mails/all/0000-cover-letter.txt"
check "... and of each group" grep -q "^Subject: \[PATCH 6.1 0/2\] A title" "$mails/two/0000-cover-letter.txt"
check "... with the patches before the group" grep -q "^prerequisite: mm: edit only" "$mails/two/0000-cover-letter.txt"
check "... to the maintainers" grep -q "^To: One <one@localhost>" "$mails"/one/0001*
check "... from the author" grep -q "^From: User <user@localhost>" "$mails/one/0000-cover-letter.txt"
t worktree add -q --detach "$tmp/check" base
check "... that applies with git am" git -C "$tmp/check" -c core.hooksPath=/dev/null am -q --no-gpg-sign "$mails"/all/*.patch
check "... and makes the same tree" git -C "$tmp/check" diff --exit-code --stat series
t worktree remove --force "$tmp/check"
check "one group alone" run mails two
check "... and no other" test -e "$mails/two" -a ! -e "$mails/one"
check "an unknown group is refused" fails "GROUP=three is not one of one two, all" run mails three
sed -i 's/adds only/nothing/' "$patches/groups"
check "a group without its first patch is refused" fails "there is no patch" run mails
check "KERNEL_SRC is unchanged" test "$(src_state)" = "$src_before"
echo "1..$count"

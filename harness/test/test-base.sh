#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: test-base.sh
#
# Test which sources base.sh makes a tree of, and which it and lib.sh refuse.  Print TAP.
#
# Reads:  lib.sh, series/
# Writes: a temporary directory, removed at the end

. "$(dirname "$0")/lib-repo.sh"

four_patches
made=$(t rev-parse 'HEAD^{tree}')
echo 5 >>"$KERNEL_SRC/mm/rmap.c"
check "a changed base is noticed" fails "is not made from" run tree
sed -i '$d' "$KERNEL_SRC/mm/rmap.c"
rm "$KERNEL_SRC/mm/junk.c"
tar -C "$tmp" -czf "$tmp/src.tar.gz" --exclude=.git src
mkdir "$tree.tmp"
echo "left by an interrupted make tree" >"$tree.tmp/half"
KERNEL_SRC=$tmp/src.tar.gz fresh 2>/dev/null
check "a tarball makes the same tree" test "$(t rev-parse 'HEAD^{tree}')" = "$made"
check "... and is not mistaken for the default" says "is made from $tmp/src.tar.gz, not from" \
	env -u KERNEL_SRC "$repo/harness/series/tree.sh"
KERNEL_SRC=$tmp/plain fresh 2>/dev/null
check "a directory without git is a base, too" grep -q thirty "$tree/mm/memory.c"

# What is refused
sed -i 's/^PATCHLEVEL.*/PATCHLEVEL = 6/' "$KERNEL_SRC/Makefile"
rm -rf "$tree" "$tree-base"
check "another version is refused" fails "Linux 6.6.192, not v6.1.y" run tree
check "... and leaves nothing behind" test ! -e "$tree" -a ! -e "$tree.tmp"
tar -C "$HOME" -czf "$tmp/none.tar.gz" .
check "so is a tarball without a kernel" fails "is not a kernel source" env KERNEL_SRC="$tmp/none.tar.gz" "$repo/harness/series/tree.sh"
check "... and a directory without one" fails "is not a kernel source" env KERNEL_SRC="$HOME" "$repo/harness/series/tree.sh"
check "... and a missing path" fails "there is no" env KERNEL_SRC="$tmp/nowhere" "$repo/harness/series/tree.sh"
check "... and they leave nothing behind" test ! -e "$tree" -a ! -e "$tree.tmp"
# Run as a user whom the repository does not belong to.
chmod 755 "$tmp"
other=()
[ "$(id -u)" != 0 ] || other=(setpriv --reuid=65534 --clear-groups)
chmod -R a-w "$repo/build"
check "a read-only checkout is reported as such" fails "is not writable" "${other[@]}" "$repo/harness/series/tree.sh"
chmod -R u+w "$repo/build"
mkdir "$tmp/a path"
cp -r "$repo/." "$tmp/a path"
check "a path with a space is refused" fails "has a space" "$tmp/a path/harness/series/tree.sh"
echo "1..$count"

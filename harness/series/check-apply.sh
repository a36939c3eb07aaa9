#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check-apply.sh
#
# Check that the patches, applied by git am and by quilt, without fuzz, make the files of
# build/v6.1/linux.  Apply them to the base, and to kernel.org's version of these files: the
# base without Debian's changes.  Print TAP.
#
# Reads:  patches/v6.1/, build/v6.1/linux
# Writes: build/v6.1/apply/, the files with the patches applied, and logs

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || die "usage: check-apply.sh"
dir=$build/apply
rm -rf "$dir"
mkdir -p "$dir"

# unpack COMMIT DIR FILE...
unpack()
{
	mkdir "$2"
	tgit archive "$1" -- "${@:3}" | tar -x -C "$2"
}

# undo_debian DIR: Debian exports a symbol to modules.
debian='^EXPORT_SYMBOL_GPL(zap_page_range);$'
undo_debian() { sed -i "/$debian/d" "$1/mm/memory.c"; }

by_git()
{
	plain_git init -q --template= "$1" &&
		plain_git -C "$1" add -A -f &&
		plain_git -C "$1" commit -q -m base &&
		plain_git -C "$1" am -q "$patches"/*.patch
}

by_quilt() { (cd "$1" && QUILT_PATCHES=$patches QUILT_PATCH_OPTS=--fuzz=0 quilt --quiltrc - push -q -a); }

mapfile -t before < <(tgit diff --name-only --no-renames --diff-filter=a base HEAD)
mapfile -t after < <(tgit diff --name-only --no-renames --diff-filter=d base HEAD)
unpack base "$dir/base" "${before[@]}"
unpack HEAD "$dir/expected" "${after[@]}"
echo 1..4
has_debian=false
! grep -q "$debian" "$dir/base/mm/memory.c" || has_debian=true
nr=0
for source in "the base" "kernel.org's"; do
	[ "$source" = "the base" ] || { undo_debian "$dir/base"; undo_debian "$dir/expected"; }
	for tool in git quilt; do
		work=$dir/$tool-$((++nr)) result="ok" skip=""
		cp -a "$dir/base" "$work"
		{ "by_$tool" "$work" && diff -r -x .git -x .pc "$dir/expected" "$work"; } >"$work.log" 2>&1 || result="not ok"
		command -v "$tool" >/dev/null || result="ok" skip=" # SKIP there is no $tool"
		[ "$source" = "the base" ] || $has_debian || skip=" # SKIP the base has no change of Debian's"
		echo "$result $nr - patches/$series applies to $source by $tool$skip"
		[ "$result" = ok ] || tail -n 5 "$work.log" | sed 's/^/# /'
	done
done

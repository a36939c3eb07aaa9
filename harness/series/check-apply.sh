#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check-apply.sh: TAP of whether patches/v6.1 as they lie, by git am and by quilt, without
# fuzz, make what is in build/v6.1/linux: of the base, and of the base without what
# Debian changes in the files that the series touches, as kernel.org has them.

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || die "usage: check-apply.sh"
dir=$build/apply
rm -rf "$dir"
mkdir -p "$dir"
mapfile -t before < <(tgit diff --name-only --no-renames --diff-filter=a base HEAD)
mapfile -t after < <(tgit diff --name-only --no-renames --diff-filter=d base HEAD)

# files COMMIT DIR FILE...
files()
{
	mkdir "$2"
	tgit archive "$1" -- "${@:3}" | tar -x -C "$2"
}

# debian_out DIR: a symbol that Debian exports to modules
debian_out() { sed -i '/^EXPORT_SYMBOL_GPL(zap_page_range);$/d' "$1/mm/memory.c"; }

by_git()
{
	plain_git init -q --template= "$1" &&
		plain_git -C "$1" add -A -f &&
		plain_git -C "$1" commit -q -m base &&
		plain_git -C "$1" am -q "$patches"/*.patch
}

by_quilt() { (cd "$1" && QUILT_PATCHES=$patches QUILT_PATCH_OPTS=--fuzz=0 quilt --quiltrc - push -q -a); }

echo 1..4
nr=0
for source in "the base" "kernel.org's"; do
	for tool in git quilt; do
		from=$dir/$tool-$((++nr)) to=$dir/expected-$nr result="ok" skip=""
		files base "$from" "${before[@]}"
		files HEAD "$to" "${after[@]}"
		[ "$source" = "the base" ] || { debian_out "$from"; debian_out "$to"; }
		{ "by_$tool" "$from" && diff -r -x .git -x .pc "$from" "$to"; } >"$from.log" 2>&1 || result="not ok"
		command -v "$tool" >/dev/null || result="ok" skip=" # SKIP there is no $tool"
		echo "$result $nr - patches/$series applies to $source by $tool$skip"
		[ "$result" = ok ] || tail -n 5 "$from.log" | sed 's/^/# /'
	done
done

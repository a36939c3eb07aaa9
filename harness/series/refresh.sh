#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: refresh.sh
#
# Write the commits base..HEAD of build/v6.1/linux back to the repository: as patches, with
# quilt's file series, and the files that they add.  Write all or nothing, and overwrite no
# file whose contents the tree has never had.
#
# Reads:  build/v6.1/linux
# Writes: patches/v6.1/*.patch and series; the added files, at their paths in the kernel

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || die "usage: refresh.sh"
[ -d "$tree/.git" ] || die "there is no $short: run 'make tree' first"
lock
stop() { die "$*; nothing was written"; }
refreshing=$tree/.git/refreshing

[ ! -e "$tree/.git/applying" ] || stop "an interrupted 'make tree' has left $short incomplete: run it again"
busy=$(tree_busy)
[ -z "$busy" ] || stop "$short: $busy"
tgit merge-base --is-ancestor base HEAD || stop "$short: HEAD does not descend from the tag base"
merge=$(tgit rev-list -n 1 --abbrev-commit --merges base..HEAD)
[ -z "$merge" ] || stop "$short: $merge is a merge, and a series must be linear: 'git rebase base' there"
[ -e "$refreshing" ] || check_series
synced=$(tgit rev-parse -q --verify refs/synced) || :
mapfile -t old < <(repo_patches)

# hashes DIR: print the hashes of the patches and of the file series.
hashes() { (cd "$1" && find . -maxdepth 1 \( -name '*.patch' -o -name series \) -exec sha256sum {} +); }

# What an interrupted run has left behind is written anew, but nothing that was changed since.
if [ -e "$refreshing" ]; then
	changed=$(hashes "$patches" | grep -vFf <(cut -d ' ' -f 1 "$refreshing") | sed 's#.* \./##' | xargs) || :
	[ -z "$changed" ] || stop "changed after an interrupted 'make refresh': $changed; move it away and run it again"
elif [ "$(repo_hash)" != "$(cat "$tree/.git/synced-repo" 2>/dev/null)" ]; then
	[ "$(tgit rev-parse HEAD)" != "$synced" ] ||
		stop "patches/ has changed and $short has not: run 'make tree'"
	stop "$short: $(both_changed)"
fi
[ "$(tgit rev-parse HEAD)" != "$(tgit rev-parse base)" ] || [ ${#old[@]} -eq 0 ] ||
	stop "$short has no commits on base: 'make tree' applies the series"

# subjects PATCH...: print the subjects of the commits that git am makes of them.
subjects()
{
	local patch
	for patch; do
		plain_git mailinfo -b /dev/null /dev/null <"$patch" | sed -n 's/^Subject: //p'
	done
}

# If a sync has completed, a patch without a commit was dropped on purpose.  If none has,
# the patch may not have been applied yet.
if [ -z "$synced" ] && [ ! -e "$refreshing" ]; then
	missing=$(subjects "${old[@]}" | grep -vxFf <(tgit log --format=%s base..HEAD) | head -n 1) || :
	[ -z "$missing" ] || stop "$short has no commit \"$missing\", which patches/ has:" \
		"there 'git branch mine && git reset --hard base', here 'make tree', then cherry-pick from mine"
fi

stage=$build/refresh.tmp
rm -rf "$stage"
mkdir -p "$stage"/{patches,files} "$patches"
trap 'rm -rf "$stage"' EXIT

tgit format-patch -q -N --zero-commit --no-signature --no-renames --full-index \
	--filename-max-length=64 -o "$stage/patches" base..HEAD
mapfile -t new < <(find "$stage/patches" -name '*.patch' | LC_ALL=C sort)
{
	echo "# SPDX-License-Identifier: GPL-2.0"
	printf '%s\n' "${new[@]##*/}" | sed '/^$/d'
} >"$stage/patches/series"

# A line like "---" or "diff -" would end the message in a mail.
mapfile -t commits < <(tgit rev-list --reverse base..HEAD)
for i in "${!commits[@]}"; do
	! tgit diff --quiet "${commits[i]}~" "${commits[i]}" ||
		stop "${commits[i]::12} changes nothing: 'git rebase --no-keep-empty base' in $short drops it"
	got=$(plain_git mailinfo -b "$stage/msg" /dev/null <"${new[i]}" | sed -n 's/^Subject: //p'; cat "$stage/msg")
	want=$(tgit show -s --format=%s%n%b "${commits[i]}")
	[ "$(plain_git stripspace <<<"$got")" = "$(plain_git stripspace <<<"$want")" ] ||
		stop "${commits[i]::12}: its message would not survive as mail: does a line look like a diff?"
done

mapfile -t files < <(added HEAD)
mapfile -t gone < <(added "${synced:-HEAD}" | grep -vxFf <(printf '%s\n' "${files[@]}"))
lost=$(unknown "${files[@]}" "${gone[@]}" | xargs)
[ -z "$lost" ] || stop "changed here and not in $short: $lost; make the change there, or undo it here"

tgit checkout-index --stdin --prefix="$stage/files/" < <(printf '%s\n' "${files[@]}" | sed '/^$/d')
{ hashes "$patches"; hashes "$stage/patches"; } >"$refreshing.new"
mv "$refreshing.new" "$refreshing"
rsync -rlEc --out-format='wrote %n' "$stage/files/" "$top/" | { grep -v '/$' || :; } >&2
rsync -rc --out-format='%o %n' --delete --include='*.patch' --include=series --exclude='*' \
	"$stage/patches/" "$patches/" | sed 's/^send/wrote/; s/^del\./removed/' | { grep -v '/$' || :; } >&2
for file in "${gone[@]}"; do
	rm -f "${top:?}/$file"
	[ ! -d "$(dirname "$top/$file")" ] ||
		rmdir -p --ignore-fail-on-non-empty "$(dirname "$top/$file")"
	say "removed $file"
done

repo_hash >"$tree/.git/synced-repo"
tgit update-ref refs/synced HEAD
rm "$refreshing"
say "patches/$series has ${#new[@]} patches, with ${#files[@]} added files"

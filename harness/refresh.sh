#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# refresh.sh: write the commits base..HEAD of build/v6.1/linux back to
# patches/v6.1 and to the files that they add.  Writes all or nothing.

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || die "usage: refresh.sh"
[ -d "$tree/.git" ] || die "there is no $short: run 'make tree'"
lock
stop() { die "$*; nothing was written"; }

busy=$(tree_busy)
[ -z "$busy" ] || stop "$short: $busy"
tgit merge-base --is-ancestor base HEAD || stop "$short: HEAD is not built on the tag base"
merge=$(tgit rev-list -n 1 --abbrev-commit --merges base..HEAD)
[ -z "$merge" ] || stop "$short: $merge is a merge; a series is linear: 'git rebase base' there"
mapfile -t commits < <(tgit rev-list --reverse base..HEAD)
mapfile -t old_patches < <(repo_patches)
mapfile -t old_files < <(new_files "${old_patches[@]}")

if [ "$(repo_hash)" != "$(cat "$tree/.git/synced-repo" 2>/dev/null)" ]; then
	[ "$(tgit rev-parse HEAD)" != "$(tgit rev-parse -q --verify refs/synced)" ] ||
		stop "patches/ changed, $short did not: run 'make tree'"
	stop "$short: $(both_changed)"
fi
[ ${#commits[@]} -gt 0 ] || [ ${#old_patches[@]} -eq 0 ] ||
	stop "$short has no commits on base: 'make tree' applies the series"

stage=$build/refresh.tmp
rm -rf "$stage"
mkdir -p "$stage"/{patches,files} "$patches"
trap 'rm -rf "$stage"' EXIT

# write_patch COMMIT PATCH: all but the files that the commit adds.
write_patch()
{
	local want got
	{
		tgit show -s --format=email "$1" | sed '1s/ [0-9a-f]* / '"$(printf %040d 0)"' /' |
			plain_git interpret-trailers --no-divider --where end \
				--if-exists add "${trailers[@]}"
		echo ---
		tgit diff-tree -p --no-commit-id --full-index --binary --no-renames \
			--diff-filter=a "$1"
	} >"$2"
	# Mail ends a message at "---", "diff -" and the like.
	got=$(without_trailers "$2" | plain_git mailinfo -b "$stage/msg" /dev/null |
		sed -n 's/^Subject: //p'; cat "$stage/msg")
	want=$(tgit show -s --format=%s%n%b "$1")
	[ "$(plain_git stripspace <<<"$got")" = "$(plain_git stripspace <<<"$want")" ] ||
		stop "${1::12}: its message would not survive as mail (a line that looks like a diff or New-file?)"
}

declare -A adder=()
number=0
for commit in "${commits[@]}"; do
	changes() { tgit diff-tree -r --no-commit-id --name-only --no-renames "$@" "$commit"; }
	while IFS= read -r file; do
		[ -z "${adder[$file]:-}" ] ||
			stop "${commit::12} changes $file, which ${adder[$file]::12} adds: make it a fixup of that" \
			     "(git commit --fixup, git rebase -i --autosquash base)"
	done < <(changes --diff-filter=a)
	trailers=()
	while IFS= read -r file; do
		adder[$file]=$commit
		trailers+=(--trailer "New-file: $file")
		[[ " ${old_files[*]} " = *" $file "* ]] || [ ! -e "$top/$file" ] ||
			tgit show "$commit:$file" | cmp -s - "$top/$file" ||
			stop "${commit::12} adds $file, which is here already and in no patch"
	done < <(changes --diff-filter=A)
	number=$((number + 1))
	name=$(printf '%04d-%s' "$number" "$(tgit show -s --format=%f "$commit")")
	write_patch "$commit" "$stage/patches/${name::58}.patch"
done

list() { [ ${#adder[@]} -eq 0 ] || printf '%s\n' "${!adder[@]}" | LC_ALL=C sort; }
list | tgit checkout-index --stdin --prefix="$stage/files/"
list | rsync -lpc --out-format='wrote %n' --no-implied-dirs --files-from=- "$stage/files/" "$top/" >&2
rsync -rc --out-format='%o %n' --delete --include='*.patch' --exclude='*' \
	"$stage/patches/" "$patches/" | sed 's/^send/wrote/; s/^del\./removed/' >&2
for file in "${old_files[@]}"; do
	[ -z "${adder[$file]:-}" ] || continue
	rm -f "${top:?}/$file"
	rmdir -p --ignore-fail-on-non-empty "$(dirname "$top/$file")"
	say "removed $file"
done

repo_hash >"$tree/.git/synced-repo"
tgit update-ref refs/synced HEAD
say "patches/$series has $number patches, with ${#adder[@]} added files"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: mails.sh [GROUP...]
#
# Write the mails of these groups of the series, by default of each group and of all
# patches together: the patches and a cover letter, to the addresses that
# get_maintainer.pl prints.  Check that plain git am makes the same tree of them.
#
# Reads:  build/v6.1/linux; patches/v6.1/groups; patches/v6.1/cover/GROUP.txt, the cover
#         letter, whose first line is its subject
# Writes: build/v6.1/series/GROUP/, series.log

. "$(dirname "$0")/lib-groups.sh"

mapfile -t groups < <(group_names)
[ $# -gt 0 ] || set -- "${groups[@]}" all
for group; do
	[[ " ${groups[*]} all " = *" $group "* ]] || die "GROUP=$group is not one of ${groups[*]}, all"
	[ -e "$patches/cover/$group.txt" ] || die "there is no patches/$series/cover/$group.txt"
done
"$top/harness/series/tree.sh"
lock
out=$build/series new=$build/series.tmp check=$build/series-check
[ "$(tgit rev-parse base)" != "$(tgit rev-parse HEAD)" ] || die "the series is empty"
# The cover letters are from the author of the patches.
committer_name=$(tgit show -s --format=%an HEAD)
committer_email=$(tgit show -s --format=%ae HEAD)

cleanup()
{
	rm -rf "$new"
	drop_scratch "$check"
}
cleanup
trap cleanup EXIT

# addresses COMMIT: print its maintainers as lines "To: ADDRESS", and lists as "Cc: ADDRESS".
addresses()
{
	local kept=$new/.addresses/$1 kind
	[ -e "$kept" ] || {
		mkdir -p "$new/.addresses"
		tgit format-patch -q -1 --stdout "$1" >"$new/.patch"
		for kind in "To --no-l" "Cc --no-m --no-r"; do
			# shellcheck disable=SC2086 # several words
			(cd "$tree" && scripts/get_maintainer.pl --nogit --nogit-fallback \
				--norolestats ${kind#* } "$new/.patch") | sed "s/^/${kind%% *}: /"
		done >"$kept"
	}
	cat "$kept"
}

# with_addresses MAIL COMMIT...: add the addresses of these commits to the header of MAIL.
with_addresses()
{
	local mail=$1 commit
	shift
	for commit; do
		addresses "$commit"
	done | awk 'function add(kind, address) { all[kind] = all[kind] (all[kind] ? ",\n    " : kind ": ") address }
		    NR == FNR { if (!seen[$0]++) add(substr($0, 1, 2), substr($0, 5)); next }
		    /^$/ && !done++ { print all["To"]; print all["Cc"] }
		    { print }' - "$mail" >"$new/.mail"
	mv "$new/.mail" "$mail"
}

# mails GROUP FROM TO: write the mails of a group.  The cover letter is addressed to the
# recipients of all its patches.
mails()
{
	local dir=$new/$1 commits i
	mkdir -p "$dir"
	# Name the cover letter .txt below: 'git am *.patch' would fail on it.
	tgit format-patch -q -o "$dir" --subject-prefix="PATCH ${series#v}" --zero-commit \
		--no-signature --thread=shallow --cover-letter "$2..$3"
	{
		sed "/^$/q; s/\*\*\* SUBJECT HERE \*\*\*/$(head -n 1 "$patches/cover/$1.txt" | sed 's/[&/\]/\\&/g')/" \
			"$dir/0000-cover-letter.patch"
		sed '1,2d' "$patches/cover/$1.txt"
		printf '\n'
		base_text "$2"
		printf '\n'
		sed '1,/\*\*\* BLURB HERE \*\*\*/d' "$dir/0000-cover-letter.patch"
	} >"$dir/0000-cover-letter.txt"
	rm "$dir/0000-cover-letter.patch"
	mapfile -t commits < <(tgit rev-list --reverse "$2..$3")
	for i in "${!commits[@]}"; do
		with_addresses "$(printf '%s\n' "$dir/$(printf %04d $((i + 1)))"-*.patch)" "${commits[i]}"
	done
	with_addresses "$dir/0000-cover-letter.txt" "${commits[@]}"
}

# base_text FROM: print what the group applies to.
base_text()
{
	local commit
	commit=$(sed -n '2s/^[0-9a-f]\{40\}$/&/p' "$tree/.git/synced-source")
	echo "base-commit: ${commit:-none, a tarball: $(sed 's#.*/##; q' "$tree/.git/synced-source")}, $(tgit show -s --format=%s base)"
	[ "$1" = base ] || tgit log --reverse --format='prerequisite: %s' "base..$1"
}

# applies GROUP FROM TO: fail unless git am of the mails makes the same tree.
applies()
{
	am_scratch "$check" "$2" "$new/$1"/*.patch >"$build/series.log" 2>&1 || {
		tail -n 20 "$build/series.log" >&2
		die "$1 does not apply with plain git am; the whole log is $build/series.log"
	}
	[ "$(plain_git -C "$check" rev-parse 'HEAD^{tree}')" = "$(tgit rev-parse "$3^{tree}")" ] ||
		die "$1, applied with plain git am, does not make the tree of $short"
}

for group; do
	read -r from to < <(group_range "$group")
	mails "$group" "$from" "$to"
	applies "$group" "$from" "$to"
done
rm -rf "$out" "$new"/.[!.]*
mv "$new" "$out"
say "in ${out#"$top/"}: $*; before 'git send-email', sign them off: 'git rebase --signoff base' in $short, then 'make refresh' and 'make series'"

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Find the commits of each group of the series.  Sourced, never run.
#
# Reads: patches/v6.1/groups, of which each line is GROUP<tab>SUBJECT of its first patch

. "$(dirname "${BASH_SOURCE[0]}")/../series/lib-tree.sh"

# group_names: list the groups in the order of the series.
group_names() { sed -n 's/^\([^#\t]*\)\t.*/\1/p' "$patches/groups" 2>/dev/null; }

# group_range GROUP: print the commit before its first one, and its last one.  The group
# "all" is the whole series.
group_range()
{
	local name subject from='' commit
	[ "$1" != all ] || { echo base HEAD; return; }
	while IFS=$'\t' read -r name subject; do
		[[ $name != \#* ]] || continue
		commit=$(tgit log --format=%H%x09%s base..HEAD | awk -F '\t' -v s="$subject" '$2 == s { print $1 }')
		[ -n "$commit" ] || die "patches/$series/groups: $name: there is no patch \"$subject\""
		[ -z "$from" ] || { echo "$from" "$commit~"; return; }
		[ "$name" != "$1" ] || from=$commit~
	done <"$patches/groups"
	echo "$from" HEAD
}

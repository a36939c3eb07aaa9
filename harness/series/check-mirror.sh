#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check-mirror.sh
#
# Check that the files at kernel paths in this repository are those that the series adds,
# no more and no fewer, with the same contents.  Print TAP.
#
# Reads:  build/v6.1/linux and every directory but harness/, patches/ and build/
# Writes: nothing

. "$(dirname "$0")/lib-tree.sh"

[ $# -eq 0 ] || die "usage: check-mirror.sh"
mapfile -t files < <(added HEAD)
list=$(find "$top" -mindepth 1 -maxdepth 1 \( -name '.*' -o -name build -o -name harness -o -name patches \) \
	-prune -o -type d -exec find {} -type f -printf '%p\n' \; | sed "s#^$top/##" | LC_ALL=C sort)
findings=$(
	for file in "${files[@]}"; do
		tgit show "HEAD:$file" | cmp -s - "$top/$file" ||
			echo "# $file differs from the series: if it was changed here, make the change" \
			     "in $short instead and undo it here; then 'make refresh' writes it"
	done
	grep -vxFf <(printf '%s\n' "${files[@]}") <<<"$list" | sed "s/.*/# & is in no patch/"
) || :
echo 1..1
echo "${findings:+not }ok 1 - the files at kernel paths are those of patches/$series"
[ -z "$findings" ] || echo "$findings"

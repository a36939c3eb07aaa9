#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: bisect.sh [ARCH...]
#
# Test each patch of the series, or of GROUP, by itself, and print TAP.  For each
# architecture (all three by default), the files that the series touches and CONFIG=test
# builds must compile without warnings that the base does not have.  On x86_64 the kernel
# must also boot and pass the KUnit tests that it has so far without a complaint, and the
# last patch of each group must pass the selftests of the series.
#
# Reads:  build/v6.1/linux, its commits; GROUP, from the environment
# Writes: build/v6.1/bisect/, a worktree; bisect-ARCH/, O= directories; bisect-log/, what
#         was found; bisect-passed, the patches that passed, which are not tested again
#         until what key() names changes; tests-x86_64/, bisect.cpio

. "$(dirname "$0")/lib-bisect.sh"

[ $# -gt 0 ] || set -- x86_64 arm64 powerpc
for arch; do arch_vars "$arch"; done
[ -e "$tree/.git" ] || die "there is no $short: run 'make tree' first"
work=$build/bisect dir=$build/bisect-log initramfs=$build/bisect.cpio
passed=$build/bisect-passed
read -r from to < <(group_range "${GROUP:-all}")
mapfile -t commits < <(tgit rev-list --reverse "$from..$to")
[ ${#commits[@]} -gt 0 ] || die "GROUP=${GROUP:-all} has no patches"
rm -rf "$dir"
mkdir -p "$dir"

step "checking out the base in ${work#"$top/"}" "$dir/worktree.log" worktree
if [[ " $* " = *" x86_64 "* ]]; then
	"$top/harness/guest/initramfs.sh" x86_64 "$initramfs"
	"$top/harness/guest/build-tests.sh" x86_64
	tests=$(cd "$build/tests-x86_64" && echo *)
fi
declare -A last=()
for group in $(group_names); do
	read -r _ commit < <(group_range "$group")
	last[$(tgit rev-parse "$commit")]=$group
done
for i in "${!commits[@]}"; do
	commit=${commits[i]} where="$((i + 1)) of ${#commits[@]}" name=$(printf %04d $((i + 1)))
	what=$(tgit show -s --format='%h %s' "$commit") group=${last[$commit]:-}
	for arch; do
		key="$(key "$commit" "$arch" "$group")" was=$failed
		touch "$dir/$name-$arch.new" "$dir/$name-boot.new"
		if ! grep -qsxF "$key" "$passed"; then
			build_base "$arch"
			checkout "$commit"
			build "$name" "$arch" "$where"
			if [ "$arch" != x86_64 ]; then
				:
			elif [ -n "$group" ]; then
				boot "$name" "$where" "$build/tests-x86_64.cpio" "$tests"
			else
				boot "$name" "$where" "$initramfs" ""
			fi
		fi
		tap "$what: builds on $arch" "$dir/$name-$arch.new"
		[ "$arch" != x86_64 ] ||
			tap "$what: boots on $arch${group:+, and passes the tests: the last of $group}" \
				"$dir/$name-boot.new"
		[ "$failed" -gt "$was" ] || grep -qsxF "$key" "$passed" || echo "$key" >>"$passed"
	done
done
tap_end

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# bisect.sh [ARCH...]: each commit base..HEAD of build/v6.1/linux, or of GROUP, from the
# environment, by itself, as TAP: what the series touches is built for these
# architectures, all by default, with no warning that the base has not, and on x86_64
# the kernel boots to an init and the KUnit tests it has so far, its console without
# complaint; the last of each group runs the selftests of the series.  Works in
# build/v6.1/bisect, a worktree of its own, from commit to commit and incrementally;
# what is not committed plays no part.  What passed before, of the same files and with
# the same configuration and compiler, is not built again: build/v6.1/bisect-passed
# has it.

. "$(dirname "$0")/lib-lint.sh"

[ $# -gt 0 ] || set -- x86_64 arm64 powerpc
for arch; do arch_vars "$arch"; done
[ -e "$tree/.git" ] || die "there is no $short: run 'make tree'"
work=$build/bisect dir=$build/bisect-log initramfs=$build/bisect.cpio
passed=$build/bisect-passed
read -r from to < <(group_range "${GROUP:-all}")
mapfile -t commits < <(tgit rev-list --reverse "$from..$to")
[ ${#commits[@]} -gt 0 ] || die "the series is empty"
rm -rf "$dir"
mkdir -p "$dir"

# checkout COMMIT: and nothing that a run before left, in which make could trip.
checkout()
{
	plain_git -C "$work" --git-dir=.git checkout -q -f --detach "$1" &&
		plain_git -C "$work" --git-dir=.git clean -q -ffdx
}

worktree()
{
	tgit worktree prune
	checkout base || { rm -rf "$work" && tgit worktree prune &&
		tgit worktree add --detach "$work" base; }
}

# objects NAME: from nothing, as ccache repeats the warnings of what is the same.
objects()
{
	local objects
	configure && mapfile -t objects < <(touched_objects) && [ ${#objects[@]} -gt 0 ] &&
		"${kmake[@]}" "${objects[@]}" 2>&1 | tee "$out/objects"
}

# build NAME ARCH WHERE: the warnings are left in NAME-ARCH, and what is new in
# NAME-ARCH.new.
build()
{
	local name=$dir/$1-$2
	arch_vars "$2"
	kernel_vars "$work" "$build/bisect-$2" test
	: >"$out/objects"
	(step "building $3 for $2" "$name.log" objects) || echo "see ${name#"$top/"}.log" >"$name.new"
	complaints "$work" <"$out/objects" >"$name"
	[ "$1" = base ] || new_findings "$dir/base-$2" "$name" >>"$name.new"
}

# base ARCH: what it says of the base, once.
base()
{
	[ ! -e "$dir/base-$1" ] || return 0
	checkout base
	build base "$1" "the base"
	[ ! -e "$dir/base-$1.new" ] || die "the base is not built on $1, see ${dir#"$top/"}"
}

# boot NAME WHERE INITRAMFS WANT: what is wrong is left in NAME-boot.new.
boot()
{
	local name=$dir/$1-boot
	if (step "building $2 to boot" "$name.log" "${kmake[@]}" "$target" &&
	    SMP=4 step "booting $2" "$name.console" run_guest "$arch" "$out" "$3"); then
		awk -v want="$4" -v skips=. -f "$top/harness/guest/console-tap.awk" "$name.console" |
			grep -E '^(not ok|# )' >"$name.new" || :
	else
		echo "see ${name#"$top/"}.log" >"$name.new"
	fi
}

# key COMMIT ARCH GROUP: what decides whether it passes.
key()
{
	arch_vars "$2"
	{
		tgit rev-parse "$1^{tree}" "base^{tree}"
		[ -z "$3" ] || tgit rev-parse HEAD:tools/testing/selftests
		cat "$top"/harness/kernel/config/{perf,test}.config
		"${cross}gcc" --version
	} | sha256sum
}

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
			base "$arch"
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

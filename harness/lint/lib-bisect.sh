# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by bisect.sh, arch_vars and kernel_vars
# Check out, build and boot one commit of the series.  Sourced by bisect.sh, which sets
# work, the worktree, and dir, for findings and logs.  Never run.

. "$(dirname "${BASH_SOURCE[0]}")/../lint/lib-lint.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../series/lib-groups.sh"

# checkout COMMIT: in the worktree, and remove whatever an earlier run left there.
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

# configure_again: configure, unless nothing that decides the configuration has changed.
configure_again()
{
	local was=$out/configured now
	now=$({ plain_git -C "$work" --git-dir=.git ls-files -s "*Kconfig*" &&
		"${cross}gcc" --version && cat "${fragments[@]}"; } | sha256sum) || return
	[ "$(cat "$was" 2>/dev/null)" != "$now" ] || return 0
	rm -f "$was"
	configure && echo "$now" >"$was"
}

# compile: build the touched objects anew.  ccache repeats the warnings of unchanged ones.
compile()
{
	local objects
	configure_again && mapfile -t objects < <(touched_objects) && [ ${#objects[@]} -gt 0 ] &&
		"${kmake[@]}" "${objects[@]}" 2>&1 | tee "$out/objects"
}

# build NAME ARCH WHERE: compile what is checked out.  Writes the warnings to NAME-ARCH,
# and those that the base does not have to NAME-ARCH.new.
build()
{
	local name=$dir/$1-$2
	arch_vars "$2"
	kernel_vars "$work" "$build/bisect-$2" test
	: >"$out/objects"
	(step "building $3 for $2" "$name.log" compile) || echo "see ${name#"$top/"}.log" >"$name.new"
	complaints "$work" <"$out/objects" >"$name"
	[ "$1" = base ] || new_findings "$dir/base-$2" "$name" >>"$name.new"
}

# build_base ARCH: collect the warnings of the base, once a run.
build_base()
{
	[ ! -e "$dir/base-$1" ] || return 0
	checkout base
	build base "$1" "the base"
	[ ! -e "$dir/base-$1.new" ] || die "the base could not be built for $1, see ${dir#"$top/"}"
}

# boot NAME WHERE INITRAMFS WANT: build and boot the kernel.  Writes the failures to
# NAME-boot.new.
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

# key COMMIT ARCH GROUP: print a hash of what decides whether COMMIT passes: the files, the
# configuration, the compiler, and the scripts that build and boot it.
key()
{
	arch_vars "$2"
	{
		tgit rev-parse "$1^{tree}" "base^{tree}"
		[ -z "$3" ] || tgit rev-parse HEAD:tools/testing/selftests
		cat "$top"/harness/kernel/config/{perf,test}.config "$tree/tools/testing/selftests/mm/config" \
			"$top"/harness/{lib.sh,guest/{init.c,console-tap.awk,*.sh},kernel/lib-*.sh,lint/{bisect,lib-{lint,bisect}}.sh,series/lib-{tree,groups}.sh}
		"${cross}gcc" --version
	} | sha256sum
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: lint.sh
#
# Run the checkers over the series and print their findings as TAP.  checkpatch and
# codespell check its commits.  W=1, sparse, kernel-doc and coccicheck check the files that
# it touches, in both trees; only what they do not find in the base counts.  sphinx checks
# the added pages.  codespell and shellcheck check the harness.
#
# Reads:  build/v6.1/linux-base and linux, harness/; lint-ignore, the findings to ignore,
#         one TOOL<tab>REGEX<tab>REASON a line.  An entry that matches none is a finding,
#         unless its reason begins with "until ".
# Writes: build/v6.1/lint/, logs and findings; lint-ARCH-VARIANT/, O= directories

. "$(dirname "$0")/lib-checkers.sh"

[ $# -eq 0 ] || die "usage: lint.sh"
for tool in codespell shellcheck sparse spatch sphinx-build; do
	command -v "$tool" >/dev/null || die "there is no $tool: 'harness/setup.sh lint' installs it"
done
dir=$build/lint ignore=$top/harness/lint/lint-ignore
mkdir -p "$dir"
rm -rf "$dir"/{base,patched,new,used,patches,text,doc}
mkdir "$dir"/{base,patched,new,text}
touch "$dir/used"
[ -n "$(touched)" ] || die "the series is empty"

# found TOOL [ARCH]: print the result of a checker that left its findings in base/ and
# patched/.
found()
{
	local name=$1${2:+-$2}
	[ -e "$dir/base/$name" ] || touch "$dir/base/$name"
	new_findings "$dir"/{base,patched}/"$name" "$1" "$ignore" "$dir/used" >"$dir/new/$name"
	tap "$1${2:+ on $2}" "$dir/new/$name"
}

step "checkpatch" "$dir/checkpatch.log" checkpatch
found checkpatch
step "codespell" "$dir/codespell.log" spelling
found codespell
step "shellcheck" "$dir/shellcheck.log" shell
found shellcheck
step "sphinx" "$dir/sphinx.log" sphinx
found sphinx
for variant in base patched; do
	source=$tree
	[ "$variant" = patched ] || source=$base_tree
	touched | grep '\.[ch]$' | in_tree "$source" >"$dir/files"
	step "kernel-doc on $variant" "$dir/kernel-doc-$variant.log" kernel_doc "$variant"
	step "coccicheck on $variant" "$dir/coccicheck-$variant.log" coccicheck "$variant"
	for arch in x86_64 arm64 powerpc; do
		arch_vars "$arch"
		kernel_vars "$source" "$build/lint-$arch-$variant" test
		log=$dir/$arch-$variant.log
		(step "W=1 and sparse on $arch-$variant" "$log" compile "$variant") ||
			echo "no result, see ${log#"$top/"}" | tee "$dir/$variant"/{W=1,sparse}"-$arch" >/dev/null
	done
done
found kernel-doc
found coccicheck
for arch in x86_64 arm64 powerpc; do
	found W=1 "$arch"
	found sparse "$arch"
done

awk -F '\t' '/^(#|$)/ { next }
	FILENAME == ARGV[1] { used[$0] = 1; next }
	NF != 3 || $3 == "" { print FNR ": not TOOL<tab>REGEX<tab>REASON: " $0; next }
	$3 !~ /^until / && !(($1 FS $2) in used) { print FNR ": matches no finding any more: " $0 }' \
	"$dir/used" "$ignore" >"$dir/new/ignore"
tap "lint-ignore" "$dir/new/ignore"
tap_end

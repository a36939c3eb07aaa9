#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# lint.sh: what the checkers find in the series, as TAP.  checkpatch and codespell
# read its commits, base..HEAD of build/v6.1/linux, sphinx the pages that it adds.
# W=1, sparse, kernel-doc and coccicheck read the files that it touches, as they
# are there now, and count where they say what they do not say of the base.
# codespell and shellcheck read harness/ too.  What is right to ignore stands in
# lint-ignore, a TOOL<tab>REGEX<tab>REASON a line; one that ignores nothing is a
# finding.

. "$(dirname "$0")/lib-lint.sh"

[ $# -eq 0 ] || die "usage: lint.sh"
for tool in codespell shellcheck sparse spatch sphinx-build; do
	command -v "$tool" >/dev/null || die "there is no $tool: 'harness/setup.sh lint' installs it"
done
dir=$build/lint ignore=$top/harness/lint/lint-ignore
mkdir -p "$dir"
rm -rf "$dir"/{base,patched,new,used,patches,text}
mkdir "$dir"/{base,patched,new,text}
touch "$dir/used"
[ -n "$(touched)" ] || die "the series is empty"

# found TOOL [ARCH]: the result of a tool whose findings are in base/ and patched/.
found()
{
	local name=$1${2:+-$2}
	[ -e "$dir/base/$name" ] || touch "$dir/base/$name"
	new_findings "$dir"/{base,patched}/"$name" "$1" "$ignore" "$dir/used" >"$dir/new/$name"
	tap "$1${2:+ on $2}" "$dir/new/$name"
}

# Status 1 and, of codespell, 65 is that there are findings.  To look at SPDX lines
# checkpatch wants Debian's python3, which has the modules.
checkpatch()
(
	cd "$tree" || return
	tgit format-patch -q --no-signature --zero-commit -o "$dir/patches" base..HEAD || return
	for patch in "$dir"/patches/*.patch; do
		PATH=/usr/bin:$PATH perl scripts/checkpatch.pl --strict --terse --showfile --show-types \
			--no-summary "$patch" >"$dir/out" || [ $? -eq 1 ] || return
		sed "s#^:[0-9]*:#${patch##*/}:#" "$dir/out"
	done >"$dir/patched/checkpatch"
)

# The lines that the series brings, where they stand in its patches.
spelling()
(
	for patch in "$dir"/patches/*.patch; do
		awk '/^---$/ { diff = 1 } { print !diff || /^\+/ ? $0 : "" }' \
			"$patch" >"$dir/text/${patch##*/}" || return
	done
	cd "$top" || return
	codespell README.md Makefile .ci harness "$dir/text" >"$dir/out" || [ $? -eq 65 ] || return
	sed "s#^$dir/text/##; s#^\./##" "$dir/out" >"$dir/patched/codespell"
)

# The pages that the series adds, and their directories by themselves: references to
# others say nothing.
sphinx()
(
	make -C "$tree" "O=$dir/doc" htmldocs \
		SPHINXDIRS="$(touched | sed -n 's#^Documentation/\(.*\)/.*\.rst$#\1#p' | sort -u | xargs)" \
		>"$dir/out" 2>&1 || return
	sed -n "s#^$tree/##p" "$dir/out" |
		grep -F -f <(tgit diff --name-only --diff-filter=A base HEAD) >"$dir/patched/sphinx" ||
		[ $? -eq 1 ]
)

shell()
(
	cd "$top" || return
	shellcheck -f gcc -x -P SCRIPTDIR harness/*.sh harness/*/*.sh .ci/run \
		>"$dir/patched/shellcheck" || [ $? -eq 1 ]
)

# objects VARIANT: W=1 from nothing, for what is up to date warns of nothing;
# then all that make has still to say comes from sparse.
objects()
{
	local objects
	configure && mapfile -t objects < <(touched_objects) && [ ${#objects[@]} -gt 0 ] &&
		"${kmake[@]}" W=1 cmd_checkdoc= "${objects[@]}" 2>&1 | tee "$out/W=1" &&
		"${kmake[@]}" W=1 C=2 cmd_checkdoc= "${objects[@]}" 2>&1 | tee "$out/sparse" &&
		complaints "$source" <"$out/W=1" >"$dir/$1/W=1-$arch" &&
		complaints "$source" <"$out/sparse" >"$dir/$1/sparse-$arch"
}

kernel_doc()
(
	cd "$source" && xargs -r scripts/kernel-doc -v -none <"$dir/files" 2>&1 |
		complaints "$source" >"$dir/$1/kernel-doc"
)

# coccicheck over copies of the files, or what it said of the same before.  Two
# semantic patches, not for code like this, would need an OCaml compiler.
cocci()
(
	cd "$source" || return
	copy=$dir/cocci kept=$({ spatch --version; xargs -r sha256sum; } <"$dir/files" | sha256sum)
	kept=$dir/cocci-${kept%% *}
	[ -e "$kept" ] || {
		rm -rf "$copy" && mkdir "$copy" && xargs -r cp --parents -t "$copy" <"$dir/files" &&
		while IFS= read -r cocci; do
			srctree=$source KBUILD_EXTMOD=$copy MODE=report J=$(nproc) COCCI=$cocci \
				SPFLAGS=--include-headers bash scripts/coccicheck </dev/null || exit
		done < <(grep -rL --include='*.cocci' script:ocaml scripts/coccinelle) |
			tee "$kept.new" && mv "$kept.new" "$kept"
	} || return
	sed -n "s#^[* ]*$copy/##p" "$kept" | LC_ALL=C sort -u >"$dir/$1/coccicheck"
)

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
	step "coccicheck on $variant" "$dir/coccicheck-$variant.log" cocci "$variant"
	for arch in x86_64 arm64 powerpc; do
		arch_vars "$arch"
		kernel_vars "$source" "$build/lint-$arch-$variant" test
		log=$dir/$arch-$variant.log
		(step "W=1 and sparse on $arch-$variant" "$log" objects "$variant") ||
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
	!(($1 FS $2) in used) { print FNR ": ignores nothing any more: " $0 }' \
	"$dir/used" "$ignore" >"$dir/new/ignore"
tap "lint-ignore" "$dir/new/ignore"
tap_end

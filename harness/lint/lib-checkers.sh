# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # dir and source are set by lint.sh
# Run each checker of lint.sh, which sets dir and, for those that check both trees,
# source.  Sourced by lint.sh, never run.
#
# Writes: the findings, in $dir/VARIANT/TOOL

. "$(dirname "${BASH_SOURCE[0]}")/../lint/lib-lint.sh"

# Status 1 of a checker, or 65 of codespell, means that there are findings.

# checkpatch needs Debian's python3, which has its modules, to check SPDX lines.
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

# codespell, over the messages and the added lines of the patches that checkpatch has
# written, and over the harness.  The other lines are emptied, to keep line numbers.
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

# Build only the directories of the added pages.  That makes references to other pages
# fail, so findings in other pages are dropped.
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

# compile VARIANT: W=1, which needs the objects built anew, as make prints no warnings of
# one that is up to date; then sparse over the same objects.
compile()
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

# coccicheck VARIANT: over copies of the files, unless there is a result for the same
# files, semantic patches and spatch.  Leaves out the semantic patches that need an OCaml
# compiler.
coccicheck()
(
	cd "$source" || return
	copy=$dir/cocci kept=$({ spatch --version; xargs -r sha256sum <"$dir/files"
		find scripts/coccinelle -name '*.cocci' -exec sha256sum {} + | LC_ALL=C sort; } | sha256sum)
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

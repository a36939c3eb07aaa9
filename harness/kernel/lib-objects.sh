# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by arch_vars and kernel_vars
# Find the objects that compile the files which the series changes.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../series/lib-tree.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../kernel/lib-kernel.sh"

# touched: list the files that the series adds or changes.
touched() { tgit diff --name-only --no-renames --diff-filter=d base HEAD; }

# in_tree DIR: of the files on stdin, list those that DIR has.
in_tree()
{
	local file
	while IFS= read -r file; do
		[ ! -e "$1/$file" ] || echo "$file"
	done
}

# touched_objects: list the objects of the touched .c files that the configuration of
# $out builds, and two that stand for the users of touched headers.  Removes them first,
# because make prints no warnings of an object that is up to date.
touched_objects()
{
	local dirs files
	mapfile -t files < <({ echo kernel/fork.c; echo mm/rmap.c; touched; } |
		grep -E "^(arch/${karch%_64}|drivers|fs|kernel|lib|mm)/.*\.c$" | in_tree "$source" |
		sed 's/c$/o/')
	mapfile -t dirs < <(dirname "${files[@]}" | LC_ALL=C sort -u)
	(cd "$out" && printf '%s\n' "${files[@]}" | sed 'p; s#[^/]*$#.&.cmd#' | xargs -d '\n' rm -f) && "${kmake[@]}" prepare >&2 || return
	"${kmake[@]}" -n "${dirs[@]/%//}" | tr -s ' ;' '\n' |
		grep -Fx -f <(printf '%s\n' "${files[@]}") | LC_ALL=C sort -u
}

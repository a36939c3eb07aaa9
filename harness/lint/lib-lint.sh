# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by arch_vars and kernel_vars
# What lint.sh and bisect.sh share: which objects show the series, what is said
# of them and not of the base, and TAP.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../series/lib-tree.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../kernel/lib-kernel.sh"

nr=0 failed=0

# tap WHAT FINDINGS: a line of TAP, ok if the file is empty; what is in it follows.
tap()
{
	local status=ok
	[ ! -s "$2" ] || { status="not ok"; failed=$((failed + 1)); }
	echo "$status $((++nr)) - $1"
	sed 's/^/# /' "$2"
}

tap_end()
{
	echo "1..$nr"
	[ "$failed" -eq 0 ]
}

# in_tree DIR: of the files on stdin, list those that DIR has.
in_tree()
{
	local file
	while IFS= read -r file; do
		[ ! -e "$1/$file" ] || echo "$file"
	done
}

touched() { tgit diff --name-only --no-renames --diff-filter=d base HEAD; }

# touched_objects: of each touched .c file that $out is configured to build, and of
# two that stand for the users of touched headers, remove the object and list it:
# for what is up to date warns of nothing.
touched_objects()
{
	local dirs=("arch/${karch%_64}" fs kernel lib mm) files
	mapfile -t files < <({ echo kernel/fork.c; echo mm/rmap.c; touched; } |
		grep -E "^($(IFS='|'; echo "${dirs[*]}"))/.*\.c$" | in_tree "$source" | sed 's/c$/o/')
	(cd "$out" && rm -f "${files[@]}") && "${kmake[@]}" prepare >&2 || return
	"${kmake[@]}" -n "${dirs[@]/%//}" | tr -s ' ;' '\n' |
		grep -Fx -f <(printf '%s\n' "${files[@]}") | LC_ALL=C sort -u
}

# complaints DIR: the warnings and errors on stdin, file names as in DIR; those
# of a header only once, whatever the number of objects that include it.
complaints()
{
	sed -En "s#($1|\.\./${1##*/})/##g; /(warning|error): /Ip" | LC_ALL=C sort -u
}

# new_findings BASE NOW [TOOL IGNORE USED]: the lines of NOW that BASE has not,
# or has fewer times, wherever in a file they are; less what a line
# TOOL<tab>REGEX<tab>REASON of IGNORE takes away.  Adds to USED which did.
new_findings()
{
	awk -F '\t' -v tool="${3:-}" -v used="${5:-/dev/null}" '
		FILENAME == ARGV[1] { if ($1 == tool) regex[++n] = $2; next }
		{ what = $0; gsub(/:[0-9]+(-[0-9]+)?|line [0-9]+/, "", what) }
		FILENAME == ARGV[2] { base[what]++; next }
		base[what]-- > 0 { next }
		{
			for (i = 1; i <= n; i++)
				if ($0 ~ regex[i]) {
					print tool FS regex[i] >>used
					next
				}
			print
		}' "${4:-/dev/null}" "$1" "$2"
}

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Find what a compiler or checker says of the series and not of the base, and print it as
# TAP.  Shared by lint.sh and bisect.sh.  Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../kernel/lib-objects.sh"

nr=0 failed=0

# tap WHAT FINDINGS: print a result, ok if the file FINDINGS is empty, and the file.
tap()
{
	local status=ok
	[ ! -s "$2" ] || { status="not ok"; failed=$((failed + 1)); }
	echo "$status $((++nr)) - $1"
	sed 's/^/# /' "$2"
}

# tap_end: print the plan.  Fails if a result was not ok.
tap_end()
{
	echo "1..$nr"
	[ "$failed" -eq 0 ]
}

# complaints DIR: print the warnings and errors on stdin, with the names of files relative
# to DIR.  Each is printed once, however many objects include the header that it is in.
complaints()
{
	sed -En "s#($1|\.\./${1##*/})/##g; /(warning|error): /Ip" | LC_ALL=C sort -u
}

# new_findings BASE NOW [TOOL IGNORE USED]: print the lines of NOW that BASE lacks or has
# less often, ignoring line numbers.  Leave out what an entry of IGNORE
# (TOOL<tab>REGEX<tab>REASON) matches, and append these entries to USED.
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

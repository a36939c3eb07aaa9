# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this
# Print the results of tests as TAP.  Sourced, never run.
#
# Writes: a temporary directory, removed at the end

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0

# check WHAT COMMAND...: print ok if COMMAND succeeds, else not ok and its output.
check()
{
	local what=$1 result=ok
	shift
	"$@" >"$tmp/out" 2>&1 || { result="not ok"; sed 's/^/# /' "$tmp/out"; }
	echo "$result $((++count)) - $what"
}

# fails TEXT COMMAND...: succeed if COMMAND fails with TEXT in a single error message.
fails()
{
	local text=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then cat "$tmp/log"; return 1; fi
	cat "$tmp/log"
	[ "$(grep -c "^error: .*$text" "$tmp/log")" = 1 ]
}

# says TEXT COMMAND...: succeed if COMMAND succeeds and prints TEXT.
says() { local text=$1; shift; "$@" >"$tmp/log" 2>&1 && cat "$tmp/log" && grep -q "$text" "$tmp/log"; }

not() { ! "$@"; }

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: setup.sh [list] NEED...
#
# Install the packages that a make target needs and that are missing.  NEED is tree,
# kernel, guest, fuzz, bench, check or lint; lib-packages.sh has their packages, those of
# guest for the architectures only together with kernel.  Unless run by root on Debian,
# fail instead and name the packages.  With list, only print their names, one a line.
#
# Reads:  ARCH, from the environment, the architectures (all three by default); KERNEL_SRC
# Writes: the system's packages, build/setup.log

. "$(dirname "$0")/lib-packages.sh"

mode=
[ "${1:-}" != list ] || { mode=$1; shift; }
[ $# -gt 0 ] || die "usage: setup.sh [list] NEED..."
needs=" $* " archs=" ${ARCH:-x86_64 arm64 powerpc} "

# Other distributions have other names for the packages, Debian's derivatives too.
can_install() { [ "$(id -u)" = 0 ] && grep -qsx 'ID=debian' /etc/os-release; }

find_missing()
{
	local name
	missing=()
	for name in $needs; do
		"need_$name"
	done
	mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sed '/^$/d' | LC_ALL=C sort -u)
}

install_missing()
{
	apt-get update &&
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

for name in $needs; do
	declare -F "need_$name" >/dev/null || die "setup.sh knows no need \"$name\": lib-packages.sh has them all"
done
PATH=$PATH:/usr/sbin:/sbin
find_missing
if [ "$mode" = list ]; then
	[ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
	exit
fi
[ ${#missing[@]} -gt 0 ] || exit 0
can_install ||
	die "packages are missing (under Debian's names): ${missing[*]}"
say "missing packages: ${missing[*]}"
(step "installing packages" "$top/build/setup.log" retry install_missing) ||
	die "apt-get could not install: ${missing[*]}"
find_missing
[ ${#missing[@]} -eq 0 ] || die "still missing after apt-get install: ${missing[*]}"

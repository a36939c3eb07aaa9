#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: fetch-dash.sh ARCH
#
# Collect the files of the initramfs for the rows with a real program: Debian's dash as
# /bin/sh, a small program /bin/hello, and the shared libc of the cross compiler.  If dash
# cannot be fetched, the benchmark leaves out these rows.
#
# Reads:  Debian's archive, by apt-get; CONFIG, from the environment (see lib-bench.sh)
# Writes: build/v6.1/bench-ARCH/root/; build/debs/, the packages

. "$(dirname "$0")/lib-bench.sh"

[ $# -eq 1 ] || die "usage: fetch-dash.sh ARCH"
bench_vars "$1"
root=$dir/root debs=$top/build/debs
case $arch in
x86_64)	 deb_arch=amd64 ;;
powerpc) deb_arch=ppc64el ;;
*)	 deb_arch=$arch ;;
esac

# apt ARGUMENT...: run apt-get for $deb_arch, with lists and cache apart from the system's.
apt()
{
	apt-get -q -o "APT::Architecture=$deb_arch" -o "APT::Architectures=$deb_arch" \
		-o "Dir::State=$debs/state" -o Dir::State::status=/dev/null \
		-o "Dir::Cache=$debs/cache" -o APT::Sandbox::User= "$@"
}

fetch()
{
	mkdir -p "$debs"/{state/lists,cache/archives}/partial
	apt update || : # older lists may be enough
	(cd "$debs" && apt download dash)
}

# If retries have failed within the last hour, there is no network: try only once.
fetch_patiently()
{
	if [ -n "$(find "$debs" -maxdepth 1 -name failed -mmin -60 2>/dev/null)" ]; then
		fetch
	else
		retry fetch || { touch "$debs/failed"; return 1; }
	fi
}

# install_lib FILE: install a library of the cross compiler where ld.so looks for it.
install_lib() { install -D "$(realpath "$("${cross}gcc" "-print-file-name=${1##*/}")")" "$root$1"; }

rm -rf "$root"
mkdir -p "$root"
command -v apt-get >/dev/null || { say "there is no apt-get, so the benchmark leaves out dash"; exit; }
compgen -G "$debs/dash_*_$deb_arch.deb" >/dev/null ||
	(step "fetching dash for $arch" "$debs/$arch.log" fetch_patiently) ||
	{ say "dash for $deb_arch could not be fetched, so the benchmark leaves it out"; exit; }
dpkg-deb --fsys-tarfile "$debs"/dash_*_"$deb_arch.deb" |
	tar -x -C "$root" --no-same-owner ./bin/dash
mv "$root/bin/dash" "$root/bin/sh"
echo 'int main(void) { return 0; }' | "${cross}gcc" -O2 -x c -o "$root/bin/hello" -
install_lib "/lib/$("${cross}gcc" -print-multiarch)/libc.so.6"
install_lib "$(LC_ALL=C "${cross}readelf" -l "$root/bin/sh" |
	sed -n 's/.*program interpreter: \(.*\)]/\1/p')"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# setup.sh [apt|list]: see that what the harness needs is there.  As root on
# Debian (or anywhere with "apt") it installs the packages that are missing,
# elsewhere it stops with their list; "list" prints that, one a line.

. "$(dirname "$0")/lib.sh"

mode=${1:-}
case $# in
0) ;;
1) [[ $mode = @(apt|list) ]] || die "usage: setup.sh [apt|list]" ;;
*) die "usage: setup.sh [apt|list]" ;;
esac

# need PACKAGE COMMAND...: PACKAGE is missing if COMMAND fails.
need()
{
	local package=$1
	shift
	"$@" >/dev/null 2>&1 </dev/null || missing+=("$package")
}
tools() { command -v "$@" && [ "$(command -v "$@" | wc -l)" -eq $# ]; }
header() { "$1" -E -include "$2" -x c /dev/null; }
static() { [ -e "$("$1" -print-file-name=libc.a)" ]; }

can_install()
{
	[ "$mode" = apt ] || { [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; }
}

find_missing()
{
	missing=()
	[ -n "${KERNEL_SRC:-}" ] || need linux-source-6.1 test -e /usr/src/linux-source-6.1.tar.xz
	need build-essential tools gcc g++ make ld
	need ccache tools ccache
	need bc tools bc
	need bison tools bison
	need flex tools flex
	need libelf-dev header gcc gelf.h
	need libssl-dev header gcc openssl/ssl.h
	need cpio tools cpio
	need kmod tools depmod
	need rsync tools rsync
	need xz-utils tools xz
	need git tools git
	need perl tools perl prove
	need python3 tools python3
	need qemu-system-x86 tools qemu-system-x86_64
	need qemu-system-arm tools qemu-system-aarch64
	need qemu-system-ppc tools qemu-system-ppc64
	need gcc-x86-64-linux-gnu tools x86_64-linux-gnu-gcc
	need gcc-aarch64-linux-gnu tools aarch64-linux-gnu-gcc
	need libc6-dev-arm64-cross static aarch64-linux-gnu-gcc
	need gcc-powerpc64le-linux-gnu tools powerpc64le-linux-gnu-gcc
	need libc6-dev-ppc64el-cross static powerpc64le-linux-gnu-gcc
	need quilt tools quilt
	need gnuplot-nox tools gnuplot
	need pkg-config tools pkg-config
	need libglib2.0-dev pkg-config --exists glib-2.0
	# For others.sh and others-boot.sh, which skip what they lack tools for, and lint.sh.
	can_install || return 0
	need qemu-system-misc tools qemu-system-riscv64 qemu-system-s390x
	need gcc-i686-linux-gnu tools i686-linux-gnu-gcc
	need libc6-dev-i386-cross static i686-linux-gnu-gcc
	need gcc-riscv64-linux-gnu tools riscv64-linux-gnu-gcc
	need libc6-dev-riscv64-cross static riscv64-linux-gnu-gcc
	need gcc-s390x-linux-gnu tools s390x-linux-gnu-gcc
	need libc6-dev-s390x-cross static s390x-linux-gnu-gcc
	need gcc-arm-linux-gnueabihf tools arm-linux-gnueabihf-gcc
	need libc6-dev-armhf-cross static arm-linux-gnueabihf-gcc
	need gcc-powerpc-linux-gnu tools powerpc-linux-gnu-gcc
	need gcc-hppa-linux-gnu tools hppa-linux-gnu-gcc
	need gcc-sh4-linux-gnu tools sh4-linux-gnu-gcc
	need codespell tools codespell
	need coccinelle tools spatch
	need python3-git /usr/bin/python3 -c "import git"
	need python3-ply /usr/bin/python3 -c "import ply"
	need python3-sphinx tools sphinx-build
	need shellcheck tools shellcheck
	need sparse tools sparse
}

# A mirror can be in the middle of a sync.
install_missing()
{
	local pause
	export DEBIAN_FRONTEND=noninteractive
	for pause in 10 30 60 0; do
		apt-get update &&
			apt-get install -y --no-install-recommends "${missing[@]}" && return
		sleep "$pause"
	done
	return 1
}

PATH=$PATH:/usr/sbin:/sbin
find_missing
if [ "$mode" = list ]; then
	[ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
	exit
fi
[ ${#missing[@]} -gt 0 ] || exit 0
can_install ||
	die "install first (Debian's names): ${missing[*]}"
(step "installing ${#missing[@]} packages" "$top/build/setup.log" install_missing) ||
	die "apt could not install: ${missing[*]}"
find_missing
[ ${#missing[@]} -eq 0 ] || die "still missing after apt: ${missing[*]}"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# setup.sh [apt|list] NEED...: see that what the harness needs for this is there: tree,
# kernel, guest, bench, check, lint.  As root on Debian (or anywhere with "apt") it
# installs the packages that are missing, elsewhere it stops with their list; "list"
# prints that, one a line.  ARCH, from the environment, says for which architectures.

. "$(dirname "$0")/lib.sh"

mode=
[[ ${1:-} != @(apt|list) ]] || { mode=$1; shift; }
[ $# -gt 0 ] || die "usage: setup.sh [apt|list] NEED..."
needs=" $* " archs=" ${ARCH:-x86_64 arm64 powerpc} "

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

need_tree()
{
	[ -n "${KERNEL_SRC:-}" ] || need linux-source-6.1 test -e /usr/src/linux-source-6.1.tar.xz
	need rsync tools rsync
	need xz-utils tools xz
	need git tools git
}

# cross ARCH COMPILER-PACKAGE LIBC-PACKAGE QEMU-PACKAGE QEMU
cross()
{
	arch_vars "$1"
	[[ $needs != *" kernel "* ]] || need "$2" tools "${cross}gcc"
	[[ $needs != *" guest "* ]] || {
		need "$3" static "${cross}gcc"
		need "$4" tools "$5"
	}
}

need_kernel()
{
	need build-essential tools gcc g++ make ld
	need ccache tools ccache
	need bc tools bc
	need bison tools bison
	need flex tools flex
	need libelf-dev header gcc gelf.h
	need libssl-dev header gcc openssl/ssl.h
	need kmod tools depmod
	need perl tools perl
	for arch in $archs; do
		case $arch in
		x86_64)	 cross x86_64 gcc-x86-64-linux-gnu libc6-dev qemu-system-x86 qemu-system-x86_64 ;;
		arm64)	 cross arm64 gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
				qemu-system-arm qemu-system-aarch64 ;;
		powerpc) cross powerpc gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross \
				qemu-system-ppc qemu-system-ppc64 ;;
		esac
	done
}

need_guest() { need cpio tools cpio; }

need_bench()
{
	need python3 tools python3
	need gnuplot-nox tools gnuplot
	need pkg-config tools pkg-config
	need libglib2.0-dev pkg-config --exists glib-2.0
}

# Those of others.sh and others-boot.sh, which skip what they lack tools for, only
# where they can be had for nothing.
need_check()
{
	need python3 tools python3
	need perl tools prove
	need quilt tools quilt
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
}

need_lint()
{
	need codespell tools codespell
	need coccinelle tools spatch
	need python3-git /usr/bin/python3 -c "import git"
	need python3-ply /usr/bin/python3 -c "import ply"
	need python3-sphinx tools sphinx-build
	need shellcheck tools shellcheck
	need sparse tools sparse
}

find_missing()
{
	local name
	missing=()
	for name in $needs; do
		"need_$name"
	done
	mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sed '/^$/d' | LC_ALL=C sort -u)
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

for name in $needs; do
	declare -F "need_$name" >/dev/null || die "setup.sh does not know what \"$name\" needs"
done
PATH=$PATH:/usr/sbin:/sbin
find_missing
if [ "$mode" = list ]; then
	[ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
	exit
fi
[ ${#missing[@]} -gt 0 ] || exit 0
can_install ||
	die "install first (Debian's names): ${missing[*]}"
(step "installing ${missing[*]}" "$top/build/setup.log" install_missing) ||
	die "apt could not install: ${missing[*]}"
find_missing
[ ${#missing[@]} -eq 0 ] || die "still missing after apt: ${missing[*]}"

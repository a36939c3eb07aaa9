# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # needs and archs are set by setup.sh
# List the Debian packages that each need of setup.sh consists of, and how to tell that
# one is missing.  Sourced by setup.sh, never run.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# need PACKAGE COMMAND...: PACKAGE is missing if COMMAND fails.
need()
{
	local package=$1
	shift
	"$@" >/dev/null 2>&1 </dev/null || missing+=("$package")
}

# The commands that tell: are these tools installed, can this compiler include a header,
# can it link statically?
tools() { command -v "$@" && [ "$(command -v "$@" | wc -l)" -eq $# ]; }
header() { "$1" -E -include "$2" -x c /dev/null; }
static() { [ -e "$("$1" -print-file-name=libc.a)" ]; }

need_tree()
{
	[ -n "${KERNEL_SRC:-}" ] || [ -e "$tree" ] || need linux-source-6.1 test -e /usr/src/linux-source-6.1.tar.xz
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

need_fuzz() { need python3 tools python3; }

need_bench()
{
	need python3 tools python3
	need gnuplot-nox tools gnuplot
	need pkg-config tools pkg-config
	need libglib2.0-dev pkg-config --exists glib-2.0
}

# kernel/build-others.sh and guest/boot-others.sh skip an architecture whose tools are
# missing.  So its packages are wanted only where they can be installed.
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

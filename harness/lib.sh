# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # set for those who source it
# What every script of the harness shares: paths, architectures, messages.
# Sourced, never run.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
series=v6.1
patches=$top/patches/$series
build=$top/build/$series
tree=$build/linux
base_tree=$build/linux-base
# What one checkout compiled, another need not.
export CCACHE_BASEDIR=$top

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Kbuild takes no such path.
[[ $top != *[[:space:]:]* ]] ||
	die "the path \"$top\" has a space or a colon, with which no kernel can be built: move it"

# make_dir DIR: where it can be written to
make_dir()
{
	{ mkdir -p "$1" 2>/dev/null && [ -w "$1" ]; } || die "$1 cannot be written: a checkout of your own is wanted"
}

# step NAME LOG COMMAND...: run COMMAND with its output in LOG; say what is
# done, how long the last such step took, and on failure how the log ends.
step()
{
	local name=$1 log=$2 time=$top/build/times/${1//[ \/]/-} start status=0 last=
	shift 2
	make_dir "$(dirname "$time")"
	make_dir "$(dirname "$log")"
	[ ! -e "$time" ] || last=", last time $(<"$time") s"
	say "$name$last, log: ${log#"$top/"}"
	start=$SECONDS
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [ "$status" -ne 0 ]; then
		tail -n 20 "$log" >&2
		die "$name failed; the whole log is $log"
	fi
	echo $((SECONDS - start)) >"$time"
}

# kernel_make SOURCE OUT KARCH CROSS ARGUMENT...: make a kernel in OUT, with ccache
# where there is one, and with nothing in it of when and where.
kernel_make()
{
	local source=$1 out=$2 karch=$3 cross=$4 cc=${4}gcc
	shift 4
	! command -v ccache >/dev/null || cc="ccache $cc"
	make -s "-j$(nproc)" -C "$source" "O=$out" "ARCH=$karch" "CROSS_COMPILE=$cross" \
		"CC=$cc" KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=user \
		KBUILD_BUILD_HOST=host "$@"
}

# run_guest ARCH KERNEL-DIR INITRAMFS: boot it, for LIMIT seconds at most.  A hang is
# a result like any other: the console shows that the guest did not finish.
run_guest() { timeout --foreground -k 5 "${LIMIT:-900}" "$top/harness/guest/qemu.sh" "$@" || :; }

# arch_vars ARCH: set what a kernel of that architecture is built and run with.
# cpus are those that the tests run on, if it is not cpu alone.
arch_vars()
{
	arch=$1 cpus=("")
	case $arch in
	x86_64)
		# No ERMS, FSRM: TCG counts each iteration of a rep, no CPU does.
		cross=x86_64-linux-gnu- karch=x86_64
		image=arch/x86/boot/bzImage target=bzImage
		qemu=(qemu-system-x86_64 -M pc) cpu=max,-erms,-fsrm,-rdrand,-rdseed
		console=ttyS0 ;;
	arm64)
		cross=aarch64-linux-gnu- karch=arm64
		image=arch/arm64/boot/Image target=Image
		qemu=(qemu-system-aarch64 -M virt) cpu=max
		console=ttyAMA0 ;;
	powerpc)
		cross=powerpc64le-linux-gnu- karch=powerpc
		image=vmlinux target=vmlinux
		qemu=(qemu-system-ppc64 -M pseries) cpu=power9
		cpus=(power9 power8) # radix, hash
		console=hvc0 ;;
	i386)
		cross=i686-linux-gnu- karch=i386
		image=arch/x86/boot/bzImage target=bzImage
		qemu=(qemu-system-i386 -M pc) cpu=max,vendor=GenuineIntel,-erms,-fsrm,-rdrand,-rdseed
		console=ttyS0 ;;
	riscv64)
		cross=riscv64-linux-gnu- karch=riscv
		image=arch/riscv/boot/Image target=Image
		qemu=(qemu-system-riscv64 -M virt) cpu=rv64
		console=ttyS0 ;;
	s390x)
		cross=s390x-linux-gnu- karch=s390
		image=arch/s390/boot/bzImage target=bzImage
		qemu=(qemu-system-s390x -M s390-ccw-virtio) cpu=max
		console=ttysclp0 ;;
	arm)
		cross=arm-linux-gnueabihf- karch=arm
		image=arch/arm/boot/zImage target=zImage
		qemu=(qemu-system-arm -M virt) cpu=max
		console=ttyAMA0 ;;
	*)
		die "ARCH=$arch is not one of x86_64, arm64, powerpc, i386, riscv64, s390x, arm" ;;
	esac
}

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this
# Define what every script needs: paths, messages, steps with a log, the call of make
# for a kernel, the call of QEMU, and the properties of each architecture.
# Sourced, never run.
#
# Reads:  LIMIT, from the environment, the seconds that a guest may take
# Writes: build/times/, how long each step took the last time

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
series=v6.1
patches=$top/patches/$series
build=$top/build/$series
tree=$build/linux
base_tree=$build/linux-base
# Let checkouts at different paths share what ccache has compiled.
export CCACHE_BASEDIR=$top

# Some commands, QEMU among them, do not end by the signal that Ctrl-C sends them.
trap 'exit 130' INT

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

[[ $top != *[[:space:]:]* ]] ||
	die "the path \"$top\" has a space or a colon, which Kbuild does not support: move the checkout"

# make_dir DIR: create DIR, or fail if it is not writable.
make_dir()
{
	{ mkdir -p "$1" 2>/dev/null && [ -w "$1" ]; } || die "$1 is not writable: use a checkout of your own"
}

# wait_all PID...: wait for all of them.  Fails if one has failed.
wait_all()
{
	local pid status=0
	for pid; do
		wait "$pid" || status=1
	done
	return $status
}

# retry COMMAND...: try again after a pause: a mirror may be in the middle of a sync.
retry()
{
	local pause
	for pause in 10 30 60 0; do
		"$@" && return
		sleep "$pause"
	done
	return 1
}

# step NAME LOG COMMAND...: run COMMAND with its output in LOG.  Print NAME and how long
# the step took the last time.  If COMMAND fails, print the end of LOG and exit.
step()
{
	local name=$1 log=$2 time=$top/build/times/${1//[ \/]/-} start status=0 last=
	time=${time::$((${#top} + 200))} # a file name has 255 bytes at most
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

# kernel_make SOURCE OUT KARCH CROSS ARGUMENT...: run make for the kernel in OUT, through
# ccache if it is installed.  The image does not depend on time, user and host.
kernel_make()
{
	local source=$1 out=$2 karch=$3 cross=$4 cc=${4}gcc
	shift 4
	! command -v ccache >/dev/null || cc="ccache $cc"
	make -s "-j$(nproc)" -C "$source" "O=$out" "ARCH=$karch" "CROSS_COMPILE=$cross" \
		"CC=$cc" KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=user \
		KBUILD_BUILD_HOST=host "$@"
}

# run_guest ARCH KERNEL-DIR INITRAMFS [QEMU-ARGUMENT...]: boot the kernel, for LIMIT seconds
# at most (900).
# Succeeds even if the guest hangs: its console shows that it did not finish.  Fails if
# QEMU fails or is killed.
run_guest()
{
	local status=0
	timeout --foreground -k 5 "${LIMIT:-900}" "$top/harness/guest/qemu.sh" "$@" || status=$?
	[[ $status = @(0|124) ]]
}

# summary DIR...: print how many tests were skipped and why, and prove's summary of the TAP
# in these directories.  Fails if a test has failed.
summary()
{
	find "$@" -maxdepth 1 -name '*.tap' -exec sed -n 's/^ok.*# SKIP *\(.*: \)\{0,1\}\([^:]*\)$/skipped: \2/p' {} + |
		LC_ALL=C sort | uniq -c
	prove --failures --comments --ext .tap --exec cat "${@/%//}"
}

# arch_vars ARCH: set the variables for building and running kernels of ARCH.  cpus lists
# the CPUs that the tests run on; an empty name stands for the default, cpu.
arch_vars()
{
	arch=$1 cpus=("")
	case $arch in
	x86_64)
		# With ERMS or FSRM, the kernel copies and clears by rep movsb and stosb.
		# TCG, unlike a CPU, counts each of their iterations as an instruction.
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
		cpus=(power9 power8) # the radix and the hash MMU
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

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: build-others.sh
#
# Compile the files that the series changes for kernels that make check does not boot,
# and print TAP: architectures without PFN_PTE_SHIFT, one without an MMU, other page table
# formats of the three, and drivers.  Skip an architecture whose compiler is not installed.
# At the end, name the files that no kernel has compiled.
#
# Reads:  build/v6.1/linux
# Writes: build/v6.1/other-NAME/, an O= directory each, and other-NAME.log

. "$(dirname "$0")/lib-objects.sh"

[ $# -eq 0 ] || die "usage: build-others.sh"

# NAME KARCH CROSS CONFIG-TARGET OPTION..., with options as scripts/config takes them
others=(
	"riscv riscv riscv64-linux-gnu- defconfig"
	"riscv-nommu riscv riscv64-linux-gnu- nommu_virt_defconfig"
	"s390 s390 s390x-linux-gnu- defconfig"
	"i386 x86 x86_64-linux-gnu- i386_defconfig -d X86_PAE"
	"i386-pae x86 x86_64-linux-gnu- i386_defconfig -d HIGHMEM4G -e HIGHMEM64G -e HIGHPTE"
	"arm-highpte arm arm-linux-gnueabihf- multi_v7_defconfig -e HIGHMEM -e HIGHPTE"
	"arm-lpae-highpte arm arm-linux-gnueabihf- multi_v7_defconfig -e ARM_LPAE -e HIGHMEM -e HIGHPTE"
	"arm64-64k-52bit arm64 aarch64-linux-gnu- defconfig -d ARM64_4K_PAGES -e ARM64_64K_PAGES -e ARM64_PA_BITS_52 \
		-e KUNIT -e ARM64_CONTPTE_KUNIT_TEST"
	"powerpc-4k-be powerpc powerpc-linux-gnu- ppc64_defconfig -d PPC_64K_PAGES -e PPC_4K_PAGES"
	"powerpc-64k powerpc powerpc64le-linux-gnu- ppc64le_defconfig"
	"powerpc-book3s32 powerpc powerpc-linux-gnu- pmac32_defconfig"
	"powerpc-8xx-16k powerpc powerpc-linux-gnu- tqm8xx_defconfig -d PPC_4K_PAGES -e PPC_16K_PAGES"
	"powerpc-e500-64 powerpc powerpc-linux-gnu- corenet64_smp_defconfig -e VIRTUALIZATION -e KVM_E500MC"
	"x86_64-drivers x86 x86_64-linux-gnu- x86_64_defconfig -e VIRTUALIZATION -e KVM \
		-e X86_X2APIC -e CRYPTO -e CRYPTO_SHA256 -e X86_SGX -e VFIO \
		-e VFIO_IOMMU_TYPE1 -e XEN -e XEN_PRIVCMD -e DAMON -e DAMON_PADDR -e DAMON_VADDR \
		-e EXPERT -e DRM_I915 -e DRM_I915_SELFTEST -e DRM_VMWGFX \
		-e MEMORY_HOTPLUG -e MEMORY_HOTREMOVE -e ZONE_DEVICE -e DEVICE_PRIVATE \
		-e PAGE_TABLE_CHECK -e DEBUG_PGTABLE_INUSE -e KUNIT \
		-e PGTABLE_BATCH_KUNIT_TEST -e PTE_WALK_KUNIT_TEST \
		-e RUNTIME_TESTING_MENU -e TEST_MAPLE_TREE"
	"parisc parisc hppa-linux-gnu- generic-32bit_defconfig"
	"sh sh sh4-linux-gnu- rts7751r2dplus_defconfig"
)

# build_objects NAME KARCH CROSS CONFIG-TARGET OPTION...
# On sh, kernel/dma/coherent.c includes pgtable.h and not mm.h: compile it, too.  KVM's
# directory builds virt/kvm, and i915_gem_mman.c includes its selftest.
build_objects()
{
	local source=$tree out=$build/other-$1 karch=$2 target=$4 objects
	local kmake=(kernel_make "$tree" "$out" "$karch" "$3")
	shift 4
	mkdir -p "$out"
	"${kmake[@]}" "$target" || return
	[ $# -eq 0 ] || "$tree/scripts/config" --file "$out/.config" "$@" || return
	"${kmake[@]}" olddefconfig && mapfile -t objects < <(touched_objects) &&
		[ ${#objects[@]} -gt 0 ] || return
	! grep -q '^CONFIG_KVM=y' "$out/.config" || objects+=("arch/$karch/kvm/")
	! grep -q '^CONFIG_DRM_I915_SELFTEST=y' "$out/.config" ||
		objects+=(drivers/gpu/drm/i915/gem/i915_gem_mman.o)
	"${kmake[@]}" kernel/dma/ "${objects[@]}"
}

# never_compiled: of the .c files that the series touches, list those without an object
# and on which none depends.
never_compiled()
{
	local file object
	touched | grep '\.c$' | grep -v '^tools/' | while IFS= read -r file; do
		object=${file%.c}.o
		compgen -G "$build/other-*/$object" >/dev/null ||
			grep -rqsF --include='.*.o.cmd' "$file" "$build"/other-* || echo "$file"
	done
}

nr=0 skip=""
for other in "${others[@]}"; do
	read -ra words <<<"$other"
	log=$build/other-${words[0]}.log nr=$((nr + 1))
	if ! command -v "${words[2]}gcc" >/dev/null; then
		skip=" # SKIP no ${words[2]}gcc"
		echo "ok $nr - ${words[0]}: builds$skip"
	elif (step "building objects for ${words[0]}" "$log" build_objects "${words[@]}"); then
		echo "ok $nr - ${words[0]}: builds"
	else
		echo "not ok $nr - ${words[0]}: builds"
	fi
done
never=""
[ -n "$skip" ] || never=$(never_compiled)
echo "${never:+not }ok $((++nr)) - all files were compiled by one of these$skip"
[ -z "$never" ] || echo "# ${never//$'\n'/$'\n# '}"
echo "1..$nr"

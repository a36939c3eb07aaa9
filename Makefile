# SPDX-License-Identifier: GPL-2.0
# Each target runs scripts in harness/.  This file has the order in which they run, the
# packages that they need (NEEDS, for setup.sh) and the arguments that are checked (ARGS,
# for check-args.sh).

ARCHS	 := x86_64 arm64 powerpc
VARIANT	 ?= patched
CONFIG	 ?= perf
WORKLOAD ?= thp-pte
SEEDS	 ?= 200
FIRST	 ?= 1
H	 := harness
ARCH	 ?=
# make runs setup once, with the packages and arguments of one target.
ifneq ($(word 2,$(MAKECMDGOALS)),)
$(error one target at a time, not "$(MAKECMDGOALS)")
endif
.NOTPARALLEL:
# Stop at the first command that fails.
.SHELLFLAGS := -ec
# Build base and patched kernel of an architecture and a config.
both	  = $H/kernel/build.sh $(1) base $(2); $H/kernel/build.sh $(1) patched $(2)
export KERNEL_SRC

help:
	@sed -n 's/^## \?//p' Makefile

## make bench [ARCH=x86_64] [CONFIG=perf|swap|perf+nocontpte]
##                                 build, boot and compare base and patched kernel
bench: override ARCH := $(or $(ARCH),x86_64)
bench: NEEDS := kernel guest bench
bench: ARGS = ONE_ARCH="$(ARCH)" CONFIG="$(CONFIG)"
bench: tree-kept
	@$(call both,$(ARCH),$(CONFIG))
	@CONFIG=$(CONFIG) $H/bench/compare.sh $(ARCH)

## make bench-all [ARCH=]          the same on all architectures, without and with swap
bench-all: override ARCH := $(or $(ARCH),$(ARCHS))
bench-all: NEEDS := kernel guest bench
bench-all: tree-kept
	@for arch in $(ARCH); do for config in perf swap; do \
		$(call both,$$arch,$$config); \
		CONFIG=$$config $H/bench/compare.sh $$arch; \
	done; done

## make bench-readme               write the results in build/ to the table in README.md
bench-readme:
	@$H/bench/readme-table.py README.md $(ARCHS:%=build/v6.1/bench-%.json)

## make check [ARCH=]              run the tests of series and harness, on all architectures
##                                 or those of ARCH
check: override ARCH := $(or $(ARCH),$(ARCHS))
check: NEEDS := kernel guest check
check: tree-kept
	@for arch in $(ARCH); do \
		$(call both,$$arch,test); \
		[ $$arch != x86_64 ] || $H/kernel/build.sh $$arch patched debug; \
	done
	@$H/check.sh $(ARCH)

## make check-long [ARCH=] [SEEDS=200]
##                                 run what check has no time for: debug kernels, other
##                                 page sizes, fuzz, vm selftests, benchmark, lint, bisect
check-long: override ARCH := $(or $(ARCH),$(ARCHS))
check-long: NEEDS := kernel guest bench check lint
check-long: ARGS = ARCH="$(ARCH)" SEEDS="$(SEEDS)"
check-long: tree-kept
	@$H/check-long.sh $(SEEDS) $(ARCH)

## make fuzz [ARCH=] [SEEDS=200] [FIRST=1] [CONFIG=test]
##                                 compare random sequences of calls on base and patched
fuzz: override ARCH := $(or $(ARCH),$(ARCHS))
fuzz: override CONFIG := $(if $(filter file,$(origin CONFIG)),test,$(CONFIG))
fuzz: NEEDS := kernel guest fuzz
fuzz: ARGS = ARCH="$(ARCH)" CONFIG="$(CONFIG)" SEEDS="$(SEEDS)" FIRST="$(FIRST)"
fuzz: tree-kept
	@for arch in $(ARCH); do \
		$(call both,$$arch,$(CONFIG)); \
		$H/guest/build-tests.sh $$arch; \
		CONFIG=$(CONFIG) $H/guest/fuzz.py $$arch $(SEEDS) $(FIRST); \
	done

## make lint                       run checkpatch, sparse and other checkers on the series
lint: NEEDS := kernel lint
lint: override ARCH := $(ARCHS)
lint: tree-kept
	@$H/lint/lint.sh

## make bisect [ARCH=] [GROUP=]    build each patch by itself, boot it on x86_64
bisect: override ARCH := $(or $(ARCH),$(ARCHS))
bisect: NEEDS := kernel guest
bisect: tree-kept
	@GROUP="$(GROUP)" $H/lint/bisect.sh $(ARCH)

## make kernel ARCH= VARIANT=base|patched CONFIG=perf|swap|test|debug|64k|16k|nocontpte|preempt
##                                 build one kernel
kernel: NEEDS := kernel $(if $(filter boot,$(MAKECMDGOALS)),guest)
kernel: ARGS = ONE_ARCH="$(ARCH)" VARIANT="$(VARIANT)" CONFIG="$(CONFIG)" INITRAMFS="$(INITRAMFS)"
kernel: tree-kept
	@$H/kernel/build.sh $(ARCH) $(VARIANT) $(CONFIG)

## make boot ARCH= VARIANT= CONFIG= [INITRAMFS=file] [APPEND=...]
##                                 build it and boot it on this terminal
boot: kernel
	@$H/guest/boot.sh $(ARCH) $(VARIANT) $(CONFIG) $(if $(INITRAMFS),"$(INITRAMFS)")

## make profile ARCH= WORKLOAD=    print instructions per kernel function, base and patched
profile: NEEDS := kernel guest bench
profile: ARGS = ONE_ARCH="$(ARCH)" CONFIG="$(CONFIG)" WORKLOAD="$(WORKLOAD)"
profile: tree-kept
	@$(call both,$(ARCH),$(CONFIG))
	@CONFIG=$(CONFIG) $H/bench/profile.sh $(ARCH) "$(WORKLOAD)"

## make tree                       make build/v6.1/linux, a git tree of base and series
tree: setup
	@$H/series/tree.sh

tree-kept: setup
	@$H/series/tree.sh --keep

## make refresh                    write that tree back to patches/ and the added files
refresh: setup
	@$H/series/refresh.sh

## make series [GROUP=]            write the mails of each group and of all, or of one
##
## ARCH is x86_64, arm64 or powerpc.  bench-all, check, check-long, fuzz and bisect take
## several, and all three by default.
series: setup
	@$H/series/mails.sh $(GROUP)

ARGS = ARCH="$(ARCH)"
setup:
	@$H/check-args.sh $(ARGS)
	@ARCH="$(ARCH)" $H/setup.sh tree $(NEEDS)

.PHONY: help bench bench-all bench-readme check check-long fuzz lint bisect kernel boot \
	profile tree tree-kept refresh series setup

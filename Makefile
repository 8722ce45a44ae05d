# SPDX-License-Identifier: GPL-2.0
#
# Movable PCI BARs: everything a user of this repository calls. `make help`.
# The work is done by scripts/, which can be called directly, too.

BUILD ?= build
S := scripts
TESTS := tools/testing/pci_movable

export BUILD := $(abspath $(BUILD))
export KSRC NEW INTO REROLL JOBS V
export PYTHONDONTWRITEBYTECODE := 1

STOCK := $(BUILD)/x86_64-stock/bzImage
PATCHED := $(BUILD)/x86_64/bzImage

help:
	@sed -n 's/^## \?//p' Makefile

## make run            install what is missing, build a stock and a patched kernel,
##                     run the same hot-plug script on both under QEMU, show them
##                     side by side; logs in build/run/
## make test           all tests; the last line is `N passed, N failed, N skipped`
## make check          the short loop: user-space and KUnit tests, style, one QEMU
##                     scenario
## make soak           by hand, an hour: a kernel with lockdep, KASAN and kmemleak, on it
##                     300 random events and a stress of the stop (EVENTS=, SEED=)
## make tree           build/linux-6.12: a git tree, tag base, then one commit a patch
## make kernel         build/x86_64/bzImage and, stock, build/x86_64-stock/bzImage
## make apply KSRC=DIR apply the series to a clean 6.12.y source or git checkout
## make series         mail-ready patches with a cover letter in build/series/
## make refresh        write edits made in build/linux-6.12 and in the new files back
##                     to patches/ (NEW="subject": of files in no patch make a new
##                     patch, INTO=3: put them into the third)
## make check-forms    do patches/ and the new files in this tree agree?
##
## KSRC=DIR            a Linux 6.12.y source to use instead of Debian's package
## BUILD=DIR           use another directory than build/
## JOBS=N              run N compilers at a time
## V=1                 (test, check) show the whole output of the tests
##
## As root on Debian 12 the packages that are missing get installed; otherwise they
## are named. Details of long steps are in build/logs/.

run:
	@$(S)/deps test
	@$(S)/tree
	@$(S)/kernel
	@python3 $(TESTS)/qemu/run.py --demo --out $(BUILD)/run --stock $(STOCK) --patched $(PATCHED)

test:
	@$(S)/deps test
	@$(S)/run-tests

check:
	@$(S)/deps test
	@$(S)/run-tests --quick

DEBUG := $(BUILD)/x86_64-debug/bzImage
RUN_DEBUG := python3 $(TESTS)/qemu/run.py --only patched --patched $(DEBUG) --out $(BUILD)/soak
EVENTS ?= 300
SEED ?= 1

soak:
	@$(S)/deps test
	@$(S)/tree
	@$(S)/kernel debug
	@$(RUN_DEBUG) --scenario stop-stress --events 20
	@$(RUN_DEBUG) --scenario soak --events $(EVENTS) --seed $(SEED)

tree:
	@$(S)/deps tree
	@$(S)/tree

kernel:
	@$(S)/deps kernel
	@$(S)/tree
	@$(S)/kernel

apply:
	@$(S)/deps apply
	@$(S)/apply

series: tree
	@$(S)/series

refresh:
	@$(S)/deps tree
	@$(S)/refresh

check-forms: tree
	@$(S)/forms

.PHONY: help run test check soak tree kernel apply series refresh check-forms

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build a UML kernel with the KUnit tests of drivers/pci/movable and run it.
# After the tests, kmemleak looks for memory that nobody refers to any more.
#
#	run.sh [suite glob]		default: pci_movable*
#
# KTAP goes to stdout, all that the kernel said to $O/kunit.log, the build to
# $O/build.log.  Exit status 0 only if every test passed or was skipped, at
# least one passed, no memory is lost, and the kernel did not complain about
# anything.
#
#	KSRC	kernel tree with the series applied	(build/linux-6.12)
#	O	build directory				(build/uml)
#	CC	compiler				(ccache gcc, else gcc)
#	TIMEOUT	seconds for the run			(300)
#	SUITES	directory with more suites, *_kunit.c, to be built in
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(CDPATH='' cd -- "$here/../../../.." && pwd)
KSRC=${KSRC:-$top/build/linux-6.12}
O=${O:-$top/build/uml}
TIMEOUT=${TIMEOUT:-300}
glob=${1:-pci_movable*}

if [ -z "${CC:-}" ]; then
	CC=gcc
	command -v ccache >/dev/null && CC='ccache gcc'
fi

die()
{
	echo "run.sh: $*" >&2
	exit 1
}

[ -f "$KSRC/drivers/pci/movable/Kconfig" ] ||
	die "$KSRC is no kernel tree with the series applied (make tree)"
mkdir -p "$O"
O=$(cd "$O" && pwd)
log=$O/kunit.log

kmake()
{
	make -C "$KSRC" ARCH=um O="$O" CC="$CC" -j"$(nproc)" "$@" >>"$O/build.log" 2>&1 || {
		tail -n 40 "$O/build.log" >&2
		die "build failed, see $O/build.log"
	}
}

: >"$O/build.log"
kmake KCONFIG_ALLCONFIG="$here/uml.config" allnoconfig
grep '^CONFIG_' "$here/uml.config" | while read -r line; do
	grep -qxF "$line" "$O/.config" || die "$line cannot be had in $KSRC"
done || exit 1
if [ -n "${SUITES:-}" ]; then
	# Beside the objects: make finds them there, and the tree stays as it is.
	mkdir -p "$O/drivers/pci/movable"
	cp "$SUITES"/*_kunit.c "$O/drivers/pci/movable"
	objs=$(sed -n 's/^pci_movable_kunit-[^ ]* [:+]= //p' "$KSRC/drivers/pci/movable/Makefile")
	for suite in "$SUITES"/*_kunit.c; do
		objs="$objs $(basename "$suite" .c).o"
	done
	# shellcheck disable=SC2086 # one line of them
	kmake "pci_movable_kunit-y=$(echo $objs)" linux
	(cd "$SUITES" && for f in *_kunit.c; do rm "$O/drivers/pci/movable/$f"; done)
else
	kmake linux
fi

# The init asks for leaks and powers off.  Without a static libc there is none,
# and the kernel stops after the tests.
end=kunit_shutdown=halt
rm -rf "$O/leaks.d"
mkdir "$O/leaks.d"
if gcc -static -O1 -Wall -Wextra -o "$O/leaks.d/init" "$here/leaks.c" 2>>"$O/build.log"; then
	(cd "$O/leaks.d" && echo init | cpio --quiet -o -H newc) >"$O/leaks.cpio"
	end="initrd=$O/leaks.cpio"
fi

status=0
timeout -k 5 "$TIMEOUT" "$O/linux" mem=512M console=tty "$end" \
	"kunit.filter_glob=$glob" >"$log" 2>&1 </dev/null || status=$?

awk '/^KTAP version/ { on = 1 } on && /^( |KTAP|1\.\.|ok |not ok |#)/' "$log"

# Plan lines and results of suites aside, a result stands behind four spaces.
passed=$(grep -c '^    ok .*' "$log" || :)
skipped=$(grep -c '^    ok .*# SKIP' "$log" || :)
failed=$(grep -c '^    not ok ' "$log" || :)
passed=$((passed - skipped))
echo "# $passed passed, $failed failed, $skipped skipped"

case $status in
124|137) die "no end after $TIMEOUT s, see $log" ;;
esac
complaints='^(BUG|WARNING|INFO|Kernel panic|Oops|UBSAN|KASAN|kmemleak: [0-9]+ )'
complaints="$complaints|possible (circular|recursive)|Call Trace"
if grep -nE "$complaints" "$log" >&2; then
	die "the kernel complains, see $log"
fi
case $end in
initrd=*)
	grep -q '^leaks: 0' "$log" || {
		grep -E -A 20 '^(unreferenced object|leaks:)' "$log" | head -n 100 >&2
		die "memory is lost, see $log"
	}
	echo "# no memory lost"
	;;
*)
	echo "# leaks were not looked for: no static libc"
	;;
esac
[ "$failed" -eq 0 ] || exit 1
[ "$passed" -gt 0 ] || die "no test ran, see $log"
! grep -q '^not ok ' "$log" || die "a suite failed, see $log"

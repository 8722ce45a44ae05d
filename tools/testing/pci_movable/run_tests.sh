#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs TAP programs one after the other and sums them up. Succeeds when there
# was at least one test and none failed. A program that dies, or whose plan
# line does not fit its results, is one more failure.

passed=0
failed=0
skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

for program in "$@"; do
	echo "# $program"
	"$program" >"$log" 2>&1
	status=$?
	cat "$log"

	skip=$(grep -c '^ok .*# SKIP' "$log")
	good=$(grep -c '^ok ' "$log")
	bad=$(grep -c '^not ok ' "$log")
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")

	if [ "$plan" != "$((good + bad))" ]; then
		echo "# $program: plan '$plan', results $((good + bad)), exit status $status"
		bad=$((bad + 1))
	elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		echo "# $program: exit status $status"
		bad=$((bad + 1))
	fi
	passed=$((passed + good - skip))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]

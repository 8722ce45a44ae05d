#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What user space sees of movable PCI BARs: sysfs, /proc/iomem and config space
# tell the same, whatever has been plugged in, moved or removed before.
# Run as root, at any time; all it does is a rescan of the bus, a dry run, and to
# declare one device fixed for a moment.
# Needs nothing but a shell with 64-bit arithmetic and basic tools.

DEVICES=/sys/bus/pci/devices
PARAMETERS=/sys/module/pci_movable/parameters
BUSES=/sys/class/pci_bus
DEBUG=/sys/kernel/debug/pci_movable

IO=0x100
MEM=0x200
MEM_64=0x100000
UNSET=0x20000000
DISABLED=0x10000000
ROM=6

number=0
failed=0

ok()
{
	number=$((number + 1))
	echo "ok $number $1"
}

not_ok()
{
	number=$((number + 1))
	failed=1
	echo "not ok $number $1"
}

skip()
{
	number=$((number + 1))
	echo "ok $number $1 # SKIP $2"
}

# Verdict on what a check has printed: nothing is good
verdict()
{
	if [ -z "$2" ]; then
		ok "$1"
	else
		echo "$2" | sed 's/^/# /'
		not_ok "$1"
	fi
}

# Names of all PCI devices
devices()
{
	for path in "$DEVICES"/*; do
		echo "${path##*/}"
	done
}

# Lines "index start end flags" of what device $1 has got a place for
assigned()
{
	index=0
	while read -r start end flags; do
		if [ $((flags & (IO | MEM))) -ne 0 ] &&
		   [ $((flags & (UNSET | DISABLED))) -eq 0 ] && [ $((start)) -ne 0 ]; then
			echo "$index $start $end $flags"
		fi
		index=$((index + 1))
	done < "$DEVICES/$1/resource"
}

is_bridge()
{
	case "$(cat "$DEVICES/$1/class")" in
	0x0604*) return 0 ;;
	esac
	return 1
}

# Windows of bridge $1: "start end flags"; they follow BARs, ROM and VF BARs
windows()
{
	assigned "$1" | while read -r index start end flags; do
		[ "$index" -le "$ROM" ] || echo "$start $end $flags"
	done
}

# The bridge above device $1, nothing on a root bus
parent()
{
	above=$(readlink -f "$DEVICES/$1/..")
	above=${above##*/}
	[ -e "$DEVICES/$above" ] && echo "$above"
}

# Is start $1, end $2, flags $3 inside of one line of $4?
covered()
{
	echo "$4" | while read -r start end flags; do
		[ -n "$end" ] || continue
		if [ $((start <= $1 && $2 <= end)) -eq 1 ] &&
		   [ $((flags & $3 & (IO | MEM))) -ne 0 ]; then
			echo yes
			break
		fi
	done
}

# Little-endian register of $2 bytes at offset $3 of device $1
register()
{
	word=0
	shift=0
	for byte in $(od -An -v -tu1 -j "$3" -N "$2" "$DEVICES/$1/config"); do
		word=$((word | byte << shift))
		shift=$((shift + 8))
	done
	echo "$word"
}

check_parameters()
{
	for name in debug force_pause root_bus; do
		case "$(cat $PARAMETERS/$name 2>/dev/null)" in
		Y|N) ;;
		*) echo "$PARAMETERS/$name: no such parameter, or neither Y nor N" ;;
		esac
	done
}

# BARs and windows lie in a window of the bridge above
check_covered()
{
	for dev in $(devices); do
		above=$(parent "$dev")
		[ -n "$above" ] || continue
		[ "$(cat "$DEVICES/$above/class")" != 0x060401 ] || continue
		around=$(windows "$above")
		assigned "$dev" | while read -r index start end flags; do
			[ -n "$(covered "$start" "$end" "$flags" "$around")" ] ||
				echo "$dev resource $index $start-$end: not in a window of $above"
		done
	done
}

# What is in the resource tree, and under whose name
check_iomem()
{
	for dev in $(devices); do
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -lt "$ROM" ] || continue
			[ $((flags & MEM)) -ne 0 ] || continue
			line=$(printf '%08x-%08x : %s' "$start" "$end" "$dev")
			grep -q " $line\$" /proc/iomem || echo "/proc/iomem has no '$line'"
		done
	done
}

# Where bus addresses are CPU addresses, the registers hold what sysfs says
check_bars()
{
	for dev in $(devices); do
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -lt "$ROM" ] || continue
			value=$(register "$dev" 4 $((0x10 + 4 * index)))
			if [ $((flags & IO)) -ne 0 ]; then
				value=$((value & ~3))
			else
				value=$((value & ~15))
			fi
			if [ $((flags & MEM_64)) -ne 0 ]; then
				high=$(register "$dev" 4 $((0x14 + 4 * index)))
				value=$((value | high << 32))
			fi
			[ $((value)) -eq $((start)) ] ||
				printf '%s BAR %d: register %#x, sysfs %s\n' \
					"$dev" "$index" "$value" "$start"
		done
	done
}

# Memory windows as the registers of bridge $1 have them
window_registers()
{
	base=$(register "$1" 2 0x20)
	limit=$(register "$1" 2 0x22)
	[ $((base <= limit)) -eq 0 ] ||
		echo $(((base & 0xfff0) << 16)) $(((limit & 0xfff0) << 16 | 0xfffff))
	base=$(register "$1" 2 0x24)
	limit=$(register "$1" 2 0x26)
	base_high=0
	limit_high=0
	if [ $((base & 15)) -eq 1 ]; then
		base_high=$(register "$1" 4 0x28)
		limit_high=$(register "$1" 4 0x2c)
	fi
	base=$((base_high << 32 | (base & 0xfff0) << 16))
	limit=$((limit_high << 32 | (limit & 0xfff0) << 16 | 0xfffff))
	[ $((base < limit)) -eq 0 ] || echo "$base $limit"
}

check_windows()
{
	for dev in $(devices); do
		is_bridge "$dev" || continue
		registers=$(window_registers "$dev")
		windows "$dev" | while read -r start end flags; do
			[ $((flags & MEM)) -ne 0 ] || continue
			line="$((start)) $((end))"
			echo "$registers" | grep -qx "$line" ||
				echo "$dev: no register holds window $start-$end"
		done
	done
}

# Every BAR with a place has its file, of the BAR's size
check_files()
{
	for dev in $(devices); do
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -lt "$ROM" ] || continue
			size=$(stat -c %s "$DEVICES/$dev/resource$index" 2>/dev/null)
			[ "$size" = $((end - start + 1)) ] ||
				echo "$dev/resource$index: size '$size', BAR $start-$end"
		done
	done
}

# No two BARs share an address
check_overlap()
{
	for dev in $(devices); do
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -lt "$ROM" ] || continue
			[ $((flags & MEM)) -eq 0 ] || echo "$((start)) $((end)) $dev BAR $index"
		done
	done | sort -n | {
		last=-1
		while read -r start end name; do
			[ "$start" -gt "$last" ] || echo "$name overlaps the BAR below it"
			last=$end
		done
	}
}

# Where the BARs are; windows of ports may be adjusted by any rescan
state()
{
	for dev in $(devices); do
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -ge "$ROM" ] || echo "$dev BAR $index at $start"
		done
	done
}

check_rescan()
{
	before=$(state)
	echo 1 > /sys/bus/pci/rescan || echo "rescan failed"
	after=$(state)
	[ "$before" = "$after" ] ||
		printf 'before:\n%s\nafter:\n%s\n' "$before" "$after"
}

# One word for each BAR with a place, and for no other
check_words()
{
	for dev in $(devices); do
		case "$(cat "$DEVICES/$dev/bars_policy" 2>&1)" in
		auto|fixed|movable) ;;
		*) echo "$dev/bars_policy: none of its words" ;;
		esac
		tr ' ' '\n' < "$DEVICES/$dev/bars_movable" | while read -r word; do
			case "$word" in
			"") ;;
			[0-9]:[a-z]*|1[0-9]:[a-z]*) echo "${word%%:*}" ;;
			*) echo "'$word'" ;;
			esac
		done > "$tmp.words"
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -ge "$ROM" ] || echo "$index"
		done > "$tmp.bars"
		grep -vE '^([6-9]|1[0-9])$' "$tmp.words" | cmp -s - "$tmp.bars" ||
			echo "$dev/bars_movable: $(cat "$DEVICES/$dev/bars_movable")"
	done
}

# Root buses have a policy, others have none
check_buses()
{
	for path in "$BUSES"/*; do
		case "$(readlink -f "$path/device")" in
		*/pci[0-9a-f]*:[0-9a-f][0-9a-f])
			case "$(cat "$path/bars_policy" 2>&1)" in
			auto|fixed) ;;
			*) echo "$path/bars_policy: none of its words" ;;
			esac ;;
		*)
			[ ! -e "$path/bars_policy" ] || echo "$path/bars_policy is there" ;;
		esac
	done
}

# The first device with a BAR is fixed, and then as before
check_policy()
{
	for dev in $(devices); do
		[ -z "$(tr -d '\n' < "$DEVICES/$dev/bars_movable")" ] || break
	done
	policy=$DEVICES/$dev/bars_policy
	old=$(cat "$policy")
	before=$(cat "$DEVICES/$dev/bars_movable")
	echo fixed > "$policy"
	[ "$(cat "$policy")" = fixed ] || echo "$policy: $(cat "$policy"), not fixed"
	tr ' ' '\n' < "$DEVICES/$dev/bars_movable" | while read -r word; do
		case "${word#*:}" in
		free|live|pause) echo "$dev: fixed, and yet $word" ;;
		esac
	done
	if (echo nonsense > "$policy") 2>/dev/null; then
		echo "$policy takes nonsense"
	fi
	echo "$old" > "$policy"
	[ "$(cat "$DEVICES/$dev/bars_movable")" = "$before" ] ||
		echo "$dev: $before, and afterwards $(cat "$DEVICES/$dev/bars_movable")"
}

# The layout is whole, and has every memory BAR
check_snapshot()
{
	cat $DEBUG/snapshot > "$tmp.layout" || return
	[ "$(head -n 1 "$tmp.layout")" = "pmb-layout 1" ] || echo "no first line"
	lines=$(($(wc -l < "$tmp.layout") - 2))
	[ "$(tail -n 1 "$tmp.layout")" = "end $lines" ] ||
		echo "$lines lines, but: $(tail -n 1 "$tmp.layout")"
	for dev in $(devices); do
		# Virtual functions go with the physical one.
		[ ! -e "$DEVICES/$dev/physfn" ] || continue
		assigned "$dev" | while read -r index start end flags; do
			[ "$index" -lt "$ROM" ] || continue
			range=$(printf '0x%x-0x%x' "$start" "$end")
			grep -q "^bar $dev $index [a-z0-9]* at $range" "$tmp.layout" ||
				echo "no line for $dev BAR $index at $range"
		done
	done
}

# A question and its answer go through one descriptor, and no other sees them
check_plan()
{
	exec 3<>$DEBUG/plan 4<>$DEBUG/plan || return
	if (echo "no such request" >&3) 2>/dev/null; then
		echo "nonsense is taken"
	fi
	echo >&4 || echo "an empty request is refused"
	answer=$(cat <&3)
	case "$answer" in
	"error: request 1, character 1: "*) ;;
	*) echo "after nonsense: $answer" ;;
	esac
	answer=$(cat <&4)
	case "$answer" in
	host=*" result="*" wanted="*" placed="*) ;;
	*) echo "what lacks a place: $answer" ;;
	esac
	exec 3<&- 4<&-
}

check_refused()
{
	before=$(state)
	for what in nonsense "ffff:ff:1f.7 0" ""; do
		exec 3<>$DEBUG/force_move
		if (echo "$what" >&3) 2>/dev/null; then
			echo "force_move takes '$what'"
		fi
		cat <&3 | grep -q '^error: ' ||
			echo "force_move does not say what is wrong with '$what'"
		exec 3<&-
	done
	[ "$before" = "$(state)" ] || echo "something has moved"
}

tmp=$(mktemp /tmp/pci_movable.XXXXXX) || exit 1
trap 'rm -f "$tmp" "$tmp".*' EXIT

echo "TAP version 13"
if [ ! -d $DEVICES ] || [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root and PCI"
	exit 4
fi
echo "1..14"
if [ -d $PARAMETERS ]; then
	verdict "the engine's parameters are there" "$(check_parameters)"
else
	skip "the engine's parameters are there" "kernel without PCI_MOVABLE_BARS"
fi
verdict "every BAR and window lies in a window of its bridge" "$(check_covered)"
verdict "/proc/iomem has every memory BAR under its device" "$(check_iomem)"
verdict "no two memory BARs overlap" "$(check_overlap)"
case "$(uname -m)" in
x86_64|i?86)
	verdict "BAR registers hold what sysfs says" "$(check_bars)"
	verdict "window registers hold what sysfs says" "$(check_windows)"
	;;
*)
	skip "BAR registers hold what sysfs says" "bus addresses may differ"
	skip "window registers hold what sysfs says" "bus addresses may differ"
	;;
esac
verdict "every BAR has a resource file of its size" "$(check_files)"
verdict "a rescan moves no BAR" "$(check_rescan)"
if [ -d $PARAMETERS ]; then
	verdict "bars_movable has a word for each BAR" "$(check_words)"
	verdict "root buses have a bars_policy, others none" "$(check_buses)"
	verdict "a device can be declared fixed" "$(check_policy)"
else
	for what in "a word for each BAR" "a bars_policy for root buses" "a bars_policy"; do
		skip "$what" "kernel without PCI_MOVABLE_BARS"
	done
fi
if [ -d $DEBUG ]; then
	verdict "the snapshot has every BAR" "$(check_snapshot)"
	verdict "two dry runs do not mix" "$(check_plan)"
	verdict "force_move refuses what it does not understand" "$(check_refused)"
else
	for what in snapshot plan force_move; do
		skip "$what" "no $DEBUG"
	done
fi
exit $failed

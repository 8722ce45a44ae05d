#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
The longest request during a move against the longest without any event, same run.

NVMe drives under random reads move to and fro (harness/seesaw.py), live and paused.
After each move nothing happens for a while; that is what is compared with. A row says,
in us: the longest request that was under way at a move (median over the moves, and
the longest of all); the same of as many quiet spans of the same length; the longest
of all the quiet time; and the ratio of the two longest at moves and quiet.

A move is the time from when its first driver was asked to pause, or the stop began,
to the end of both; what comes before and after, the hot-add itself, costs a guest
without a CPU of its own some time, too, and is not counted. A benchmark: nothing is
asserted, host and load decide.
"""

import argparse
import os
import re
import statistics
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness import load, machine, pci, seesaw  # noqa: E402
from harness.context import Context  # noqa: E402
from harness.tap import Tap  # noqa: E402

BUILD = os.path.normpath(os.path.join(HERE, "../../../../build"))
COLUMNS = ("way", "drives", "moves", "pause", "(max)", "stop", "(max)", "at move", "(max)",
           "quiet", "(max)", "longest", "ratio")
SEED = 52
SLOT_US = 50000
MARGIN_US = 10000


class Watch:
    """Reads of all drives; times of the kernel's log in those of the reads' timeline."""

    def __init__(self, vm, drives, threads):
        self.vm = vm
        self.reads = [load.Reads(vm, f"d{n}", SEED, threads) for n in range(drives)]

    def begin(self):
        """A new phase; each timeline's offset against the log."""
        self.offsets = []
        for n, reads in enumerate(self.reads):
            since = self.vm.mark()
            report = reads.phase(before=f"echo outage {n} > /dev/kmsg")
            log = float(re.search(r"\[ *([\d.]+)\] outage", self.vm.console(since))[1])
            self.offsets.append(report["phases"][-1]["from_us"] - log * 1e6)

    def end(self):
        """Timelines of all drives, in us of the log, and whether all reads were right."""
        reports = [reads.phase() for reads in self.reads]
        lines = [(at - offset, longest) for reads, offset in zip(self.reads, self.offsets)
                 for at, _, longest in reads.timeline()]
        return lines, all(load.clean(r["phases"][-2]) for r in reports)


def uptime_us(vm):
    """Now, in us of the kernel's log."""
    since = vm.mark()
    vm.sh("echo now > /dev/kmsg")
    return float(re.search(r"\[ *([\d.]+)\] now", vm.console(since))[1]) * 1e6


def longest(lines, start, end):
    """The longest request that began in the slots of @start to @end."""
    return max((us for at, us in lines if start - SLOT_US < at < end), default=0)


def moves(log):
    """(start, end) in us of the log of each event."""
    spans, end = [], None
    for line in log.splitlines():
        m = re.match(r"\[ *([\d.]+)\] (.*)", line)
        if not m:
            continue
        if re.search(r"BAR \d+ \[.*\]: (assigned|moved from)", m[2]):
            # the first line that the engine prints comes right after the move, the
            # summary some serial output later
            end = end or float(m[1]) * 1e6
            continue
        times = re.search(r"pci_movable: event.* stop_us=(\d+) pause_us=(\d+)", m[2])
        if times and end:
            spans.append((end - MARGIN_US - max(map(int, times.groups())), end + MARGIN_US))
        end = None
    return spans


def measure(see, watch, paused, ways, gap):
    """One row, as a list."""
    vm, quiet = see.vm, []
    see.paused(paused)
    see.events.clear()
    watch.begin()
    since = vm.mark()
    for way in range(ways):
        wrong = see.back() if way & 1 else see.forth()
        if wrong:
            print("\n".join(wrong), file=sys.stderr)
        start = uptime_us(vm) + 500000
        time.sleep(gap + 0.5)
        quiet.append((start, start + gap * 1e6))
    lines, right = watch.end()
    if not right:
        print("reads failed", file=sys.stderr)
    at_moves, like_moves = [], []
    for (start, end), (calm, _) in zip(moves(vm.console(since)), quiet):
        at_moves.append(longest(lines, start, end))
        like_moves.append(longest(lines, calm, calm + end - start))
    most_quiet = max(longest(lines, *span) for span in quiet)
    events = pci.summaries(vm.console(since))
    row = ["paused" if paused else "live", len(watch.reads), len(at_moves)]
    for values in ([e["pause_us"] for e in events], [e["stop_us"] for e in events],
                   at_moves, like_moves):
        row += [round(statistics.median(values)), max(values)]
    return row + [most_quiet, f"{max(at_moves) / max(1, most_quiet):.2f}"]


def main(argv):
    p = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    p.add_argument("--patched", metavar="BZIMAGE", default=os.path.join(BUILD, "x86_64/bzImage"))
    p.add_argument("--out", metavar="DIR", default=os.path.join(BUILD, "qemu"))
    p.add_argument("--drives", metavar="N,..", default="1,4", help="that move together, up to 8")
    p.add_argument("--threads", type=int, default=1, help="readers a drive")
    p.add_argument("--ways", type=int, default=10, help="moves a row")
    p.add_argument("--gap", type=float, default=3, help="seconds without an event after each")
    args = p.parse_args(argv)
    out = os.path.abspath(args.out)
    os.makedirs(out, exist_ok=True)
    ctx = Context("bench-outage", "patched", args.patched, Tap(), out)
    print("".join(f"{c:>9}" for c in COLUMNS), flush=True)
    for drives in map(int, args.drives.split(",")):
        image, slot = ctx.image("drive", SEED), []
        for n in reversed(range(drives)):
            slot += machine.drive(f"d{n}", "sa.3", image, addr=f"0.{n}", multifunction="on")
        with ctx.vm(seesaw.arguments([slot]), part=str(drives), globals_=machine.PCIEHP) as vm:
            see = seesaw.Seesaw(ctx, vm, [f"d{n}-nvme" for n in range(drives)])
            watch = Watch(vm, drives, args.threads)
            # the first ways open windows
            see.swing(2)
            for paused in (False, True):
                row = measure(see, watch, paused, args.ways, args.gap)
                print("".join(f"{c:>9}" for c in row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

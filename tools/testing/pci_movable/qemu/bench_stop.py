#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
How long the stop of all CPUs lasts, against their number and the registers that change.

Moves NVMe drives to and fro (harness/seesaw.py) and prints what the summary lines
say, as medians. "held" is the time in which no CPU runs, "stop" the whole call, which
has to wait for each CPU to come. A benchmark: nothing is asserted, host and load decide.
"""

import argparse
import os
import statistics
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness import load, machine, seesaw  # noqa: E402
from harness.context import Context  # noqa: E402
from harness.tap import Tap  # noqa: E402

BUILD = os.path.normpath(os.path.join(HERE, "../../../../build"))
COLUMNS = ("CPUs", "drives", "events", "writes", "mappings", "held us", "(max)", "stop us", "(max)")
SEED = 51


def measure(ctx, cpus, drives, ways, busy):
    """Summary lines of @ways ways, and the first one, which opens windows, left out."""
    image, slot = ctx.image("drive", SEED), []
    for f in reversed(range(drives)):
        slot += machine.drive(f"d{f}", "sa.3", image, addr=f"0.{f}", multifunction="on")
    with ctx.vm(seesaw.arguments([slot]), part=f"{cpus}-{drives}", globals_=machine.PCIEHP,
                cpus=cpus) as vm:
        see = seesaw.Seesaw(ctx, vm, [f"d{f}-nvme" for f in range(drives)])
        reads = load.Reads(vm, "d0", SEED, threads=min(cpus, 4)) if busy else None
        wrong = see.swing(ways + 1)
        if wrong:
            print("\n".join(wrong), file=sys.stderr)
        if reads and not load.clean(reads.stop()["phases"][0]):
            print("reads failed", file=sys.stderr)
        return see.events[1:]


def row(cpus, drives, events):
    median = lambda key: round(statistics.median(e[key] for e in events))
    most = lambda key: max(e[key] for e in events)
    return (cpus, drives, len(events), median("writes"), median("mappings"),
            median("held_us"), most("held_us"), median("stop_us"), most("stop_us"))


def main(argv):
    p = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    p.add_argument("--patched", metavar="BZIMAGE", default=os.path.join(BUILD, "x86_64/bzImage"))
    p.add_argument("--out", metavar="DIR", default=os.path.join(BUILD, "qemu"))
    p.add_argument("--cpus", metavar="N,..", default="1,2,4,8")
    p.add_argument("--drives", metavar="N,..", default="1,8", help="functions that move, up to 8")
    p.add_argument("--ways", type=int, default=6, help="moves a row")
    p.add_argument("--idle", action="store_true", help="without reads meanwhile")
    args = p.parse_args(argv)
    out = os.path.abspath(args.out)
    os.makedirs(out, exist_ok=True)
    ctx = Context("bench-stop", "patched", args.patched, Tap(), out)
    print("".join(f"{c:>10}" for c in COLUMNS), flush=True)
    for drives in map(int, args.drives.split(",")):
        for cpus in map(int, args.cpus.split(",")):
            events = measure(ctx, cpus, drives, args.ways, not args.idle)
            if events:
                print("".join(f"{c:>10}" for c in row(cpus, drives, events)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
How long the stop of all CPUs lasts, against their number and the registers that change.

Devices move to and fro (harness/seesaw.py); what the summary lines say is printed, as
medians. "held" is the time in which no CPU runs, "stop" the whole call, which has
to wait for each CPU to come. Two kinds of movers:

  drives     NVMe drives under checked reads; their mappings follow
  functions  up to 744 SD controllers without a driver behind bridges of the conventional
             kind, three register writes each: 2,000 writes and more in one stop. Of three
             bridges two move on the way back

QEMU builds its memory map anew at each register write that changes it, in a time that
grows with the number of devices; the last column says what a write takes. A
benchmark: nothing is asserted, host and load decide.
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
COLUMNS = ("CPUs", "movers", "events", "writes", "(max)", "mappings", "held us", "(max)",
           "stop us", "(max)", "us/write")
SEED = 51
# conventional PCI: 31 devices of 8 functions behind a bridge, device 0 left out
PER_BRIDGE = 31 * 8


class Drives:
    """@count NVMe drives, functions of one slot, the first one under reads."""

    def __init__(self, ctx, count, busy):
        self.busy, self.slots, self.shape = busy, 1, seesaw.NORMAL
        self.ids = [f"d{f}-nvme" for f in range(count)]
        image, self.args = ctx.image("drive", SEED), []
        for f in reversed(range(count)):
            self.args += machine.drive(f"d{f}", "sa.3", image, addr=f"0.{f}", multifunction="on")

    def start(self, vm, cpus):
        return load.Reads(vm, "d0", SEED, threads=min(cpus, 4)) if self.busy else None


class Functions:
    """@count functions without a driver, a BAR of 256 bytes each, decoded."""

    def __init__(self, ctx, count, busy):
        self.ids, self.args = [], []
        bridges = -(-count // PER_BRIDGE)
        self.slots, self.shape = bridges, seesaw.WIDE
        for b in range(bridges):
            self.args += machine.device("i82801b11-bridge", id=f"pci{b}",
                                        bus=self.shape.movers[b])
        for n in range(count):
            bridge, at = divmod(n, PER_BRIDGE)
            device, function = divmod(at, 8)
            self.args += machine.device("sdhci-pci", id=f"f{n}", bus=f"pci{bridge}",
                                        addr=f"{device + 1:x}.{function}", multifunction="on")
            self.ids.append(f"f{n}")

    def start(self, vm, cpus):
        # class 0805: SD controllers
        vm.sh("for d in /sys/bus/pci/devices/*; do "
              "grep -q ^0x0805 $d/class && echo 1 > $d/enable; done; true", timeout=300)


def measure(ctx, cpus, movers, ways):
    """Summary lines of @ways ways."""
    with ctx.vm(seesaw.arguments([movers.args], movers.shape), part=f"{cpus}-{len(movers.ids)}",
                globals_=machine.PCIEHP, cpus=cpus, boot_timeout=900) as vm:
        see = seesaw.Seesaw(ctx, vm, movers.ids, movers.slots, movers.shape)
        reads = movers.start(vm, cpus)
        wrong = see.swing(ways)
        if wrong and movers.shape is not seesaw.WIDE:
            print("\n".join(wrong)[:2000], file=sys.stderr)
        if reads and not load.clean(reads.stop()["phases"][0]):
            print("reads failed", file=sys.stderr)
        return see.events


def row(cpus, movers, events):
    median = lambda key: round(statistics.median(e[key] for e in events))
    most = lambda key: max(e[key] for e in events)
    return (cpus, movers, len(events), median("writes"), most("writes"), median("mappings"),
            median("held_us"), most("held_us"), median("stop_us"), most("stop_us"),
            round(median("held_us") / median("writes")))


def main(argv):
    numbers = lambda text: [int(n) for n in text.split(",") if n]
    p = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    p.add_argument("--patched", metavar="BZIMAGE", default=os.path.join(BUILD, "x86_64/bzImage"))
    p.add_argument("--out", metavar="DIR", default=os.path.join(BUILD, "qemu"))
    p.add_argument("--cpus", metavar="N,..", type=numbers, default=[1, 2, 4, 8])
    p.add_argument("--drives", metavar="N,..", type=numbers, default=[1, 8],
                   help="functions of one slot that move under a driver, up to 8")
    p.add_argument("--functions", metavar="N,..", type=numbers, default=[],
                   help="functions without a driver that move, up to 744")
    p.add_argument("--ways", type=int, default=6, help="moves a row")
    p.add_argument("--idle", action="store_true", help="without reads meanwhile")
    args = p.parse_args(argv)
    out = os.path.abspath(args.out)
    os.makedirs(out, exist_ok=True)
    ctx = Context("bench-stop", "patched", args.patched, Tap(), out)
    print("".join(f"{c:>10}" for c in COLUMNS), flush=True)
    rows = [(Drives, n) for n in args.drives] + [(Functions, n) for n in args.functions]
    for kind, count in rows:
        for cpus in args.cpus:
            events = measure(ctx, cpus, kind(ctx, count, not args.idle), args.ways)
            if events:
                print("".join(f"{c:>10}" for c in row(cpus, count, events)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

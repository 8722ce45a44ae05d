# SPDX-License-Identifier: GPL-2.0
"""
Random events across three nested switches, with what must hold checked after each.

    rp -- A -+- 10 drive a    +- B -+- 20 drive b    +- C -+- 30 drive c
             +- 11 -----------+     +- 21 -----------+     +- 31 e1000, fixed
             +- 12 card             +- 22 card             +- 32 card
             +- 13 card             +- 23 drive idle       +- 33 card
    rpw - W - 40 e1000, fixed: 32-bit windows of rp have nowhere to grow

Drives a, b and c are under checked reads all the time, and move: because a card needs their
place, or because the debugfs says so. harness/events.py makes the events,
harness/invariants.py says what must hold. In the end everything is removed: nothing
that was there at first may have been lost, and each slot takes the cards that it takes in a
machine just booted. By hand, with a kernel that checks itself (scripts/kernel debug):

    run.py --scenario soak --only patched --patched build/x86_64-debug/bzImage
           --events 300 --seed 1
"""

import collections
import re
import time

from harness import events, invariants, load, machine, pci

ORDER = 25
KERNELS = ("patched",)
SEED = 61
EVENTS = 15
SLOTS = {12: "a.2", 13: "a.3", 22: "b.2", 32: "c.2", 33: "c.3"}
BUSY, IDLE, FIXED = ("da", "db", "dc"), ("di",), ("pin", "wall")
IMAGE_MIB = 8


def fixed(name, bus):
    """A device with 32-bit BARs, and a driver that has no hooks."""
    return machine.device("e1000", id=name, bus=bus, romfile="")


def boot(ctx, part=""):
    image = ctx.image("soak", SEED, IMAGE_MIB)
    args = machine.root_port("rp", slot=1, addr="4")
    for name, above, slot in (("a", "rp", 10), ("b", "a.1", 20), ("c", "b.1", 30)):
        args += machine.switch(name, above, slot)
    for name, bus in zip(BUSY + IDLE, ("a.0", "b.0", "c.0", "b.3")):
        args += machine.drive(name, bus, image)
    args += fixed("pin", "c.1")
    # as much below it as below rp, for the firmware to put it below rp
    args += machine.root_port("rpw", slot=2, addr="5") + machine.switch("w", "rpw", 40, ports=10)
    args += fixed("wall", "w.0")
    # One thread for all CPUs, see Vm: events that change the memory map come by the hundred.
    return ctx.vm(args, part=part, globals_=machine.PCIEHP, memory=768, threads="single")


def mappings(vm):
    """How many ranges of devices the kernel has mapped."""
    return int(vm.sh("grep -c ' ioremap' /proc/vmallocinfo; true").text)


def serves(vm, make, slots):
    """BARs without a place while a big card and seven functions are in each slot in turn."""
    left = []
    for slot in slots:
        for what in ([{"driver": "pci-testdev", "id": f"t{slot}", "membar": "64M"}],
                     machine.edu_functions(7, f"t{slot}e")):
            make.insert(slot, what)
            make.settle()
            tree = vm.tree()
            left += [f"slot {slot}: {n} {r}" for n in make.cards[slot]
                     for r in tree.undecoded(n, io=False)]
            make.remove(slot)
    return left


class Soak:
    def __init__(self, ctx, vm):
        self.ctx, self.vm = ctx, vm
        self.reads = {n: load.Reads(vm, n, SEED) for n in BUSY}
        self.make = events.Events(vm, ctx.seed, SLOTS, [f"{n}-nvme" for n in IDLE],
                                  [f"{n}-nvme" for n in BUSY],
                                  ctx.image("soak", SEED, IMAGE_MIB))
        self.count, self.moves = collections.Counter(), collections.Counter()
        self.wrong, self.left, self.left_out = [], [], 0

    def event(self, number):
        """One event, judged; False ends the soak, as what follows would be noise."""
        before, since = self.vm.tree(), self.vm.mark()
        start = time.monotonic()
        kind, what = self.make.happen()
        self.count[kind] += 1
        after = self.vm.tree()
        for name in BUSY:
            if after.bars(f"{name}-nvme") != before.bars(f"{name}-nvme"):
                self.moves[name, "forced" if kind == "forced" else "for others"] += 1
        left = [f"{n} {r}" for n in self.make.driverless()
                for r in after.undecoded(n, io=False)]
        wrong = invariants.wrong(self.vm, before, after)
        edus = [n for n in self.make.of_kind("edu") if not after.undecoded(n)]
        wrong += invariants.unanswered(self.vm, after, edus)
        said = any(e.get("result") in ("no-space", "partial")
                   for e in pci.summaries(self.vm.console(since)))
        self.left_out += bool(left)
        # what had no place before may have none now, but is not forgotten silently
        new = [l for l in left if l not in self.left]
        wrong += [f"no place, and no word about it: {l}" for l in new if not said]
        self.left = left
        wrong += [f"log: {l}" for l in self.vm.trouble(since) +
                  re.findall(".*Timeout on hotplug command.*", self.vm.console(since))]
        summaries = [e["line"] for e in pci.summaries(self.vm.console(since))]
        self.ctx.comment(f"{number}: {what}; {time.monotonic() - start:.1f} s")
        for line in summaries + wrong:
            self.ctx.comment(f"    {line}")
        self.wrong += [f"event {number}, {what}: {w}" for w in wrong]
        return not wrong

    def figures(self):
        """What the summary lines add up to."""
        lines = pci.summaries(self.vm.console())
        total = collections.Counter()
        for e in lines:
            total[f"result {e.get('result')}"] += 1
            for key in ("placed", "moved", "live", "paused", "windows", "writes", "returned"):
                total[key] += e.get(key, 0) if isinstance(e.get(key, 0), int) else 0
        most = max((e.get("held_us", 0) for e in lines), default=0)
        return {"summary lines": len(lines), "events with a BAR left out": self.left_out,
                **total, "held_us at most": most}


def judge(ctx, vm, soak, done, number):
    ctx.check(done == number and not soak.wrong, f"after each of {number} events all was right",
              "\n".join(soak.wrong[:20]))
    kinds = ", ".join(f"{n} {k}" for k, n in sorted(soak.count.items()))
    ctx.comment(f"seed {ctx.seed}, events: {kinds}")
    ctx.comment(f"figures: {soak.figures()}")
    moves = [f"{name} {n} times {why}" for (name, why), n in sorted(soak.moves.items())]
    ctx.check(moves, "BARs of drives under I/O have moved", "none")
    if number > EVENTS:
        ctx.check([m for m in soak.moves if m[1] == "for others"],
                  "some of them because a card needed their place", moves)
    ctx.comment(f"moved under I/O: {', '.join(moves) or 'none'}")
    for name, reads in soak.reads.items():
        report = reads.stop()
        ctx.check(report["under_way_us"] < 5000000, f"no read of {name} hangs",
                  report["under_way_us"])
        ctx.check_load(report["phases"][0], f"reads of {name}")
        ctx.comment(f"{name}: {load.describe(report['phases'][0])}")
        whole = reads.verify()
        ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                  f"all of {name} reads back right", whole)


def drift(ctx, vm, make, fresh, maps, slots):
    """What is left of the events when all has been removed."""
    make.calm()
    vm.sh("echo 1 > /sys/bus/pci/rescan")
    after = vm.tree()
    lost = invariants.lost(fresh, after)
    ctx.check(not lost, "all removed: every BAR of a fresh boot is decoded", "\n".join(lost))
    ids = sorted(d.bdf for d in after.devices)
    ctx.check(ids == sorted(d.bdf for d in fresh.devices), "all removed: no other function", ids)
    ctx.check(mappings(vm) == maps, "all removed: as many mappings of devices as at first",
              f"{maps} {mappings(vm)}")
    left = serves(vm, make, slots)
    ctx.check(not left, "all removed: each slot takes what it takes after boot", "\n".join(left))
    # room for later that an empty window had, and gave up when it was short
    shut = [f"{bdf} {pci.KINDS[name]}" for bdf, name in fresh.windows()
            if (bdf, name) not in after.windows()]
    ctx.comment(f"windows of a fresh boot that are closed: {', '.join(shut) or 'none'}")
    size = lambda tree, name: sum(w[1] + 1 - w[0] for (_, n), w in tree.windows().items()
                                  if n == name) >> 10
    for name in pci.KINDS:
        ctx.comment(f"{name}s together: {size(fresh, name)} KiB fresh, "
                    f"{size(after, name)} KiB after")


def run(ctx):
    number = ctx.events or EVENTS
    slots = sorted(SLOTS) if number > EVENTS else sorted(SLOTS)[-1:]
    with boot(ctx) as vm:
        fresh, maps = vm.tree(), mappings(vm)
        soak = Soak(ctx, vm)
        left = serves(vm, soak.make, slots)
        ctx.check(not left, "after boot each slot takes a big card and seven functions",
                  "\n".join(left))
        words = [vm.read(f"/sys/bus/pci/devices/{fresh.find(name).bdf}/bars_movable")
                 for name in FIXED]
        ctx.check(all(re.fullmatch(r"(\d+:(driver|io-ports) ?)+", w) for w in words),
                  "what has a driver without hooks is fixed", words)
        wrong = invariants.wrong(vm, fresh, vm.tree())
        ctx.check(not wrong, "all is right before the first event", "\n".join(wrong))
        vm.sh("echo clear > /sys/kernel/debug/kmemleak", check=False)
        done = 0
        while done < number and soak.event(done):
            done += 1
        judge(ctx, vm, soak, done, number)
        if not soak.wrong:
            drift(ctx, vm, soak.make, fresh, maps, slots)
        ctx.check_tree(vm)
        bad = [l for l in vm.console().splitlines() if "I/O error" in l or "nvme" in l and
               any(w in l for w in ("emoving", "timeout", "Disabling", "frozen"))]
        ctx.check(not bad, "no timeout, I/O error or drive given up", "\n".join(bad))
        ctx.check_log(vm)

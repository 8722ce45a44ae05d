# SPDX-License-Identifier: GPL-2.0
"""
The BAR of one of four running drives is in the way: it moves, three stay.

Seven functions of 1 MiB each come into slot 11 of switch A. What the drives
hold of the 32-bit windows, in MiB (the firmware's own layout):

    fca   fcc   fce   fd0   fd2   fd4   fd6   fd8   fda
     |B23  |  -  |  -  |B20  |A13  |  -  |  -  |A10  |root ports, AHCI: fixed
     |-------- B ------------|-------- A ------------|
      x                 x     x                 x      <- the drives' BARs, 16 KiB each

Between the drives that stay there is at most room for 5 MiB, and A is closed
in by B's drive below and by the root bus above. With either A13 or B20 out of
the way there are 7 MiB, so one drive has to move, and one is enough.

On arm64, where the kernel has placed everything, A comes first, at the lower end
of the root bus's window, then B; each has 2 MiB more behind its last slot.
"""

import os

from harness import load, machine, pci
from harness.platform import ARM64, X86_64

ORDER = 2
PLATFORMS = (X86_64, ARM64)
MIB = 1 << 20
PLACES = {"a10": "swa.0", "a13": "swa.3", "b20": "swb.0", "b23": "swb.3"}
SLOT = 11
BOTTOM = {X86_64: 0, ARM64: 256}	# MiB: nothing of the 32-bit window is below


def largest_gap(tree, port, fixed_ids, others, bottom):
    """
    MiB that a window could have at most around nothing, if no BAR moved: in
    the range which switch @port could grow to, between the BARs @fixed_ids
    below it and @others elsewhere; the root bus's window starts at @bottom MiB.
    """
    inside = [a // MIB for i in fixed_ids for a in tree.bars(i).values()]
    root_bus = [r.address // MIB for d in tree.devices if not d.parent for r in d.regions
                if r.address is not None and not r.io]
    outside = [a // MIB for i in others for a in tree.bars(i).values()] + root_bus
    base, limit = tree.find(port).windows["memory_range"]
    low = max([a for a in outside if a < base // MIB], default=bottom - 1)
    high = min([a for a in outside if a > limit // MIB], default=1 << 12)
    walls = sorted({low, high, *inside})
    return max(b - a - 1 for a, b in zip(walls, walls[1:]))


def scenario(ctx, part, append):
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("swa", "rpa", slot=10) + machine.switch("swb", "rpb", slot=20)
    seeds = {name: 21 + i for i, name in enumerate(PLACES)}
    for name, bus in PLACES.items():
        args += machine.drive(name, bus, ctx.image(name, seeds[name]))
    forced = bool(append)
    with ctx.vm(args, part=part, globals_=machine.PCIEHP, append=append) as vm:
        say = lambda text: f"{part}: {text}"
        before = vm.tree()
        a, b = (before.find(r).windows["memory_range"] for r in ("rpa", "rpb"))
        ctx.check(b[1] + 1 == a[0] or a[1] + 1 == b[0],
                  say("the switches' 32-bit windows touch"), f"{a} {b}")
        gap = largest_gap(before, "rpa", ("a10-nvme", "a13-nvme"), ("b20-nvme", "b23-nvme"),
                          BOTTOM[ctx.platform])
        ctx.check(gap < 7, say("without moving a drive there is no room"), f"{gap} MiB")
        reads = {name: load.Reads(vm, name, seeds[name]) for name in PLACES}
        ctx.pause(1)
        if ctx.platform is X86_64:	# the other kernel has no networks
            vm.sh("uevent sh -c 'echo $ACTION@$DEVPATH' > /tmp/uevents 2>&1 & "
                  "echo $! > /tmp/uevent.pid")
        for r in reads.values():
            r.phase()
        since = vm.plug("swa.1", SLOT, machine.edu_functions())
        vm.enable(f"edu{f}" for f in range(7))
        ctx.pause(3)
        reports = {name: r.stop() for name, r in reads.items()}
        after = vm.tree()
        for line in pci.changes(before, after):
            ctx.comment(line)

        lost = [r for f in range(7) for r in after.undecoded(f"edu{f}")]
        flat = vm.hmp("info mtree -f").split("FlatView")
        seen = max(view.count("edu-mmio") for view in flat)
        moved = [n for n in PLACES if after.bars(f"{n}-nvme") != before.bars(f"{n}-nvme")]
        ctx.comment("drives moved: " + (" ".join(moved) or "none"))
        if ctx.patched:
            ctx.check(not lost, say("all seven functions are decoded"), lost)
            ctx.check(seen == 7, say("the machine's memory map shows seven of them"), seen)
            ctx.check(len(moved) == 1, say("one drive moved, three stayed"), moved)
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("result") == "ok" and event.get("placed") == 7,
                      say("the summary line says ok, seven placed"), event)
            ctx.check(event.get("moved") == len(moved), say("it counts the moved BARs"), event)
            ctx.check(event.get("paused") == (len(moved) if forced else 0) and
                      event.get("live") == (0 if forced else len(moved)),
                      say("each was " + ("paused" if forced else "moved live")), event)
            if ctx.platform is X86_64:
                check_uevents(ctx, vm, say, after, moved)
        else:
            ctx.check("can't assign; no space" in vm.console(since) and lost,
                      say("stock finds no space"), vm.console(since))
            ctx.check(not moved, say("no drive moved"), moved)
        for name, report in reports.items():
            ctx.check_load(report["phases"][1], say(f"reads of {name}"))
            ctx.check(report["under_way_us"] < 1000000, say(f"no read of {name} hangs"),
                      report["under_way_us"])
            ctx.comment(f"{name}: {load.describe(report['phases'][1])}")
            whole = reads[name].verify()
            ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                      say(f"all of {name} reads back right"), whole)
        resets = [l for l in vm.console(since).splitlines()
                  if "nvme" in l and ("reset" in l or "timeout" in l or "removing" in l)]
        ctx.check(not resets, say("no controller reset or timeout"), "\n".join(resets))
        ctx.check_tree(vm)
        ctx.check_log(vm)


def check_uevents(ctx, vm, say, tree, moved):
    vm.sh("kill $(cat /tmp/uevent.pid)")
    text = vm.sh("cat /tmp/uevents").text
    for name in PLACES:
        path = os.path.basename(tree.find(f"{name}-nvme").bdf)
        told = any(line.startswith("change@") and line.endswith("/" + path)
                   for line in text.splitlines())
        ctx.check(told == (name in moved),
                  say(f"{'a' if name in moved else 'no'} change uevent for {name}"), text[-2000:])


def run(ctx):
    scenario(ctx, "live", "")
    if ctx.patched:
        scenario(ctx, "paused", "pci_movable.force_pause=1")

# SPDX-License-Identifier: GPL-2.0
"""
A card is plugged in through ACPI hot-plug, what q35 does by default.

    root port A ---  drive, random reads, each one checked
    root port B ---  <- pci-testdev with a 16 MiB 64-bit prefetchable BAR

The firmware gave the ports windows of 1 or 2 MiB. Windows have to change, no
BAR of the drive has to move.
"""

from harness import load, machine, pci

ORDER = 9
SEED = 91


def run(ctx):
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.drive("drive", "rpa", ctx.image("acpi", SEED))
    with ctx.vm(args) as vm:
        reads = load.Reads(vm, "drive", SEED)
        ctx.pause(1)
        before = vm.tree()
        since = vm.mark()
        vm.qmp("device_add", driver="pci-testdev", id="card", membar="16M", bus="rpb")
        done = r"pci_movable: event=" if ctx.patched else r"\[1b36:0005\]"
        vm.wait_log(done, 30, since)
        ctx.pause(3)
        vm.enable(["card"])
        ctx.pause(3)
        report = reads.stop()
        after, log = vm.tree(), vm.console(since)
        ctx.check("pciehp" not in log, "it is not pciehp that serves the slot", log)
        lost = after.undecoded("card", io=False)
        if ctx.patched:
            ctx.check(not lost, "every memory BAR of the card is decoded", lost)
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("trigger") == "hotplug" and event.get("result") == "ok" and
                      event.get("paused") == 0 and event.get("moved") == 0,
                      "the summary line says hotplug, ok, nothing moved", event)
        else:
            ctx.check("can't assign; no space" in log, "the log says: can't assign; no space", log)
            ctx.check(any(r.size == 16 << 20 for r in lost),
                      "the card's 16 MiB BAR is not decoded", lost)
        ctx.check(after.bars("drive-nvme") == before.bars("drive-nvme"), "the drive's BARs stay")
        ctx.check_load(report["phases"][0], "reads")
        for line in pci.changes(before, after):
            ctx.comment(line)
        ctx.check_tree(vm)
        ctx.check_log(vm)

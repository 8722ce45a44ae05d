# SPDX-License-Identifier: GPL-2.0
"""
A card is plugged in behind a standard hot-plug controller, two bridges deep.

    root port A ---  drive, random reads, each one checked
    root port B ---  pcie-pci-bridge (SHPC) --- <- pci-testdev with a 16 MiB BAR

Both the bridge and the root port above it have to get larger windows.
"""

from harness import load, machine, pci

ORDER = 10
SEED = 101


def run(ctx):
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.drive("drive", "rpa", ctx.image("shpc", SEED))
    args += machine.device("pcie-pci-bridge", id="pci", bus="rpb")
    with ctx.vm(args, globals_=machine.PCIEHP) as vm:
        reads = load.Reads(vm, "drive", SEED)
        ctx.pause(1)
        before = vm.tree()
        since = vm.mark()
        vm.qmp("device_add", driver="pci-testdev", id="card", membar="16M", bus="pci", addr="1")
        done = r"pci_movable: event=" if ctx.patched else r"\[1b36:0005\]"
        vm.wait_log(done, 30, since)
        ctx.pause(3)
        vm.enable(["card"])
        ctx.pause(3)
        report = reads.stop()
        after, log = vm.tree(), vm.console(since)
        lost = after.undecoded("card", io=False)
        if ctx.patched:
            ctx.check(not lost, "every memory BAR of the card is decoded", lost)
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("result") == "ok" and event.get("paused") == 0 and
                      event.get("moved", 9) == event.get("live"),
                      "the summary line says ok, nobody paused", event)
        else:
            ctx.check(any(r.size == 16 << 20 for r in lost),
                      "the card's 16 MiB BAR is not decoded", lost)
        ctx.check(after.bars("drive-nvme") == before.bars("drive-nvme"), "the drive's BARs stay")
        ctx.check_load(report["phases"][0], "reads")
        for line in pci.changes(before, after):
            ctx.comment(line)
        ctx.check_tree(vm)
        ctx.check_log(vm)

# SPDX-License-Identifier: GPL-2.0
"""
A card with a BAR of 1 TiB, which fits nowhere, changes nothing for the others.

The processor has 40 address bits, so the whole machine has 1 TiB. The machine
is that of the main job. The slot's own port may report the new link; its
windows and everything else have to be as they were.
"""

from harness import load, pci
from . import main_job

ORDER = 4
WINDOWS = range(0x1c, 0x34)


def run(ctx):
    with main_job.boot(ctx, cpu="qemu64,phys-bits=40") as vm:
        reads = load.Reads(vm, "drive", main_job.SEED)
        ctx.pause(1)
        before, iomem = vm.tree(), vm.iomem()
        vm.save_configs("before")
        since = vm.plug("sw.1", main_job.SLOT,
                        [{"driver": "pci-testdev", "id": "card", "membar": "1T"}])
        ctx.pause(3)
        vm.save_configs("after")
        after, iomem_after = vm.tree(), vm.iomem()
        report = reads.stop()
        log = vm.console(since)
        card, port = after.find("card").bdf, after.find("sw.1").bdf
        changes = vm.config_changes("before", "after")
        others = {bdf: c for bdf, c in changes.items() if c != [] and bdf not in (card, port)}
        ctx.check(not others, "config space of every other device is the same to the byte", others)
        ctx.check(any(r.size == 1 << 40 for r in after.undecoded("card")),
                  "the 1 TiB BAR is not decoded")
        ctx.check("can't assign; no space" in log, "the log says: can't assign; no space", log)
        moved = [l for l in pci.iomem_diff(iomem, iomem_after) if card not in l]
        if ctx.patched:
            windows = [c for c in changes[port] if c[0] in WINDOWS]
            ctx.check(not windows, "the windows of the slot's own port are as they were", windows)
            ctx.check(not moved, "/proc/iomem is as it was, but for the new card", "\n".join(moved))
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("result") in ("no-space", "partial"),
                      "the summary line says that there is no space", event)
            ctx.check(event.get("moved") == 0 and event.get("paused") == 0 and
                      event.get("live") == 0, "the summary line says nothing was touched", event)
            reason = [l for l in log.splitlines() if "pci_movable: " in l and "event=" not in l]
            ctx.check(any(card in l for l in reason), "the log names the BAR and the reason",
                      "\n".join(reason))
        else:
            for line in moved:
                ctx.comment("iomem " + line)
        ctx.check(after.bars("drive-nvme") == before.bars("drive-nvme"), "the drive's BARs stay")
        ctx.check_load(report["phases"][0], "reads")
        ctx.check_tree(vm)
        ctx.check_log(vm)

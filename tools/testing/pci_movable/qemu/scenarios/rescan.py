# SPDX-License-Identifier: GPL-2.0
"""
A card that no hot-plug driver has seen is found by /sys/bus/pci/rescan.

The machine is that of the main job; pciehp is taken off the slot first, the
slot's power is switched on by hand. Then the card is removed by sysfs and
found once more.
"""

from harness import load, pci
from . import main_job

ORDER = 8
EXP_CAP, SLTCTL, POWER_OFF = 0x10, 0x18, 1 << 10


def power_on(vm, bdf):
    """Clears Power Controller Control of the port at @bdf."""
    path = f"/sys/bus/pci/devices/{bdf}/config"
    config = bytes(int(b, 16) for b in vm.sh(f"od -An -v -tx1 -N256 {path}").text.split())
    at = config[0x34]
    while at and config[at] != EXP_CAP:
        at = config[at + 1]
    at += SLTCTL
    value = (config[at] | config[at + 1] << 8) & ~POWER_OFF
    octal = "".join(f"\\\\{b:03o}" for b in (value & 0xff, value >> 8))
    vm.sh(f"printf {octal} | dd of={path} bs=1 seek={at} conv=notrunc 2>/dev/null")


def judge(ctx, vm, text):
    vm.enable(["card"])
    tree = vm.tree()
    bdf, lost = tree.find("card").bdf, tree.undecoded("card")
    if ctx.patched:
        ctx.check(not lost, f"{text}: every BAR of the card is decoded", lost)
    else:
        ctx.check(any(r.size == 16 << 20 for r in lost),
                  f"{text}: the card's 16 MiB BAR is not decoded", lost)
    return bdf


def run(ctx):
    with main_job.boot(ctx) as vm:
        reads = load.Reads(vm, "drive", main_job.SEED)
        ctx.pause(1)
        before = vm.tree()
        port = before.find("sw.1").bdf
        vm.sh("cd /sys/bus/pci_express/drivers/pciehp; "
              f"for s in {port}:*; do echo $s > unbind; done")
        vm.qmp("device_add", driver="pci-testdev", id="card", membar="16M", bus="sw.1")
        power_on(vm, port)
        since = vm.mark()
        vm.sh("echo 1 > /sys/bus/pci/rescan")
        log = vm.console(since)
        bdf = judge(ctx, vm, "rescan")
        if ctx.patched:
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("trigger") == "rescan" and event.get("result") == "ok",
                      "the summary line says rescan, ok", event)
        else:
            ctx.check("can't assign; no space" in log, "the log says: can't assign; no space", log)
        iomem = vm.iomem()
        vm.sh("echo 1 > /sys/bus/pci/rescan")
        ctx.check(vm.iomem() == iomem, "a rescan without anything new changes nothing",
                  "\n".join(pci.iomem_diff(iomem, vm.iomem())))
        vm.sh(f"echo 1 > /sys/bus/pci/devices/{bdf}/remove")
        vm.sh("echo 1 > /sys/bus/pci/rescan")
        judge(ctx, vm, "removed and found again")
        ctx.pause(2)
        report = reads.stop()
        ctx.check(vm.tree().bars("drive-nvme") == before.bars("drive-nvme"),
                  "the drive's BARs stay")
        ctx.check_load(report["phases"][0], "reads")
        ctx.check_tree(vm)
        ctx.check_log(vm)

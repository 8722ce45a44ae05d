# SPDX-License-Identifier: GPL-2.0
"""
A card is plugged in beside a drive under I/O, and its slot's window is too small.

    root port --- switch --+-- slot 10   drive, random reads, each one checked
                           +-- slot 11   <- pci-testdev with a 16 MiB 64-bit prefetchable BAR
                           +-- slot 12   empty
                           +-- slot 13   empty

The firmware, or without one the kernel, gave the slots windows of 1 or 2 MiB and
packed them side by side.
Only windows need to change for the card; no BAR of the drive has to move.
"""

from harness import load, machine, pci
from harness.platform import ARM64, X86_64

ORDER = 1
PLATFORMS = (X86_64, ARM64)
SEED = 11
CARD = "card"
SLOT = 11


def boot(ctx, **more):
    args = machine.root_port("rp", slot=1, addr="4")
    args += machine.switch("sw", "rp", slot=10)
    args += machine.drive("drive", "sw.0", ctx.image("drive", SEED))
    return ctx.vm(args, globals_=machine.PCIEHP, **more)


def measure(ctx, vm):
    """The job itself; everything that was seen, as a dictionary."""
    seen = {}
    reads = load.Reads(vm, "drive", SEED)
    ctx.pause(1)
    reads.phase()
    ctx.pause(4)
    seen["before"] = vm.tree()
    seen["iomem_before"] = vm.iomem()
    quiet = reads.phase()["phases"][1]
    since = vm.plug("sw.1", SLOT, [{"driver": "pci-testdev", "id": CARD, "membar": "16M"}])
    seen["bdf"] = vm.tree().find(CARD).bdf
    seen["enabled"] = vm.enable([CARD])
    ctx.pause(4)
    report = reads.stop()
    seen["after"] = vm.tree()
    seen["iomem_after"] = vm.iomem()
    seen["quiet"], seen["busy"] = quiet, report["phases"][2]
    seen["under_way_us"] = report["under_way_us"]
    seen["log"] = vm.console(since)
    seen["events"] = pci.summaries(seen["log"])
    seen["since"] = since
    seen["verify"] = reads.verify()
    return seen


def judge(ctx, vm, seen, served):
    """Checks; @served: the card has to get its place, else it must not."""
    after, before = seen["after"], seen["before"]
    lost = after.undecoded(CARD, io=False)
    detail = "\n".join(map(repr, after.find(CARD).regions)) + "\n" + seen["log"]
    # a slot without a button has nothing else
    ctx.check("Card present" in seen["log"] and "Link Up" in seen["log"],
              "presence and link have switched the slot on", seen["log"])
    if served:
        ctx.check(not after.undecoded(CARD), "every BAR of the card is decoded", detail)
        ctx.check(seen["enabled"], "the card can be enabled", detail)
        event = ctx.summary(vm, seen["since"]) or {}
        ctx.check(event.get("result") == "ok" and event.get("trigger") == "hotplug",
                  "the summary line says ok", event)
        ctx.check(event.get("paused") == 0 and event.get("live") == 0 and event.get("moved") == 0,
                  "the summary line says nothing was paused or moved", event)
        ctx.check(event.get("windows", 0) > 0 and
                  event.get("placed", 0) == event.get("wanted") and event.get("placed", 0) >= 1,
                  "the summary line counts the card's BARs and the windows", event)
        ctx.check("can't assign; no space" not in final_words(seen["log"], seen["bdf"]),
                  "the log does not end with an unassigned BAR", seen["log"])
    else:
        ctx.check("can't assign; no space" in seen["log"], "the log says: can't assign; no space",
                  seen["log"])
        ctx.check(any(r.size == 16 << 20 for r in lost), "the card's 16 MiB BAR is not decoded",
                  detail)
    ctx.check(after.bars("drive-nvme") == before.bars("drive-nvme"), "the drive's BARs stay",
              f"{before.bars('drive-nvme')} {after.bars('drive-nvme')}")
    ctx.check_load(seen["quiet"], "reads before")
    ctx.check_load(seen["busy"], "reads during and after the hot-add")
    ctx.check(seen["under_way_us"] < 1000000, "no read hangs", f"{seen['under_way_us']} us")
    ctx.check(seen["verify"]["ops"] == seen["verify"].get("blocks") and load.clean(seen["verify"]),
              "the whole drive reads back right", seen["verify"])
    ctx.kselftest(vm)
    ctx.check_tree(vm)
    ctx.check_log(vm)
    for line in pci.changes(before, after):
        ctx.comment(line)
    ctx.comment("quiet: " + load.describe(seen["quiet"]))
    ctx.comment("hot-add: " + load.describe(seen["busy"]))


def final_words(log, bdf):
    """Lines about @bdf behind the engine's summary line; all, without one."""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        if pci.SUMMARY.search(line):
            lines = lines[i:]
            break
    return "\n".join(l for l in lines if bdf in l)


def run(ctx):
    with boot(ctx) as vm:
        seen = measure(ctx, vm)
        judge(ctx, vm, seen, served=ctx.patched)
        return seen

# SPDX-License-Identifier: GPL-2.0
"""
No firmware has assigned anything: every BAR has an address before drivers bind.

arm64, device tree. Bridges come with all windows closed, BARs with zeros. Stock
assignment places them all, so the engine has nothing to do and the layout is that
of a stock kernel.
"""

import json
import os

from harness import load, machine
from harness.platform import ARM64
from .boot_same import headers, iomem

ORDER = 14
PLATFORMS = (ARM64,)
SEED = 141
CARDS = ("edu", "card", "below")
UNSET = 0x20000000


def boot(ctx):
    args = machine.root_port("rp", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("sw", "rp", slot=10)
    args += machine.drive("drive", "sw.0", ctx.image("drive", SEED))
    args += machine.device("pci-testdev", id="card", bus="sw.2", membar="64M")
    args += machine.device("edu", id="edu", bus="pcie.0", addr="6")
    args += machine.device("pcie-pci-bridge", id="pci", bus="rpb")
    args += machine.device("edu", id="below", bus="pci", addr="1")
    return ctx.vm(args)


def unset(vm):
    """"BDF index" of each resource in sysfs that has a size and no address."""
    text = vm.sh("cd /sys/bus/pci/devices; for d in *; do i=0; while read s e f; do "
                 "echo $d $i $s $e $f; i=$((i+1)); done < $d/resource; done").text
    found = []
    for line in text.split("\n"):
        words = line.split()
        if words and int(words[3], 16) and (int(words[4], 16) & UNSET or not int(words[2], 16)):
            found.append(line)
    return found


def run(ctx):
    with boot(ctx) as vm:
        vm.enable(CARDS)
        tree = vm.tree()
        ids = [d.id for d in tree.devices if d.id]
        lost = [f"{i} {r}" for i in ids for r in tree.undecoded(i, io=False)]
        ctx.check(len(ids) >= 10 and not lost, "every memory BAR is decoded", "\n".join(lost))
        ctx.check(not unset(vm), "sysfs has an address for every resource", "\n".join(unset(vm)))
        card = tree.bars("card")
        ctx.check(any(a >= 1 << 32 for a in card.values()), "the large one is above 4 GiB", card)
        seen = {"config": headers(vm), "iomem": iomem(vm)}
        ctx.check("pci_movable: event" not in vm.console(), "the engine has nothing to do")
        reads = load.Reads(vm, "drive", SEED)
        ctx.pause(2)
        ctx.check_load(reads.stop()["phases"][0], "reads")
        ctx.kselftest(vm)
        ctx.check_tree(vm)
        ctx.check_log(vm)
    path = os.path.join(ctx.out, "nothing-assigned.json")
    if not ctx.patched:
        with open(path, "w") as f:
            json.dump(seen, f)
    elif os.path.exists(path):
        with open(path) as f:
            stock = json.load(f)
        for what, here in seen.items():
            ctx.check(here == stock[what], f"{what} as with the stock kernel",
                      f"stock:   {stock[what]}\npatched: {here}")

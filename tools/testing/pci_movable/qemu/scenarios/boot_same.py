# SPDX-License-Identifier: GPL-2.0
"""
Where nothing is missing after boot, the layout is that of a stock kernel.

Several machines are booted with both kernels; windows and BARs in the config
space of every function, and /proc/iomem and /proc/ioports below the host
bridges, have to be the same to the byte.
"""

import json
import os

from harness import machine

ORDER = 12
HEADER = range(0x10, 0x34)	# BARs, windows, ROM of either header type


def q35_plain(ctx):
    return {"args": machine.drive("drive", "pcie.0", ctx.image("drive", 121))}


def q35_switches(ctx):
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("swa", "rpa", slot=10) + machine.switch("swb", "rpb", slot=20)
    args += machine.drive("drive", "swa.0", ctx.image("drive", 121))
    args += machine.device("e1000e", bus="swb.2", romfile="")
    return {"args": args, "globals_": machine.PCIEHP}


def q35_legacy(ctx):
    args = machine.root_port("rp", slot=1, addr="4")
    args += machine.device("pcie-pci-bridge", id="pci", bus="rp")
    args += machine.device("edu", bus="pci", addr="1") + machine.device("edu", bus="pci", addr="2")
    args += machine.device("pci-testdev", bus="pci", addr="3", membar="64M")
    return {"args": args}


def pc(ctx):
    args = machine.device("pci-bridge", id="pci", bus="pci.0", chassis_nr="1", addr="5")
    args[-1] = args[-1].replace("chassis-nr", "chassis_nr")
    args += machine.device("edu", bus="pci", addr="1")
    args += machine.device("pci-testdev", bus="pci", addr="2", membar="16M")
    return {"args": args, "machine": "pc"}


def q35_two_hosts(ctx):
    args = machine.device("pxb-pcie", id="pxb", bus="pcie.0", bus_nr="64", addr="6")
    args[-1] = args[-1].replace("bus-nr", "bus_nr")
    args += machine.device("pcie-root-port", id="rpx", bus="pxb", chassis="7", slot="7")
    args += machine.drive("drive", "rpx", ctx.image("drive", 121))
    args += machine.root_port("rp", slot=1, addr="4")
    return {"args": args}


MACHINES = (q35_plain, q35_switches, q35_legacy, q35_two_hosts, pc)


def headers(vm):
    """BDF -> BARs and windows as hex digits."""
    text = vm.sh("for d in /sys/bus/pci/devices/*; do "
                 "echo ${d##*/} $(od -An -v -tx1 -N64 $d/config | tr -d '\\n'); done").text
    found = {}
    for line in text.strip().splitlines():
        bdf, *octets = line.split()
        found[bdf] = " ".join(octets[i] for i in HEADER)
    return found


def iomem(vm):
    """/proc/iomem without the kernel itself, whose size differs."""
    return [line for line in vm.iomem().splitlines() if ": Kernel " not in line]


def run(ctx):
    for make in MACHINES:
        name = make.__name__.replace("_", "-")
        with ctx.vm(part=name, **make(ctx)) as vm:
            seen = {"config": headers(vm), "iomem": iomem(vm),
                    "ioports": vm.read("/proc/ioports")}
            quiet = "pci_movable: event" not in vm.console()
            ctx.check_log(vm)
        path = os.path.join(ctx.out, f"boot-same-{name}.json")
        if not ctx.patched:
            ctx.check(len(seen["config"]) > 2, f"{name}: the machine has PCI devices")
            with open(path, "w") as f:
                json.dump(seen, f)
            continue
        ctx.check(quiet, f"{name}: the engine has nothing to do")
        if not os.path.exists(path):
            ctx.tap.skip(f"{ctx.scenario}/{ctx.kind}: {name}: as with the stock kernel",
                         "the stock kernel was not run")
            continue
        with open(path) as f:
            stock = json.load(f)
        for what, here in seen.items():
            ctx.check(here == stock[what], f"{name}: {what} as with the stock kernel",
                      f"stock:   {stock[what]}\npatched: {here}")

# SPDX-License-Identifier: GPL-2.0
"""
BARs that the firmware left out are there when the drivers bind.

One root port has a drive with SR-IOV, of which the firmware does not know that
its VFs need a BAR of almost 2 MiB, and a function with a BAR of 1 MiB. The other
one has a plain drive. Their windows, 2 MiB each, lie side by side:

    fe0   fe2   fe4   fe6
     | free|  B  |  A  | BARs on the root bus

With the VFs behind B, its window grows downwards; nothing else has to change.
With the VFs behind A, there is only room if BARs of the firmware's layout move,
and without pci=realloc they do not; with it, stock assignment does it all. With
pci=realloc=off nothing changes at all.
"""

from harness import load, machine, pci

ORDER = 11
SEED = 111
VFS = "sriov_max_vfs=127,sriov_vq_flexible=254,sriov_vi_flexible=254,max_ioqpairs=256," \
      "msix_qsize=256,sriov_max_vq_per_vf=254"
FIRST_VF_BAR = 7
PORTS = {"A": "rpa", "B": "rpb"}


def boot(ctx, part, many, append):
    plain = "A" if many == "B" else "B"
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += ["-blockdev", "driver=raw,node-name=many,read-only=on,file.driver=file,file.locking=off,"
             f"file.filename={ctx.image('many', SEED)}",
             "-device", "nvme-subsys,id=subsys",
             "-device", f"nvme,id=many-nvme,bus={PORTS[many]},addr=0,multifunction=on,serial=many,"
             f"subsys=subsys,{VFS}",
             "-device", "nvme-ns,drive=many,bus=many-nvme",
             "-device", f"edu,id=edu,bus={PORTS[many]},addr=0.1"]
    args += machine.drive("plain", PORTS[plain], ctx.image("plain", SEED + 1))
    return ctx.vm(args, part=part, globals_=machine.PCIEHP, append=append)


def vf_bar(vm, tree):
    """(first, last) address of the first VF BAR as sysfs has it, (0, 0): none."""
    bdf = tree.find("many-nvme").bdf
    line = vm.read(f"/sys/bus/pci/devices/{bdf}/resource").splitlines()[FIRST_VF_BAR]
    first, last = (int(word, 16) for word in line.split()[:2])
    return first, last


def vf_register(vm, tree):
    """Address in the hardware's own VF BAR 0, from the SR-IOV capability."""
    config = bytes.fromhex(vm.sh("od -An -v -tx1 /sys/bus/pci/devices/"
                                 f"{tree.find('many-nvme').bdf}/config").text.replace("\n", ""))
    at = 0x100
    while at and int.from_bytes(config[at:at + 2], "little") != 0x10:
        at = int.from_bytes(config[at + 2:at + 4], "little") >> 4
    return int.from_bytes(config[at + 0x24:at + 0x2c], "little") & ~0xf


def scenario(ctx, part, many, append="", placed=False):
    with boot(ctx, part, many, append) as vm:
        say = lambda text: f"{part}: {text}"
        tree, log = vm.tree(), vm.console()
        first, last = vf_bar(vm, tree)
        low, high = tree.find(PORTS[many]).windows["memory_range"]
        for line in log.splitlines():
            if "pci_movable: event" in line or "can't assign" in line:
                ctx.comment(line)
        reads = {name: load.Reads(vm, name, seed)
                 for name, seed in (("many", SEED), ("plain", SEED + 1))}
        ctx.pause(3)
        for name, r in reads.items():
            ctx.check_load(r.stop()["phases"][0], say(f"reads of {name}"))
        inside = first and low <= first and last <= high
        if placed:
            ctx.check(inside and vf_register(vm, tree) == first,
                      say("the VFs' BAR has a place in the window of its port"),
                      f"{first:#x}-{last:#x} register {vf_register(vm, tree):#x} "
                      f"window {low:#x}-{high:#x}")
        else:
            ctx.check(not first, say("the VFs' BAR has no place"), f"{first:#x}-{last:#x}")
        lost = [r for name in ("many-nvme", "edu", "plain-nvme")
                for r in tree.undecoded(name) if name != "edu" or r.address is not None]
        ctx.check(not lost, say("what the firmware has placed is decoded"), lost)
        ctx.check_tree(vm)
        ctx.check_log(vm)
        return {name: tree.bars(name) for name in ("many-nvme", "plain-nvme")}


def run(ctx):
    scenario(ctx, "grows", "B", placed=ctx.patched)
    scenario(ctx, "kept", "A", placed=False)
    scenario(ctx, "off", "B", "pci=realloc=off", placed=False)
    scenario(ctx, "realloc", "A", "pci=realloc", placed=True)

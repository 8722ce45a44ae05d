# SPDX-License-Identifier: GPL-2.0
"""
SR-IOV: a drive that is hot-added gets room for its VFs, and they follow it.

The VFs of the card want a BAR of almost 2 MiB, beside that of another function of
1 MiB; the window of its port has 2 MiB. A running drive is in a port of the same
switch, so that the window of the switch cannot just go elsewhere:

    sa.0  |edu| own BAR | VFs' BAR |	more than 3 MiB
    sa.1  |B, under reads|		not disturbed
    sa.2, sa.3				nothing

Stock leaves the VFs without a BAR, and they cannot be enabled. Then, on the patched
kernel: while VFs are enabled nothing of the card may move; without them both its BAR
and the VFs' are moved by force, and the VFs answer at their new place. What a VF
is asked for is a register of its controller, by its physical address: without queues
it says after a reset that it has failed.
"""

import re

from harness import events, load, machine

ORDER = 12
SEED = 121
SLOT = 10
VFS = {"sriov_max_vfs": 127, "sriov_vq_flexible": 254, "sriov_vi_flexible": 254,
       "max_ioqpairs": 256, "msix_qsize": 256, "sriov_max_vq_per_vf": 254}
COUNT = 3           # of VFs that are enabled
FIRST_VF_BAR = 7
STATUS, FAILED = 0x1c, 2    # a register of a controller, and its value without queues


def resource(vm, bdf, nr):
    """(first, last) of a BAR as sysfs has it, (0, 0): none."""
    words = vm.read(f"/sys/bus/pci/devices/{bdf}/resource").splitlines()[nr].split()
    return int(words[0], 16), int(words[1], 16)


def status(vm, address):
    return int(vm.sh(f"devmem {address + STATUS:#x} 32").text, 16)


def enable(vm, bdf, count):
    """What the shell said, "" if it is done; no driver is to bind to them."""
    path = f"/sys/bus/pci/devices/{bdf}"
    return vm.sh(f"echo 0 > {path}/sriov_drivers_autoprobe && "
                 f"echo {count} > {path}/sriov_numvfs", check=False).text.strip()


def check_vfs(ctx, vm, bdf, text):
    """Every VF answers, in a slice of its own of the VFs' BAR."""
    first, last = resource(vm, bdf, FIRST_VF_BAR)
    seen = []
    for i in range(COUNT):
        vf = vm.sh(f"basename $(readlink /sys/bus/pci/devices/{bdf}/virtfn{i})").text.strip()
        # QEMU wants memory decode of the VF itself, too
        vm.sh(f"echo 1 > /sys/bus/pci/devices/{vf}/enable; echo 1 > /sys/bus/pci/devices/{vf}/reset")
        seen.append(resource(vm, vf, 0))
    answers = [status(vm, start) for start, _ in seen]
    ctx.check(all(first <= a and b <= last for a, b in seen) and len(set(seen)) == COUNT and
              answers == [FAILED] * COUNT, f"{text}: VFs answer inside of the VFs' BAR",
              f"{first:#x}-{last:#x} {[(hex(a), hex(b)) for a, b in seen]} {answers}")


def check_moves(ctx, vm, bdf):
    """With VFs enabled nothing moves; without, everything does."""
    for nr in (0, FIRST_VF_BAR):
        answer = vm.ask(events.FORCE, f"{bdf} {nr}")
        ctx.check(answer.code and re.search("^error: fixed", answer.text, re.M),
                  f"with VFs enabled, BAR {nr} is fixed", answer.text)
    check_vfs(ctx, vm, bdf, "afterwards")
    enable(vm, bdf, 0)
    for nr in (0, FIRST_VF_BAR):
        before = resource(vm, bdf, nr)
        answer = vm.ask(events.FORCE, f"{bdf} {nr}")
        ctx.check(not answer.code and resource(vm, bdf, nr)[0] not in (0, before[0]),
                  f"without VFs, BAR {nr} moves", answer.text)
    said = enable(vm, bdf, COUNT)
    ctx.check(not said, "VFs are enabled after the move", said)
    check_vfs(ctx, vm, bdf, "after the move")
    enable(vm, bdf, 0)


def run(ctx):
    args = machine.root_port("rp", slot=1, addr="4") + machine.switch("sa", "rp", slot=SLOT)
    args += ["-device", "nvme-subsys,id=subsys"] + machine.drive("b", "sa.1", ctx.image("b", SEED))
    # with ARI, only the function that QEMU names as the next one would be looked for
    with ctx.vm(args, globals_=machine.PCIEHP, append="pci=noari", threads="single") as vm:
        tree = vm.tree()
        reads = load.Reads(vm, "b", SEED)
        since = vm.plug("sa.0", SLOT, [
            {"driver": "edu", "id": "edu", "addr": "0.7"},
            {"driver": "nvme", "id": "pf", "addr": "0.0", "multifunction": True, "serial": "pf",
             "subsys": "subsys", **VFS}])
        event = ctx.summary(vm, since)
        after = vm.tree()
        bdf = after.find("pf").bdf
        first, last = resource(vm, bdf, FIRST_VF_BAR)
        vm.enable(["edu"])
        after = vm.tree()
        ctx.check(not after.undecoded("pf") and not after.undecoded("edu"),
                  "the card's own BARs are decoded",
                  after.find("pf").regions + after.find("edu").regions)
        if not ctx.patched:
            ctx.check(not first and enable(vm, bdf, COUNT),
                      "no room for VFs, they cannot be enabled", f"{first:#x}-{last:#x}")
            reads.stop()
            return
        windows = after.find("sa.0").windows.values()
        ctx.check(first and any(a <= first and last <= b for a, b in windows),
                  "the VFs' BAR is in a window of the port", f"{first:#x}-{last:#x} {windows}")
        ctx.check(event and (event["paused"], event["live"]) == (0, 0) and
                  after.bars("b-nvme") == tree.bars("b-nvme"), "nobody else was disturbed", event)
        said = enable(vm, bdf, COUNT)
        ctx.check(not said, "VFs are enabled", said)
        check_vfs(ctx, vm, bdf, "after the hot-add")
        check_moves(ctx, vm, bdf)
        ctx.check_load(reads.stop()["phases"][0], "reads of B")
        ctx.check_tree(vm)
        ctx.check_log(vm)

# SPDX-License-Identifier: GPL-2.0
"""
Bridges are plugged in where no bus number is left, one behind the other.

    root port A 01          <- a bridge: no number, B's follow
    root port B 02, switch 03
        slot 04             <- a bridge: no number, its neighbour's follows
        slot 05             <- a bridge 06, in it a bridge 07, in it one more 08

The firmware gave each port the one number it needs at boot. Behind the last
slot all numbers are free, and all bridges above it have to grow into them.

A bridge of the chain is a hot-plug controller. Without a number for it the
stock kernel dies in that driver; there a port of a switch has to do.
"""

from harness import machine

ORDER = 13
CHAIN = ("pcie-pci-bridge", "pci-bridge", "pci-bridge")
PORT = "x3130-upstream"
IDS = {CHAIN[0]: "1b36:000e", PORT: "104c:8232"}


def numbers(vm):
    """BDF -> (secondary, subordinate) of each bridge, from its own registers."""
    text = vm.sh("for d in /sys/bus/pci/devices/*; do case $(cat $d/class) in 0x0604*) "
                 "echo ${d##*/} $(od -An -v -tx1 -j25 -N2 $d/config);; esac; done").text
    return {w[0]: (int(w[1], 16), int(w[2], 16)) for w in map(str.split, text.splitlines()) if w}


def bridge_bus(vm, tree, qdev_id):
    """The secondary bus number of a bridge which has a bus, else None."""
    bdf = tree.find(qdev_id).bdf
    bus = vm.sh(f"ls /sys/bus/pci/devices/{bdf}/pci_bus 2>/dev/null", check=False).text.strip()
    return int(bus[-2:], 16) if bus else None


def add_to_slot(vm, port, slot, qdev_id, driver):
    since = vm.plug(port, slot, [{"driver": driver, "id": qdev_id}])
    vm.wait_log(rf"\[{IDS[driver]}\]", 30, since)
    vm.sh("sleep 1")
    return vm.console(since)


def run(ctx):
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("sw", "rpb", slot=10, ports=2)
    first = CHAIN[0] if ctx.patched else PORT
    with ctx.vm(args, globals_=machine.PCIEHP) as vm:
        before = numbers(vm)
        for port, slot, name in (("rpa", 1, "a"), ("sw.0", 10, "b")):
            log = add_to_slot(vm, port, slot, name, first)
            ctx.check(bridge_bus(vm, vm.tree(), name) is None and
                      "No bus number available" in log, f"behind {port} there is no bus number")
            if ctx.patched:
                ctx.check("pci_movable: buses: " in log and "cannot grow" in log,
                          f"{port}: the log says who is in the way", log)
        if ctx.patched:
            # the next number is that of another bridge, and must stay its own
            vm.sh("echo 1 > /sys/bus/pci/rescan")
            tree, now = vm.tree(), numbers(vm)
            found = {name: now[tree.find(name).bdf] for name in ("a", "b")}
            ctx.check(set(found.values()) == {(0, 0)},
                      "a rescan gives them no number of others", found)
        log = add_to_slot(vm, "sw.1", 11, "c0", first)
        for n, driver in enumerate(CHAIN[1:], 1):
            if not ctx.patched:
                break
            since = vm.mark()
            vm.qmp("device_add", driver=driver, id=f"c{n}", bus=f"c{n - 1}", addr="2",
                   chassis_nr=20 + n)
            vm.wait_log(r"\[1b36:0001\]", 30, since)
            vm.sh("sleep 2")
        found = [bridge_bus(vm, vm.tree(), f"c{n}") for n in range(3 if ctx.patched else 1)]
        after = numbers(vm)
        for line in vm.console().splitlines():
            if "pci_movable: buses" in line:
                ctx.comment(line)
        if ctx.patched:
            ctx.check(found == sorted(found, key=lambda bus: bus or 0) and None not in found,
                      "each bridge of the chain has a bus", found)
            vm.qmp("device_add", driver="edu", id="edu", bus="c2", addr="3")
            vm.wait_log(r"\[1234:11e8\]", 30, since)
            vm.sh("sleep 2")
            vm.enable(["edu"])
            lost = vm.tree().undecoded("edu")
            ctx.check(not lost, "a card at its end is decoded", lost)
        else:
            ctx.check(found == [None], "no bridge of the chain has a bus", found)
        ctx.check(all(after[bdf][0] == old[0] and after[bdf][1] >= old[1]
                      for bdf, old in before.items()), "nobody is renumbered",
                  f"{before}\n{after}")
        ctx.check_tree(vm)
        ctx.check_log(vm)

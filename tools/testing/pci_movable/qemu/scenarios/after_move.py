# SPDX-License-Identifier: GPL-2.0
"""
What brings old registers back finds the new addresses, after a move.

An NVMe drive and an e1000e, in two slots of the machine in harness/seesaw.py, are moved
together, under I/O. Then the drive gets a function-level reset and a reset of its
bus, and the machine is suspended and resumed: each loses BARs or writes saved
ones, and each has to come back where the move has put them.

First part: MSI-X for both, and plain MSI for the slots (drive and network card of QEMU
have, or work with, no plain MSI). Second part (pci=nomsi): interrupt pins for both,
and no more than that.
"""

import time

from harness import load, machine, pci, seesaw

ORDER = 23
KERNELS = ("patched",)
SEED = 44
MOVERS = ("d-nvme", "net")


def boot(ctx, part, append):
    movers = [machine.drive("d", "sa.3", ctx.image("drive", SEED)),
              machine.nic("e1000e", "net", "sa.4", ctx.feed(SEED), "52:54:00:00:00:44")]
    return ctx.vm(seesaw.arguments(movers), part=part, globals_=machine.PCIEHP, append=append,
                  threads="single")


def check_config(ctx, vm, text):
    """Config space, the resource tree and the machine agree on each BAR."""
    tree = vm.tree()
    for name in MOVERS:
        device = tree.find(name)
        path = f"/sys/bus/pci/devices/{device.bdf}"
        rows = [l.split() for l in vm.sh(f"head -6 {path}/resource").text.strip().splitlines()]
        books = {n: int(rows[n][0], 16) for n in tree.bars(name)}
        lost = tree.undecoded(name, io=False)
        ctx.check(not lost and books == tree.bars(name),
                  f"{text}: {name} is decoded where the kernel thinks", f"{lost} {books}")


def one_reset(ctx, vm, bdf, method):
    path = f"/sys/bus/pci/devices/{bdf}"
    result = vm.sh(f"echo {method} > {path}/reset_method && echo 1 > {path}/reset", check=False)
    ctx.check(not result.code, f"reset, {method}", result.text)


def suspend(ctx, vm):
    """As far as devices go: they are suspended, without power, and resumed."""
    since = vm.mark()
    # from the background, for the answer to a shell that is frozen may get lost
    vm.sh("echo 1 > /sys/module/suspend/parameters/pm_test_delay; "
          "echo platform > /sys/power/pm_test; "
          "(sleep 0.5; echo freeze > /sys/power/state; echo $? > /tmp/suspend) >/dev/null 2>&1 &")
    vm.wait_log("PM: suspend exit", since=since)
    time.sleep(0.5)
    result = vm.sh("echo none > /sys/power/pm_test; cat /tmp/suspend; rm /tmp/suspend").text
    ctx.check(result.strip() == "0", "suspend to idle", result)


def disturb(ctx, vm, say, see, reads, net):
    """Everything that brings registers back; the places must not change by it."""
    here = see.places()
    bdf = vm.tree().find("d-nvme").bdf
    for name, action in (("function-level reset", lambda: one_reset(ctx, vm, bdf, "flr")),
                         ("bus reset", lambda: one_reset(ctx, vm, bdf, "bus")),
                         ("suspend", lambda: suspend(ctx, vm))):
        reads.phase()
        net.phase()
        action()
        ctx.pause(1)
        ctx.check(see.places() == here, say(f"{name}: the BARs are where they were"),
                  f"{here} {see.places()}")
        for what, one in (("reads", reads), ("download", net)):
            seen = one.phase()["phases"][-2]
            ctx.check_load(seen, say(f"{name}: {what}"))


def interrupts(vm, driver):
    """Lines of /proc/interrupts which belong to a driver."""
    return [l for l in vm.sh("cat /proc/interrupts").text.splitlines() if driver in l]


def check_interrupts(ctx, vm, say, kinds):
    for driver, kind in kinds.items():
        lines = interrupts(vm, driver)
        pins = [l for l in lines if "IO-APIC" in l]
        ctx.check(any(kind in l for l in lines) and (kind == "IO-APIC" or not pins),
                  say(f"{driver} has interrupts of the kind {kind}"), "\n".join(lines))


def part(ctx, name, append, kinds):
    with boot(ctx, name, append) as vm:
        say = lambda text: f"{name}: {text}"
        tree = vm.tree()
        see = seesaw.Seesaw(ctx, vm, MOVERS, slots=2)
        reads = load.Reads(vm, "d", SEED)
        net = load.Download(vm, "net", tree.find("net").bdf, SEED)
        check_interrupts(ctx, vm, say, kinds)
        since = vm.mark()
        for paused in (False, True):
            see.paused(paused)
            see.events.clear()
            reads.phase()
            net.phase()
            wrong = see.back() if paused else see.forth()
            for what, one in (("reads", reads), ("download", net)):
                phase = one.phase()["phases"][-2]
                ctx.check_load(phase, say(f"{what} during the way {'back' if paused else 'forth'}"))
                ctx.comment(load.describe(phase))
            ctx.check(not wrong, say("both have moved, all cards are decoded"), "\n".join(wrong))
            live = [e.get("live") for e in see.events]
            ctx.check(live == [1 if paused else 2],
                      say(f"{'only the drive was' if paused else 'none was'} paused"),
                      "\n".join(e["line"] for e in see.events))
            check_config(ctx, vm, say("back" if paused else "forth"))
            if not paused and name == "messages":
                disturb(ctx, vm, say, see, reads, net)
        report = reads.stop()
        net.stop()
        whole = reads.verify()
        ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                  say("all of the drive reads back right"), whole)
        bad = [l for l in vm.console(since).splitlines() if "I/O error" in l or
               "nvme" in l and any(w in l for w in ("emoving", "timeout", "Disabling"))]
        ctx.check(not bad and report["under_way_us"] < 1000000,
                  say("no timeout, I/O error or drive given up"), "\n".join(bad))
        ctx.check_tree(vm)
        ctx.check_log(vm)
        for line in pci.changes(tree, vm.tree()):
            ctx.comment(line)


def run(ctx):
    part(ctx, "messages", "", {"nvme": "PCI-MSIX-", "eth": "PCI-MSIX-", "pciehp": "PCI-MSI-"})
    # Without messages the firmware keeps the slots to itself, and they have no pin. QEMU
    # 7.2 takes back the drive's pin late, some twenty interrupts after each completion: on
    # any kernel "nobody cared" (noirqdebug) after some seconds, and reads take 0.1 s then,
    # or do not end in time. So this part runs only when it is asked for.
    if ctx.by_hand:
        part(ctx, "pins", "pci=nomsi noirqdebug pcie_ports=native pciehp.pciehp_poll_mode=1 "
             "pciehp.pciehp_poll_time=1", {"nvme": "IO-APIC", "eth": "IO-APIC"})

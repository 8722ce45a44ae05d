# SPDX-License-Identifier: GPL-2.0
"""
Network cards beside the slot: one whose driver knows nothing stays to the
byte while the windows above it change; an e1000e is moved during a download.

First part: virtio-net, which has no hooks, in slot 10; the 16 MiB card comes
into slot 11. The prefetchable window of the switch is pinned by virtio's
BAR 4, the other one can grow over the empty slots.

Second part: as in drive-must-move, with the e1000e in slot 13 and virtio-net
cards, which must not move, in slots 10 and 20, so that only the e1000e is left.
"""

from harness import load, machine, pci

ORDER = 3
SEED = 31


def neighbour(ctx):
    """The driver without hooks."""
    args = machine.root_port("rp", slot=1, addr="4") + machine.switch("sw", "rp", slot=10)
    args += machine.nic("virtio-net-pci", "net", "sw.0", ctx.feed(SEED), "52:54:00:00:00:31")
    with ctx.vm(args, part="neighbour", globals_=machine.PCIEHP) as vm:
        say = lambda text: f"neighbour: {text}"
        before = vm.tree()
        bdf = before.find("net").bdf
        download = load.Download(vm, "net", bdf, SEED)
        ctx.pause(3)
        vm.save_configs("before")
        download.phase()
        since = vm.plug("sw.1", 11, [{"driver": "pci-testdev", "id": "card", "membar": "16M"}])
        vm.enable(["card"])
        ctx.pause(6)
        vm.save_configs("after")
        after = vm.tree()
        report = download.stop()
        for line in pci.changes(before, after):
            ctx.comment(line)
        changes = vm.config_changes("before", "after")
        ctx.check(changes[bdf] == [], say("its config space is the same to the byte"), changes[bdf])
        switch = after.find("sw").bdf
        lost = after.undecoded("card")
        if ctx.patched:
            ctx.check(not lost, say("every BAR of the card is decoded"),
                      f"{lost}\n{vm.console(since)}")
            ctx.check(any(0x20 <= at < 0x30 for at, _, _ in changes[switch]),
                      say("a window of the switch above it changed"), changes[switch])
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("moved") == 0 and event.get("paused") == 0 and
                      event.get("live") == 0, say("the summary line says nothing moved"), event)
        else:
            ctx.check("can't assign; no space" in vm.console(since) and lost,
                      say("stock finds no space"), vm.console(since))
        check_download(ctx, say, report)
        ctx.check_tree(vm)
        ctx.check_log(vm)


def live_nic(ctx):
    """The driver with one line."""
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("swa", "rpa", slot=10) + machine.switch("swb", "rpb", slot=20)
    args += machine.device("virtio-net-pci", id="va", bus="swa.0", romfile="")
    args += machine.device("virtio-net-pci", id="vb", bus="swb.0", romfile="")
    args += machine.nic("e1000e", "net", "swa.3", ctx.feed(SEED), "52:54:00:00:00:32")
    with ctx.vm(args, part="live-nic", globals_=machine.PCIEHP) as vm:
        say = lambda text: f"live-nic: {text}"
        before = vm.tree()
        bdf = before.find("net").bdf
        download = load.Download(vm, "net", bdf, SEED)
        ctx.pause(3)
        links = download.counter("carrier_changes")
        vm.save_configs("before")
        download.phase()
        since = vm.plug("swa.1", 11, machine.edu_functions())
        vm.enable(f"edu{f}" for f in range(7))
        ctx.pause(6)
        vm.save_configs("after")
        report = download.stop()
        after = vm.tree()
        changes = vm.config_changes("before", "after")
        lost = [r for f in range(7) for r in after.undecoded(f"edu{f}")]
        old, new = before.bars("net"), after.bars("net")
        for n in old:
            ctx.comment(f"e1000e: BAR{n} {old[n]:#x} -> {new.get(n, 0):#x}")
        if ctx.patched:
            ctx.check(not lost, say("all seven functions are decoded"),
                      f"{lost}\n{vm.console(since)}")
            ctx.check(old.keys() == new.keys() and all(old[n] != new[n] for n in old),
                      say("its memory BARs have moved and are decoded"), f"{old} {new}")
            event = ctx.summary(vm, since) or {}
            ctx.check(event.get("live") == 1 and event.get("paused") == 0 and
                      event.get("moved") == len(old),
                      say("the summary line says one device, live"), event)
        else:
            ctx.check("can't assign; no space" in vm.console(since) and lost,
                      say("stock finds no space"), vm.console(since))
            ctx.check(old == new, say("its BARs stay"), f"{old} {new}")
        for name in ("va", "vb"):
            at = before.find(name).bdf
            ctx.check(changes[at] == [], say(f"config space of {name} is the same to the byte"),
                      changes[at])
        check_download(ctx, say, report)
        ctx.check(download.counter("carrier_changes") == links, say("the link stayed up"))
        errors = {n: download.counter("statistics/" + n) for n in ("rx_errors", "tx_errors")}
        ctx.check(not any(errors.values()), say("the card counted no error"), errors)
        resets = [l for l in vm.console(since).splitlines()
                  if "e1000e" in l and any(w in l for w in ("eset", "Hang", "Down"))
                  or "NETDEV WATCHDOG" in l]
        ctx.check(not resets, say("no reset of the card"), "\n".join(resets))
        ctx.check_tree(vm)
        ctx.check_log(vm)


def check_download(ctx, say, report):
    phase = report["phases"][1]
    ctx.check(load.clean(phase) and phase["bytes"] > 1 << 20 and not report["ended"],
              say("the download went on and its data is right"), report)
    ctx.check(report["under_way_us"] < 2000000, say("the download goes on to the end"),
              report["under_way_us"])
    ctx.comment(f"{phase['bytes'] >> 10} KiB downloaded, {load.describe(phase)}")


def run(ctx):
    neighbour(ctx)
    live_nic(ctx)

# SPDX-License-Identifier: GPL-2.0
"""
A driver that knows nothing beside the slot: windows above it change, no access is lost.

    neighbour   virtio-net, which has no hooks, in slot 10; a 16 MiB card comes into slot
                11. The prefetchable window of the switch is pinned by virtio's BAR
                4, the other one can grow over the empty slots.
    line        the same just below 8 GiB, where the root bus's own BARs leave the
                prefetchable window no way but up: it is made to cross that line.
    live-nic    as in drive-must-move, with the e1000e in slot 13 and virtio-net
                cards, which must not move, in slots 10 and 20, so that only the
                e1000e is left; it is moved during a download.

What a lost access is says the device: all the time registers of the virtio-net are
written and read back, one behind each kind of window (an entry of the MSI-X table
which the driver does not use, and the selector of feature bits, which it has used
for the last time), beside a download whose every byte is checked.
"""

from harness import load, machine, pci

ORDER = 3
SEED = 31
UNUSED_ENTRY = 6	# of the MSI-X table; the driver takes the first three
WALLS = (2048, 1024, 512, 256, 128, 64, 32, 16)


def registers(tree):
    """Of the virtio-net: a register behind each kind of window."""
    bars = tree.bars("net")
    return [hex(bars[1] + UNUSED_ENTRY * 16 + 8), hex(bars[4])]


def walls():
    """What fills the root bus from 4 GiB to 16 MiB below 8 GiB, largest first."""
    return [word for n, mib in enumerate(WALLS) for word in machine.device(
        "pci-testdev", id=f"wall{mib}", bus="pcie.0", addr=f"{8 + n:x}", membar=f"{mib}M")]


def stays(ctx, part, cards, more=()):
    """The driver without hooks; @cards come one after another, with so many MiB."""
    args = machine.root_port("rp", slot=1, addr="4") + machine.switch("sw", "rp", slot=10)
    args += machine.nic("virtio-net-pci", "net", "sw.0", ctx.feed(SEED), "52:54:00:00:00:31",
                        vectors=UNUSED_ENTRY + 1)
    # not "multi": see Vm
    with ctx.vm(args + list(more), part=part, globals_=machine.PCIEHP, threads="single") as vm:
        say = lambda text: f"{part}: {text}"
        before = vm.tree()
        bdf, switch = before.find("net").bdf, before.find("sw").bdf
        download = load.Download(vm, "net", bdf, SEED)
        mmio = load.Mmio(vm, "net", registers(before))
        ctx.pause(1.5)
        vm.save_configs("before")
        download.phase()
        mmio.phase()
        for slot, mib in enumerate(cards, 11):
            since = vm.plug(f"sw.{slot - 10}", slot, [
                {"driver": "pci-testdev", "id": f"card{slot}", "membar": f"{mib}M"}])
            vm.enable([f"card{slot}"])
            event = pci.summaries(vm.console(since))
            if ctx.patched:
                event = ctx.summary(vm, since) or {}
                ctx.check(event.get("moved") == 0 and event.get("paused") == 0 and
                          event.get("live") == 0 and event.get("windows", 0) > 0,
                          say("the summary line says: windows changed, nothing moved"), event)
        ctx.pause(3)
        vm.save_configs("after")
        after = vm.tree()
        report, accesses = download.stop(), mmio.stop()
        bad, accesses = accesses["first_bad"], accesses["phases"][1]
        for line in pci.changes(before, after):
            ctx.comment(line)
        changes = vm.config_changes("before", "after")
        ctx.check(changes[bdf] == [], say("its config space is the same to the byte"), changes[bdf])
        lost = [f"card{slot} {r}" for slot, _ in enumerate(cards, 11)
                for r in after.undecoded(f"card{slot}")]
        if ctx.patched:
            ctx.check(not lost, say("every BAR of the cards is decoded"), f"{lost}\n{vm.console()}")
            ctx.check(any(0x20 <= at < 0x30 for at, _, _ in changes[switch]),
                      say("a window of the switch above it changed"), changes[switch])
            ctx.check(load.clean(accesses), say("each access has reached the device"),
                      f"{accesses} {bad}")
        else:
            ctx.check("can't assign; no space" in vm.console() and lost,
                      say("stock finds no space"), vm.console())
        check_download(ctx, say, report)
        ctx.comment(say(f"registers: {load.describe(accesses)}"))
        ctx.check_tree(vm)
        ctx.check_log(vm)
        return before.windows().get((switch, "prefetchable_range")), \
            after.windows().get((switch, "prefetchable_range"))


def line(ctx):
    """A prefetchable window grows across a multiple of 4 GiB."""
    old, new = stays(ctx, "line", (16, 32), walls())
    if ctx.patched:
        ctx.check(old and new and old[0] >> 32 == old[1] >> 32 == new[0] >> 32 and
                  new[1] >> 32 > new[0] >> 32,
                  "line: the prefetchable window crosses a 4 GiB line now", f"{old} -> {new}")


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
        ctx.pause(1.5)
        links = download.counter("carrier_changes")
        vm.save_configs("before")
        download.phase()
        since = vm.plug("swa.1", 11, machine.edu_functions())
        vm.enable(f"edu{f}" for f in range(7))
        ctx.pause(3)
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
    stays(ctx, "neighbour", (16,))
    line(ctx)
    live_nic(ctx)

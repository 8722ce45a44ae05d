# SPDX-License-Identifier: GPL-2.0
"""
Two cards at once, then four, then four while sysfs rescans run: all get their place.

The machine of the main job with five slots: a drive under checked reads in slot 10,
cards with a 64-bit prefetchable BAR for slots 11 to 14, larger in each round. Their slots are
switched on in the same moment, by one process each, so that the events meet in
the kernel; which is served first does not matter.
"""

from harness import load, machine, pci

ORDER = 9
SEED = 12
SLOTS = (11, 12, 13, 14)
ROUNDS = (
    # what is said about it, number of cards, MiB of each: more than before, with rescans
    ("two at once", 2, 16, False),
    ("four at once", 4, 32, False),
    ("four at once, rescans running", 4, 64, True),
)


def boot(ctx):
    args = machine.root_port("rp", slot=1, addr="4")
    args += machine.switch("sw", "rp", slot=10, ports=5)
    args += machine.drive("drive", "sw.0", ctx.image("drive", SEED))
    return ctx.vm(args, globals_=machine.PCIEHP)


def start_rescans(vm):
    vm.sh(": > /tmp/go; (n=0; while [ -e /tmp/go ]; do echo 1 > /sys/bus/pci/rescan; "
          "n=$((n + 1)); echo $n > /tmp/rescans; done; : > /tmp/ended) >/dev/null 2>&1 &")


def stop_rescans(vm):
    """How many there were."""
    return int(vm.sh("rm /tmp/go; while [ ! -e /tmp/ended ]; do sleep 0.1; done; "
                     "rm /tmp/ended; cat /tmp/rescans").text)


def one_round(ctx, vm, text, count, mib, rescans):
    ids = [f"{text.replace(' ', '-').replace(',', '')}-{s}" for s in SLOTS[:count]]
    if rescans:
        start_rescans(vm)
    since = vm.plug_all([(f"sw.{slot - 10}", slot,
                          [{"driver": "pci-testdev", "id": name, "membar": f"{mib}M"}])
                         for slot, name in zip(SLOTS, ids)])
    if rescans:
        number = stop_rescans(vm)
        ctx.check(number > 1, f"{text}: there were rescans meanwhile", number)
    vm.enable(ids)
    tree = vm.tree()
    lost = [f"{n} {r}" for n in ids for r in tree.undecoded(n)]
    if ctx.patched:
        ctx.check(not lost, f"{text}: every BAR of every card is decoded",
                  "\n".join(lost) + vm.console(since))
    else:
        ctx.check(lost, f"{text}: stock leaves BARs undecoded")
    ctx.comment(f"{text}: {len(lost)} BARs not decoded")
    events = pci.summaries(vm.console(since))
    for event in events:
        ctx.comment(event["line"])
    if ctx.patched:
        # one event may serve several cards
        bad = [e["line"] for e in events if e["result"] != "ok"]
        ctx.check(events and not bad, f"{text}: each summary line says ok", "\n".join(bad))
    for slot, name in zip(SLOTS, ids):
        vm.unplug(slot, [name])


def run(ctx):
    with boot(ctx) as vm:
        reads = load.Reads(vm, "drive", SEED)
        before = vm.tree()
        for which in ROUNDS:
            one_round(ctx, vm, *which)
        report = reads.stop()
        if ctx.patched:
            ctx.check(vm.tree().bars("drive-nvme") == before.bars("drive-nvme"),
                      "the drive's BARs stay")
            ctx.check_load(report["phases"][0], "reads during all of it")
            ctx.check(report["under_way_us"] < 1000000, "no read hangs", report["under_way_us"])
        else:
            # what neighbour-survives shows may happen here, too
            lost = vm.tree().undecoded("drive-nvme")
            ctx.comment(f"stock has {'lost' if lost else 'kept'} the drive's BAR")
        ctx.check_tree(vm)
        ctx.check_log(vm)

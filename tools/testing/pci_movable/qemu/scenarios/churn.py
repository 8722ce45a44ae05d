# SPDX-License-Identifier: GPL-2.0
"""
Rounds of plugging and unplugging cards of random sizes in three slots.

The machine is that of the main job; the drive is under I/O all the time. Every
card that is in is checked after every round: each of its BARs is decoded and
every bridge above passes it on.
"""

import random

from harness import load, pci
from . import main_job

ORDER = 6
SLOTS = (1, 2, 3)
SIZES = (1, 2, 4, 8, 16, 32, 64)


def card(rng, name):
    """(device_add arguments, ids) of a random card."""
    if rng.random() < 0.25:
        count = rng.randrange(1, 5)
        devices = [{"driver": "edu", "id": f"{name}f{f}", "addr": f"0.{f}", "multifunction": True}
                   for f in reversed(range(count))]
        return devices, [d["id"] for d in devices], f"{count} edu"
    size = rng.choice(SIZES)
    return [{"driver": "pci-testdev", "id": name, "membar": f"{size}M"}], [name], f"{size} MiB"


def run(ctx):
    rng = random.Random(20)
    # stock fails soon enough
    rounds = 20 if ctx.patched and not ctx.quick else 6
    present, failures, checked = {}, [], 0
    with main_job.boot(ctx) as vm:
        reads = load.Reads(vm, "drive", main_job.SEED)
        for number in range(rounds):
            slot = rng.choice(SLOTS)
            if slot in present:
                vm.unplug(10 + slot, present.pop(slot))
                text = f"slot {slot} out"
            else:
                devices, ids, what = card(rng, f"r{number}")
                vm.plug(f"sw.{slot}", 10 + slot, devices)
                present[slot] = ids
                text = f"slot {slot} in: {what}"
                vm.enable(ids)
            tree = vm.tree()
            bad = [f"{n} {r}" for ids in present.values() for n in ids
                   for r in tree.undecoded(n)]
            checked += sum(len(tree.find(n).regions) for ids in present.values() for n in ids)
            failures += [f"round {number}: {b}" for b in bad]
            found = pci.overlaps(tree)
            failures += [f"round {number}: overlap {f}" for f in found]
            ctx.comment(f"round {number + 1}: {text}; {len(bad)} BARs not decoded")
        report = reads.stop()
        log = vm.console()
        refused = log.count("can't assign; no space")
        ctx.comment(f"{refused} times: can't assign; no space")
        for event in pci.summaries(log):
            ctx.comment(event["line"])
        if ctx.patched:
            ctx.check(not failures, f"all of {checked} BARs seen in {rounds} rounds are decoded",
                      "\n".join(failures[:20]))
            bad = [e["line"] for e in pci.summaries(log) if e.get("result") != "ok"]
            ctx.check(not bad, "every summary line says ok", "\n".join(bad))
            ctx.check_load(report["phases"][0], "reads during all rounds")
            ctx.check(report["under_way_us"] < 1000000, "no read hangs", report["under_way_us"])
            whole = reads.verify()
            ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                      "the whole drive reads back right", whole)
        else:
            # what neighbour-survives shows may happen here, too, and ends the reads
            ctx.check(failures, f"stock leaves some of {checked} BARs undecoded")
            lost = vm.tree().undecoded("drive-nvme")
            ctx.comment(f"stock has {'lost' if lost else 'kept'} the drive's BAR; "
                        + load.describe(report["phases"][0]))
        ctx.check_tree(vm)
        ctx.check_log(vm)

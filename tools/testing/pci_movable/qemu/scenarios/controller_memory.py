# SPDX-License-Identifier: GPL-2.0
"""
A drive whose queues are in its own memory stays where it is; all others may move.

Two drives in slots 13 and 14 of the machine in harness/seesaw.py are under checked
reads. One of them has a controller memory buffer, a BAR of its own, and its submission
queues are in there. The drive itself reads them at the address which the driver has
told it: none of its BARs may move, neither for a card that needs the place nor by
force. The other drive moves.

Not run on stock, which moves nothing.
"""

from harness import events, load, machine, pci, seesaw

ORDER = 27
KERNELS = ("patched",)
SEED = 63
OWNER, OTHER = "c", "o"


def boot(ctx):
    image = ctx.image("drive", SEED)
    owner = machine.drive(OWNER, "sa.3", image)
    owner[-1] += ",cmb_size_mb=2"
    return ctx.vm(seesaw.arguments([owner, machine.drive(OTHER, "sa.4", image)]),
                  globals_=machine.PCIEHP, threads="single")


def check_in_use(ctx, vm, path):
    size, free = (int(vm.read(f"{path}/p2pmem/{name}"), 0) for name in ("size", "available"))
    ctx.check(size == 2 << 20 and free < size, "queues are in the controller memory buffer",
              f"{free} of {size} bytes are free")


def check_forced(ctx, vm, path, bars):
    """Nothing of the drive moves by force, and the answer says why."""
    for bar in ("", *(f" {n}" for n in bars)):
        answer = vm.ask(events.FORCE, path[-12:] + bar)
        ctx.check(answer.code and answer.text.startswith("error:") and "p2p" in answer.text,
                  f"force_move 'DEVICE{bar}' is refused: memory for peers", answer.text)


def check_pushed(ctx, vm, see, before):
    """A card comes, for all of which both drives would have to move."""
    since = see.push("forth")
    after = vm.tree()
    summaries = pci.summaries(vm.console(since))
    for event in summaries:
        ctx.comment(event["line"])
    ctx.check(after.bars(f"{OWNER}-nvme") == before.bars(f"{OWNER}-nvme"),
              "for a card that needs the place, it stays", after.bars(f"{OWNER}-nvme"))
    ctx.check(len(summaries) == 1 and summaries[0].get("result") in ("partial", "no-space"),
              "the summary line says that not all has a place", summaries)


def run(ctx):
    with boot(ctx) as vm:
        before = vm.tree()
        path = f"/sys/bus/pci/devices/{before.find(f'{OWNER}-nvme').bdf}"
        other = before.find(f"{OTHER}-nvme").bdf
        see = seesaw.Seesaw(ctx, vm, [f"{n}-nvme" for n in (OWNER, OTHER)], slots=2)
        reads = {n: load.Reads(vm, n, SEED, threads=2) for n in (OWNER, OTHER)}
        since = vm.mark()
        check_in_use(ctx, vm, path)
        bars = before.bars(f"{OWNER}-nvme")
        words = vm.read(f"{path}/bars_movable").split()
        ctx.check(len(words) >= 2 and all(w.endswith(":p2p") for w in words),
                  "bars_movable says p2p of each of its BARs", words)
        check_forced(ctx, vm, path, bars)
        answer = vm.ask(events.FORCE, f"{other} 0").text.split("\n")[0]
        ctx.check(answer == "moved" and vm.tree().bars(f"{OTHER}-nvme") !=
                  before.bars(f"{OTHER}-nvme"), "the other drive moves", answer)
        check_pushed(ctx, vm, see, before)
        see.clear()
        for name, r in reads.items():
            ctx.check_load(r.stop()["phases"][0], f"reads of {name}")
            whole = r.verify()
            ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                      f"all of {name} reads back right", whole)
        ctx.check_nvme_log(vm, since)
        ctx.check_tree(vm)
        ctx.check_log(vm)

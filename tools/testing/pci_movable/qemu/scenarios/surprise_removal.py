# SPDX-License-Identifier: GPL-2.0
"""
A card is pulled in the middle of a move; everything else comes to its place.

Two drives, in slots 13 and 14 of the machine in harness/seesaw.py, under checked reads,
have to move for a card of seven functions. QEMU stops all CPUs where the kernel
calls a certain function, takes one of the drives away (its slot's power controller
and indicator are switched off from outside, upon which QEMU 7.2 unplugs at once, and
on again), and lets the guest run on:

  hold     the plan is made, no device is held yet
  tree     in the stop, no register is written yet
  follow   in the stop, all registers are written
  prepare  its driver is about to pause (both are paused)
  done     its driver is about to go on (both were paused)

Whatever the moment: the other drive moves, loses no read, and all functions of the
card are decoded; the drive that was pulled is counted as gone if a register of it was
to be written, is removed by the hot-plug driver, and works when it is plugged in again.

Not run on stock, which moves nothing.
"""

from harness import gdb, load, machine, pci, seesaw

ORDER = 24
KERNELS = ("patched",)
SEED = 45
VICTIM, OTHER = "v", "o"
MOMENTS = (
    # name, function of the kernel, paused
    ("hold", "pmb_pause_hold", False),
    ("tree", "pmb_tree_apply", False),
    ("follow", "pmb_follow_move", False),
    ("prepare", "nvme_rescan_prepare", True),
    ("done", "nvme_rescan_done", True),
)
# in these a write has to find it gone; in the rest all is written by then, or it left before
GONE = ("hold", "tree", "prepare")
QUICK = ("tree", "done")


def boot(ctx):
    image = ctx.image("drive", SEED)
    movers = [machine.drive(VICTIM, "sa.3", image), machine.drive(OTHER, "sa.4", image)]
    return ctx.vm(seesaw.arguments(movers), globals_=machine.PCIEHP, threads="single")


def one_pull(ctx, vm, see, reads, moment, function, paused, way):
    say = lambda text: f"{moment}: {text}"
    port = vm.tree().find("sa.3").bdf
    victim = vm.tree().find(f"{VICTIM}-nvme").bdf
    see.paused(paused)
    see.ready(way)
    before, since = see.places(), vm.mark()
    reads.phase()
    pull = gdb.PullAt(vm, function, port)
    see.push(way)
    ctx.check(pull.wait(), say(f"the drive was pulled when the kernel called {function}()"),
              pull.problem)
    vm.wait_deleted(f"{VICTIM}-nvme")
    path = f"/sys/bus/pci/devices/{victim}"
    vm.sh(f"n=0; while [ -e {path} ] && [ $n -lt 300 ]; do n=$((n + 1)); sleep 0.1; done")
    ctx.check(vm.sh(f"test -e {path}", check=False).code, say("the hot-plug driver removes it"))
    see.ids.remove(f"{VICTIM}-nvme")
    events = pci.summaries(vm.console(since))
    for event in events:
        ctx.comment(event["line"])
    ctx.check(not see.unplaced(), say("all functions of the card are decoded"), see.unplaced())
    places = see.places()[f"{OTHER}-nvme"]
    ctx.check(places.keys() == before[f"{OTHER}-nvme"].keys() and
              not vm.tree().undecoded(f"{OTHER}-nvme"), say("the other drive is decoded"), places)
    ctx.check(len(events) == 1 and events[0].get("result") == "ok" and
              events[0].get("gone") == (moment in GONE) and not events[0].get("detached"),
              say(f"one summary line, it says ok, {'one' if moment in GONE else 'none'} gone"),
              "\n".join(e["line"] for e in events))
    report = reads.phase()
    ctx.check_load(report["phases"][-2], say("reads of the other drive"))
    ctx.check(report["under_way_us"] < 1000000, say("none of them hangs"), report["under_way_us"])


def replug(ctx, vm, see, moment):
    """The drive comes back, and works."""
    see.clear()
    vm.plug("sa.3", 13, [{"driver": "nvme", "id": f"{VICTIM}-nvme", "drive": VICTIM,
                          "serial": VICTIM}])
    see.ids.append(f"{VICTIM}-nvme")
    vm.sh(f"n=0; until grep -qw {VICTIM} /sys/class/nvme/nvme*/serial && "
          "[ $(ls /dev/nvme*n1 | wc -l) = 2 ] || [ $n -gt 100 ]; do n=$((n + 1)); sleep 0.1; done")
    reads = load.Reads(vm, VICTIM, SEED)
    ctx.pause(1)
    ctx.check_load(reads.stop()["phases"][0], f"{moment}: reads of the drive plugged in again")


def run(ctx):
    with boot(ctx) as vm:
        see = seesaw.Seesaw(ctx, vm, [f"{n}-nvme" for n in (VICTIM, OTHER)], slots=2)
        reads = load.Reads(vm, OTHER, SEED)
        since = vm.mark()
        way = "forth"
        for moment, function, paused in MOMENTS:
            if ctx.quick and moment not in QUICK:
                continue
            one_pull(ctx, vm, see, reads, moment, function, paused, way)
            replug(ctx, vm, see, moment)
            way = "back" if way == "forth" else "forth"
        whole = reads.verify()
        ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                  "all of the other drive reads back right", whole)
        reads.stop()
        bad = [l for l in vm.console(since).splitlines() if reads.node[5:-2] in l and
               any(w in l for w in ("reset", "timeout", "I/O error", "emoving"))]
        ctx.check(not bad, "no reset, timeout or I/O error of the other drive", "\n".join(bad))
        ctx.check_tree(vm)
        ctx.check_log(vm)

# SPDX-License-Identifier: GPL-2.0
"""
Three drives under writes move to and fro together: nothing fails, all is right.

Four CPUs, so four I/O queues a drive. The drives are three functions in one slot of
the machine in harness/seesaw.py, so that each way moves, or pauses, all of them:

  root    an ext4, from which fio is run;
  fio     four fio jobs, O_DIRECT, random writes, verified while they go on;
  writes  four threads of rio, O_DIRECT, random writes and reads; each read is
          checked at once, every block at the end.

What the longest request has come to is printed, as a ratio to the longest
without any event in the same run, and not checked: it depends on the host.
"""

import re
import time

from harness import load, machine, seesaw

ORDER = 20
BY_HAND = True		# not steady enough on two slow cores
SEED = 41
DRIVES = ("root-nvme", "fio-nvme", "writes-nvme")


def boot(ctx):
    slot = machine.scratch_drive("writes", "sa.3", ctx.image("writes", SEED), addr="0.2",
                                 multifunction="on")
    slot += machine.scratch_drive("fio", "sa.3", ctx.image("fio", SEED), addr="0.1",
                                  multifunction="on")
    slot += machine.scratch_drive("root", "sa.3", ctx.root_image(), addr="0.0",
                                  multifunction="on")
    return ctx.vm(seesaw.arguments([slot]), globals_=machine.PCIEHP, cpus=4)


def mount_root(vm, where="/root"):
    vm.sh(f"mkdir -p {where}; mount -t ext4 {load.node(vm, 'root')} {where}")
    for name in ("dev", "proc", "sys"):
        vm.sh(f"mount -o bind /{name} {where}/{name}")
    return where


def judge_events(ctx, events, drives, paused, text):
    """Each way moved all @drives, one BAR each, in the way that was asked for."""
    want = {"result": "ok", "moved": drives, "attempts": 1, "detached": 0, "gone": 0,
            "live": 0 if paused else drives, "paused": drives if paused else 0}
    bad = [e["line"] for e in events if any(e.get(k) != v for k, v in want.items())]
    ctx.check(events and not bad, f"{text}: the summary lines tell {want}", "\n".join(bad))


def longest_at_moves(vm, since, mark_us, timeline):
    """
    The longest request that was under way while BARs were moved; the time of
    the word "ways" in the kernel's log is @mark_us of the timeline.
    """
    margin, log = 100000, vm.console(since)
    mark = float(re.search(r"\[ *([\d.]+)\] ways", log)[1])
    longest = 0
    for m in re.finditer(r"\[ *([\d.]+)\] pci_movable: event.* stop_us=(\d+) pause_us=(\d+)", log):
        end = mark_us + (float(m[1]) - mark) * 1e6
        start = end - int(m[2]) - int(m[3])
        longest = max([longest] + [us for at, _, us in timeline
                                   if start - margin < at < end + margin])
    return longest


def measure(ctx, see, writes, paused, ways):
    """@ways ways, then as long without any event; what each came to."""
    text = "paused" if paused else "live"
    vm = see.vm
    see.paused(paused)
    see.events.clear()
    since, start = vm.mark(), time.monotonic()
    vm.sh("echo ways > /dev/kmsg")
    mark_us = writes.phase()["phases"][-1]["from_us"]
    wrong = see.swing(ways)
    busy = writes.phase()["phases"][-2]
    time.sleep(min(time.monotonic() - start, ctx.seconds(15)))
    quiet = writes.phase()["phases"][-2]
    ctx.check(not wrong, f"{text}: {ways} ways, all drives moved, all cards decoded",
              "\n".join(wrong))
    judge_events(ctx, see.events, len(DRIVES), paused, text)
    for event in see.events:
        ctx.comment(event["line"])
    for name, phase in (("quiet", quiet), (text, busy)):
        ctx.check_load(phase, f"writes, {text}, {name}")
        ctx.comment(f"{name}: {load.describe(phase)}")
    at_moves = longest_at_moves(vm, since, mark_us, writes.timeline())
    ratio = at_moves / max(1, quiet["longest_us"])
    ctx.comment(f"{text}: the longest request at a move took {at_moves} us, {ratio:.2f} times "
                f"the longest without an event; {'' if ratio < 3 else 'not '}below 3")
    ratio = busy["longest_us"] / max(1, quiet["longest_us"])
    ctx.comment(f"{text}: the longest while cards came and went, {ratio:.2f} times; "
                f"p99 {busy['p99_us']} us and {quiet['p99_us']} us")


def check_stock(ctx, vm, see):
    """Stock's second attempt releases what is in use, here the drives' windows and BARs."""
    see.swing(2)
    lost = [f"{i} {r}" for i in see.ids for r in vm.tree().undecoded(i)]
    ctx.check(see.unplaced(), "stock leaves BARs of the cards undecoded")
    ctx.check(lost, "stock has lost the drives' BARs", see.places())
    ctx.comment(f"stock has lost: {', '.join(lost) or 'nothing'}")


def run(ctx):
    with boot(ctx) as vm:
        root = mount_root(vm)
        disk = load.node(vm, "writes").removeprefix("/dev/")
        queues = int(vm.sh(f"ls -d /sys/block/{disk}/mq/* | wc -l").text)
        ctx.check(queues == 4, "a drive has four I/O queues", queues)
        see = seesaw.Seesaw(ctx, vm, DRIVES)
        since = vm.mark()
        fio = load.Fio(vm, root, load.node(vm, "fio"))
        writes = load.Writes(vm, "writes", SEED, threads=4)
        if not ctx.patched:
            check_stock(ctx, vm, see)
            hangs = writes.phase()["under_way_us"]
            time.sleep(1)
            hangs = writes.phase()["under_way_us"] - hangs
            ctx.check(hangs > 500000, "stock: a request hangs", hangs)
            return
        for paused in (False, True):
            measure(ctx, see, writes, paused, 2 if ctx.quick else 6)
        result = fio.stop()
        report = writes.stop()
        ctx.comment(f"fio: {result}")
        ctx.check(not result["error"] and not result["ended"] and result["writes"] > 100 and
                  result["reads"] > 100, "fio: no error, all that was written is right", result)
        ctx.check_load(report["phases"][-1], "writes, every block at the end")
        ctx.check(report["under_way_us"] < 1000000, "no request hangs", report["under_way_us"])
        ctx.check_nvme_log(vm, since)
        ctx.check_tree(vm)
        ctx.check_log(vm)

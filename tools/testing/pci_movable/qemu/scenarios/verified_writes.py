# SPDX-License-Identifier: GPL-2.0
"""
Three drives under writes move to and fro together: nothing fails, all is right.

A drive has four I/O queues: one for writes, two for reads, one that is polled. The
drives are three functions in one slot of the machine in harness/seesaw.py, so that
each way moves, or pauses, all of them:

  root    an ext4, from which fio is run;
  fio     four fio jobs, O_DIRECT, random writes, verified while they go on;
  writes  two threads of rio, O_DIRECT, random writes and reads; each read is
          checked at once, every block at the end.

How long requests take is what bench_outage.py is for. Stock's second attempt
releases what is in use: there all three drives lose their BARs, and requests hang.
"""

import time

from harness import load, machine, seesaw

ORDER = 20
SEED = 41
DRIVES = ("root-nvme", "fio-nvme", "writes-nvme")
# more queues than CPUs: with four CPUs on two slow cores the guest stands still at times
QUEUES = "nvme.write_queues=1 nvme.poll_queues=1"


def boot(ctx):
    slot = machine.scratch_drive("writes", "sa.3", ctx.image("writes", SEED), addr="0.2",
                                 multifunction="on")
    slot += machine.scratch_drive("fio", "sa.3", ctx.image("fio", SEED), addr="0.1",
                                  multifunction="on")
    slot += machine.scratch_drive("root", "sa.3", ctx.root_image(), addr="0.0",
                                  multifunction="on")
    return ctx.vm(seesaw.arguments([slot]), globals_=machine.PCIEHP, append=QUEUES,
                  threads="single")


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


def ways(ctx, see, writes, paused, number):
    """@number ways, all drives moved by each."""
    text = "paused" if paused else "live"
    see.paused(paused)
    see.events.clear()
    writes.phase()
    wrong = see.swing(number)
    busy = writes.phase()["phases"][-2]
    ctx.check(not wrong, f"{text}: {number} ways, all drives moved, all cards decoded",
              "\n".join(wrong))
    judge_events(ctx, see.events, len(DRIVES), paused, text)
    for event in see.events:
        ctx.comment(event["line"])
    ctx.check_load(busy, f"{text}: writes")
    ctx.comment(f"{text}: {load.describe(busy)}")


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
        polls = vm.read(f"/sys/block/{disk}/queue/io_poll")
        ctx.check(polls == "1", "one of them is polled", polls)
        see = seesaw.Seesaw(ctx, vm, DRIVES)
        since = vm.mark()
        fio = load.Fio(vm, root, load.node(vm, "fio"))
        writes = load.Writes(vm, "writes", SEED, threads=2)
        if not ctx.patched:
            check_stock(ctx, vm, see)
            hangs = writes.phase()["under_way_us"]
            time.sleep(1)
            hangs = writes.phase()["under_way_us"] - hangs
            ctx.check(hangs > 500000, "stock: a request hangs", hangs)
            return
        for paused in (False, True):
            ways(ctx, see, writes, paused, 2)
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

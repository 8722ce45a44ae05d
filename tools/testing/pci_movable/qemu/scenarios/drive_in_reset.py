# SPDX-License-Identifier: GPL-2.0
"""
Cards come and go while the drive in their way is being reset, again and again.

The drive is the mover of the machine in harness/seesaw.py. One loop writes to its
reset_controller, and now and then detaches and attaches a second namespace; another one
writes to rescan_controller; reads of the first namespace go on. A card that comes
may find the drive busy, which makes it fixed: then the card is left out, and a rescan
afterwards, when nothing is busy any more, has to place it. Nothing else may be lost.

The second namespace waits for resets and they for it: a queue that comes while the
others are quiesced makes block/blk-mq.c warn, whatever moves.

Not run on stock: a reset that meets its second attempt finds no BAR ("Disabling
device after reset failure: -12"), and the drive is gone.
"""

from harness import load, machine, seesaw

ORDER = 22
KERNELS = ("patched",)
SEED = 43
LOOPS = {
    "resets": """
for i in 1 2 3; do
	echo 1 > $ctrl/reset_controller && n=$((n + 1))
	sleep 0.1
done
nvme_ns detach $dev 2
i=0; while [ -e ${dev}n2 ] && [ $i -lt 30 ]; do i=$((i + 1)); sleep 0.1; done
nvme_ns attach $dev 2
i=0; while [ ! -e ${dev}n2 ] && [ $i -lt 30 ]; do i=$((i + 1)); sleep 0.1; done
[ -e ${dev}n2 ] && echo again >> /tmp/namespaces
""",
    "rescans": "echo 1 > $ctrl/rescan_controller && n=$((n + 1)); sleep 0.1",
}


def boot(ctx):
    image = ctx.image("drive", SEED)
    drive = machine.device("nvme-subsys", id="both", nqn="both")
    drive += machine.scratch("one", image) + machine.scratch("two", image)
    drive += machine.device("nvme", id="d-nvme", bus="sa.3", serial="d", subsys="both")
    drive += machine.device("nvme-ns", drive="one", nsid=1, bus="d-nvme")
    drive += machine.device("nvme-ns", drive="two", nsid=2, bus="d-nvme")
    return ctx.vm(seesaw.arguments([drive]), globals_=machine.PCIEHP, threads="single")


def start_loops(vm, node):
    name = node.removeprefix("/dev/").removesuffix("n1")
    vm.sh(": > /tmp/go")
    for loop, body in LOOPS.items():
        vm.sh(f"cat > /tmp/{loop}.sh <<'END'\n"
              f"ctrl=/sys/class/nvme/{name}; dev=/dev/{name}; n=0\n"
              f"while [ -e /tmp/go ]; do\n{body}\necho $n > /tmp/{loop}.n\ndone\n"
              f": > /tmp/{loop}.end\nEND\n")
        vm.sh(f"sh /tmp/{loop}.sh >/dev/null 2>&1 &")


def stop_loops(vm):
    """How often each has done it; None for one that does not end."""
    vm.sh("rm /tmp/go; n=0; while [ $(ls /tmp/*.end 2>/dev/null | wc -l) -lt 2 ] && "
          "[ $n -lt 200 ]; do n=$((n + 1)); sleep 0.1; done")
    return {loop: int(vm.sh(f"cat /tmp/{loop}.n").text)
            if not vm.sh(f"test -e /tmp/{loop}.end", check=False).code else None
            for loop in LOOPS}


def run(ctx):
    with boot(ctx) as vm:
        see = seesaw.Seesaw(ctx, vm, ["d-nvme"])
        reads = load.Reads(vm, "d", SEED, threads=2)
        moved = 0
        since = vm.mark()
        start_loops(vm, reads.node)
        ways = 2 if ctx.quick else 4
        for paused in (False, True):
            see.paused(paused)
            for way in range(ways):
                old = see.places()
                see.forth() if way % 2 == 0 else see.back()
                moves = see.places() != old
                moved += moves
                ctx.comment(f"way {way}{', paused' if paused else ''}: drive "
                            f"{'moved' if moves else 'stays'}, "
                            f"{len(see.unplaced())} BARs of cards not decoded")
        done = stop_loops(vm)
        again = vm.sh("cat /tmp/namespaces 2>/dev/null", check=False).text.count("again")
        ctx.comment(f"meanwhile: {done}, second namespace away and back {again} times; the drive "
                    f"has {'lost its BAR' if vm.tree().undecoded('d-nvme') else 'its BAR'}")
        ctx.check(all(n and n > 2 for n in done.values()) and again,
                  "resets, rescans, a namespace away and back, and all came to an end", done)
        old = see.places()
        vm.sh("echo 1 > /sys/bus/pci/rescan")
        ctx.check(not see.unplaced(), "a rescan places what was left out", see.unplaced())
        ctx.check(moved or see.places() != old, "in the end the drive has moved", old)
        for event in see.events:
            ctx.comment(event["line"])
        ctx.check(all(see.places()["d-nvme"].values()), "the drive is decoded", see.places())
        reads.phase()
        ctx.pause(1)
        report = reads.stop()
        ctx.check_load(report["phases"][0], "reads meanwhile")
        ctx.check_load(report["phases"][1], "reads afterwards")
        ctx.check(report["under_way_us"] < 1000000, "no read hangs", report["under_way_us"])
        whole = reads.verify()
        ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                  "all of the drive reads back right", whole)
        sizes = vm.sh(f"cat /sys/block/{reads.node[5:-1]}[12]/size").text.split()
        ctx.check(len(sizes) == 2 and sizes[0] == sizes[1] != "0", "both namespaces are there",
                  sizes)
        bad = [l for l in vm.console(since).splitlines() if "I/O error" in l or
               "nvme" in l and any(w in l for w in ("emoving", "timeout", "Disabling"))]
        ctx.check(not bad, "no timeout, I/O error or drive given up", "\n".join(bad))
        ctx.check_tree(vm)
        ctx.check_log(vm)

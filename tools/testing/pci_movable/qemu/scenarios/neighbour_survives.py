# SPDX-License-Identifier: GPL-2.0
"""
A card that stock cannot place costs a running drive nothing.

The machine is that of the main job. Slot 11 has no memory window, as after a
hot-add that failed, and slot 12 has taken the room it had:

    MiB  fda   fdc         fe0   fe2
          | 13  |    12     |drive|

A card in slot 11 then finds no room. Stock releases all windows of the switch
at this point, tries once more, fails, and has lost the drive's window and BAR:
reads hang, and a minute later the drive is gone. Whatever becomes of the card,
the drive has to go on; and there is room, in the window of slot 13 and below.
"""

from harness import load, machine
from . import main_job

ORDER = 5


def close_window(vm, port):
    """Closes the memory window of a port without anything below it, and has it found anew."""
    path = f"/sys/bus/pci/devices/{port}"
    vm.sh(f"printf '\\360\\377\\0\\0' | dd of={path}/config bs=1 seek=32 conv=notrunc "
          f"2>/dev/null; echo 1 > {path}/remove")


def run(ctx):
    with main_job.boot(ctx) as vm:
        reads = load.Reads(vm, "drive", main_job.SEED)
        ctx.pause(1)
        before = vm.tree()
        close_window(vm, before.find("sw.1").bdf)
        vm.plug("sw.2", 12, machine.edu_functions(4, "y"))
        vm.sh("echo 1 > /sys/bus/pci/rescan")
        reads.phase()
        vm.plug("sw.1", 11, machine.edu_functions(1, "z"))
        ctx.pause(3)
        report = reads.stop()
        tree = vm.tree()
        lost = tree.undecoded("drive-nvme")
        log = vm.console()
        if ctx.patched:
            ctx.check(not lost and tree.bars("drive-nvme") == before.bars("drive-nvme"),
                      "the drive's BARs stay", lost)
            ctx.check(report["under_way_us"] < 1000000, "no read hangs", report["under_way_us"])
            ctx.check_load(report["phases"][1], "reads during the last hot-add")
            cards = ["z0"] + [f"y{f}" for f in range(4)]
            vm.enable(cards)
            tree = vm.tree()
            missing = [f"{n} {r}" for n in cards for r in tree.undecoded(n)]
            ctx.check(not missing, "every BAR of the cards is decoded", missing)
        else:
            ctx.comment(f"stock: the drive's BAR is {'lost' if lost else 'kept'}, a read is under "
                        f"way for {report['under_way_us'] // 1000} ms")
            ctx.check("can't assign; no space" in log, "the log says: can't assign; no space")
            ctx.check(lost, "stock has lost the drive's BAR", tree.find("drive-nvme").regions)
        ctx.check_tree(vm)
        ctx.check_log(vm)

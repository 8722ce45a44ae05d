# SPDX-License-Identifier: GPL-2.0
"""
A bug report becomes a machine: what had no place there has none on stock either.

The kernel log of a mail goes through pcibar import and pcibar qemu; in the
guest, pcibar capture and pcibar plan tell what happened when the card of the
report was plugged in.
"""

import os

from harness import replay

ORDER = 17
REPORT = os.path.join(replay.PCIBAR, "tests/data/dmesg-5.x-mail.txt")


def run(ctx):
    guest = os.path.join(ctx.out, "guest")
    pcibar = ctx.pcibar()
    initrd = replay.build_initramfs(ctx.out, pcibar)
    layout = replay.tool(pcibar, "import", REPORT)
    script = os.path.join(guest, f"case.{os.getpid()}.sh")
    replay.tool(pcibar, "qemu", "-", "-o", script, stdin=layout)
    vm = replay.ReplayVm(script, ctx.kernel, initrd, ctx.log_path())
    try:
        with vm:
            check(ctx, vm, pcibar, layout)
    finally:
        os.unlink(initrd)
        os.unlink(script)


def check(ctx, vm, pcibar, layout):
    def capture():
        return vm.sh("dmesg > /tmp/d; pcibar capture --dmesg /tmp/d 2>/dev/null").text

    lacked, _ = replay.wanted(pcibar, layout)
    ctx.check(lacked > 0, "something has no place in the report", layout)
    before = capture()
    ctx.check(replay.wanted(pcibar, before)[0] == 0, "nothing is wanted before the card is there",
              before)
    vm.plug_in()
    vm.wait_log(r"pci 0000:\S+: \[1234:11e8\]|pci 0000:\S+: \[1b36:0005\]")
    after = replay.settled(vm, capture)
    lacks, plan = replay.wanted(pcibar, after)
    if ctx.patched:
        ctx.check(lacks == 0, "every BAR of the card has a place", after)
    else:
        ctx.check(lacks > 0, "a BAR of the card has no place, as in the report", after)
        ctx.check(plan["verdict"] == "complete" and not plan["paused"],
                  "pcibar says what would help: no driver has to be paused", plan)
    shown = vm.sh("pcibar show --color never --width 100").text
    ctx.check("0000:00:1d.0" in shown, "pcibar show in the guest has the port of the report", shown)
    trouble = vm.trouble()
    ctx.check(not trouble, "the log has nothing that a healthy kernel does not print", trouble)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
How long does a stranger's bug report take to become a running reproduction?

usage: stranger.py REPORT KERNEL...

For each kernel, stock ones too: the report is imported, planned, written as a QEMU
script, started, and what was wanted is plugged in. Printed are the time of each
step, what has no place before and after, and what pcibar says in the guest.
Run by hand; the kernels are bzImage or vmlinuz files with pciehp and the console
built in, as Debian's are.
"""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import replay  # noqa: E402


def reproduce(report, kernel, pcibar, initrd, out):
    steps = replay.Steps()
    layout = steps.run("import", lambda: replay.tool(pcibar, "import", report))
    plan = steps.run("plan", lambda: replay.tool(pcibar, "plan", "-", stdin=layout))
    script = os.path.join(out, "case.sh")
    steps.run("qemu", lambda: replay.tool(pcibar, "qemu", "-", "-o", script, stdin=layout))
    vm = replay.ReplayVm(script, kernel, initrd, os.path.join(out, "log"))
    steps.run("boot", vm.start)
    try:
        print(f"\n=== {kernel}\n{vm.sh('uname -r').text.strip()}")
        capture = lambda: vm.sh("dmesg > /tmp/d; pcibar capture --dmesg /tmp/d 2>/dev/null").text
        before = steps.run("capture", lambda: capture())
        steps.run("plug", lambda: (vm.plug_in(), vm.wait_log("pci 0000:.*type 0", since=0)))
        after = steps.run("settle", lambda: replay.settled(vm, capture))
        _, plan_after = replay.wanted(pcibar, after)
        print("in the report:", plan.splitlines()[0])
        print("in the guest, before:", replay.tool(pcibar, "plan", "-", stdin=before).splitlines()[0])
        print(f"in the guest, after: {plan_after['wanted']} required BARs have no place; "
              f"plan: {plan_after['verdict']}")
        print(replay.tool(pcibar, "plan", "-", stdin=after))
        print("what changed:\n" + vm.sh("cat > /tmp/b <<'X'\n" + before + "\nX\n"
                                      "dmesg > /tmp/d; pcibar capture --dmesg /tmp/d 2>/dev/null |"
                                      " pcibar diff /tmp/b -", check=False).text)
        for line in vm.console().splitlines():
            if "event=" in line or "no space" in line:
                print("   ", line)
    finally:
        vm.stop()
    for name, seconds in steps.taken:
        print(f"{name:10}{seconds:8.2f} s")
    print(f"{'all':10}{steps.total():8.2f} s")


def main(argv):
    if len(argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="stranger.") as out:
        steps = replay.Steps()
        pcibar = steps.run("pcibar", lambda: replay.build_pcibar(os.path.join(out, "pcibar")))
        initrd = steps.run("initramfs", lambda: replay.build_initramfs(out, pcibar))
        for name, seconds in steps.taken:
            print(f"built once: {name:10}{seconds:8.2f} s")
        for kernel in argv[1:]:
            reproduce(argv[0], kernel, pcibar, initrd, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: GPL-2.0
"""
Devices are moved while every CPU does what could meet the stop of all CPUs half way.

A drive under checked reads and an e1000e with a download, in two slots of the machine
in harness/seesaw.py, are pushed to and fro. Loops, one or more on each CPU, meanwhile:

  config     all config space is read, through sysfs and through /proc/bus/pci
  map        a driver binds and leaves: ioremap, iounmap, MSI-X set up and freed
  affinity   the interrupts of the movers go to another CPU
  offline    a CPU leaves and returns, and what is bound to it with it

Nothing may hang, no loop may stand still, and lockdep, where there is one, keeps silent.
run.py --events N makes N ways instead of two.
"""

import time

from harness import load, machine, seesaw

ORDER = 26
BY_HAND = True		# four CPUs, all busy: too much for two slow cores beside other tests
KERNELS = ("patched",)
SEED = 62
CPUS = 4
MOVERS = ("d-nvme", "net")
LOOPS = {
    # name: (CPUs it is bound to, what it does once)
    "config": (range(CPUS), "cat /sys/bus/pci/devices/*/config /proc/bus/pci/*/* > /dev/null"),
    "map": ((0,), "echo $spare > /sys/bus/pci/drivers/e1000e/unbind; "
                  "echo $spare > /sys/bus/pci/drivers/e1000e/bind"),
    "affinity": ((1,), "for i in $irqs; do for m in 1 2 4; do "
                       "echo $m > /proc/irq/$i/smp_affinity; done; done 2>/dev/null; true"),
    "offline": ((2,), "echo 0 > $cpu3 && usleep 300000; echo 1 > $cpu3; usleep 300000"),
}


def boot(ctx):
    movers = [machine.drive("d", "sa.3", ctx.image("drive", SEED)),
              machine.nic("e1000e", "net", "sa.4", ctx.feed(SEED), "52:54:00:00:00:62")]
    args = seesaw.arguments(movers)
    args += machine.root_port("rpc", slot=3, addr="6")
    args += machine.device("e1000e", id="spare", bus="rpc", romfile="")
    return ctx.vm(args, globals_=machine.PCIEHP, cpus=CPUS, memory=768)


class Loops:
    def __init__(self, vm):
        self.vm = vm
        tree = vm.tree()
        irqs = " ".join(vm.sh(f"ls /sys/bus/pci/devices/{tree.find(i).bdf}/msi_irqs").text
                        for i in MOVERS).split()
        words = (f"spare={tree.find('spare').bdf}; irqs='{' '.join(irqs)}'; "
                 "cpu3=/sys/devices/system/cpu/cpu3/online")
        self.names = [f"{loop}{cpu}" for loop, (cpus, _) in LOOPS.items() for cpu in cpus]
        vm.sh(": > /tmp/go")
        for loop, (cpus, body) in LOOPS.items():
            for cpu in cpus:
                name = f"{loop}{cpu}"
                vm.sh(f"cat > /tmp/{name}.sh <<'END'\n{words}; n=0\n"
                      f"while [ -e /tmp/go ]; do\n{body}\n[ $? = 0 ] && n=$((n + 1))\n"
                      f"echo $n > /tmp/{name}.n\ndone\n: > /tmp/{name}.end\nEND\n"
                      f"taskset {1 << cpu:x} sh /tmp/{name}.sh > /tmp/{name}.out 2>&1 &")

    def counts(self):
        text = self.vm.sh(f"cd /tmp; for l in {' '.join(self.names)}; do "
                          "echo $(cat $l.n 2>/dev/null || echo 0); done").text
        return dict(zip(self.names, map(int, text.split())))

    def stop(self, timeout=60):
        """Those that do not end."""
        self.vm.sh("rm /tmp/go")
        deadline = time.monotonic() + timeout
        while True:
            left = self.vm.sh(f"cd /tmp; for l in {' '.join(self.names)}; do "
                              "[ -e $l.end ] || echo $l; done; true").text.split()
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.2)


def run(ctx):
    ways = ctx.events or 2
    with boot(ctx) as vm:
        tree = vm.tree()
        see = seesaw.Seesaw(ctx, vm, MOVERS, slots=2)
        reads = load.Reads(vm, "d", SEED, threads=2)
        net = load.Download(vm, "net", tree.find("net").bdf, SEED)
        since = vm.mark()
        loops = Loops(vm)
        seen = loops.counts()
        wrong, still = [], []
        for way in range(ways):
            see.paused(way % 4 >= 2)
            wrong += [f"way {way}: {w}" for w in (see.back() if way & 1 else see.forth())]
            now = loops.counts()
            still += [f"way {way}: {n}" for n in seen if now[n] == seen[n]]
            seen = now
        left = loops.stop()
        ctx.check(not wrong and see.moves == ways, f"both devices were moved {ways} times",
                  "\n".join(wrong[:20]))
        ctx.check(not left, "every loop came to its end", left)
        ctx.check(not still, "no loop stood still during a move", "\n".join(still))
        ctx.comment(f"done meanwhile: {seen}")
        for event in see.events:
            ctx.comment(event["line"])
        report = reads.stop()
        ctx.check_load(report["phases"][0], "reads")
        ctx.comment("reads: " + load.describe(report["phases"][0]))
        download = net.stop()["phases"][0]
        ctx.check_load(download, "download")
        whole = reads.verify()
        ctx.check(load.clean(whole) and whole["ops"] == whole["blocks"],
                  "all of the drive reads back right", whole)
        bad = [l for l in vm.console(since).splitlines() if "I/O error" in l or "Tx timeout" in l or
               "nvme" in l and any(w in l for w in ("reset", "emoving", "timeout", "Disabling"))]
        ctx.check(not bad, "no reset, timeout or I/O error", "\n".join(bad))
        ctx.check_tree(vm)
        ctx.check_log(vm)

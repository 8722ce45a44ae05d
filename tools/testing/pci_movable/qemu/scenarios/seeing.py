# SPDX-License-Identifier: GPL-2.0
"""
What debugfs and sysfs tell is what happens: dry run, declared by hand, forced move.

The machine is that of drive-must-move: for seven functions of 1 MiB one of its
drives has to move. A10 and A13 are declared fixed by hand, so it is one of B; the
dry run in the kernel and pcibar on the snapshot know before which one. Then B20 is
forced to move under reads, live and paused.
"""

import json
import re
import subprocess

from harness import load, machine
from . import drive_must_move

ORDER = 13
KERNELS = ("patched",)
DIR = "/sys/kernel/debug/pci_movable"
SEEDS = {"a13": 41, "b20": 42}
FUNCTIONS = 7
# Without a driver, on the root bus: the SATA and the SMBus controller of a q35
SATA, SMBUS = "0000:00:1f.2", "0000:00:1f.3"
# Not the windows: stock assignment, which comes first, may have changed some
KEYS = ("result", "wanted", "placed", "moved", "live", "paused")


def ask(vm, name, text):
    return vm.ask(f"{DIR}/{name}", text)


def words(line):
    """key=value words of a line."""
    return dict(re.findall(r"(\w+)=(\S+)", line))


def attribute(vm, bdf, name):
    return vm.read(f"/sys/bus/pci/devices/{bdf}/{name}")


def pcibar_plan(ctx, snapshot, requests):
    """What pcibar makes of the text of the kernel."""
    path = f"{ctx.out}/seeing.layout"
    with open(path, "w") as f:
        f.write(snapshot + "\n")
    options = [w for r in requests for w in ("--add", r)]
    done = subprocess.run([ctx.pcibar(), "plan", path, *options, "--json"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"error": done.stdout}


def check_by_hand(ctx, vm, a13):
    ctx.check(attribute(vm, SATA, "bars_policy") == "fixed" and
              set(re.findall(r":(\S+)", attribute(vm, SATA, "bars_movable"))) == {"admin"},
              "a device is fixed by boot parameter", attribute(vm, SATA, "bars_movable"))
    ctx.check(attribute(vm, SMBUS, "bars_policy") == "movable" and
              set(re.findall(r":(\S+)", attribute(vm, SMBUS, "bars_movable"))) == {"free"},
              "another one on the root bus is movable", attribute(vm, SMBUS, "bars_movable"))
    before = attribute(vm, a13, "bars_movable")
    vm.sh(f"echo fixed > /sys/bus/pci/devices/{a13}/bars_policy")
    after = attribute(vm, a13, "bars_movable")
    ctx.check(before == "0:live" and after == "0:admin", "a drive is fixed by sysfs",
              f"{before} {after}")
    bad = vm.sh(f"echo maybe > /sys/bus/pci/devices/{a13}/bars_policy", check=False)
    ctx.check(bad.code and attribute(vm, a13, "bars_policy") == "fixed",
              "other words are refused", bad.text)


def check_dry_run(ctx, vm, tree):
    """The answer of the kernel, and that of pcibar to the same question."""
    port = tree.find("swa.1").bdf
    requests = [f"{port}:1M,mem"] * FUNCTIONS
    iomem = vm.iomem()
    answer = ask(vm, "plan", "".join(f"add {r}\\n" for r in requests))
    ctx.check(answer.code == 0 and vm.iomem() == iomem, "the dry run touches nothing", answer.text)
    told = words(answer.text.splitlines()[0])
    movers = re.findall(r"^move (\S+) BAR 0 live ", answer.text, re.M)
    ctx.check(told.get("result") == "ok" and len(movers) == 1 and
              movers[0] in [tree.find(name).bdf for name in ("b20-nvme", "b23-nvme")],
              "it moves one of B", answer.text)
    snapshot = vm.read(f"{DIR}/snapshot")
    seen = pcibar_plan(ctx, snapshot, requests)
    ctx.check("error" not in seen and [b["device"] for b in seen["moved"]] == movers and
              str(len(seen["placed"])) == told.get("placed") and
              str(len(seen["windows"])) == told.get("windows"),
              "pcibar finds the same in the snapshot", f"{seen}\n{answer.text}")
    for text, why in (("explode", "expected"), ("remove 0000:77:00.0", "no such function")):
        bad = ask(vm, "plan", text)
        ctx.check(bad.code and re.search(rf"^error: request 1, character \d+: .*{why}", bad.text,
                                         re.M), f"bad request '{text}': an error", bad.text)
    return told, movers


def check_event(ctx, vm, tree, told, movers):
    since = vm.plug("swa.1", drive_must_move.SLOT, machine.edu_functions())
    event = ctx.summary(vm, since) or {}
    ctx.check(all(str(event.get(k)) == told.get(k) for k in KEYS),
              "the event does what the dry run said", f"{told}\n{event.get('line')}")
    after = vm.tree()
    moved = [tree.find(f"{name}-nvme").bdf for name in drive_must_move.PLACES
             if after.bars(f"{name}-nvme") != tree.bars(f"{name}-nvme")]
    ctx.check(moved and moved == movers, "the drive that was named has moved, and no other",
              f"{moved} {movers}")
    log = vm.read(f"{DIR}/events").splitlines()
    ctx.check(log and re.match(r"\[ *\d+\.\d{6}\] ", log[-1]) and
              event.get("line", "?").split("pci_movable: ")[-1] in log[-1],
              "events shows its summary line", "\n".join(log))
    vm.unplug(drive_must_move.SLOT, [f"edu{f}" for f in range(FUNCTIONS)])


def check_forced(ctx, vm, text, paused):
    """One move of B20 without need."""
    before = vm.tree()
    bdf = before.find("b20-nvme").bdf
    vm.sh(f"echo {'Y' if paused else 'N'} > /sys/module/pci_movable/parameters/force_pause")
    since = vm.mark()
    answer = ask(vm, "force_move", f"{bdf} 0")
    event = ctx.summary(vm, since) or {}
    after = vm.tree()
    ctx.check(answer.code == 0 and answer.text.startswith("moved\n") and
              after.bars("b20-nvme").keys() == before.bars("b20-nvme").keys() and
              after.bars("b20-nvme") != before.bars("b20-nvme"),
              f"{text}: the drive's BAR is elsewhere, and decoded", answer.text)
    ctx.check(event.get("trigger") == "forced" and event.get("result") == "ok" and
              event.get("paused") == int(paused) and event.get("live") == int(not paused),
              f"{text}: the summary line says so", event)


def check_refused(ctx, vm, a13, iomem):
    since = vm.mark()
    for target, code in ((f"{a13} 0", "error: fixed"), (f"{a13} 5", "error: no such BAR"),
                         ("0000:77:00.0", "error: no such device"), ("a b c", "error: DEVICE")):
        answer = ask(vm, "force_move", target)
        ctx.check(answer.code and re.search("^" + code, answer.text, re.M),
                  f"'{target.split()[-1]}' is not forced: {code}", answer.text)
    ctx.check(vm.iomem() == iomem and "trigger=forced host=0000:00 result=refused" in
              vm.console(since), "nothing moved then, and the log says refused")


def run(ctx):
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("swa", "rpa", slot=10) + machine.switch("swb", "rpb", slot=20)
    for i, (name, bus) in enumerate(drive_must_move.PLACES.items()):
        args += machine.drive(name, bus, ctx.image(name, SEEDS.get(name, 50 + i)))
    append = "pci_movable.fixed=0000:00:1e.0,pci:8086:2922 pci_movable.movable=pci:8086:2930"
    with ctx.vm(args, globals_=machine.PCIEHP, append=append) as vm:
        tree = vm.tree()
        a13 = tree.find("a13-nvme").bdf
        check_by_hand(ctx, vm, a13)
        vm.sh(f"echo fixed > /sys/bus/pci/devices/{tree.find('a10-nvme').bdf}/bars_policy")
        reads = {name: load.Reads(vm, name, seed) for name, seed in SEEDS.items()}
        check_event(ctx, vm, tree, *check_dry_run(ctx, vm, tree))
        for r in reads.values():
            r.phase()
        check_forced(ctx, vm, "live", False)
        check_forced(ctx, vm, "paused", True)
        check_forced(ctx, vm, "live again", False)
        check_refused(ctx, vm, a13, vm.iomem())
        for name, r in reads.items():
            report = r.stop()
            ctx.check_load(report["phases"][1], f"reads of {name} during the forced moves")
            ctx.check(report["under_way_us"] < 1000000, f"no read of {name} hangs",
                      report["under_way_us"])
        ctx.check_nvme_log(vm)
        ctx.check_tree(vm)
        ctx.check_log(vm)

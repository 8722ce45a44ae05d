#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""pcibar qemu and pcibar kunit: what they print works, and is the case."""

import json
import os
import re
import shutil
import socket
import subprocess
import time

from tool import Tap, data, read, run, scratch

tap = Tap()
TIGHT, SWITCH = data("tight.txt"), data("switch.txt")
QEMU = os.environ.get("QEMU", "qemu-system-x86_64")

# KUnit: the planner's part is compiled and run here, without the mock host.


def compiled(name, source):
    """Exit status and output of a suite; None: it could not be compiled."""
    path = scratch(name + ".c", source)
    command = os.environ["COMPILE"].split() + ["-o", scratch(name), path] + os.environ["PLANNER"].split()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not tap.check(done.returncode == 0, f"kunit: {name} compiles without a warning", done.stderr):
        return None
    done = subprocess.run([scratch(name)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def kunit(name, layout, *args):
    done = run("kunit", "-", "--name", name, *args, stdin=layout)
    tap.same((done.status, done.err), (0, ""), f"kunit: {name}")
    return done.out


if "PLANNER" in os.environ:
    tight = kunit("tight", read(TIGHT))
    tap.same(compiled("tight", tight), (0, "pci_movable_tight planner\n"), "kunit: tight passes")
    tap.check("mock_bar_res(host, 7, 0)->parent" in tight and "plan->cost, 100000ULL" in tight,
              "kunit: tight says what is expected", tight)
    wrong = compiled("wrong", tight.replace("plan->cost, 100000ULL", "plan->cost, 100001ULL"))
    tap.check(wrong and wrong[0] == 1 and "plan->cost" in wrong[1], "kunit: a wrong cost fails", wrong)
    moved = compiled("moved", tight.replace("driver a way pause", "driver a way never"))
    tap.check(moved and moved[0] == 1, "kunit: another layout fails", moved)
    stuck = kunit("stuck", read(TIGHT).replace("way pause", "way never"))
    tap.check('"impossible"' in stuck and "-ENOSPC" in stuck and "mock_bar_res" not in stuck,
              "kunit: a case without a plan", stuck)
    tap.same(compiled("stuck", stuck), (0, "pci_movable_stuck planner\n"), "kunit: stuck passes")
    odd = read(TIGHT).replace("driver a ", 'driver "a b" ')
    tap.same(compiled("odd", kunit("odd", odd)), (0, "pci_movable_odd planner\n"),
             "kunit: names between quotes")
else:
    tap.skip("kunit: compiled", "$PLANNER and $COMPILE are not set")

holes = kunit("holes", read(TIGHT).replace(
    "root 0000:10 mem 0x80000000-0x803fffff", "root 0000:10 mem 0x80000000-0x807fffff\n"
    "hole 0000:10 mem 0x80400000-0x807fffff ECAM").replace(
    "0x80200000-0x802fffff\ndev", "0x80200000-0x802fffff fixed mmap\ndev"))
head = holes.split("*/")[0]
tap.check("the 1 reserved ranges" in head and "0000:14:00.0 BAR 0: fixed, but may move there" in head,
          "kunit: says what differs", head)

# The PCI core looks for function 0 first, and behind a link at slot 0 only.
lone = kunit("lone", """pmb-layout 1
host 0000:00
root 0000:00 mem 0x80000000-0x8fffffff
dev bridge-to-0000:05 on 0000:00
bridge bridge-to-0000:05 bus 05-05 pcie
window bridge-to-0000:05 mem closed
dev 0000:00:1d.4 on 0000:00
bridge 0000:00:1d.4 bus 06-06 pcie
window 0000:00:1d.4 mem closed
dev 0000:06:02.0 behind 0000:00:1d.4
bar 0000:06:02.0 0 mem size 1M wanted
dev 0000:06:00.3 behind 0000:00:1d.4
dev 0000:00:1f.0 on 0000:00
dev 0000:00:1f.2 on 0000:00
end
""")
for moved in ("bridge-to-0000:05 is bridge-to-0000:05:00.0", "0000:00:1d.4 is 0000:00:1d.0",
              "0000:06:02.0 is 0000:06:00.0", "0000:06:00.3 is 0000:06:00.1"):
    tap.check(f" *\t{moved}\n" in lone, f"kunit: {moved}", lone)
tap.check("1f.2 is" not in lone and '"bridge 0000:00:1d.0 bus 06-06' in lone,
          "kunit: others stay, and bridges are named like their functions", lone)

two = ("pmb-layout 1\nhost 0000:00\nhost 0000:40\nroot 0000:00 mem 0x1000-0x8fff\n"
       "root 0000:40 mem 0x10000-0x1ffff\ndev 0000:00:01.0 on 0000:00\n"
       "bar 0000:00:01.0 0 mem at 0x1000-0x1fff\ndev 0000:40:01.0 on 0000:40\n"
       "bar 0000:40:01.0 0 mem size 4K wanted\nend\n")
one = kunit("one", two)
tap.check("0000:40" in one and "0000:00:01.0" not in one, "kunit: the host with something wanted", one)
none = run("kunit", "-", "--host", "0000:00", stdin=two)
tap.check(none.status == 2 and "nothing is wanted" in none.err, "kunit: nothing wanted", none)
tap.check(run("kunit", "-", "--host", "0000:99", stdin=two).status == 2, "kunit: no such host")
tap.check(run("kunit", TIGHT, "--name", "a-b").status == 2, "kunit: a bad name")

# QEMU


class Machine:
    """A script, started with the CPUs stopped: the firmware need not run."""

    def __init__(self, name, script):
        self.script, self.socket = scratch(name + ".sh", script), scratch(name + ".sock")
        self.env = dict(os.environ, SOCKET=self.socket, ACCEL="tcg")
        self.err = open(scratch(name + ".err"), "w+b")
        self.process = subprocess.Popen(["sh", self.script, "run", "-S", "-serial", "none"],
                                        env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=self.err, stderr=self.err)

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.link = socket.socket(socket.AF_UNIX)
                self.link.connect(self.socket)
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def disconnect(self):
        self.link.close()

    def command(self, word):
        return subprocess.run(["sh", self.script, word], env=self.env, capture_output=True,
                              text=True, timeout=60, check=False)

    def ask(self, *commands):
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(self.socket)
        except OSError:
            return []
        lines = link.makefile()
        lines.readline()
        answer = {"return": []}
        for command in ({"execute": "qmp_capabilities"}, *commands):
            link.sendall(json.dumps(command).encode())
            answer = {"event": None}
            while "event" in answer:
                answer = json.loads(lines.readline() or '{"return": []}')
        link.close()
        return answer["return"]

    def ids(self):
        found = self.ask({"execute": "qom-list", "arguments": {"path": "/machine/peripheral"}})
        return {item["name"] for item in found if item["name"] != "type"}

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.err.seek(0)
        text = self.err.read().decode(errors="replace")
        self.err.close()
        return text


def machine(name, layout, before, plugged):
    """Does QEMU take the script, and are these devices there, before and after plugging?"""
    done = run("qemu", "-", stdin=layout)
    tap.same((done.status, done.err), (0, ""), f"qemu: {name}")
    syntax = subprocess.run(["sh", "-n"], input=done.out, capture_output=True, text=True, check=False)
    tap.same((syntax.returncode, syntax.stderr), (0, ""), f"qemu: {name} is a shell script")
    if not shutil.which(QEMU):
        tap.skip(f"qemu: {name} starts", f"no {QEMU}")
        return done.out
    vm = Machine(name, done.out)
    if tap.check(vm.wait(), f"qemu: {name} starts"):
        vm.disconnect()
        tap.same(vm.ids(), before, f"qemu: {name}: devices from the start")
        result = vm.command("plug")
        tap.check((result.returncode == 0) == bool(plugged), f"qemu: {name}: plug", result)
        tap.same(vm.ids(), before | plugged, f"qemu: {name}: devices afterwards")
        result = vm.command("look")
        tap.check(result.returncode == 0 and "00:1f.2" in result.stdout, f"qemu: {name}: look", result)
    errors = vm.end()
    tap.check("rror" not in errors, f"qemu: {name} has no complaint", errors)
    return done.out


PORTS = {"b00-04.0", "b01-00.0", "b02-00.0", "b02-01.0", "b02-02.0", "b02-03.0"}
asked = run("plan", SWITCH, "--add", "02:01.0:16M,pref64:1M,mem", "--layout").out
script = machine("switch", asked, PORTS | {"d03-00.0"}, {"d04-00.0", "d04-00.0-1"})
for words in ("-device pcie-root-port,id=b00-04.0,bus=pcie.0,addr=4.0,",
              "mem-reserve=8M", "-device x3130-upstream,id=b01-00.0,bus=b00-04.0,addr=0.0",
              "-device xio3130-downstream,id=b02-01.0,bus=b01-00.0,addr=1.0,",
              "-device nvme,id=d03-00.0,bus=b02-00.0,addr=0.0,",
              "device_add pci-testdev,id=d04-00.0,bus=b02-01.0,addr=0.0,multifunction=on,membar=16M"):
    tap.check(words in script, f"qemu: {words}", script)
tap.check(script.index("device_add edu") < script.index("device_add pci-testdev"),
          "qemu: function 0 is plugged in last", script)
machine("empty", read(SWITCH), PORTS | {"d03-00.0"}, set())

# A bridge of which a report tells nothing but the bus has no slot of its own there.
nameless = run("qemu", "-", stdin=run("import", data("data/mail-qp.txt")).out)
slots = [int(slot, 16) for slot in re.findall(r"addr=([0-9a-f]+)\.", nameless.out)]
tap.check(nameless.status == 0 and "b65-00.0" in nameless.out and slots and max(slots) < 0x20,
          "qemu: every slot is one that there is", nameless)

# Everything that there is a stand-in for, in one machine
zoo = """pmb-layout 1
host 0000:00
root 0000:00 mem 0x80000000-0xbfffffff
root 0000:00 pref 0x4000000000-0x7fffffffff
hole 0000:00 mem 0xb0000000-0xbfffffff ECAM
dev 0000:00:1c.0 on 0000:00 driver pcieport way live
bridge 0000:00:1c.0 bus 01-01 hotplug pcie
window 0000:00:1c.0 mem 0x80000000-0x80ffffff
window 0000:00:1c.0 pref 0x4000000000-0x40ffffffff
dev 0000:00:1c.4 on 0000:00 driver pcieport way live
bridge 0000:00:1c.4 bus 02-04 pcie
window 0000:00:1c.4 mem 0x81000000-0x83ffffff
dev 0000:02:00.0 behind 0000:00:1c.4
bridge 0000:02:00.0 bus 03-04
window 0000:02:00.0 mem 0x81000000-0x82ffffff
dev 0000:03:01.0 behind 0000:02:00.0
bridge 0000:03:01.0 bus 04-04 transparent
window 0000:03:01.0 mem 0x81000000-0x810fffff
dev 0000:04:00.0 behind 0000:03:01.0 driver snd
bar 0000:04:00.0 0 mem at 0x81000000-0x81003fff fixed driver
dev 0000:01:00.0 behind 0000:00:1c.0 driver amdgpu
bar 0000:01:00.0 0 pref64 at 0x4000000000-0x400fffffff fixed driver
bar 0000:01:00.0 2 pref at 0x80800000-0x80bfffff fixed driver
bar 0000:01:00.0 5 mem at 0x80000000-0x8003ffff fixed driver
bar 0000:01:00.0 6 mem at 0x80100000-0x8011ffff rom optional
dev 0000:01:00.1 behind 0000:00:1c.0 driver snd_hda_intel
bar 0000:01:00.1 0 mem at 0x80040000-0x80043fff fixed driver
dev 0000:00:14.0 on 0000:00 driver xhci_hcd
bar 0000:00:14.0 0 mem64 at 0x84000000-0x84003fff fixed driver
dev 0000:00:1d.0 on 0000:00
bar 0000:00:1d.0 0 mem64 at 0x90000000-0x9fffffff
end
"""
script = machine("zoo", zoo, {"b00-1c.0", "b00-1c.4", "b02-00.0", "b03-01.0", "d04-00.0", "d01-00.0",
                              "d01-00.0-1", "d01-00.0-2", "d01-00.1", "d00-14.0", "d00-1d.0"}, set())
for words in ("0000:03:01.0: transparent here", "left out: 1 ROMs", "reserved ranges of the machine",
              "0000:00:1d.0 BAR 0: 256M is prefetchable under QEMU",
              "0000:01:00.0 BAR 0 is fixed here", "0000:01:00.0 BAR 5: 256K here, 1M there",
              "0000:01:00.0 BAR 5: driver amdgpu is not there"):
    tap.check(words in script.split("\nstart()")[0], f"qemu says: {words}", script)
tap.end()

# SPDX-License-Identifier: GPL-2.0
"""Checked I/O in the guest while something happens to the PCI tree."""

import json
import time

from .vm import VmError


class Load:
    """A helper running in the guest; a phase per thing that is measured."""

    def __init__(self, vm, name, command):
        self.vm, self.name = vm, name
        self.report_path = f"/tmp/{name}.json"
        # the file first: the shell in the background may be slow to open it
        self.pid = int(vm.sh(f": >/tmp/{name}.out; {command} >>/tmp/{name}.out 2>&1 & "
                             "echo $!").text)
        deadline = time.monotonic() + 30
        while (out := vm.read(f"/tmp/{name}.out")) != "running":
            if out or time.monotonic() > deadline:
                raise VmError(f"{name}: {out or 'does not start'}")
            time.sleep(0.05)

    def _signal(self, signal, timeout=30):
        self.vm.sh(f"rm -f {self.report_path}; kill -{signal} {self.pid}")
        deadline = time.monotonic() + timeout
        while self.vm.sh(f"test -e {self.report_path}", check=False).code:
            if time.monotonic() > deadline:
                raise VmError(f"{self.name}: no report after SIG{signal}")
            time.sleep(0.05)
        return json.loads(self.vm.sh(f"cat {self.report_path}").text)

    def phase(self):
        """Ends the present phase; the report so far."""
        return self._signal("USR1")

    def stop(self):
        return self._signal("TERM")


class Reads(Load):
    """Random reads of the drive with serial number @serial."""

    def __init__(self, vm, serial, seed, threads=1):
        self.node = vm.sh(f"for d in /sys/class/nvme/nvme*; do grep -qw {serial} $d/serial && "
                          "echo /dev/${d##*/}n1; done; true").text.strip()
        if not self.node:
            raise VmError(f"guest has no drive {serial}")
        self.seed = seed
        super().__init__(vm, f"rio-{serial}",
                         f"rio run {self.node} {seed} /tmp/rio-{serial}.json {threads}")

    def verify(self, timeout=120):
        """Reads the whole drive once; the numbers."""
        return json.loads(self.vm.sh(f"rio verify {self.node} {self.seed}", timeout,
                                     check=False).text)


class Download(Load):
    """An endless download over the network card at @bdf, address 10.0.2.15/24."""

    def __init__(self, vm, name, bdf, seed, wait=30):
        self.interface = vm.sh(f"ls /sys/bus/pci/devices/{bdf}/net 2>/dev/null || "
                               f"ls /sys/bus/pci/devices/{bdf}/virtio*/net").text.strip()
        vm.sh(f"ip addr add 10.0.2.15/24 dev {self.interface}; ip link set {self.interface} up")
        deadline = time.monotonic() + wait
        carrier = f"/sys/class/net/{self.interface}/carrier"
        while vm.sh(f"grep -q 1 {carrier}", check=False).code:
            if time.monotonic() > deadline:
                raise VmError(f"{self.interface}: no link")
            time.sleep(0.1)
        super().__init__(vm, f"netio-{name}",
                         f"netio run 10.0.2.100 80 {seed} /tmp/netio-{name}.json")

    def counter(self, name):
        return int(self.vm.read(f"/sys/class/net/{self.interface}/{name}"))


def clean(phase):
    """No failed and no mismatched operation in a phase, and there were some."""
    return phase["ops"] > 0 and not phase["errors"] and not phase["mismatches"]


def describe(phase):
    return (f"{phase['ops']} operations, {phase['errors']} errors, "
            f"{phase['mismatches']} mismatches, median {phase['median_us']} us, "
            f"longest {phase['longest_us']} us")

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

    def _signal(self, signal, timeout=30, before=":"):
        self.vm.sh(f"rm -f {self.report_path}; {before}; kill -{signal} {self.pid}")
        deadline = time.monotonic() + timeout
        while self.vm.sh(f"test -e {self.report_path}", check=False).code:
            if time.monotonic() > deadline:
                raise VmError(f"{self.name}: no report after SIG{signal}")
            time.sleep(0.05)
        return json.loads(self.vm.sh(f"cat {self.report_path}").text)

    def phase(self, timeout=30, before=":"):
        """Ends the present phase, right after the command @before; the report so far."""
        return self._signal("USR1", timeout, before)

    def stop(self, timeout=30):
        return self._signal("TERM", timeout)

    def timeline(self):
        """(start in us, operations begun, longest in us) of each slot, as last reported."""
        text = self.vm.read(f"{self.report_path}.timeline")
        return [tuple(map(int, line.split())) for line in text.splitlines()]


def node(vm, serial):
    """The guest's device node of the drive with serial number @serial."""
    found = vm.sh(f"for d in /sys/class/nvme/nvme*; do grep -qw {serial} $d/serial && "
                  "echo /dev/${d##*/}n1; done; true").text.strip()
    if not found:
        raise VmError(f"guest has no drive {serial}")
    return found


class Reads(Load):
    """Random reads of the drive with serial number @serial."""

    COMMAND = "run"

    def __init__(self, vm, serial, seed, threads=1, pause_us=0):
        self.node = node(vm, serial)
        self.seed = seed
        super().__init__(vm, f"rio-{serial}", f"rio {self.COMMAND} {self.node} {seed} "
                         f"/tmp/rio-{serial}.json {threads} {pause_us}")

    def verify(self, timeout=120):
        """Reads the whole drive once; the numbers."""
        return json.loads(self.vm.sh(f"rio verify {self.node} {self.seed}", timeout,
                                     check=False).text)


class Writes(Reads):
    """Random writes and reads, each read checked, and all blocks at the end."""

    COMMAND = "write"


class Memory(Load):
    """The same on @mib MiB of memory."""

    def __init__(self, vm, mib, seed, threads=1, pause_us=0):
        super().__init__(vm, "memory",
                         f"rio memory {mib} {seed} /tmp/memory.json {threads} {pause_us}")


class Fio:
    """
    fio, started from the root file system at @root, on block device @device: random
    reads and writes, each block written is read back and verified. Interrupts tell
    most jobs about completions, the last one polls for them (where the driver
    has a queue for that). The rate leaves the guest time for the rest.
    """

    MIB, RATE = 8, 60
    JOBS = (("interrupts", "libaio --iodepth=8 --numjobs=3"), ("polling", "pvsync2 --hipri=1"))

    def __init__(self, vm, root, device):
        self.vm, self.report = vm, f"{root}/tmp/fio.json"
        jobs = " ".join(f"--name={name} --ioengine={engine}" for name, engine in self.JOBS)
        self.pid = int(vm.sh(
            f"chroot {root} /bin/fio --filename={device} --direct=1 --rw=randrw --rwmixwrite=70 "
            f"--bs=4k --thread --nice=5 --rate_iops={self.RATE} --size={self.MIB}m "
            f"--offset_increment={self.MIB}m --verify=crc32c --verify_fatal=1 "
            "--verify_backlog=64 --time_based --runtime=900 --group_reporting "
            f"--output-format=json --output=/tmp/fio.json {jobs} "
            f">{root}/tmp/fio.out 2>&1 & echo $!").text)

    def stop(self, timeout=60):
        """What came out, over all jobs; "ended" if fio was not there any more."""
        ended = self.vm.sh(f"kill -INT {self.pid}", check=False).code != 0
        deadline = time.monotonic() + timeout
        while self.vm.sh(f"kill -0 {self.pid} 2>/dev/null", check=False).code == 0:
            if time.monotonic() > deadline:
                raise VmError(f"fio does not end within {timeout} s")
            time.sleep(0.1)
        text = self.vm.sh(f"cat {self.report} {self.report[:-4]}out", check=False).text
        if "{" not in text:
            raise VmError(f"fio: {text}")
        jobs = json.JSONDecoder().raw_decode(text[text.index("{"):])[0]["jobs"]
        total = lambda kind: sum(job[kind]["total_ios"] for job in jobs)
        return {"ended": ended, "error": max(job["error"] for job in jobs),
                "reads": total("read"), "writes": total("write")}


class Mmio(Load):
    """
    Accesses to @registers of a device all the time, addresses; with ~ appended, one
    that answers with the complement. Each access that gets lost is a mismatch.
    """

    def __init__(self, vm, name, registers):
        super().__init__(vm, f"mmio-{name}", f"mmio run /tmp/mmio-{name}.json " +
                         " ".join(f"'{r}'" for r in registers))


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

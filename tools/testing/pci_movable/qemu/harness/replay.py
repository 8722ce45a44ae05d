# SPDX-License-Identifier: GPL-2.0
"""
A bug report under QEMU, as a stranger would do it: pcibar reads the report and
writes the script; its machine runs a kernel with busybox and pcibar in it.
"""

import gzip
import json
import os
import re
import subprocess
import time

from . import initramfs
from .vm import Vm, VmError

HERE = os.path.dirname(os.path.abspath(__file__))
PCIBAR = os.path.normpath(os.path.join(HERE, "../../../../pci/pcibar"))


class Steps:
    """What was done, and how long it took."""

    def __init__(self):
        self.taken = []

    def run(self, name, function):
        start = time.monotonic()
        result = function()
        self.taken.append((name, time.monotonic() - start))
        return result

    def total(self):
        return sum(seconds for _, seconds in self.taken)


def build_pcibar(out):
    """A static one, for this machine and the guest."""
    done = subprocess.run(["make", "-s", "-C", PCIBAR, f"O={out}", "LDFLAGS=-static", "all"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise VmError(f"pcibar cannot be built: {done.stderr}")
    return os.path.join(out, "pcibar")


def build_initramfs(out, pcibar):
    """That of the scenarios, and pcibar behind it: the kernel takes several archives."""
    base, _ = initramfs.build(os.path.join(out, "guest"))
    cpio = initramfs.Cpio()
    cpio.file("bin/pcibar", pcibar)
    path = os.path.join(out, f"replay.{os.getpid()}.gz")
    with open(path, "wb") as f:
        with open(base, "rb") as first:
            f.write(first.read())
        f.write(gzip.compress(cpio.bytes(), 1, mtime=0))
    return path


def tool(pcibar, *args, stdin=""):
    done = subprocess.run([pcibar, *args], input=stdin, capture_output=True, text=True,
                          errors="replace", check=False)
    if done.returncode not in (0, 1):
        raise VmError(f"pcibar {' '.join(args)}: {done.stderr}")
    return done.stdout


class ReplayVm(Vm):
    """The machine of a script that pcibar qemu has written."""

    def __init__(self, script, kernel, initrd, log, append=""):
        super().__init__(kernel, initrd, log, [], append)
        self.script = script

    def _script(self, *args):
        return ["env", f"SOCKET={self.dir}/script", "sh", self.script, *args]

    def command_line(self):
        # A line of its own for the harness; what the script starts stays as it is.
        return self._script("run", "-no-user-config", "-no-reboot",
                            "-kernel", self.kernel, "-initrd", self.initrd,
                            "-append", f"console=ttyS0 shell={self.platform.tty} loglevel=7 panic=-1 "
                            + self.append,
                            "-chardev", f"socket,id=shell,path={self.dir}/shell,server=on,wait=off",
                            "-serial", "chardev:shell",
                            "-qmp", f"unix:{self.dir}/qmp,server=on,wait=off")

    # The script has the console on standard output.

    def console(self, since=0):
        with open(self.log + ".qemu", errors="replace") as f:
            f.seek(since)
            return f.read()

    def mark(self):
        return os.path.getsize(self.log + ".qemu")

    def tail(self, lines=25):
        return "\n".join(self.console().splitlines()[-lines:])

    def plug_in(self):
        """What was wanted, and the buttons of its slots are pressed."""
        done = subprocess.run(self._script("plug"), capture_output=True, text=True, check=False)
        if done.returncode:
            raise VmError(f"{self.script} plug: {done.stdout}{done.stderr}")
        for line in re.findall(r"^echo 1 > \S+$", done.stdout, re.M):
            self.sh(line, check=False)

    def look(self):
        return subprocess.run(self._script("look"), capture_output=True, text=True,
                              check=True).stdout


def wanted(pcibar, layout):
    """(device, BAR number) -> size of what has no place in a layout, and is required."""
    plan = json.loads(tool(pcibar, "plan", "-", "--json", stdin=layout))
    return plan["wanted"], plan


def settled(vm, capture, tries=40):
    """A capture, when nothing changes any more."""
    before = capture()
    for _ in range(tries):
        time.sleep(0.5)
        now = capture()
        if now == before:
            return now
        before = now
    return before

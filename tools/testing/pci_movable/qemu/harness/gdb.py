# SPDX-License-Identifier: GPL-2.0
"""
The guest stopped where the kernel calls a function, and a card pulled there.

QEMU's gdb server stops all CPUs when one of them reaches an address, and writes to
physical memory, configuration space included. That is how something happens in
the very middle of something else, each time in the same place.
"""

import os
import re
import socket
import threading

from .vm import VmError

# where the firmware of q35 puts configuration space
ECAM = 0xb0000000
CAPABILITIES, PCIE, SLOT_CONTROL, SLOT_STATUS = 0x34, 0x10, 0x18, 0x1a
# power controller and indicator: off
SLOT_OFF = 0x0400 | 0x0300
CARD_PRESENT = 0x0040


def symbol(kernel, name):
    """Address of function @name of the bzImage @kernel."""
    path = os.path.join(os.path.dirname(kernel), "System.map")
    with open(path) as f:
        m = re.search(rf"^([0-9a-f]+) [tT] {name}$", f.read(), re.M)
    if not m:
        raise VmError(f"{path}: no {name}")
    return int(m[1], 16)


class Gdb:
    """A connection to the gdb server of @vm; the guest stands still from here on."""

    def __init__(self, vm):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(f"{vm.dir}/gdb")
        self.buffer = b""

    def _packet(self, timeout):
        """The next packet, or None."""
        self.sock.settimeout(timeout)
        try:
            while not (m := re.search(rb"\$([^#]*)#..", self.buffer)):
                data = self.sock.recv(4096)
                if not data:
                    raise VmError("QEMU closed gdb's connection")
                self.buffer += data
        except TimeoutError:
            return None
        self.buffer = self.buffer[m.end():]
        self.sock.sendall(b"+")
        return m[1].decode()

    def _send(self, text):
        self.sock.sendall(f"${text}#{sum(text.encode()) & 0xff:02x}".encode())

    def _ask(self, text):
        self._send(text)
        # the guest's standing still is told unasked, whenever it begins
        while (answer := self._packet(10)) and answer.startswith("T"):
            pass
        if answer is None or answer.startswith("E"):
            raise VmError(f"gdb server: {text}: {answer}")
        return answer

    def breakpoint(self, address, on=True):
        self._ask(f"{'Z' if on else 'z'}0,{address:x},1")

    def go_on(self, timeout):
        """Lets the guest run to the breakpoint; whether it came there."""
        self._send("c")
        while (answer := self._packet(timeout)) and not answer.startswith("T05"):
            pass
        return bool(answer)

    def physical(self):
        self._ask("Qqemu.PhyMemMode:1")

    def read(self, address, size):
        return int.from_bytes(bytes.fromhex(self._ask(f"m{address:x},{size}")), "little")

    def write(self, address, size, value):
        self._ask(f"M{address:x},{size}:{value.to_bytes(size, 'little').hex()}")

    def close(self):
        """The guest runs on."""
        self._ask("D")
        self.sock.close()


def pull(gdb, bdf):
    """What is behind the port at @bdf leaves the machine, at once and unasked."""
    bus, device, function = (int(n, 16) for n in re.split("[:.]", bdf)[1:])
    port = ECAM + (bus << 20 | device << 15 | function << 12)
    gdb.physical()
    at = gdb.read(port + CAPABILITIES, 1)
    while at and gdb.read(port + at, 1) != PCIE:
        at = gdb.read(port + at + 1, 1)
    control = gdb.read(port + at + SLOT_CONTROL, 2)
    gdb.write(port + at + SLOT_CONTROL, 2, control | SLOT_OFF)
    # the slot is as it was, but empty: the hot-plug driver has to see to the rest
    gdb.write(port + at + SLOT_CONTROL, 2, control)
    return not gdb.read(port + at + SLOT_STATUS, 2) & CARD_PRESENT


class PullAt:
    """Pulls the card behind the port at @bdf when the kernel calls @function next."""

    def __init__(self, vm, function, bdf, timeout=60):
        self.gdb, self.bdf, self.timeout = Gdb(vm), bdf, timeout
        self.address = symbol(vm.kernel, function)
        self.pulled, self.problem = False, None
        self.gdb.breakpoint(self.address)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            if self.gdb.go_on(self.timeout):
                self.gdb.breakpoint(self.address, on=False)
                self.pulled = pull(self.gdb, self.bdf)
                self.gdb.close()
        except (VmError, OSError, ValueError) as e:
            self.problem = e

    def wait(self):
        """Whether the card was pulled there."""
        self.thread.join(self.timeout + 10)
        return self.pulled

# SPDX-License-Identifier: GPL-2.0
"""One QEMU guest: started, told what to do over a serial shell and QMP, ended."""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import pci
from .platform import X86_64

BOOT_TIMEOUT = 120
SHELL_TIMEOUT = 60
NUDGE = 5

TROUBLE = re.compile(
    r"WARNING: |BUG: |kernel BUG|Oops|general protection|Call Trace|Kernel panic|"
    r"INFO: task .* blocked|possible recursive locking|circular locking|"
    r"inconsistent lock state|suspicious RCU usage|sleeping function called|"
    r"soft lockup|PCIe Bus Error|hard LOCKUP|KASAN|UBSAN|DEBUG_LOCKS_WARN")


class VmError(Exception):
    """The guest did not do what it was told."""


class Result:
    def __init__(self, code, text):
        self.code, self.text = code, text


class Stream:
    """A connected unix socket, read with timeouts."""

    def __init__(self, path, deadline):
        while True:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.sock.connect(path)
                break
            except OSError as e:
                self.sock.close()
                if time.monotonic() > deadline:
                    raise VmError(f"{path}: {e}") from e
                time.sleep(0.05)
        self.buffer = bytearray()

    def send(self, data):
        self.sock.sendall(data)

    def read_until(self, mark, deadline):
        """What comes before bytes @mark, which is dropped; None if that takes too long."""
        seen = 0
        while (at := self.buffer.find(mark, seen)) < 0:
            # long answers come in many small parts: look at each part once
            seen = max(0, len(self.buffer) - len(mark) + 1)
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            data = self.sock.recv(65536)
            if not data:
                raise VmError("QEMU closed the connection")
            self.buffer += data
        text, self.buffer = bytes(self.buffer[:at]), self.buffer[at + len(mark):]
        return text


class Vm:
    """
    @kernel: path of its image; @initrd: path of the initramfs;
    @args: QEMU arguments for the devices; @append: more kernel parameters;
    @log: the console log, kept; @threads: "multi", a host thread a CPU, or "single".

    With "multi", QEMU 7.2 sends accesses astray, or dies, when another CPU changes the
    memory map meanwhile, on any kernel and without any window changing: decode of an
    idle card switched on and off 200 times, under 0.8 to 3 million accesses to registers
    of another, cost 26 to 85 of them; with "single", none. A doorbell of a drive
    that gets lost so is a request that times out.
    """

    def __init__(self, kernel, initrd, log, args, append="", memory=512, cpu=None,
                 machine=None, globals_=(), cpus=2, platform=X86_64, threads="multi",
                 boot_timeout=BOOT_TIMEOUT):
        self.kernel, self.initrd, self.log = kernel, initrd, log
        self.args, self.append, self.memory = args, append, memory
        self.platform, self.cpus, self.threads = platform, cpus, threads
        self.boot_timeout = boot_timeout
        self.cpu, self.machine = cpu or platform.cpu, machine or platform.machine
        # so far, all are about ACPI
        self.globals = globals_ if platform.firmware else ()
        self.proc = self.shell = self.qmp_stream = self.dir = None
        self.serial = self.nudges = 0
        self.events = []

    # Life

    def command_line(self):
        qemu = os.environ.get("QEMU", self.platform.qemu)
        words = [qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                 "-machine", self.machine, "-accel", f"tcg,thread={self.threads}",
                 "-cpu", self.cpu, "-smp", str(self.cpus), "-m", str(self.memory),
                 "-kernel", self.kernel, "-initrd", self.initrd,
                 # a busy host may keep a virtual CPU waiting for long
                 "-append", f"console={self.platform.console} shell={self.platform.tty} "
                 "loglevel=7 panic=-1 rcupdate.rcu_cpu_stall_timeout=90 "
                 f"no_timer_check {self.append}",
                 "-chardev", f"file,id=console,path={self.log}", "-serial", "chardev:console",
                 "-chardev", f"socket,id=shell,path={self.dir}/shell,server=on,wait=off",
                 *self.platform.shell,
                 "-qmp", f"unix:{self.dir}/qmp,server=on,wait=off",
                 "-gdb", f"unix:{self.dir}/gdb,server=on,wait=off"]
        for g in self.globals:
            words += ["-global", g]
        return words + list(self.args)

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="pci_movable.")
        os.makedirs(os.path.dirname(os.path.abspath(self.log)), exist_ok=True)
        open(self.log, "w").close()
        with open(self.log + ".qemu", "w") as err:
            err.write(" ".join(self.command_line()) + "\n")
            err.flush()
            self.proc = subprocess.Popen(self.command_line(), stdin=subprocess.DEVNULL,
                                         stdout=err, stderr=err, start_new_session=True)
        deadline = time.monotonic() + self.boot_timeout
        try:
            self.qmp_stream = Stream(f"{self.dir}/qmp", deadline)
            self._qmp_line(deadline)
            self.qmp("qmp_capabilities")
            self.shell = Stream(f"{self.dir}/shell", deadline)
            self.wait_log("guest: ready", timeout=self.boot_timeout)
            self.sh("true")
        except VmError:
            self.stop()
            raise
        return self

    def stop(self):
        if self.proc and self.proc.poll() is None:
            try:
                self.qmp("quit", timeout=5)
                self.proc.wait(5)
            except (VmError, OSError, subprocess.TimeoutExpired):
                self.proc.kill()
                self.proc.wait()
        for stream in (self.qmp_stream, self.shell):
            if stream:
                stream.sock.close()
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)

    def crashed(self):
        """Has QEMU died of an error of its own?"""
        return bool(self.proc) and self.proc.poll() == -signal.SIGSEGV

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # Console log

    def console(self, since=0):
        with open(self.log, errors="replace") as f:
            f.seek(since)
            return f.read()

    def mark(self):
        """A position in the console log."""
        return os.path.getsize(self.log)

    def wait_log(self, pattern, timeout=SHELL_TIMEOUT, since=0):
        """Match of @pattern in the console log behind @since; VmError if it never comes."""
        regex, deadline = re.compile(pattern), time.monotonic() + timeout
        while True:
            m = regex.search(self.console(since))
            if m:
                return m
            if self.proc.poll() is not None:
                raise VmError(f"QEMU ended with {self.proc.returncode} before '{pattern}'")
            if time.monotonic() > deadline:
                raise VmError(f"no '{pattern}' within {timeout} s")
            time.sleep(0.02)

    def tail(self, lines=25):
        with open(self.log + ".qemu") as f:
            errors = f.read().splitlines()[1:]
        return "\n".join(errors[-5:] + self.console().splitlines()[-lines:])

    def trouble(self, since=0):
        """Lines of the log which a healthy kernel does not print."""
        return [l for l in self.console(since).splitlines() if TROUBLE.search(l)]

    # Guest shell

    def sh(self, command, timeout=SHELL_TIMEOUT, check=True):
        """Runs @command in the guest's shell; stdout and stderr come back."""
        self.serial += 1
        mark = f"@@{self.serial} "
        self.shell.send(f"{{ {command}\n}} </dev/null; printf '\\n{mark}%d@@\\n' $?\n".encode())
        deadline, text = time.monotonic() + timeout, None
        while text is None and time.monotonic() < deadline:
            text = self.shell.read_until(f"\n{mark}".encode(),
                                         min(deadline, time.monotonic() + NUDGE))
            if text is None:
                # an interrupt of the port that got lost does not come again by itself
                self.nudges += 1
                self.shell.send(b"\n")
        code = None if text is None else self.shell.read_until(b"@@\n", deadline + NUDGE)
        if code is None:
            raise VmError(f"guest: no answer within {timeout} s to: {command}")
        text, code = text.decode(errors="replace"), int(code)
        if check and code:
            raise VmError(f"guest: '{command}' failed with {code}: {text}")
        return Result(code, text)

    def read(self, path):
        return self.sh(f"cat {path}").text.strip("\n")

    def ask(self, path, text):
        """Writes @text to a file and reads the answer through the same descriptor."""
        # in one write, which the printf of a shell need not do
        return self.sh(f"printf '{text}' > /tmp/question; exec 4<>{path}; "
                       "dd bs=64k if=/tmp/question >&4 2>/dev/null; r=$?; cat <&4; exec 4<&-; "
                       "[ $r = 0 ]", check=False)

    def dmesg(self):
        return self.sh("dmesg").text

    def iomem(self):
        return self.read("/proc/iomem") + "\n"

    def save_configs(self, name):
        """Keeps a copy of every function's config space in the guest, under @name."""
        self.sh(f"mkdir -p /tmp/config/{name}; for d in /sys/bus/pci/devices/*; do "
                f"cat $d/config > /tmp/config/{name}/${{d##*/}}; done")

    def config_changes(self, before, after):
        """
        BDF -> [(offset, old, new)] of what differs between two copies, [] for
        an unchanged function; None if it is in one of them only.
        """
        text = self.sh(f"cd /tmp/config; for f in $(ls {before} {after} | grep : | sort -u); do "
                       f"case $f in *:) continue;; esac; echo @$f; "
                       f"if [ -e {before}/$f ] && [ -e {after}/$f ]; then "
                       f"cmp -l {before}/$f {after}/$f; else echo one; fi; done; true").text
        found = {}
        for part in text.split("@")[1:]:
            bdf, *lines = part.split("\n")
            lines = [l.split() for l in lines if l.strip()]
            # cmp counts from 1 and prints octal
            found[bdf] = None if lines == [["one"]] else [
                (int(at) - 1, int(old, 8), int(new, 8)) for at, old, new in lines]
        return found

    # QMP

    def _qmp_line(self, deadline):
        line = self.qmp_stream.read_until(b"\n", deadline)
        if line is None:
            raise VmError("QMP: no answer")
        return json.loads(line)

    def qmp(self, execute, timeout=SHELL_TIMEOUT, **arguments):
        deadline = time.monotonic() + timeout
        message = {"execute": execute, "arguments": arguments}
        self.qmp_stream.send(json.dumps(message).encode() + b"\n")
        while True:
            answer = self._qmp_line(deadline)
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise VmError(f"QMP: {execute}: {answer['error']['desc']}")
            elif "return" in answer:
                return answer["return"]

    def hmp(self, command):
        return self.qmp("human-monitor-command", **{"command-line": command})

    def tree(self):
        return pci.Tree(self.qmp("query-pci"))

    def wait_deleted(self, qdev_id, timeout=SHELL_TIMEOUT):
        deadline = time.monotonic() + timeout
        while True:
            for event in self.events:
                if event["event"] == "DEVICE_DELETED" and event["data"].get("device") == qdev_id:
                    self.events.remove(event)
                    return
            answer = self._qmp_line(deadline)
            if "event" in answer:
                self.events.append(answer)

    # Hot-plug

    def plug(self, port, slot, devices, timeout=SHELL_TIMEOUT):
        """
        Puts @devices (dictionaries for device_add, function 0 last) behind
        downstream port @port, whose slot number is @slot, and presses on
        until the kernel is done with them.
        """
        return self.plug_all([(port, slot, devices)], timeout)

    def plug_all(self, cards, timeout=SHELL_TIMEOUT):
        """The same for several (port, slot, devices), all slots at once."""
        since = self.mark()
        for port, _, devices in cards:
            for device in devices:
                self.qmp("device_add", bus=port, **device)
        # A button press taken after power-on would switch the slot off again
        for _, slot, _ in cards:
            self.wait_log(rf"Slot\({slot}\): (Button press: will power on|Card present)", 20,
                          since)
        deadline, left = time.monotonic() + timeout, {slot for _, slot, _ in cards}
        while True:
            # refused while the kernel is at it by itself, and afterwards
            done = self.sh("(" + "".join(
                f"{{ echo 1 > /sys/bus/pci/slots/{slot}/power && echo {slot}; }} 2>/dev/null & "
                for slot in left) + "wait)", timeout).text.split()
            log = self.console(since)
            left = {slot for slot in left if str(slot) not in done and
                    not re.search(rf"Slot\({slot}\): Already enabled", log)}
            if not left:
                return since
            if time.monotonic() > deadline:
                raise VmError(f"slots {left} were not switched on within {timeout} s")
            time.sleep(0.4)

    def enable(self, ids):
        """Decoding on for devices without a driver; True if the kernel did so for all."""
        tree = self.tree()
        files = " ".join(f"/sys/bus/pci/devices/{tree.find(i).bdf}/enable" for i in ids)
        return not self.sh(f"r=0; for f in {files}; do echo 1 > $f || r=1; done; [ $r = 0 ]",
                           check=False).code

    def unplug(self, slot, ids, timeout=SHELL_TIMEOUT):
        """Switches slot @slot off; QEMU then takes the devices @ids away."""
        self.sh(f"echo 0 > /sys/bus/pci/slots/{slot}/power", timeout)
        for qdev_id in ids:
            self.wait_deleted(qdev_id)

# SPDX-License-Identifier: GPL-2.0
"""What a scenario is given: guests, images, checks under its name."""

import os
import re
import time

from . import initramfs, load, pci, replay, rootfs
from .platform import X86_64
from .vm import Vm, VmError

IMAGE_MIB = 32
KMEMLEAK = "/sys/kernel/debug/kmemleak"


class Context:
    """One scenario on one kernel; @kind is "stock" or "patched"."""

    def __init__(self, scenario, kind, kernel, tap, out, quick=False, platform=X86_64):
        self.scenario, self.kind, self.kernel = scenario, kind, kernel
        self.tap, self.out, self.quick = tap, out, quick
        self.platform = platform
        self.patched = kind == "patched"
        self.events, self.seed = None, 1        # of a soak
        self.by_hand = False                    # this scenario was asked for by name
        self.initrd, self.helpers = initramfs.build(os.path.join(out, platform.guest), platform)
        if platform is not X86_64:      # the host's own, for images
            self.helpers = initramfs.build_helpers(os.path.join(out, X86_64.guest))
        self.vms = []

    # Parts

    def image(self, name, seed, mib=IMAGE_MIB):
        return initramfs.build_image(os.path.join(self.out, "guest"), self.helpers, name,
                                     mib, seed)

    def root_image(self):
        return rootfs.build(os.path.join(self.out, "guest"), self.helpers)

    def feed(self, seed):
        """The command behind a download: 8 MiB/s leave the guest time for the rest."""
        return f"{self.helpers['netio']} feed {seed} 8192"

    def pcibar(self):
        """The tool of tools/pci/pcibar."""
        return replay.build_pcibar(os.path.join(self.out, "pcibar"))

    def log_path(self, part=""):
        name = "-".join(filter(None, (self.scenario, part, self.kind,
                                      self.platform is not X86_64 and self.platform.name)))
        return os.path.join(self.out, name + ".log")

    def vm(self, args, part="", **more):
        vm = Vm(self.kernel, self.initrd, self.log_path(part), args, platform=self.platform, **more)
        self.vms.append(vm)
        return vm

    def seconds(self, normal):
        """Length of a measurement."""
        return normal / 3 if self.quick else normal

    def pause(self, seconds):
        time.sleep(self.seconds(seconds))

    # Checks

    def name(self):
        kind = self.kind if self.platform is X86_64 else f"{self.platform.name}-{self.kind}"
        return f"{self.scenario}/{kind}"

    def check(self, good, text, detail=None):
        return self.tap.check(good, f"{self.name()}: {text}", detail)

    def comment(self, text):
        self.tap.comment(text)

    def run(self, function):
        """
        Runs a scenario; whatever it throws is a failed check. QEMU 7.2 itself has died of
        SIGSEGV in an unplug while another CPU was accessing memory. No guest may be
        able to do that, so it says nothing about this one: once more then.
        """
        start, result = time.monotonic(), None
        for last in (False, True):
            try:
                result = function(self)
                break
            except (VmError, OSError, KeyError, ValueError) as e:
                if not last and any(vm.crashed() for vm in self.vms[-1:]):
                    self.comment(f"QEMU crashed ({e}), once more")
                    continue
                self.check(False, "the scenario ran to its end", f"{type(e).__name__}: {e}")
                for vm in self.vms[-1:]:
                    self.comment(f"end of {vm.log}:\n{vm.tail()}")
                break
            finally:
                for vm in self.vms:
                    vm.stop()
                    if vm.nudges:
                        self.comment(f"{vm.log}: the guest's shell was asked again "
                                     f"{vm.nudges} times")
        self.comment(f"{self.name()}: {time.monotonic() - start:.0f} s")
        return result

    def checkers(self, vm):
        """What the kernel's own checkers say, where it has some."""
        lockdep = vm.sh("grep debug_locks: /proc/lockdep_stats 2>/dev/null", check=False).text
        if lockdep:
            self.check(lockdep.split()[-1] == "1", "lockdep is still at work", lockdep)
        if vm.sh(f"test -e {KMEMLEAK}", check=False).code:
            return
        # Packets wait to be freed on the CPU that they came in on, until its next one. What
        # hangs on their data looks lost, for kmemleak does not look into page fragments.
        vm.sh("ip link set lo up; " + "".join(
            f"taskset {1 << cpu:x} ping -c 1 127.0.0.1; " for cpu in range(vm.cpus)), check=False)
        # an object is only reported when it looks lost in two scans and is old enough
        text = vm.sh(f"sleep 6; for i in 1 2; do echo scan > {KMEMLEAK}; sleep 6; done; "
                     f"cat {KMEMLEAK}", timeout=900).text
        self.check("unreferenced" not in text, "kmemleak finds nothing", text[:4000])

    def check_log(self, vm, since=0):
        """What holds for every guest: no warning, no report of a checker."""
        if self.patched:
            self.checkers(vm)
        lines = vm.trouble(since)
        return self.check(not lines, "no WARNING, BUG, lockdep report or bus error",
                          "\n".join(lines[:20]))

    def kselftest(self, vm, name="pci_movable.sh"):
        """Runs the kselftest in the guest; its checks become checks of ours."""
        result = vm.sh(f"sh /kselftest/{name}", timeout=120, check=False)
        plan, seen, comments = None, 0, []
        for line in result.text.splitlines():
            if line.startswith("#"):
                comments.append(line.lstrip("# "))
            elif line.startswith("1.."):
                plan = int(line.split()[0][3:])
            elif m := re.match(r"(not )?ok \d+ (.*)$", line):
                seen += 1
                if "# SKIP" in m[2] and not (self.patched and self.platform is X86_64):
                    self.tap.skip(f"{self.name()}: kselftest: {m[2].split(' #')[0]}",
                                  m[2].split("SKIP ")[-1])
                else:
                    self.check(not m[1] and "# SKIP" not in m[2], "kselftest: " + m[2],
                               "\n".join(comments))
                comments = []
        self.check(plan and plan == seen, "kselftest ran to its end", result.text)

    def check_tree(self, vm):
        found = pci.overlaps(vm.tree())
        return self.check(not found, "no two decoded BARs overlap", "\n".join(found))

    def check_load(self, phase, text):
        return self.check(load.clean(phase), f"{text}: no failed and no wrong operation",
                          load.describe(phase))

    def check_nvme_log(self, vm, since=0):
        """Nothing but hooks of ours has happened to the drives."""
        bad = [l for l in vm.console(since).splitlines() if re.search(
            r"nvme.*(reset|timeout|removing|Removing|frozen|Disabling)|I/O error|EXT4-fs error", l)]
        return self.check(not bad, "no controller reset, timeout or I/O error", "\n".join(bad))

    def summary(self, vm, since=0):
        """The one summary line of the event behind @since, or None."""
        events = pci.summaries(vm.console(since))
        if self.patched:
            self.check(len(events) == 1, "one summary line for the event",
                       f"{len(events)} lines:\n" + "\n".join(e["line"] for e in events))
        for e in events:
            self.comment(e["line"])
        return events[-1] if events else None

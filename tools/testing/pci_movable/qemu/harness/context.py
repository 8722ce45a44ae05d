# SPDX-License-Identifier: GPL-2.0
"""What a scenario is given: guests, images, checks under its name."""

import os
import re
import time

from . import initramfs, load, pci, rootfs
from .vm import Vm, VmError

IMAGE_MIB = 32


class Context:
    """One scenario on one kernel; @kind is "stock" or "patched"."""

    def __init__(self, scenario, kind, kernel, tap, out, quick=False):
        self.scenario, self.kind, self.kernel = scenario, kind, kernel
        self.tap, self.out, self.quick = tap, out, quick
        self.patched = kind == "patched"
        self.events, self.seed = None, 1        # of a soak
        self.initrd, self.helpers = initramfs.build(os.path.join(out, "guest"))
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

    def log_path(self, part=""):
        name = "-".join(filter(None, (self.scenario, part, self.kind)))
        return os.path.join(self.out, name + ".log")

    def vm(self, args, part="", **more):
        vm = Vm(self.kernel, self.initrd, self.log_path(part), args, **more)
        self.vms.append(vm)
        return vm

    def seconds(self, normal):
        """Length of a measurement."""
        return normal / 3 if self.quick else normal

    def pause(self, seconds):
        time.sleep(self.seconds(seconds))

    # Checks

    def check(self, good, text, detail=None):
        return self.tap.check(good, f"{self.scenario}/{self.kind}: {text}", detail)

    def comment(self, text):
        self.tap.comment(text)

    def run(self, function):
        """Runs a scenario; whatever it throws is a failed check."""
        start = time.monotonic()
        try:
            result = function(self)
        except (VmError, OSError, KeyError, ValueError) as e:
            self.check(False, "the scenario ran to its end", f"{type(e).__name__}: {e}")
            for vm in self.vms[-1:]:
                self.comment(f"end of {vm.log}:\n{vm.tail()}")
            result = None
        finally:
            for vm in self.vms:
                vm.stop()
                if vm.nudges:
                    self.comment(f"{vm.log}: the guest's shell was asked again {vm.nudges} times")
        self.comment(f"{self.scenario}/{self.kind}: {time.monotonic() - start:.0f} s")
        return result

    def check_log(self, vm, since=0):
        """What holds for every guest: no warning, no report of a checker."""
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
                if "# SKIP" in m[2] and not self.patched:
                    self.tap.skip(f"{self.scenario}/{self.kind}: kselftest: {m[2].split(' #')[0]}",
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

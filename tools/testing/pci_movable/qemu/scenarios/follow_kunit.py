# SPDX-License-Identifier: GPL-2.0
"""
The KUnit tests of mappings that follow, on the page tables of a real machine.

Mappings of all page sizes, a contiguous group, BARs that trade places, mappings
that cannot follow, and whether each CPU sees the new place.
"""

import re

from harness.platform import ARM64

ORDER = 15
PLATFORMS = (ARM64,)
KERNELS = ("patched",)
SUITE = "pci_movable_follow"


def run(ctx):
    with ctx.vm([], append=f"kunit.enable=1 kunit.filter_glob={SUITE}") as vm:
        log = re.sub(r"^\[[ \d.]+\] ", "", vm.console(), flags=re.M)
        found = re.findall(r"^    (not ok|ok) \d+ (\w+)(?: # SKIP (.*))?$", log, re.M)
        for result, name, why in found:
            if why:
                ctx.tap.skip(f"{ctx.name()}: {name}", why)
            else:
                ctx.check(result == "ok", name, log)
        ctx.check(len(found) > 10 and re.search(rf"^ok \d+ {SUITE}$", log, re.M),
                  "the suite has run to its end and passed", log)
        ctx.check_log(vm)

# SPDX-License-Identifier: GPL-2.0
"""
The KUnit tests on the page tables of a real machine.

What user-mode Linux, where kunit/run.sh has them all run, cannot show: mappings that
follow, of all page sizes, a contiguous group, BARs that trade places, and whether each
CPU sees the new place; the table of MSI-X; memory for peers. On x86_64 the kernel does not
know of all memory: some of it is what is behind the BARs of the mock host. There the
drivers of the tests have the bridges, not the kernel's own.
"""

import re

from harness.platform import ARM64, X86_64

ORDER = 15
PLATFORMS = (X86_64, ARM64)
KERNELS = ("patched",)
# suites, what must be among them, more kernel parameters, more of the machine
SUITES = {X86_64: ("pci_movable_[fmp][!a]*", ("follow", "msix", "p2p"),
                   "mem=2G pcie_ports=compat", {"memory": 2800, "cpu": "qemu64,+pdpe1gb"}),
          ARM64: ("pci_movable_follow", ("follow",), "", {})}


def run(ctx):
    suites, must, parameters, more = SUITES[ctx.platform]
    append = f"kunit.enable=1 kunit.filter_glob={suites} {parameters}"
    with ctx.vm([], append=append, **more) as vm:
        log = re.sub(r"^\[[ \d.]+\] ", "", vm.console(), flags=re.M)
        found = re.findall(r"^    (not ok|ok) \d+ (\w+)(?: # SKIP (.*))?$", log, re.M)
        for result, name, why in found:
            if why:
                ctx.tap.skip(f"{ctx.name()}: {name}", why)
            else:
                ctx.check(result == "ok", name, log)
        ends = re.findall(r"^(not ok|ok) \d+ pci_movable_(\w+)$", log, re.M)
        ctx.check(len(found) > 10 and ends and all(r == "ok" for r, _ in ends) and
                  set(must) <= {name for _, name in ends},
                  "the suites have run to their end and passed", ends)
        ctx.check_log(vm)

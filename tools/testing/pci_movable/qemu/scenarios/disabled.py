# SPDX-License-Identifier: GPL-2.0
"""With pci=no_movable_bars the patched kernel fails the main job as stock does."""

from . import main_job

ORDER = 7
KERNELS = ("patched",)


def run(ctx):
    with main_job.boot(ctx, append="pci=no_movable_bars") as vm:
        seen = main_job.measure(ctx, vm)
        ctx.check(not seen["events"], "no summary line", seen["events"])
        ctx.check("Unknown kernel" not in vm.console() and "no_movable_bars" in vm.console() and
                  "PCI: Unknown option" not in vm.console(), "the option is known")
        main_job.judge(ctx, vm, seen, served=False)

# SPDX-License-Identifier: GPL-2.0
"""With pci=no_movable_bars the patched kernel fails the main job as stock does."""

from . import main_job

ORDER = 7
KERNELS = ("patched",)


def run(ctx):
    with main_job.boot(ctx, append="pci=no_movable_bars") as vm:
        seen = main_job.measure(ctx, vm)
        ctx.check(not seen["events"], "no summary line", seen["events"])
        unknown = [line for line in vm.console().splitlines()
                   if "Unknown" in line and ("movable" in line or "PCI:" in line)]
        ctx.check("no_movable_bars" in vm.console() and not unknown, "the option is known", unknown)
        main_job.judge(ctx, vm, seen, served=False)

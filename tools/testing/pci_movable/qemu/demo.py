# SPDX-License-Identifier: GPL-2.0
"""The main job on a stock and a patched kernel, shown side by side."""

import os
import sys

from harness import pci
from harness.context import Context
from harness.tap import Tap
from scenarios import main_job

EVERY_BAR = 3


def side_by_side(rows, names):
    widths = [max(len(str(row[i])) for row in rows + [[""] + names]) for i in range(3)]
    lines = []
    for row in [["", *names], *rows]:
        lines.append("  ".join(str(cell).ljust(w) for cell, w in zip(row, widths)).rstrip())
    lines.insert(1, "  ".join("-" * w for w in widths))
    return lines


def bar_text(tree, region):
    kind = "I/O" if region.io else ("64-bit prefetchable" if region.prefetch else "memory")
    size = region.size
    unit = next(f"{size >> s} {u}" for s, u in ((20, "MiB"), (10, "KiB"), (0, "B")) if size >> s)
    if not tree.find(main_job.CARD).reached(region):
        return f"{unit} {kind}: NOT decoded"
    return f"{unit} {kind}: {region.address:#x}"


def column(seen):
    """What the table says about one kernel, row by row."""
    tree = seen["after"]
    regions = {r.bar: r for r in tree.find(main_job.CARD).regions}
    event = seen["events"][-1] if seen["events"] else {}
    drive_moved = tree.bars("drive-nvme") != seen["before"].bars("drive-nvme")
    cells = []
    for bar in range(EVERY_BAR):
        cells.append((f"card, BAR {bar}", bar_text(tree, regions[bar]) if bar in regions else "-"))
    windows, old = tree.windows(), seen["before"].windows()
    changed = [k for k in set(windows) | set(old) if windows.get(k) != old.get(k)]
    cells += [
        ("drivers paused", event.get("paused", "-")),
        ("BARs of running drivers moved", int(drive_moved)),
        ("bridge windows changed", len(changed)),
    ]
    for title, phase in (("without hot-add", seen["quiet"]), ("with hot-add", seen["busy"])):
        cells += [
            (f"{title}: reads", phase["ops"]),
            ("  failed", phase["errors"]),
            ("  wrong data", phase["mismatches"]),
            ("  median", f"{phase['median_us']} us"),
            ("  longest", f"{phase['longest_us']} us"),
        ]
    return cells


def show_iomem(seen, kind):
    print(f"\n/proc/iomem, {kind}: - before, + after the hot-add, the rest in both")
    old, new = (seen[k].splitlines() for k in ("iomem_before", "iomem_after"))
    first = next((i for i, l in enumerate(old) if "PCI Bus" in l and not l.startswith(" ")), 0)
    for line in pci.difflib.ndiff(old[first:], new[first:]):
        if line[0] != "?" and ("PCI" in line or "0000:" in line or line[0] in "-+"
                               or "nvme" in line):
            print("  " + line.rstrip())
    print("\n  what changed, as the machine decodes it:")
    for line in pci.changes(seen["before"], seen["after"]) or ["nothing"]:
        print("    " + line)


def run(kernels, out, quick):
    checks = open(os.path.join(out, "checks.tap"), "w")
    tap, seen = Tap(checks), {}
    for kind, kernel in kernels.items():
        print(f"main job on the {kind} kernel ...", file=sys.stderr, flush=True)
        seen[kind] = Context("main-job", kind, kernel, tap, out, quick).run(main_job.run)
    failed = tap.end()
    checks.close()
    if all(seen.values()) and len(seen) == 2:
        print("A pci-testdev card with a 16 MiB BAR is plugged into a switch, beside a drive "
              "under random reads.\n")
        rows = [[a[0], a[1], b[1]] for a, b in zip(column(seen["stock"]), column(seen["patched"]))]
        print("\n".join(side_by_side(rows, ["stock", "patched"])))
        for kind, one in seen.items():
            show_iomem(one, kind)
        print("\nthe engine's summary line:")
        for event in seen["patched"]["events"] or [{"line": "none"}]:
            print("  " + event["line"])
    print(f"\n{tap.passed} checks passed, {len(tap.failed)} failed, {tap.skipped} skipped; logs: " +
          ", ".join(os.path.join(out, f"main-job-{k}.log") for k in kernels))
    for name in tap.failed:
        print("  failed: " + name)
    return 1 if failed or len(seen) < 2 else 0

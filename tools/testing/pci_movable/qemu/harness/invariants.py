# SPDX-License-Identifier: GPL-2.0
"""What holds for every machine after every event, whatever the event was."""

import re

from . import pci

MEMORY = ("memory_range", "prefetchable_range")
EDU_IDENTITY = 0x010000ed


def _inside(span, bridge, names):
    """Does @bridge, if there is one, pass on the whole of @span?"""
    return not bridge or any(bridge.windows[n][0] <= span[0] and span[1] <= bridge.windows[n][1]
                             for n in names if n in bridge.windows)


def strays(tree):
    """What is not inside of the windows of the bridge above it."""
    found = []
    for d in tree.devices:
        spans = [(window, ("io_range",) if name == "io_range" else MEMORY, pci.KINDS[name])
                 for name, window in d.windows.items()]
        spans += [((r.address, r.address + r.size - 1), ("io_range",) if r.io else MEMORY,
                   f"BAR {r.bar}") for r in d.regions if r.address is not None]
        found += [f"{d.bdf} {what} {span[0]:#x}-{span[1]:#x} is outside of {d.parent.bdf}"
                  for span, names, what in spans if not _inside(span, d.parent, names)]
    return found


def clashes(tree):
    """Claims on one bus, of windows and BARs, that overlap; claims are per address space."""
    buses = {}
    for d in tree.devices:
        claims = [(w, n == "io_range", f"{d.bdf} {pci.KINDS[n]} window")
                  for n, w in d.windows.items()]
        claims += [((r.address, r.address + r.size - 1), r.io, f"{d.bdf} BAR {r.bar}")
                   for r in d.regions if r.address is not None]
        for span, io, what in claims:
            buses.setdefault((d.bus, io), []).append((span, what))
    found = []
    for claims in buses.values():
        claims.sort()
        for (a, what), (b, other) in zip(claims, claims[1:]):
            if b[0] <= a[1]:
                found.append(f"{what} {a[0]:#x}-{a[1]:#x} and {other} {b[0]:#x}-{b[1]:#x}")
    return found


def lost(before, after):
    """BARs of devices which are in both trees that could be reached and cannot any more."""
    here = {d.id: d for d in after.devices if d.id}
    found = []
    for d in before.devices:
        if d.id not in here:
            continue
        now = {r.bar: r for r in here[d.id].regions}
        found += [f"{d.id} {now.get(r.bar, r)}" for r in d.regions
                  if d.reached(r) and not (r.bar in now and here[d.id].reached(now[r.bar]))]
    return found


def books(vm, tree):
    """Where the kernel's resources are not what the machine decodes."""
    # in few words, for much text at once is more than the serial port takes
    text = vm.sh("cd /sys/bus/pci/devices; grep -n . */resource | sed -n "
                 "'s,/resource:\\([1-6]\\):0x0*\\([1-9a-f][0-9a-f]*\\) .*, \\1 \\2,p'").text
    kernel = {}
    for bdf, number, start in (line.split() for line in text.splitlines()):
        kernel.setdefault(bdf, {})[int(number) - 1] = int(start, 16)
    found = []
    for d in tree.devices:
        for r in d.regions:
            if r.address is None or d.bdf not in kernel:
                continue
            start = kernel[d.bdf].get(r.bar)
            if start != r.address:
                found.append(f"{d.bdf} BAR {r.bar}: {start}, decoded at {r.address}")
    return found


def unanswered(vm, tree, ids):
    """Those of the edu functions @ids that a CPU's read does not find."""
    where = [(i, tree.bars(i)[0]) for i in ids if tree.bars(i)]
    text = vm.sh("; ".join([f"devmem {address:#x} 32" for _, address in where] or ["true"]),
                 check=False).text
    values = [int(w, 16) for w in re.findall(r"0x[0-9A-Fa-f]{8}", text)]
    if len(values) != len(where):
        return [f"{len(where)} reads, answers: {text}"]
    return [f"{i} at {address:#x} reads {value:#x}"
            for (i, address), value in zip(where, values) if value != EDU_IDENTITY]


def wrong(vm, before, after):
    """All of the above that compares machine, kernel and the state before."""
    return ([f"lost: {l}" for l in lost(before, after)] +
            [f"outside: {l}" for l in strays(after)] +
            [f"overlap: {l}" for l in clashes(after) + pci.overlaps(after)] +
            [f"books: {l}" for l in books(vm, after)])

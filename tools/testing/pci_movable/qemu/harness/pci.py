# SPDX-License-Identifier: GPL-2.0
"""What the machine decodes, from QMP query-pci, and what its lists tell when compared."""

import difflib
import re

UNMAPPED = (1 << 64) - 1


class Region:
    """One BAR as the device itself sees it."""

    def __init__(self, raw):
        self.bar = raw["bar"]
        self.size = raw["size"]
        self.io = raw["type"] == "io"
        self.prefetch = bool(raw.get("prefetch"))
        self.is64 = bool(raw.get("mem_type_64"))
        address = raw["address"] & UNMAPPED
        self.address = None if address == UNMAPPED else address

    def __repr__(self):
        where = "not decoded" if self.address is None else f"{self.address:#x}"
        kind = "io" if self.io else f"mem{64 if self.is64 else 32}"
        kind += "-pref" if self.prefetch else ""
        return f"BAR{self.bar} {kind} size {self.size:#x} at {where}"


class Device:
    """A function; @parent is the bridge above it, None on a root bus."""

    def __init__(self, raw, parent):
        self.parent = parent
        self.id = raw.get("qdev_id", "")
        self.bus, self.slot, self.function = raw["bus"], raw["slot"], raw["function"]
        self.bdf = f"0000:{self.bus:02x}:{self.slot:02x}.{self.function:x}"
        self.vendor, self.device = raw["id"]["vendor"], raw["id"]["device"]
        self.regions = [Region(r) for r in raw.get("regions", []) if r["bar"] < 6]
        self.windows = {}
        below = raw.get("pci_bridge", {}).get("bus")
        if below:
            for name in ("io_range", "memory_range", "prefetchable_range"):
                base, limit = below[name]["base"], below[name]["limit"]
                if limit > base:
                    self.windows[name] = (base, limit)

    def reached(self, region):
        """Does every bridge above pass on the whole of @region?"""
        if region.address is None:
            return False
        names = ("io_range",) if region.io else ("memory_range", "prefetchable_range")
        bridge = self.parent
        while bridge:
            if not any(bridge.windows[n][0] <= region.address and
                       region.address + region.size - 1 <= bridge.windows[n][1]
                       for n in names if n in bridge.windows):
                return False
            bridge = bridge.parent
        return True


class Tree:
    """All functions of the machine at one moment."""

    def __init__(self, answer):
        self.devices = []
        for bus in answer:
            self._add(bus["devices"], None)

    def _add(self, raws, parent):
        for raw in raws:
            device = Device(raw, parent)
            self.devices.append(device)
            self._add(raw.get("pci_bridge", {}).get("devices", []), device)

    def find(self, qdev_id):
        for device in self.devices:
            if device.id == qdev_id:
                return device
        raise KeyError(qdev_id)

    def bars(self, qdev_id):
        """BAR number -> address, memory BARs that are decoded only."""
        return {r.bar: r.address for r in self.find(qdev_id).regions
                if not r.io and r.address is not None}

    def undecoded(self, qdev_id, io=True):
        """BARs of a function that an access by a CPU would not reach."""
        device = self.find(qdev_id)
        return [r for r in device.regions if (io or not r.io) and not device.reached(r)]

    def windows(self):
        """(bridge, kind) -> (base, limit)"""
        return {(d.bdf, name): window for d in self.devices for name, window in d.windows.items()}


def overlaps(tree):
    """Decoded BARs that overlap another one: always empty on a sane machine."""
    spans = {False: [], True: []}
    for device in tree.devices:
        for r in device.regions:
            if r.address is not None and device.reached(r):
                spans[r.io].append((r.address, r.address + r.size, f"{device.bdf} BAR{r.bar}"))
    found = []
    for io in spans:
        ordered = sorted(spans[io])
        for a, b in zip(ordered, ordered[1:]):
            if b[0] < a[1]:
                found.append(f"{a[2]} {a[0]:#x}..{a[1]:#x} and {b[2]} {b[0]:#x}..{b[1]:#x}")
    return found


KINDS = {"io_range": "I/O", "memory_range": "memory", "prefetchable_range": "prefetchable"}


def _span(span):
    return f"{span[0]:#x}-{span[1]:#x}" if span else "none"


def _places(tree):
    """(bdf, what) -> range, for each window and each decoded BAR."""
    found = {}
    for device in tree.devices:
        for name, window in device.windows.items():
            found[(device.bdf, f"{KINDS[name]} window")] = window
        for r in device.regions:
            if r.address is not None:
                found[(device.bdf, f"BAR {r.bar}")] = (r.address, r.address + r.size - 1)
    return found


def changes(before, after):
    """Lines that tell which windows and BARs came, went, grew or moved."""
    old, new = _places(before), _places(after)
    return [f"{bdf} {what}: {_span(old.get((bdf, what)))} -> {_span(new.get((bdf, what)))}"
            for bdf, what in sorted(set(old) | set(new))
            if old.get((bdf, what)) != new.get((bdf, what))]


def iomem_diff(before, after):
    """Lines of /proc/iomem that differ, marked - and +, in order."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [l.rstrip() for l in lines if l[0] in "-+"]


SUMMARY = re.compile(r"pci_movable: (event=\d+ trigger=.*)$", re.M)


def summaries(log):
    """The engine's summary lines in a log, as dictionaries; numbers as int."""
    events = []
    for m in SUMMARY.finditer(log):
        event = {"line": m[0].strip()}
        for word in m[1].split():
            key, _, value = word.partition("=")
            event[key] = int(value) if value.isdigit() else value
        events.append(event)
    return events

# SPDX-License-Identifier: GPL-2.0
"""The text form of layouts, read without looking at text_read.c: what
Documentation/PCI/movable-bars.rst says, for texts that the writer wrote."""

import re
from dataclasses import dataclass, field

SPACES = ("io", "mem", "pref")
ENDLESS = 1 << 64
DEFAULT_MAX = {"io": 0xffff, "mem": 0xffffffff, "pref": ENDLESS - 1}
UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40, "P": 50, "E": 60}
DEFAULT_COST = {"free": 0, "live": 1, "pause": 100000, "never": 0}


@dataclass
class Root:
    host: str
    space: str
    lo: int                     # ranges end before hi
    hi: int
    offset: int = 0


@dataclass
class Hole:
    host: str
    io: bool
    lo: int
    hi: int


@dataclass
class Window:
    space: str
    was: tuple                  # (lo, hi), None: closed
    align: int
    max: int


@dataclass
class Bridge:
    name: str
    nr: int
    dev: "Dev" = None
    flags: set = field(default_factory=set)
    windows: dict = field(default_factory=dict)         # only those that it has


@dataclass
class Dev:
    name: str
    nr: int
    host: str = None
    above: Bridge = None        # None: on the root bus
    way: str = "free"
    cost: int = 0


@dataclass
class Bar:
    nr: int
    dev: Dev
    io: bool
    pref: bool
    is64: bool
    was: tuple = None           # (lo, hi), None: it has no place
    size: int = 0
    align: int = 0
    fixed: bool = False
    sizes: int = 0
    words: set = field(default_factory=set)

    @property
    def wanted(self):
        """Does it count that this one gets a place?"""
        return "wanted" in self.words and "optional" not in self.words


class Layout:
    def __init__(self):
        self.roots, self.holes, self.bars = [], [], []
        self.bridges, self.devs = {}, {}


def number(word):
    return int(word, 16 if word.startswith("0x") else 10)


def size(word):
    digits, unit = re.fullmatch(r"(0x[0-9a-f]+|\d+)([KMGTPE]?)", word).groups()
    return number(digits) << UNITS[unit]


def span(word):
    first, last = word.split("-")
    return int(first, 16), int(last, 16) + 1


def sizes(word):
    if word.startswith("0x"):
        return int(word, 16)
    mask = 0
    for run in word.split(","):
        first, _, last = run.partition("-")
        for log in range(size(first).bit_length(), size(last or first).bit_length() + 1):
            mask |= 1 << log - 21
    return mask


def attributes(words, with_value):
    """The words that follow what must be there: ({name: value}, {flag, ...})."""
    values, flags, words = {}, set(), iter(words)
    for word in words:
        if word in with_value:
            values[word] = next(words)
        else:
            flags.add(word)
    return values, flags


def read_dev(layout, words):
    values, _ = attributes(words[1:], ("on", "behind", "driver", "way", "cost"))
    dev = Dev(words[0], len(layout.devs))
    dev.above = layout.bridges.get(values.get("behind"))
    dev.host = values.get("on") or dev.above.dev.host
    dev.way = values.get("way", "never" if "driver" in values else "free")
    dev.cost = number(values["cost"]) if "cost" in values else DEFAULT_COST[dev.way]
    layout.devs[dev.name] = dev


def read_bridge(layout, words):
    values, flags = attributes(words[1:], ("dev", "bus"))
    layout.bridges[words[0]] = Bridge(words[0], len(layout.bridges),
                                      layout.devs[values.get("dev", words[0])], flags)


def read_window(layout, words):
    values, _ = attributes(words[3:], ("align", "max", "reserve"))
    space = words[1]
    layout.bridges[words[0]].windows[space] = Window(
        space, None if words[2] == "closed" else span(words[2]),
        size(values.get("align", "4K" if space == "io" else "1M")),
        number(values["max"]) if "max" in values else DEFAULT_MAX[space])


def read_bar(layout, words):
    values, flags = attributes(words[3:], ("at", "size", "align", "reg", "sizes", "fixed"))
    kind = words[2]
    bar = Bar(len(layout.bars), layout.devs[words[0]], kind == "io", kind.startswith("pref"),
              kind.endswith("64"), words=flags)
    if "at" in values:
        bar.was = span(values["at"])
        bar.size = bar.was[1] - bar.was[0]
    else:
        bar.size = size(values["size"])
    bar.align = size(values["align"]) if "align" in values else bar.size
    bar.fixed = "fixed" in values
    bar.sizes = sizes(values.get("sizes", "0x0"))
    layout.bars.append(bar)


def read_layout(lines):
    """A layout from its lines, the first and the last one included."""
    layout = Layout()
    for line in lines:
        words = [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', line)]
        kind, words = words[0], words[1:]
        if kind == "root":
            values, _ = attributes(words[3:], ("offset",))
            layout.roots.append(Root(words[0], words[1], *span(words[2]),
                                     number(values.get("offset", "0"))))
        elif kind == "hole":
            layout.holes.append(Hole(words[0], words[1] == "io", *span(words[2])))
        elif kind == "dev":
            read_dev(layout, words)
        elif kind == "bridge":
            read_bridge(layout, words)
        elif kind == "window":
            read_window(layout, words)
        elif kind == "bar":
            read_bar(layout, words)
    return layout


@dataclass
class Case:
    """A layout, what the planner was told and what it said; see case_text.h."""
    seed: int
    kind: str
    relaxed: bool
    max_cost: int
    verdict: str
    cost: int
    unplaced: int
    lack: int                   # number of a BAR, None: nothing lacks
    proved: bool
    blockers: list
    windows: dict               # number of the window: (lo, hi)
    places: dict                # number of the BAR: (lo, hi)
    lines: list
    layout: Layout


def read_cases(stream):
    """The cases of a stream, one by one."""
    for line in stream:
        words = line.split()
        if words[0] == "case":
            head = dict(zip(words[2::2], words[3::2]), seed=words[1])
            ranges = {"win": {}, "bar": {}}
            lines = []
        elif words[0] in ranges and not lines:
            lo, length = int(words[2], 16), int(words[3], 16)
            ranges[words[0]][int(words[1])] = (lo, lo + length)
        else:
            lines.append(line.rstrip("\n"))
        if lines and words[0] == "end":
            yield Case(int(head["seed"]), head["class"], head["relaxed"] == "1",
                       int(head["max-cost"]), head["verdict"], int(head["cost"]),
                       int(head["unplaced"]),
                       None if head["lack"] == "-" else int(head["lack"]),
                       head["proved"] == "1",
                       [int(nr) for nr in head["blockers"].split(",") if nr != "-"],
                       ranges["win"], ranges["bar"], lines, read_layout(lines))

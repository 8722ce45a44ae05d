#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The exact solver against brute force, on very small memory layouts.

usage: brute.py PROGRAMS [--seed S] [--count N]

exact_judge --brute tries every plan there is, and asks the checker about each.
The least number of BARs left over and the least cost have to be the same."""

import argparse
import random
import subprocess
import sys
from pathlib import Path

from questions import Question
from reader import read_cases
from z3 import Z3

MIB = 1 << 20
PLANS = 150000                          # more of them take too long to try
LOW, HIGH = 0x80000000, 0x100000000


class Maker:
    """A random layout: up to four BARs, root windows about as large as they are
    together, up to two bridges."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.plans, self.lines = 1, []
        self.sizes = [self.one(2, 2, 1)] + [self.one(1, 1, 1, 2)
                                            for _ in range(self.random.randint(1, 3))]
        self.roots = [("mem", LOW, min(5, sum(self.sizes) + self.one(-1, 0, 0, 1)))]
        if self.percent(25):
            self.roots.append((self.one("mem", "pref"), self.one(HIGH, LOW + 8 * MIB),
                               self.random.randint(1, 2)))

    def one(self, *choices):
        return self.random.choice(choices)

    def percent(self, n):
        return self.random.randrange(100) < n

    def choose(self, size=None):
        """So many places are there for a BAR, or for a window."""
        places = 2
        for _, _, units in self.roots:
            places += units * (units + 1) // 2 if size is None else max(units + 1 - size, 0)
        self.plans *= places

    def range_in(self, root, size):
        _, lo, units = root
        if size > units:
            return None
        lo += self.random.randrange(units + 1 - size) * MIB
        return f"{lo:#x}-{lo + size * MIB - 1:#x}"

    def make_roots(self):
        for root in self.roots:
            offset = ""
            if self.percent(15):        # now and then the bus address is misaligned
                offset = f" offset {self.one(0x80000000, 0x100000, 0x40000000):#x}"
            self.lines.append(f"root h {root[0]} {self.range_in(root, root[2])}{offset}")
        if self.percent(35):
            self.lines.append("hole h mem " + self.range_in(self.one(*self.roots), 1))

    def make_bridge(self, name, above):
        flags = "".join(f" {word}" for word, n in (("transparent", 35), ("pcie", 40))
                        if self.percent(n))
        self.rooms[f"behind {name}"] = self.rooms[above][:1]
        self.lines += [f"dev {name} {above} driver d way never",
                       f"bridge {name} bus 01-01{flags}"]
        for space, likely in (("mem", 75), ("pref", 50)):
            if not self.percent(likely):
                continue
            self.choose()
            span, root = "closed", self.one(*self.rooms[above])
            if self.percent(60):
                size = self.random.randint(1, root[2])
                span = self.range_in(root, size)
                self.rooms[f"behind {name}"].append((space, int(span.split("-")[0], 16), size))
            limit = " max 0xffffffff" if space == "pref" and self.percent(30) else ""
            self.lines.append(f"window {name} {space} {span}{limit}")

    def make_bar(self, name, bus, size, wanted):
        kind = self.one("mem", "mem64", "pref", "pref64")
        place = None if wanted else self.range_in(self.rooms[bus][-1], size)
        if place:
            words = self.one(" fixed driver", " strict fixed p2p") if self.percent(15) else ""
            self.lines.append(f"bar {name} {kind} at {place}{words}")
        else:
            words = " sizes 0x3" if self.percent(20) else ""
            self.lines.append(f"bar {name} {kind} size {size}M wanted{words}")
            self.plans *= 2 if words else 1
        if "fixed" not in words:
            self.choose(size)

    def make(self):
        self.make_roots()
        buses = ["on h"]
        self.rooms = {"on h": self.roots}       # what firmware may have put there
        for nr in range(self.one(0, 0, 1, 1, 2)):
            self.make_bridge(f"b{nr}", self.one(*buses))
            buses.append(f"behind b{nr}")
        for nr, size in enumerate(self.sizes):
            way = self.one("", " way live", " way live cost 3", " way pause cost 7",
                           " way never")
            if nr % 2 == 0 or self.percent(60):     # else one more BAR of the last one
                dev, bus = f"d{nr}", self.one(*buses, buses[-1])
                self.lines.append(f"dev {dev} {bus}{' driver d' if way else ''}{way}")
            self.make_bar(f"{dev} {nr}", bus, size, not nr or self.percent(25))
        return ["pmb-layout 1", "host h", *self.lines, "end"]


def cases(seed):
    """Texts of small layouts in which something is wanted."""
    while True:
        maker = Maker(seed)
        lines = maker.make()
        if maker.plans < PLANS and any("wanted" in line for line in lines):
            yield (f"case {seed} class tiny relaxed {int(maker.percent(40))} max-cost "
                   f"{maker.one(0, 0, 0, 3)} verdict - cost 0 unplaced 0 lack - proved 0 "
                   f"blockers -", *lines)
        seed += 1


def best(case, z3):
    """(least number left over, least cost) by the solver, (None, None): no plan."""
    total = sum(bar.wanted for bar in case.layout.bars)
    left = next((n for n in range(total + 1) if solved(case, z3, n, None)), None)
    costs = {0}
    for dev in case.layout.devs.values():
        costs |= {cost + dev.cost for cost in costs}
    return left, next((n for n in sorted(costs) if left is not None and
                       solved(case, z3, left, n)), None)


def solved(case, z3, left, cost):
    question = Question(case)
    question.leaves(left)
    if cost is not None:
        question.no_dearer(cost)
    return question.ask(z3)


def compare(programs, seed, count):
    """Compare them on so many layouts: (text, whether they agree)."""
    z3, bad, costly = Z3(), 0, 0
    judge = subprocess.Popen([programs / "exact_judge", "--brute", str(MIB)], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _, lines in zip(range(count), cases(seed)):
        case = next(read_cases([line + "\n" for line in lines]))
        mine = best(case, z3)
        judge.stdin.write("\n".join(lines) + "\n")
        judge.stdin.flush()
        answer = judge.stdout.readline().split()
        costly += answer[2:] > ["0"]
        if answer != ["best", *map(str, mine)]:
            bad += 1
            print(f"# case {case.seed}: brute force {answer[1:]}, solver {mine}")
            print("\n".join("# " + line for line in lines), flush=True)
    return (f"z3 and brute force differ on {bad} of {count} very small layouts ({costly} of "
            "them cost something) (0)", not bad)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    args = parser.parse_args()
    text, good = compare(args.programs, args.seed, args.count)
    print(text)
    sys.exit(not good)


if __name__ == "__main__":
    main()

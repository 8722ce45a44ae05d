# SPDX-License-Identifier: GPL-2.0
"""What to ask z3 about a case: the rules, and more conditions."""

from rules import SPACES, Rules
from terms import text


class Question:
    """Is there a plan for a case such that ...?"""

    def __init__(self, case, unlocked=()):
        self.case, self.rules = case, Rules(case.layout, case.relaxed, unlocked)
        self.smt = list(self.rules.smt)
        if case.max_cost:
            self.no_dearer(case.max_cost)

    def must(self, term):
        self.smt.append(f"(assert {text(term)})")

    def no_dearer(self, cost):
        self.must(f"(bvule {self.rules.cost()} (_ bv{cost} 40))")

    def leaves(self, unplaced):
        """No more than so many wanted BARs are left without a place."""
        self.must(f"(bvule {self.rules.unplaced()} (_ bv{unplaced} 32))")

    def places(self, bars):
        for bar in bars:
            self.must(self.rules.placed(bar))

    def of_planned_sizes(self):
        """R13: Resizable BARs are as large as in the plan of the planner, for a
        smaller one may be cheaper, but is not what was asked for."""
        for thing in self.rules.things:
            place = thing.bar and self.case.places.get(thing.bar.nr)
            for size in thing.sizes[1:] if place else []:
                picked = thing.of_size(size)
                self.must(picked if size == place[1] - place[0] else f"(not {picked})")

    def is_planned(self):
        """It is the plan of the planner, but for optional BARs. False: that puts
        something where there is nothing."""
        try:
            for thing in self.rules.things:
                got = self.case.windows if thing.space else self.case.places
                self.is_at(thing, got.get(self.number(thing)))
        except ValueError:
            return False
        return True

    def is_at(self, thing, place):
        if place is None:
            self.must(f"(not {text(thing.there)})")
        elif place == thing.was:
            self.must(thing.keep)
        else:
            space = self.rules.spaces[thing.host, thing.io]
            self.must(thing.new)
            self.must(f"(= {thing.lo} {space.at(place[0])})")
            self.must(f"(= {thing.hi} {space.at(place[1])})")

    @staticmethod
    def number(thing):
        if thing.bar:
            return thing.bar.nr
        return thing.bridge.nr * 3 + SPACES.index(thing.space)

    def holds(self, z3):
        """As ask(), but without a solution: {}."""
        return z3.ask(self.smt)

    def ask(self, z3):
        """None: there is none; False: z3 did not say so within its time; else
        ({window: range}, {BAR: range})."""
        terms, names = list(self.smt), []
        for thing in self.rules.things:
            if thing.there is False:
                continue
            width = self.rules.spaces[thing.host, thing.io].width
            for what, sort in (("there", "Bool"), ("lo", f"(_ BitVec {width})"),
                               ("hi", f"(_ BitVec {width})")):
                name = f"{thing.name}_{what}"
                terms.append(f"(define-fun {name} () {sort} {text(getattr(thing, what))})")
                names.append(name)
        answer = z3.ask(terms, names)
        return self.solution(answer) if answer else answer

    def solution(self, values):
        windows, places = {}, {}
        for thing in self.rules.things:
            if values.get(f"{thing.name}_there"):
                space = self.rules.spaces[thing.host, thing.io]
                place = space.back(values[f"{thing.name}_lo"], values[f"{thing.name}_hi"])
                (windows if thing.space else places)[self.number(thing)] = place
        return windows, places

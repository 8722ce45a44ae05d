#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The planner against an exact solver, z3.

usage: exact.py PROGRAMS [--class NAME] [--seed S] [--count N] [--failures FILE]
                [--seconds N] [--brute N] [--show] [--tap]

PROGRAMS is the directory with exact_corpus and exact_judge. Random layouts S to
S + N - 1 of each class, or of one, are planned; where something is wanted in
them, z3 says whether the planner was right. What it says is not taken on trust:
it has to agree that the plans of the planner are plans, and the judges have to
agree that its own solutions are plans. The table at the end has what counts.

--brute compares z3 with brute force first, on N very small layouts.
--failures appends what is wrong to a file, line by line. --show prints what z3
found instead. --tap makes test results of the figures."""

import argparse
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import brute
from questions import Question
from reader import read_cases
from z3 import Z3

CLASSES = ("small", "tight")


class Judge:
    """exact_judge, asked about one plan after the other."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def verdict(self, case, windows, places):
        lines = [f"case {case.seed} class {case.kind} relaxed {int(case.relaxed)} "
                 f"max-cost {case.max_cost}"]
        for word, ranges in (("win", windows), ("bar", places)):
            lines += [f"{word} {nr} {lo:x} {hi - lo:x}" for nr, (lo, hi) in ranges.items()]
        self.process.stdin.write("\n".join(lines + case.lines) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


class Trial:
    """All cases, and what came out."""

    def __init__(self, args):
        self.args, self.count, self.worst = args, Counter(), 0
        self.z3 = Z3(args.seconds)
        self.judge = Judge(args.programs / "exact_judge")

    def wrong(self, case, kind, what, solution=None):
        """Count it, and write it down."""
        self.count[kind] += 1
        line = f"{kind:14} --class {case.kind} --seed {case.seed} --count 1: {what}"
        if any(bar.sizes and bar.wanted for bar in case.layout.bars):
            line += " (resizable)"
        print("# " + line, flush=True)
        if self.args.failures:
            with open(self.args.failures, "a", encoding="ascii") as file:
                file.write(line + "\n")
        if solution and self.args.show:
            self.show(case, *solution)

    @staticmethod
    def show(case, windows, places):
        for name, mine, planned in (("window", windows, case.windows),
                                    ("bar", places, case.places)):
            for nr in sorted(set(mine) | set(planned)):
                a, b = ("nowhere" if r is None else f"{r[0]:#x}-{r[1] - 1:#x}"
                        for r in (planned.get(nr), mine.get(nr)))
                if a != b:
                    print(f"#    {name} {nr}: planner {a}, solver {b}")
        print("\n".join("#    " + line for line in case.lines))

    def ask(self, case, question, check=True):
        """The answer; "unknown" ones are counted, solutions are judged."""
        start = time.monotonic()
        answer = question.ask(self.z3)
        self.worst = max(self.worst, time.monotonic() - start)
        if answer is False:
            self.wrong(case, "unknown", "z3 gave up")
            return None
        if answer and check:
            verdict = self.judge.verdict(case, *answer)
            if not verdict.startswith("good"):
                self.wrong(case, "model", f"z3 has a plan that is none: {verdict}", answer)
        return answer

    def case(self, case):
        self.count["cases"] += 1
        itself = Question(case)
        answer = itself.holds(self.z3) if itself.is_planned() else None
        if answer is None:
            self.wrong(case, "model", "z3 says that the plan of the planner is none")
        elif answer is False:
            self.wrong(case, "unknown", "z3 gave up")
        if case.verdict == "complete":
            self.count["feasible"] += 1
            self.count["planned"] += 1
            self.least_cost(case)
        else:
            self.incomplete(case)

    def least_cost(self, case):
        question = Question(case)
        question.leaves(case.unplaced)
        question.of_planned_sizes()
        self.count["costly"] += bool(case.cost)
        cheaper = None
        if case.cost:
            question.no_dearer(case.cost - 1)
            cheaper = self.ask(case, question)
        if cheaper:
            best = self.judge.verdict(case, *cheaper).split()[1]
            self.wrong(case, "cost", f"costs {case.cost}, but {best} is enough "
                       f"({case.verdict})", cheaper)
        elif not case.unplaced:
            self.count["cheapest"] += 1

    def incomplete(self, case):
        """Something got no place. Could it, all of it or a part of it?"""
        better = all_of_it = self.could_leave(case, 0)
        if all_of_it:
            self.count["feasible"] += 1
            self.wrong(case, "not-planned", f"{case.verdict}, {case.unplaced} left, "
                       "but all can be placed", all_of_it)
        else:
            self.count["infeasible"] += 1
            self.blockers(case)
            if case.unplaced > 1:
                better = self.could_leave(case, case.unplaced - 1)
            if better:
                self.wrong(case, "fewer", f"{case.verdict}, {case.unplaced} left, "
                           "but more can be placed", better)
            elif case.cost:
                self.least_cost(case)
        if better and case.verdict == "impossible":
            self.wrong(case, "false-proof", "impossible, but it is possible", better)
        elif better and case.proved:
            self.proof(case)

    def could_leave(self, case, unplaced):
        question = Question(case)
        question.leaves(unplaced)
        return self.ask(case, question)

    @staticmethod
    def lacking(case):
        """What has to be placed for the lack to be over: next to what the plan
        places the BAR that it names, and all of its function if it is memory."""
        lack = case.layout.bars[case.lack]
        group = [bar for bar in case.layout.bars if bar.wanted and not bar.io and
                 bar.dev is lack.dev]
        return ([lack] if lack.io else group) + [
            bar for bar in case.layout.bars if bar.wanted and bar.nr in case.places]

    def proof(self, case):
        """One BAR is said to have no place, by proof."""
        question = Question(case)
        question.places(self.lacking(case))
        found = self.ask(case, question)
        if found:
            self.wrong(case, "false-proof", f"BAR {case.lack} is said to have no place by "
                       "proof, but it has", found)

    def blockers(self, case):
        """Do the blockers help, once they may be moved?"""
        lack = case.layout.bars[case.lack]
        if lack.fixed:
            return
        self.count["blockers named" if case.blockers else "none named"] += 1
        question = Question(case, case.blockers or
                            [bar.nr for bar in case.layout.bars if bar.was])
        question.places(self.lacking(case))
        helps = self.ask(case, question, check=False)
        if case.blockers and not helps:
            self.wrong(case, "blockers", f"BARs {case.blockers} made movable do not help "
                       f"BAR {lack.nr}")
        elif helps and not case.blockers:
            self.wrong(case, "unnamed", f"nothing is named that stands in the way of BAR "
                       f"{lack.nr}, but something does", helps)


def percent(part, whole):
    return 100 * part / whole if whole else 100


def table(trial, seconds):
    """What counts: (text, whether it is good enough)."""
    c = trial.count
    planned, cheapest = percent(c["planned"], c["feasible"]), percent(c["cheapest"], c["planned"])
    print(f"# {c['cases']} layouts, {c['feasible']} feasible, {c['infeasible']} infeasible, "
          f"{c['costly']} that cost something; {seconds:.0f} s, longest {trial.worst:.1f} s")
    return [
        (f"feasible and planned: {c['planned']} of {c['feasible']}, {planned:.2f} % "
         f"(99.5 or more)", planned >= 99.5),
        (f"planned with the least cost: {c['cheapest']} of {c['planned']}, {cheapest:.2f} % "
         f"(99 or more)", cheapest >= 99),
        (f"feasible, but called impossible: {c['false-proof']} (0)", not c["false-proof"]),
        (f"named blockers that do not help: {c['blockers']} of {c['blockers named']} (0)",
         not c["blockers"]),
        (f"other outcomes, not counted above: {c['fewer']} of {c['infeasible']} infeasible "
         f"ones leave more than must be, {c['unnamed']} name no blocker though there is one",
         True),
        (f"z3 and the judges disagree about a plan: {c['model']} (0)", not c["model"]),
        (f"not known within {trial.args.seconds} s: {c['unknown']} (0)", not c["unknown"]),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=Path)
    parser.add_argument("--class", dest="kind", choices=CLASSES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--brute", type=int, default=0)
    parser.add_argument("--failures")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--tap", action="store_true")
    args = parser.parse_args()
    if not shutil.which("z3"):
        sys.exit("exact.py: there is no z3; it is a Debian package of that name")
    tests = [brute.compare(args.programs, args.seed, args.brute)] if args.brute else []
    trial, start = Trial(args), time.monotonic()
    for kind in [args.kind] if args.kind else CLASSES:
        corpus = subprocess.Popen([args.programs / "exact_corpus", "--class", kind,
                                   "--seed", str(args.seed), "--count", str(args.count)],
                                  text=True, stdout=subprocess.PIPE)
        for case in read_cases(corpus.stdout):
            trial.case(case)
        if corpus.wait():
            sys.exit("exact_corpus failed")
    results = tests + table(trial, time.monotonic() - start)
    for number, (text, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {text}" if args.tap else
              f"{'  ' if good else 'X '}{text}")
    if args.tap:
        print(f"1..{len(results)}")
    sys.exit(not all(good for _, good in results))


if __name__ == "__main__":
    main()

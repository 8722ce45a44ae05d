# SPDX-License-Identifier: GPL-2.0
"""TAP and KTAP: printing results, and counting those of others."""

import re


class Tap:
    """Numbered results on standard output."""

    def __init__(self):
        self.number = self.failed = 0

    def test(self, name, problems):
        """One result; it failed if there are problems, which are its explanation."""
        self.number += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.number} - {name}", flush=True)
        for line in problems[:60]:
            print(f"  # {line}", flush=True)

    def end(self):
        """The plan; the exit status."""
        print(f"1..{self.number}", flush=True)
        return 1 if self.failed else 0


RESULT = re.compile(r"^(\s*)(ok|not ok)\b\s*(\d+)?\s*(?:-\s*)?(.*?)\s*(?:#\s*(SKIP|TODO)\b.*)?$",
                    re.I)
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*(.*))?$")


class Counter:
    """Counts the results of one layer. Of nested results the innermost count;
    one that only sums up others counts if it failed and none of them did."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.bad = []
        self.top = self.planned = 0
        self.has_plan = False
        self.open = []                  # [indent, failures] of results not summed up yet

    def line(self, text):
        """Take one line of output; True if it is a result that failed."""
        plan = PLAN.match(text)
        if plan:
            self.has_plan = True
            self.planned += int(plan.group(1))
            if plan.group(1) == "0" and "skip" in (plan.group(2) or "").lower():
                self.skipped += 1
            return False
        if text.startswith("Bail out!"):
            self.fail(text)
            return True
        match = RESULT.match(text)
        if not match:
            return False
        indent = len(match.group(1).expandtabs(8))
        self.top += indent == 0
        return self.result(indent, match.group(2).lower() == "ok", match.group(4),
                           match.group(5))

    def result(self, indent, good, name, directive):
        inner = [failed for depth, failed in self.open if depth > indent]
        self.open = [entry for entry in self.open if entry[0] <= indent]
        failed = False
        if inner:
            failed = not good and not directive and not any(inner)
            if failed:
                self.fail(name)
            self.open.append((indent, failed or any(inner)))
            return failed
        if directive:
            self.skipped += 1
        elif good:
            self.passed += 1
        else:
            failed = True
            self.fail(name)
        self.open.append((indent, failed))
        return failed

    def fail(self, name):
        self.failed += 1
        self.bad.append(name)

    def end(self, problem):
        """problem: what went wrong with the program itself, or None."""
        if problem and not (problem.startswith("exit status") and self.failed):
            self.fail(problem)
        if self.has_plan and self.planned != self.top and not problem:
            self.fail(f"planned {self.planned} results, printed {self.top}")
        if not self.passed + self.failed + self.skipped:
            self.fail("no test result was printed")

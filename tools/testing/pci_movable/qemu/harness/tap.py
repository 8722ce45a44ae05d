# SPDX-License-Identifier: GPL-2.0
"""Checks, printed as TAP while they happen."""

import sys


class Tap:
    """Counts checks; one flat TAP line each, details of failures as comments."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.number = 0
        self.passed = 0
        self.skipped = 0
        self.failed = []

    def _print(self, line):
        print(line, file=self.out, flush=True)

    def start(self):
        self._print("TAP version 13")

    def comment(self, text):
        for line in str(text).splitlines():
            self._print("# " + line)

    def check(self, good, name, detail=None):
        """One check. @detail is printed when it fails."""
        self.number += 1
        good = bool(good)
        self._print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        if good:
            self.passed += 1
        else:
            self.failed.append(name)
            if detail is not None:
                self.comment(detail)
        return good

    def skip(self, name, reason):
        self.number += 1
        self.skipped += 1
        self._print(f"ok {self.number} - {name} # SKIP {reason}")

    def end(self):
        self._print(f"1..{self.number}")
        for name in self.failed:
            self.comment("failed: " + name)
        self._print(f"# {self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped")
        return 1 if self.failed else 0

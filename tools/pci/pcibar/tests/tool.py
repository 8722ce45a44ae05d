# SPDX-License-Identifier: GPL-2.0
"""Runs pcibar, and prints checks as TAP."""

import os
import subprocess
import sys
import tempfile

PCIBAR = os.environ.get("PCIBAR", "pcibar")
HERE = os.path.dirname(os.path.abspath(__file__))
SCRATCH = tempfile.TemporaryDirectory(prefix="pcibar.")


def data(name):
    return os.path.join(HERE, name)


def scratch(name, text=None):
    """A file of this test's own; with @text written to it."""
    path = os.path.join(SCRATCH.name, name)
    if text is not None:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class Done:
    def __init__(self, process):
        self.status = process.returncode
        self.out = process.stdout.decode()
        self.err = process.stderr.decode()

    def __repr__(self):
        return f"exit status {self.status}\n{self.out}{self.err}"


def run(*args, stdin="", env=None):
    return Done(subprocess.run([PCIBAR, *args], input=stdin.encode(), capture_output=True,
                               env=dict(os.environ, **(env or {})), timeout=60, check=False))


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def check(self, good, name, detail=None):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)
        if not good and detail is not None:
            for line in str(detail).splitlines()[:40]:
                print("# " + line, flush=True)
        return good

    def same(self, found, known, name):
        return self.check(found == known, name, f"{found!r}, not {known!r}")

    def skip(self, name, why):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {why}", flush=True)

    def end(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed else 0)

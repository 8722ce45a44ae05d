#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Runs the tests of pcibar, which print TAP each, and makes one TAP of it.

usage: run.py --pcibar FILE PROGRAM...

A program finds pcibar in $PCIBAR. It fails as a whole when it dies, exits with
another status than its results say, or prints another number than it planned.
"""

import argparse
import os
import re
import subprocess
import sys

RESULT = re.compile(r"(not )?ok\b\s*\d*\s*-?\s*(.*)")
LIMIT = 300


class Sum:
    def __init__(self):
        self.number = self.failed = 0

    def result(self, good, name):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)


def run(program, env, total):
    name = os.path.basename(program).rsplit(".", 1)[0]
    command = [sys.executable, program] if program.endswith(".py") else \
              ["sh", program] if program.endswith(".sh") else [program]
    try:
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, check=False)
        text, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as e:
        text, status = (e.stdout or b"").decode(errors="replace"), f"none within {LIMIT} s"
    except OSError as e:
        total.result(False, f"{name}: {e.strerror}")
        return
    results = bad = 0
    plan = None
    for line in text.splitlines():
        m = RESULT.match(line)
        if m:
            results += 1
            bad += bool(m[1])
            total.result(not m[1], f"{name}: {m[2]}")
        elif re.fullmatch(r"1\.\.(\d+)", line):
            plan = int(line[3:])
        elif not line.startswith("TAP version"):
            print(line if line.startswith("#") else "# " + line, flush=True)
    if plan != results or not results:
        total.result(False, f"{name}: {results} results, planned {plan}, exit status {status}")
    elif bool(status) != bool(bad):
        total.result(False, f"{name}: exit status {status} with {bad} failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pcibar", required=True)
    parser.add_argument("program", nargs="+")
    args = parser.parse_args()
    env = dict(os.environ, PCIBAR=os.path.abspath(args.pcibar), LC_ALL="C.UTF-8",
               PYTHONDONTWRITEBYTECODE="1")
    for name in ("COLUMNS", "NO_COLOR", "TERM"):
        env.pop(name, None)
    total = Sum()
    print("TAP version 13", flush=True)
    for program in args.program:
        run(program, env, total)
    print(f"1..{total.number}", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Makes KUnit suites of the real cases: each request of tools/testing/pci_movable/cases
for which everything finds a place, as a suite for the mock host.

usage: real_cases.py PCIBAR DIR      and then SUITES=DIR run.sh 'pci_movable_case*'

What comes out is what `pcibar plan --layout` and `pcibar kunit` make of a report by hand.
"""

import os
import re
import subprocess
import sys

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cases")
OPTIONS = {"add": 1, "remove": 1, "fix": 2, "unfix": 2, "resize": 3}


def groups(path):
    """Lists of directives, one for each request: ("request", "add X"), ..."""
    found = [[]]
    with open(path, encoding="utf-8") as f:
        for line in f:
            if m := re.match(r"#: (\w+) ?(.*)", line):
                if m[1] == "again":
                    found.append([])
                else:
                    found[-1].append((m[1], m[2].split(" #")[0].strip()))
    return found


def request_options(group):
    """Options of pcibar for the requests of a group."""
    words = []
    for kind, text in group:
        if kind == "request":
            name, *rest = text.split()
            words += ["--" + name, ":".join(rest)]
    return words


def run(words, **more):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **more)


def suite(pcibar, path, name, group, target):
    """True if there is a suite; why not, otherwise."""
    layout = run([pcibar, "plan", path, *request_options(group), "--layout"])
    if layout.returncode:
        return layout.stderr.strip()
    made = run([pcibar, "kunit", "-", "--name", name, "-o", f"{target}/{name}_kunit.c"],
               input=layout.stdout)
    return made.returncode == 0 or made.stderr.strip()


def main(pcibar, target):
    os.makedirs(target, exist_ok=True)
    for old in os.listdir(target):
        os.unlink(os.path.join(target, old))
    bad = 0
    for file in sorted(os.listdir(CASES)):
        path = os.path.join(CASES, file)
        for nr, group in enumerate(groups(path)):
            name = "case_" + re.sub(r"\W", "_", file.split(".txt")[0]) + f"_{nr}"
            if ("expect", "complete") not in group or \
                    not any(kind == "request" for kind, _ in group) or \
                    any(kind == "option" for kind, _ in group):
                continue
            why = suite(pcibar, path, name, group, target)
            if why is not True:
                print(f"{name}: {why}", file=sys.stderr)
                bad += 1
    return bad > 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))

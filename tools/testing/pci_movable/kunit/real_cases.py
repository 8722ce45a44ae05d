#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Runs the KUnit tests with the real cases among them: each request of
tools/testing/pci_movable/cases for which everything finds a place is a suite for the
mock host, made as one by hand is: `pcibar plan --layout`, `pcibar kunit`.

usage: real_cases.py [suite glob]

Environment and output are those of run.sh; pcibar and the suites are made in $O-cases.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "../cases")
PCIBAR = os.path.join(HERE, "../../../pci/pcibar")
OUT = os.environ.get("O", os.path.join(HERE, "../../../../build/uml")) + "-cases"


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


def build_pcibar():
    out = os.path.join(OUT, "pcibar")
    subprocess.run(["make", "-s", "-C", PCIBAR, f"O={out}", "all"], check=True,
                   stdout=sys.stderr)
    return os.path.join(out, "pcibar")


def make_suites(pcibar, target):
    """False if there is no suite for one of the requests."""
    good = True
    os.makedirs(target, exist_ok=True)
    for old in os.listdir(target):
        os.unlink(os.path.join(target, old))
    for file in sorted(os.listdir(CASES)):
        path = os.path.join(CASES, file)
        for nr, group in enumerate(groups(path)):
            # the engine has no options of its own, and the rest is for the planner
            if ("expect", "complete") not in group or \
                    "request" not in [kind for kind, _ in group] or \
                    "option" in [kind for kind, _ in group]:
                continue
            name = "case_" + re.sub(r"\W", "_", file.removesuffix(".txt")) + f"_{nr}"
            why = suite(pcibar, path, name, group, target)
            if why is not True:
                print(f"{name}: {why}", file=sys.stderr)
                good = False
    return good


def main(args):
    suites = os.path.join(OUT, "suites")
    if not make_suites(os.path.abspath(build_pcibar()), suites):
        return 1
    return subprocess.run([os.path.join(HERE, "run.sh"), *args], check=False,
                          env={**os.environ, "SUITES": os.path.abspath(suites)}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Help, man page and completion know the same commands and options."""

import os
import re
import shutil
import subprocess

from tool import PCIBAR, Tap, data, read, run

tap = Tap()
PAGE, BASH = data("../pcibar.8"), data("../pcibar.bash")
text = read(PAGE).replace("\\-", "-")

usage = run("--help")
tap.same((usage.status, usage.err), (0, ""), "pcibar --help")
tap.check("Exit status: 0 done, 1 no plan or differences, 2" in usage.out, "it tells the exit status")
bare = run()
tap.check(bare.status == 2 and not bare.out and bare.err == usage.out, "without arguments, too", bare)

commands = re.findall(r"^  ([a-z]+) ", usage.out, re.M)
tap.check({"show", "plan", "diff", "qemu", "kunit"} <= set(commands), "all commands are there", commands)


def section(name):
    m = re.search(rf"^\.SS pcibar {name}\b.*?(?=^\.S[SH] )", text, re.M | re.S)
    return m[0] if m else ""


def complete(*words):
    script = (f'source {BASH}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pcibar; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", PCIBAR, *words], capture_output=True,
                          text=True, check=False)
    return set(done.stdout.split()), done.stderr


for command in commands:
    helped = run(command, "--help")
    tap.check(helped.status == 0 and helped.out.startswith(f"usage: pcibar {command}") and
              not helped.err, f"{command} --help", helped)
    tap.same(run(command, "-h").out, helped.out, f"{command} -h")
    tap.check(max(map(len, helped.out.splitlines())) <= 90, f"{command} --help fits a terminal")
    options = set(re.findall(r"(?:^  |\[)(--[a-z][a-z-]*|-[a-z])\b", helped.out, re.M))
    tap.check(options or command == "capture", f"{command} --help names options", helped)
    missing = {o for o in options if o not in section(command)}
    tap.same(missing, set(), f"the man page has the options of {command}")
    named = set(re.findall(r"^\.BI? (-{1,2}[a-z][a-z-]*)", section(command), re.M))
    unknown = {o for o in named if o not in helped.out and o != "--output"}
    tap.same(unknown, set(), f"{command} has the options of the man page")
    if shutil.which("bash"):
        found, errors = complete(command, "-")
        tap.check(options <= found and not errors, f"completion has the options of {command}",
                  f"{options - found} {errors}")
if shutil.which("bash"):
    found, errors = complete("")
    tap.same((set(commands) - found, errors), (set(), ""), "completion has the commands")
    tap.same(complete("plan", "--remo")[0], {"--remove"}, "completion of one option")
    tap.same(complete("show", "--color", "a")[0], {"auto", "always"}, "completion of a colour")
if shutil.which("groff"):
    done = subprocess.run(["groff", "-man", "-ww", "-z", PAGE], capture_output=True, text=True, check=False)
    tap.same(done.stderr, "", "groff has no complaint about the man page")
else:
    tap.skip("groff has no complaint about the man page", "no groff")
for status in ("0", "1", "2"):
    tap.check(re.search(rf"^\.SH EXIT STATUS.*^\.B {status}$.*^\.SH JSON", text, re.M | re.S),
              f"the man page tells exit status {status}")
tap.check(os.access(PCIBAR, os.X_OK), "the program is there")
tap.end()

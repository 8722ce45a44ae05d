#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make what fuzz_plan_text found small: usage: shrink.py FUZZ_PLAN_TEXT FILE

Lines are left out, and words at their ends, as long as the program still fails
and says the same but for numbers and names. The result is printed."""

import re
import subprocess
import sys
import tempfile


def text_of(lines, size):
    """A text whose size says the same to options_of() of fuzz_plan_text.c."""
    text = "\n".join(lines) + "\n"
    missing = (size - len(text) - 2) % 16
    return text + "#" + "x" * missing + "\n"


def complaint(program, text):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        try:
            run = subprocess.run([program, file.name], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return "too slow"
    found = re.search(r"^(failed: .*|.*runtime error.*|SUMMARY.*)$", run.stdout, re.M)
    return re.sub(r"\d[\w:.]*", "N", found.group(1)) if found else None


def smaller(lines):
    """What to try next: pieces of falling length left out, then single words."""
    length = len(lines) // 2
    while length:
        for at in range(1, len(lines) - length):
            yield lines[:at] + lines[at + length:]
        length //= 2
    for at in range(1, len(lines) - 1):
        words = lines[at].split()
        for word in range(len(words) - 1, 1, -1):
            for count in (2, 1):
                kept = words[:word] + words[word + count:]
                yield lines[:at] + [" ".join(kept)] + lines[at + 1:]


def main():
    program, name = sys.argv[1:]
    with open(name, encoding="latin-1") as file:
        text = file.read()
    lines = [line for line in text.splitlines() if line]
    lines[-1] = "end"
    size = len(text)
    wanted = complaint(program, text_of(lines, size))
    if not wanted:
        sys.exit("it does not fail")
    again = True
    while again:
        again = False
        for fewer in smaller(lines):
            if complaint(program, text_of(fewer, size)) == wanted:
                lines, again = fewer, True
                break
    print(text_of(lines, size), end="")


if __name__ == "__main__":
    main()

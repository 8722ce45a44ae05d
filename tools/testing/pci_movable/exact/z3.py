# SPDX-License-Identifier: GPL-2.0
"""The program z3, asked one question after the other."""

import re
import subprocess

NAMED = re.compile(r"\((\w+)\s+(true|false|#[xb][0-9a-f]+)\)")


class Z3:
    def __init__(self, seconds=60):
        self.seconds = seconds
        self.process = subprocess.Popen(["z3", "-in", "-smt2"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, smt, names=()):
        """Is there a solution? None: no; False: not known within the time;
        else the values of the names in it."""
        text = ["(reset)", f"(set-option :timeout {self.seconds * 1000})",
                "(set-logic QF_BV)", *smt, "(check-sat-using smt)"]
        answer = self.tell("\n".join(text))
        if answer == "sat":
            return self.values(names)
        if answer not in ("unsat", "unknown", "timeout"):
            raise RuntimeError(f"z3: {answer}")
        return None if answer == "unsat" else False

    def tell(self, text):
        self.process.stdin.write(text + '\n(echo "done")\n')
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline().strip()) != "done":
            if not line and self.process.poll() is not None:
                raise RuntimeError("z3 died")
            lines.append(line)
        return " ".join(lines)

    def values(self, names):
        if not names:
            return {}
        text = self.tell(f"(get-value ({' '.join(names)}))")
        return {name: value == "true" if value[0] != "#" else
                int(value[2:], 16 if value[1] == "x" else 2)
                for name, value in NAMED.findall(text)}

    def close(self):
        self.process.stdin.close()
        self.process.wait()

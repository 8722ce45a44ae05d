#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Runs the QEMU scenarios on a stock and a patched kernel and prints TAP, or,
with --demo, the main job on both, side by side.
"""

import argparse
import importlib
import os
import pkgutil
import signal
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import scenarios  # noqa: E402
from harness.context import Context  # noqa: E402
from harness.platform import PLATFORMS, X86_64  # noqa: E402
from harness.tap import Tap  # noqa: E402

TOP = os.path.normpath(os.path.join(HERE, "../../../.."))


def load_scenarios():
    """name -> module, in the order in which they run."""
    found = {}
    for info in pkgutil.iter_modules(scenarios.__path__):
        module = importlib.import_module("scenarios." + info.name)
        if hasattr(module, "run"):
            found[info.name.replace("_", "-")] = module
    return dict(sorted(found.items(), key=lambda item: item[1].ORDER))


def parse(argv, known):
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--arch", choices=list(PLATFORMS), default=X86_64.name,
                   help="the machine; the scenarios that say so run on arm64, too")
    p.add_argument("--stock", metavar="IMAGE", help="kernel; default: below build/")
    p.add_argument("--patched", metavar="IMAGE", help="kernel; default: below build/")
    p.add_argument("--only", choices=("stock", "patched"), help="leave the other kernel out")
    p.add_argument("--scenario", action="append", choices=list(known), metavar="NAME",
                   help="this one only; may be repeated; those that say BY_HAND run no other way")
    p.add_argument("--events", type=int, metavar="N", help="soak: random events; stop-stress: moves")
    p.add_argument("--seed", type=int, default=1, help="soak: which events")
    p.add_argument("--quick", action="store_true", help="shorter measurements, fewer rounds")
    p.add_argument("--demo", action="store_true", help="the main job, stock beside patched")
    p.add_argument("--out", default=os.path.join(TOP, "build/qemu"), metavar="DIR",
                   help="logs, drive images, initramfs")
    p.add_argument("--list", action="store_true", help="name the scenarios and end")
    args = p.parse_args(argv)
    args.platform = PLATFORMS[args.arch]
    for kind, suffix in (("stock", "-stock"), ("patched", "")):
        if not getattr(args, kind):
            setattr(args, kind, os.path.join(TOP, "build", args.arch + suffix, args.platform.image))
    return args


def chosen(args, known):
    """The names of the scenarios to run."""
    if args.scenario:
        return args.scenario
    return [name for name, module in known.items() if not hasattr(module, "BY_HAND") and
            args.platform in getattr(module, "PLATFORMS", (X86_64,))]


def main(argv):
    known = load_scenarios()
    args = parse(argv, known)
    if args.list:
        for name, module in known.items():
            print(f"{name:18} {module.__doc__.strip().splitlines()[0]}")
        return 0
    args.out = os.path.abspath(args.out)
    os.makedirs(args.out, exist_ok=True)
    kernels = {kind: getattr(args, kind) for kind in ("stock", "patched")
               if args.only in (None, kind)}
    for kind, path in kernels.items():
        if not os.path.exists(path):
            print(f"{path}: no such {kind} kernel", file=sys.stderr)
            return 2
    if args.demo:
        import demo
        return demo.run(kernels, args.out, args.quick)
    tap = Tap()
    tap.start()
    for name in chosen(args, known):
        for kind, kernel in kernels.items():
            if kind in getattr(known[name], "KERNELS", kernels):
                ctx = Context(name, kind, kernel, tap, args.out, args.quick, args.platform)
                ctx.events, ctx.seed = args.events, args.seed
                ctx.by_hand = bool(args.scenario)
                ctx.run(known[name].run)
    return tap.end()


if __name__ == "__main__":
    # a terminated run takes its guests with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))

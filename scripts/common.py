# SPDX-License-Identifier: GPL-2.0
"""What the scripts beside this file share: paths, visible steps, git."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(os.environ.get("PROJECT") or Path(__file__).parent.parent).resolve()
BUILD = Path(os.environ.get("BUILD") or PROJECT / "build").resolve()
PATCHES = PROJECT / "patches"
TREE = BUILD / "linux-6.12"
STOCK = BUILD / "linux-6.12-stock"
LOGS = BUILD / "logs"
JOBS = os.environ.get("JOBS") or str(len(os.sched_getaffinity(0)))

SERIES_VERSION = ("6", "12")

# Directories of the project whose files are the new files of the series.
MIRRORED = ("Documentation", "arch", "drivers", "include", "tools")

# Who the commits of the kernel tree are from; nobody's name is in the series.
NAME, EMAIL = "Movable BARs", "movable-bars@example.org"


class Fail(Exception):
    """An error that is explained to the user in its text."""

    def __init__(self, text, status=1):
        super().__init__(text)
        self.status = status


def main(function):
    """Run function(argv) as a script; explain a Fail, without a trace."""
    name = Path(sys.argv[0]).name

    def terminated(_signal, _frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminated)
    try:
        status = function(sys.argv[1:])
    except Fail as error:
        print(f"{name}: {error}", file=sys.stderr)
        status = error.status
    except KeyboardInterrupt:
        print(f"\n{name}: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status or 0)


def say(text):
    print(text, file=sys.stderr, flush=True)


# --- steps -----------------------------------------------------------------

@contextlib.contextmanager
def step(what):
    """Show a step while it runs, a dot every 20 s, and how long it took."""
    start, done = time.monotonic(), threading.Event()
    print(f"{what} ..", end="", file=sys.stderr, flush=True)

    def dots():
        while not done.wait(20):
            print(".", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=dots, daemon=True)
    thread.start()
    result = "failed"
    try:
        yield
        result = "done"
    finally:
        done.set()
        thread.join()
        say(f" {result}, {time.monotonic() - start:.0f} s")


@contextlib.contextmanager
def locked(what="tree"):
    """One at a time in one build directory."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / f".lock-{what}", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(f"waiting for another run in {BUILD}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- programs --------------------------------------------------------------

def environment():
    """The environment for git and make: nothing of the user's leaks in."""
    drop = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "O", "KSRC",
            "NEW", "INTO", "V", "BUILD", "LOCALVERSION", "ARCH", "CROSS_COMPILE",
            "KBUILD_OUTPUT")
    env = {key: value for key, value in os.environ.items()
           if key not in drop and not key.startswith("GIT_")}
    env["LC_ALL"] = "C"
    return env


ENV = environment()

# For the kernel tree: no configuration but its own, and an identity.
GIT_ENV = dict(ENV, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1",
               GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory",
               GIT_CONFIG_VALUE_0="*",
               GIT_AUTHOR_NAME=NAME, GIT_AUTHOR_EMAIL=EMAIL,
               GIT_COMMITTER_NAME=NAME, GIT_COMMITTER_EMAIL=EMAIL)


def run(command, **options):
    """Run a program to its end; its standard output, or Fail."""
    options.setdefault("env", ENV)
    options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
    if options["stdin"] is None:
        del options["stdin"]
    try:
        done = subprocess.run([str(word) for word in command], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **options)
    except FileNotFoundError as error:
        raise Fail(f"{command[0]}: not found, see scripts/deps", 2) from error
    if done.returncode:
        text = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise Fail(f"{' '.join(map(str, command))[:200]}: {text}")
    return done.stdout


def logged(command, log, **options):
    """Run a long program with its output in build/logs/; Fail shows the end of it."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / log
    options.setdefault("env", ENV)
    with open(path, "wb") as out:
        status = subprocess.run([str(word) for word in command], check=False,
                                stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT, **options).returncode
    if status:
        lines = path.read_text(errors="replace").splitlines()
        wrong = [line for line in lines if re.search(r"\b(error|Error)\b", line)]
        raise Fail("\n  ".join([f"{command[0]} failed, see {path}"]
                               + (wrong[:10] or lines[-10:])))
    return path.read_text(errors="replace")


def git(*args, tree=None, index=None, env=None, **options):
    """git in the kernel tree; its standard output, stripped, as text."""
    env = dict(GIT_ENV, **(env or {}))
    if index:
        env["GIT_INDEX_FILE"] = str(index)
    out = run(["git", "-C", tree or TREE, *args], env=env, **options)
    return out.decode(errors="surrogateescape").strip("\n")


def git_ok(*args, tree=None):
    """Whether a git command succeeds."""
    return subprocess.run(["git", "-C", str(tree or TREE), *args], env=GIT_ENV,
                          check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


# --- kernel source ---------------------------------------------------------

def kernel_version(directory):
    """("6", "12", "117") of a kernel source, or Fail."""
    try:
        with open(Path(directory) / "Makefile", encoding="utf-8", errors="replace") as file:
            head = file.read(4096)
    except OSError as error:
        raise Fail(f"{directory}: not a kernel source tree (no Makefile)") from error
    found = [re.search(rf"^{key}[ \t]*=[ \t]*(\w*)", head, re.M)
             for key in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    if not all(found):
        raise Fail(f"{directory}: not a kernel source tree (no version in its Makefile)")
    return tuple(match.group(1) for match in found)


def want_series_version(directory):
    """Its version as text, if the series is made for it; else Fail."""
    version = kernel_version(directory)
    if version[:2] != SERIES_VERSION:
        raise Fail(f"{directory} is Linux {'.'.join(version)}; the series is for "
                   f"{'.'.join(SERIES_VERSION)}.y. Nothing was changed.")
    return ".".join(version)


def patch_files(directory=None):
    """The patches, in order."""
    return sorted((directory or PATCHES).glob("[0-9][0-9][0-9][0-9]-*.patch"))


def have_tree():
    if not git_ok("rev-parse", "-q", "--verify", "refs/tags/base"):
        raise Fail(f"{TREE} does not exist yet: make tree")

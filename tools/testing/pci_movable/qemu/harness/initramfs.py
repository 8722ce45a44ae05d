# SPDX-License-Identifier: GPL-2.0
"""Builds the guest's files: busybox, the helpers, init; as a cpio archive."""

import gzip
import os
import stat
import subprocess

from .platform import X86_64

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = os.path.join(os.path.dirname(HERE), "guest")
KSELFTEST = os.path.normpath(os.path.join(HERE, "../../../selftests/pci_movable"))
BUILD = os.environ.get("BUILD") or os.path.normpath(os.path.join(HERE, "../../../../../build"))
BUSYBOX = "/bin/busybox"
HELPERS = ("rio", "netio", "nvme_ns", "mmio")


def build_helpers(out, platform=X86_64):
    """Compiles guest/*.c, statically, into @out. Returns name -> path."""
    compiler = os.environ.get("HOSTCC", platform.cc) if platform is X86_64 else platform.cc
    os.makedirs(out, exist_ok=True)
    headers = [os.path.join(GUEST, f) for f in os.listdir(GUEST) if f.endswith(".h")]
    paths = {}
    for name in HELPERS:
        source = os.path.join(GUEST, name + ".c")
        target = os.path.join(out, name)
        newest = max(os.path.getmtime(f) for f in [source] + headers)
        if not os.path.exists(target) or os.path.getmtime(target) < newest:
            temporary = f"{target}.{os.getpid()}"
            subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-static",
                            "-pthread", "-o", temporary, source], check=True)
            os.rename(temporary, target)
        paths[name] = target
    return paths


class Cpio:
    """A newc archive, written without root rights and always the same."""

    def __init__(self):
        self.parts = []
        self.inode = 1

    def _add(self, name, mode, data=b"", rdev=(0, 0)):
        raw = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(raw), 0)
        head = b"070701" + b"".join(b"%08x" % f for f in fields)
        self.inode += 1
        for part in (head + raw, data):
            self.parts.append(part + b"\0" * (-len(part) % 4))

    def directory(self, name):
        self._add(name, stat.S_IFDIR | 0o755)

    def link(self, name, target):
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, major, minor):
        self._add(name, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def file(self, name, path, mode=0o755):
        with open(path, "rb") as f:
            self._add(name, stat.S_IFREG | mode, f.read())

    def bytes(self):
        self._add("TRAILER!!!", 0)
        return b"".join(self.parts)


def build(out, platform=X86_64):
    """Writes @out/initramfs.gz; returns its path and those of the helpers."""
    helpers = build_helpers(out, platform)
    cpio = Cpio()
    for name in ("bin", "dev", "proc", "sys", "tmp", "kselftest"):
        cpio.directory(name)
    cpio.device("dev/console", 5, 1)
    cpio.file("bin/busybox", os.path.join(BUILD, platform.busybox))
    # init makes the rest
    cpio.link("bin/sh", "busybox")
    for name, path in helpers.items():
        cpio.file("bin/" + name, path)
    cpio.file("init", os.path.join(GUEST, "init"))
    if os.path.isdir(KSELFTEST):
        for name in sorted(os.listdir(KSELFTEST)):
            if name.endswith(".sh"):
                cpio.file("kselftest/" + name, os.path.join(KSELFTEST, name))
    target = os.path.join(out, "initramfs.gz")
    temporary = f"{target}.{os.getpid()}"
    with open(temporary, "wb") as f:
        f.write(gzip.compress(cpio.bytes(), 1, mtime=0))
    os.rename(temporary, target)
    return target, helpers


def build_image(out, helpers, name, mib, seed):
    """A drive image which holds the pattern of @seed; made once."""
    path = os.path.join(out, f"{name}-{mib}-{seed}.img")
    if not os.path.exists(path) or os.path.getsize(path) != mib << 20:
        temporary = f"{path}.{os.getpid()}"
        subprocess.run([helpers["rio"], "fill", temporary, str(mib), str(seed)], check=True)
        os.rename(temporary, path)
    return path

# SPDX-License-Identifier: GPL-2.0
"""A root file system for a drive: busybox, the helpers, fio with its libraries."""

import os
import re
import shutil
import subprocess
import tempfile

from .initramfs import BUSYBOX

SIZE_MIB = 128
# every file system user has something to compare: names and sums of these
SUMS = "/sums"


def libraries(program):
    """Paths of the shared objects which @program is loaded with."""
    text = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return sorted(set(re.findall(r"(/\S+) \(0x", text)))


def _copy(path, root):
    target = os.path.join(root, path.lstrip("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy(os.path.realpath(path), target)
    return target


def _fill(root, fio, helpers):
    for name in ("bin", "dev", "proc", "sys", "tmp"):
        os.makedirs(os.path.join(root, name))
    for path in libraries(fio):
        _copy(path, root)
    shutil.copy(fio, os.path.join(root, "bin/fio"))
    for name, path in helpers.items():
        shutil.copy(path, os.path.join(root, "bin", name))
    shutil.copy(BUSYBOX, os.path.join(root, "bin/busybox"))
    for name in ("sh", "cat", "cmp", "cp", "md5sum", "rm", "sleep", "sync", "true"):
        os.symlink("busybox", os.path.join(root, "bin", name))
    sums = subprocess.run(["md5sum", "bin/busybox", "bin/fio", "bin/rio"], cwd=root, check=True,
                          capture_output=True, text=True).stdout
    with open(root + SUMS, "w") as f:
        f.write(sums.replace("  bin", "  /bin"))


def build(out, helpers):
    """Writes @out/root.img, an ext4, once; returns its path."""
    path = os.path.join(out, "root.img")
    fio, mkfs = shutil.which("fio"), shutil.which("mkfs.ext4", path=os.environ["PATH"] + ":/sbin")
    if not fio or not mkfs:
        raise OSError("fio or mkfs.ext4 is missing: scripts/deps test")
    sources = [fio, BUSYBOX, __file__, *helpers.values()]
    if os.path.exists(path) and os.path.getmtime(path) > max(map(os.path.getmtime, sources)):
        return path
    temporary = f"{path}.{os.getpid()}"
    with tempfile.TemporaryDirectory(dir=out) as root:
        _fill(root, fio, helpers)
        subprocess.run([mkfs, "-q", "-F", "-d", root, temporary, f"{SIZE_MIB}M"], check=True,
                       stdout=subprocess.DEVNULL)
    os.rename(temporary, path)
    return path

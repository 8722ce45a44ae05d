# SPDX-License-Identifier: GPL-2.0
"""Configuring and building kernels for the scripts beside this file."""

import filecmp
import re
import shutil
from typing import NamedTuple

from common import ENV, Fail, JOBS, PROJECT, git, git_ok, logged, run

CONFIGS = PROJECT / "tools/testing/pci_movable/qemu"
# What only a patched kernel knows.
OURS = re.compile(r"(CONFIG_|# CONFIG_)PCI_MOVABLE_")


def kernel_env():
    """Same input, same output, whoever builds where and when."""
    return dict(ENV, KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 2026",
                KBUILD_BUILD_USER="movable", KBUILD_BUILD_HOST="bars",
                LOCALVERSION="", CCACHE_COMPILERCHECK="content",
                CCACHE_SLOPPINESS="time_macros")


class Arch(NamedTuple):
    """What a kernel is built for: its ARCH, the tools, the image and make's goal for it."""
    name: str
    cross: str
    image: str

    @property
    def goal(self):
        return self.image.rsplit("/", 1)[-1]


X86_64 = Arch("x86_64", "", "arch/x86/boot/bzImage")
ARM64 = Arch("arm64", "aarch64-linux-gnu-", "arch/arm64/boot/Image")


def make_command(source, out, *words, arch=X86_64):
    command = ["make", "-C", source, f"O={out}", f"-j{JOBS}", f"ARCH={arch.name}"]
    if arch.cross:
        command += [f"CROSS_COMPILE={arch.cross}"]
    if shutil.which("ccache"):
        command += [f"CC=ccache {arch.cross}gcc", "HOSTCC=ccache gcc"]
    return [*command, *words]


def make(source, out, *words, log, arch=X86_64):
    """Build; the output of make, which is also in build/logs/."""
    return logged(make_command(source, out, *words, arch=arch), log, env=kernel_env())


def copy_changed(source, target):
    if not target.exists() or not filecmp.cmp(source, target, shallow=False):
        shutil.copy(source, target)


# --- source ------------------------------------------------------------------

def worktree(path, commit):
    """A work tree of the kernel tree's git at a commit."""
    git("worktree", "prune")
    if path.exists() and not (path / ".git").is_file():
        raise Fail(f"{path} is in the way, move it")
    if not git_ok("rev-parse", "--git-dir", tree=path):
        shutil.rmtree(path, ignore_errors=True)     # of a kernel tree that is gone
        git("worktree", "add", "-q", "-f", "--detach", path, commit)
    elif git("rev-parse", "HEAD", tree=path) != git("rev-parse", f"{commit}^{{commit}}"):
        git("checkout", "-q", "-f", "--detach", commit, tree=path)


def must_be_clean(path):
    dirty = git("status", "--porcelain", "--untracked-files=no", tree=path)
    if dirty:
        raise Fail(f"{path} is not as it was checked out:\n{dirty[:500]}\n"
                   f"To undo that:  git -C {path} checkout -f")


# --- configuration -----------------------------------------------------------

def fragment(patched=True, extra=(), arch=X86_64):
    """The lines that ask for something; of one option the last one counts."""
    path = CONFIGS / f"{arch.name}.config"
    if not path.exists():
        raise Fail(f"{path} is missing")
    lines = path.read_text(encoding="utf-8").splitlines()
    if patched:
        lines.append("CONFIG_PCI_MOVABLE_BARS=y")
    asked = {}
    for line in [*lines, *extra]:
        match = re.match(r"(?:# )?(CONFIG_\w+)(=| is not set)", line)
        if match and (patched or not OURS.match(line)):
            asked[match.group(1)] = line.strip()
    return asked


# Only what is looked at is instrumented: half the time of a build, a faster guest.
KASAN_WHERE = "KASAN_SANITIZE=$(if $(filter drivers/pci% drivers/nvme%,$(obj)),y,n)"


def debugging():
    """What a kernel that checks itself asks for on top."""
    path = PROJECT / "tools/testing/pci_movable/qemu/x86_64-debug.config"
    return path.read_text(encoding="utf-8").splitlines()


def not_set(asked, config):
    """Those of the lines asked for that are not so in a .config."""
    have = set(config.read_text(encoding="utf-8").splitlines())
    known = {line.split("=")[0] for line in have if line.startswith("CONFIG_")}
    wrong = []
    for name, line in asked.items():
        off = line.endswith(" is not set") or line.endswith("=n")
        if (name in known) if off else (line not in have):
            wrong.append(line)
    return wrong


def configure(source, out, patched=True, extra=(), must=True, arch=X86_64):
    """Make out/.config: allnoconfig plus the fragment. The time of an unchanged
    one is kept. Fails, if must, when Kconfig dropped a line that was asked for;
    otherwise returns those lines."""
    asked = fragment(patched, extra, arch)
    out.mkdir(parents=True, exist_ok=True)
    wanted, config, old = out / "wanted.config", out / ".config", out / ".config.before"
    wanted.write_text("\n".join(asked.values()) + "\n", encoding="utf-8")
    if config.exists():
        config.replace(old)
    run(make_command(source, out, "-s", f"KCONFIG_ALLCONFIG={wanted}", "allnoconfig", arch=arch),
        env=kernel_env())
    wrong = not_set(asked, config)
    if wrong and must:
        raise Fail(f"Kconfig of {source} did not accept:\n  " + "\n  ".join(wrong))
    if old.exists():
        if filecmp.cmp(old, config, shallow=False):
            old.replace(config)
        else:
            old.unlink()
    return wrong

# SPDX-License-Identifier: GPL-2.0
"""The new files of the series: in the project, where they are edited, and in
the kernel tree, where they are built.

A file is described by (mode, blob id), and by None where it does not exist.
Of each file the state in which both sides were last equal is remembered, so
that it is known afterwards which side changed.
"""

import json
import os
import shutil
import subprocess

from common import (BUILD, ENV, Fail, GIT_ENV, MIRRORED, PROJECT, TREE, git, run, say)


def hashes(root, paths, write=False):
    """{path: (mode, blob id)} of those paths that are files below root.
    With write, the contents are stored in the kernel tree's git."""
    found = []
    for path in paths:
        full = root / path
        if full.is_symlink():
            raise Fail(f"{full}: a symbolic link; the series has none")
        if full.is_file():
            found.append(path)
    if not found:
        return {}
    ids = git("hash-object", "--no-filters", "--stdin-paths", *(["-w"] if write else []),
              input="".join(f"{root / path}\n" for path in found).encode()).split()
    return {path: ("100755" if os.access(root / path, os.X_OK) else "100644", blob)
            for path, blob in zip(found, ids)}


def project_files():
    """The new files in the project: known to git, or not ignored by it."""
    where = [name for name in MIRRORED if (PROJECT / name).is_dir()]
    if not where:
        return {}
    command = ["git", "-c", "safe.directory=*", "-C", PROJECT, "ls-files", "-z", "-c", "-o",
               "--exclude-standard", "--", *where]
    paths = sorted(set(run(command, env=ENV).decode().split("\0")) - {""})
    return hashes(PROJECT, paths)


def listed(treeish, paths=()):
    """{path: (mode, blob id)} of paths in a commit or tree."""
    out = {}
    if paths:
        text = git("ls-tree", "-r", "-z", treeish, "--", *paths)
        for line in filter(None, text.split("\0")):
            head, path = line.split("\t", 1)
            mode, _, blob = head.split()
            out[path] = (mode, blob)
    return out


def added(treeish):
    """{path: (mode, blob id)} of the files which base does not have."""
    out = {}
    text = git("diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", "base", treeish)
    words = text.split("\0")
    for head, path in zip(words[::2], words[1::2]):
        _, mode, _, blob, _ = head.split()
        out[path] = (mode, blob)
    return out


# --- what was last equal ---------------------------------------------------

def memory_path():
    return TREE / ".git" / "movable-synced.json"


def remembered():
    try:
        text = memory_path().read_text(encoding="utf-8")
        return {path: tuple(state) for path, state in json.loads(text).items()}
    except (OSError, ValueError):
        return {}


def remember(states):
    memory_path().write_text(json.dumps(states, indent=0, sort_keys=True) + "\n",
                             encoding="utf-8")


def put(source, target, path):
    """Make target/path what source/path is, absence included."""
    old, new = source / path, target / path
    if old.is_file():
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(old, new)
    elif new.exists():
        new.unlink()
        for parent in new.relative_to(target).parents:
            try:
                (target / parent).rmdir()
            except OSError:
                break


def keep(path):
    """Before a version of the kernel tree is replaced that is nowhere else."""
    saved = BUILD / "saved" / path
    saved.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(TREE / path, saved)
    say(f"changed on both sides: {path}: the project's is taken, the kernel tree's "
        f"is kept in {saved}")


def sync(back):
    """Bring the new files of project and kernel tree together. The project
    wins. A file that changed in the kernel tree only is copied to the project
    if back is set, otherwise left alone. Returns the paths left alone."""
    memory = remembered()
    head = added("HEAD")
    project = project_files()
    paths = sorted(set(project) | set(memory) | set(head))
    clash = sorted(listed("base", list(project)))
    if clash:
        raise Fail("the kernel source has these files already; edit them in "
                   f"{TREE}: {' '.join(clash)}")
    tree = hashes(TREE, paths)
    left, states = [], {}
    for path in paths:
        here, there, before = project.get(path), tree.get(path), memory.get(path)
        if here != there:
            known = there == before or (before is None and there == head.get(path)
                                        and here is not None)
            if known:
                put(PROJECT, TREE, path)
            elif here == before:
                if not back:
                    left.append(path)
                    if before is not None:
                        states[path] = before
                    continue
                say(f"from the kernel tree into the project: {path}")
                put(TREE, PROJECT, path)
                here = there
            else:
                if there is not None:
                    keep(path)
                put(PROJECT, TREE, path)
        if here is not None:
            states[path] = here
    remember(states)
    return left


# --- changes in the kernel tree --------------------------------------------

def untracked():
    """Files in the kernel tree that git does not know and that are no build
    products. Debian's .gitignore hides everything: '/*' is undone here."""
    top = set(git("ls-tree", "--name-only", "base").split("\n"))
    text = git("ls-files", "-o", "-z", "--exclude-standard", "-x", "!/*")
    return sorted(path for path in text.split("\0")
                  if path and path.split("/")[0] in top)


def changed():
    """{path: (mode, blob id) or None} of what differs from HEAD in the kernel
    tree, new files included; the contents are in git then."""
    # git has the last word on what changed, by content and not by time
    subprocess.run(["git", "-C", str(TREE), "update-index", "-q", "--refresh"],
                   env=GIT_ENV, check=False, stdout=subprocess.DEVNULL)
    names = set(filter(None, git("diff", "-z", "--name-only", "--no-renames",
                                 "HEAD").split("\0")))
    names |= set(untracked())
    names |= {path for path in remembered() if (TREE / path).is_file()}
    names = sorted(names)
    now = hashes(TREE, names, write=True)
    before = listed("HEAD", names)
    return {path: now.get(path) for path in names if now.get(path) != before.get(path)}


def local_work():
    """Changes in the kernel tree that are not just copies of project files."""
    memory = remembered()
    project = project_files()
    return [path for path, state in changed().items()
            if not (path in memory or path in project)
            or state not in (memory.get(path), project.get(path))]

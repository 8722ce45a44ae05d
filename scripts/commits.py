# SPDX-License-Identifier: GPL-2.0
"""Patches to commits and back, always with the same bytes and the same ids.

Commits are made in an index of their own, so that the files of the work tree,
and with them what make has built, stay as they are.
"""

import contextlib
import email.utils
import hashlib
import json
import tempfile
from pathlib import Path

from common import (BUILD, EMAIL, Fail, NAME, PATCHES, TREE, git, git_ok,
                    patch_files, run, GIT_ENV)

FORMAT = ("--zero-commit", "--no-signature", "-N", "--abbrev=12", "-M",
          "--no-base", "--no-thread", "--no-cover-letter", "--no-color")


@contextlib.contextmanager
def scratch():
    """A directory for an index or for patches, gone afterwards."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix=".scratch-") as name:
        yield Path(name)


def commit(tree, parent, message, author_date):
    """The id of a new commit. Same content, same id."""
    env = {"GIT_AUTHOR_DATE": author_date, "GIT_COMMITTER_DATE": author_date}
    return git("commit-tree", tree, "-p", parent, "-F", "-", env=env,
               input=message.encode(errors="surrogateescape"))


def stripped(text):
    return run(["git", "stripspace"], input=text, env=GIT_ENV)


def from_patches(directory=None):
    """The id of the last commit of the series that the patches make; nothing
    else of the kernel tree changes."""
    tip = git("rev-parse", "base^{commit}")
    with scratch() as tmp:
        index = tmp / "index"
        git("read-tree", tip, index=index)
        for patch in patch_files(directory):
            info = run(["git", "mailinfo", "-u", "--encoding=UTF-8", tmp / "body",
                        tmp / "diff"], input=patch.read_bytes(), env=GIT_ENV,
                       cwd=tmp).decode()
            head = dict(line.split(": ", 1) for line in info.splitlines() if ": " in line)
            if "Subject" not in head or "Date" not in head:
                raise Fail(f"{patch}: no Subject or Date line")
            date = email.utils.parsedate_to_datetime(head["Date"])
            message = stripped(f"{head['Subject']}\n\n".encode()
                               + (tmp / "body").read_bytes()).decode()
            try:
                git("apply", "--cached", "--whitespace=nowarn", tmp / "diff", index=index)
            except Fail as error:
                raise Fail(f"{patch.name} does not apply: {error}") from error
            tip = commit(git("write-tree", index=index), tip, message,
                         f"{int(date.timestamp())} {date.strftime('%z') or '+0000'}")
    return tip


def to_patches(tip, directory):
    """Write base..tip as patches into an empty directory."""
    git("format-patch", "-q", *FORMAT, "-o", directory, f"base..{tip}")
    return patch_files(directory)


def contents(directory):
    return {path.name: path.read_bytes() for path in patch_files(directory)}


def equals_patches(tip):
    """Whether base..tip, written as patches, is patches/ to the byte."""
    with scratch() as tmp:
        to_patches(tip, tmp)
        return contents(tmp) == contents(PATCHES)


def chain(tip="HEAD"):
    """The commits base..tip, first one first; they must be one line."""
    if not git_ok("merge-base", "--is-ancestor", "base", tip):
        raise Fail(f"{TREE}: the tag base is not below {tip}")
    if git("rev-list", "--merges", f"base..{tip}"):
        raise Fail(f"{TREE}: a merge commit in base..{tip}; the series is one line")
    return git("rev-list", "--reverse", f"base..{tip}").split()


# --- what the tree was last known to hold ----------------------------------

def digest():
    """Of patches/ and the base."""
    total = hashlib.sha256(git("rev-parse", "base^{tree}").encode())
    for name, data in sorted(contents(PATCHES).items()):
        total.update(f"{name} {len(data)}\n".encode() + data)
    return total.hexdigest()


def record_path():
    return TREE / ".git" / "movable-series.json"


def recorded():
    """{"digest", "tip"} of the last time when patches/ and tree were equal."""
    try:
        return json.loads(record_path().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {"digest": None, "tip": None}


def record(tip):
    record_path().write_text(json.dumps({"digest": digest(), "tip": tip}) + "\n",
                             encoding="ascii")


def not_in_the_middle():
    for name in ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD"):
        if (TREE / ".git" / name).exists():
            raise Fail(f"{TREE} is in the middle of a git operation ({name}); finish it first")


def own_identity():
    """Commits made by hand in the kernel tree carry the neutral name, too."""
    for key, value in (("user.name", NAME), ("user.email", EMAIL),
                       ("gc.auto", "0"), ("commit.gpgSign", "false")):
        if git("config", "--local", "--default", "", key) != value:
            git("config", "--local", key, value)

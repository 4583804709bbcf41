"""Turns what an agent left in a worktree into one commit that names its task and run."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from services.domain.errors import InvalidInput
from services.repos.depot import Depot
from services.repos.errors import UnsafeFile
from services.repos.status import Status, shown, stage, status
from services.repos.worktree import Worktree

TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


async def commit_all(depot: Depot, worktree: Worktree, message: str, trailers: Mapping[str, str]) -> str | None:
    """Commit everything but git-ignored files and `.workflow/`; the commit, or None when nothing had changed.

    Called again with the same message and trailers after it had committed, it answers the same commit. Raises
    UnsafeFile. The lock of the worktree is held.
    """
    text = with_trailers(message, trailers)
    git, where = depot.git, worktree.where
    state = await status(git, where)
    if not state.paths:
        last = await git.run(where, "log", "-1", "--format=%H%n%B", "HEAD")
        head, _, body = last.stdout.decode("utf-8", "replace").partition("\n")
        return head if body.strip() == text.strip() else None
    _refuse_unsafe(worktree.path, state)
    await stage(git, where, state)
    # core.abbrev=no has the commit's full id printed: one process start less.
    said = await git.run(
        where, "-c", "core.abbrev=no", "commit", "--no-verify", "--cleanup=verbatim", "--file=-",
        stdin=text.encode(), ok=(0, 1),
    )  # fmt: skip
    if said.code == 1:  # what status showed was only a matter of line ends: git normalised it away
        return None
    made = re.search(r"\b([0-9a-f]{40}|[0-9a-f]{64})\]", said.text)
    return made[1] if made else (await git.run(where, "rev-parse", "HEAD")).text


def with_trailers(message: str, trailers: Mapping[str, str]) -> str:
    """The commit message with its trailers (`Task:`, `Run:`) as the last paragraph."""
    for key, value in trailers.items():
        if not TRAILER.fullmatch(key) or not value or any(c in value for c in "\n\r\0"):
            raise InvalidInput(f"{key}: {value!r} cannot be a trailer of a commit.")
    subject = message.replace("\0", "").strip() or "Work of a run"
    return subject + "\n\n" + "".join(f"{key}: {value}\n" for key, value in trailers.items())


def _refuse_unsafe(root: Path, state: Status) -> None:
    if state.nested:
        raise UnsafeFile(
            f"There is a git repository within the worktree: {shown(state.nested[0])}",
            "Remove its .git folder, or have git ignore it.",
            files=[shown(path) for path in state.nested],
        )
    leaving = [path for path in state.changed + state.untracked if _leaves(root, path)]
    if leaving:
        raise UnsafeFile(
            f"A symbolic link points outside the worktree: {shown(leaving[0])}",
            "Remove the link, or point it at a file of the project by a relative path.",
            files=[shown(path) for path in leaving],
        )


def _leaves(root: Path, path: str) -> bool:
    """Whether the path is a link that an absolute target, or `..` in it, leads out of `root` or into its git data."""
    link = root / path
    if not link.is_symlink():
        return False
    target = os.readlink(link)  # noqa: PTH115 - Path would drop what we look for
    if target.startswith("/"):
        return True
    reached = os.path.normpath(os.path.join(os.path.dirname(path), target))  # noqa: PTH118, PTH120
    inside = not (reached == ".." or reached.startswith("../")) and reached.split("/")[0] != ".git"
    return not (inside and link.resolve().is_relative_to(root.resolve()))

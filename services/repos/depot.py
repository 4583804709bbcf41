"""Where the hub keeps mirrors and worktrees, and which names may appear in refs and paths."""

import re
from dataclasses import dataclass
from pathlib import Path

from services.domain.errors import InvalidInput
from services.repos.git import Git, Where
from services.repos.lockfiles import Locks

TASK_KEY = re.compile(r"(?!base-)[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# git check-ref-format's rules for one branch name.
NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[/.]$|^[-/.]|^@$|^$|^HEAD$")


@dataclass(frozen=True, slots=True)
class Depot:
    """`home` is WFHUB_HOME: mirrors in `repos/<project>.git`, worktrees in `worktrees/<project>/<task>`."""

    home: Path
    git: Git
    locks: Locks

    def mirror(self, project_id: int) -> Path:
        """The project's bare mirror; it may not exist yet."""
        return self.home / "repos" / f"{project_id}.git"

    def bare(self, project_id: int) -> Where:
        """For git calls in the mirror."""
        mirror = self.mirror(project_id)
        return Where(mirror, git_dir=mirror)

    def worktrees(self, project_id: int) -> Path:
        """The folder of the project's worktrees."""
        return self.home / "worktrees" / str(project_id)


def checked_key(task_key: str) -> str:
    """`task_key` if it may name a worktree."""
    if not TASK_KEY.fullmatch(task_key):
        raise InvalidInput(f"{task_key!r} cannot name a worktree.", "Use letters, digits, - and _.")
    return task_key


def checked_run(run_id: str) -> str:
    """`run_id` if it may be part of a ref."""
    if not RUN_ID.fullmatch(run_id):
        raise InvalidInput(f"{run_id!r} cannot be the id of a run.", "Use letters, digits, - and _.")
    return run_id


def checked_branch(branch: str) -> str:
    """`branch` if git takes it for a branch name."""
    if NO_BRANCH.search(branch):
        raise InvalidInput(f"{branch!r} is not a branch name git accepts.", "See `git help check-ref-format`.")
    return branch


def checked_sha(sha: str) -> str:
    """`sha` if it is a full object id."""
    if not SHA.fullmatch(sha):
        raise InvalidInput(f"{sha!r} is not a full commit id.")
    return sha


def revision(name: str) -> str:
    """A full commit id as it is, anything else as the branch of that name: never an option or an expression."""
    return name if SHA.fullmatch(name) else f"refs/heads/{checked_branch(name)}"


def loose_ref(git_dir: Path, ref: str) -> str | None:
    """The id in a loose ref's file. None when the ref is packed or absent: then only git can tell.

    A process start costs ten times the 20 ms budget's share of this read.
    """
    try:
        text = (git_dir / ref).read_text().strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return text if SHA.fullmatch(text) else None


async def resolve(git: Git, where: Where, ref: str) -> str | None:
    """The commit that `ref` names, or None when there is no such commit."""
    output = await git.run(where, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", ok=(0, 1, 128))
    return output.text if output.code == 0 else None

"""Where the hub keeps mirrors and worktrees, and which names may appear in refs and paths."""

import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from services.domain.errors import InvalidInput
from services.repos.git import Git, Where
from services.repos.lockfiles import Locks

TASK_KEY = re.compile(r"(?!base-)[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# git check-ref-format's rules for one branch name.
NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[/.]$|^[-/.]|^@$|^$|^HEAD$")


MOST_FACTS = 5_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Depot:
    """`home` is WFHUB_HOME: mirrors in `repos/<project>.git`, worktrees in `worktrees/<project>/<task>`.

    `facts` remembers what git said of commits named by their full ids, which never changes: a process start saved.
    """

    home: Path
    git: Git
    locks: Locks
    facts: dict[tuple[Any, ...], Any] = field(default_factory=dict[tuple[Any, ...], Any])

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

    def commit_of(self, project_id: int, name: str) -> str | None:
        """The full id of a commit or of a loose ref of the mirror; None where only git can tell."""
        return name if SHA.fullmatch(name) else loose_ref(self.mirror(project_id), name)

    def make_ref(self, project_id: int, ref: str, sha: str) -> bool:
        """`make_loose_ref` in the mirror, where whoever guards git's processes allows it."""
        self.git.guard()
        return make_loose_ref(self.mirror(project_id), ref, sha)

    def knows(self, what: str, project_id: int, one: str, other: str) -> bool:
        """Whether `fact` has its answer."""
        return (what, project_id, self.commit_of(project_id, one), self.commit_of(project_id, other)) in self.facts

    def is_there(self, project_id: int, sha: str) -> None:
        """Remembers that the mirror has this commit."""
        self.facts["commit", project_id, sha, sha] = sha

    async def fact(
        self, what: str, project_id: int, one: str, other: str, ask: Callable[[str, str], Awaitable[T]]
    ) -> T:
        """`ask`'s answer about two revisions of the mirror, remembered where both are known by their ids."""
        first, second = self.commit_of(project_id, one), self.commit_of(project_id, other)
        if first is None or second is None:
            return await ask(one, other)
        key = (what, project_id, first, second)
        if key in self.facts:
            return self.facts[key]
        answer = await ask(first, second)
        if answer is not None:  # None: it is not there, and may come
            if len(self.facts) >= MOST_FACTS:
                self.facts.clear()
            self.facts[key] = answer
        return answer


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


def absent_ref(git_dir: Path, ref: str) -> bool:
    """Whether a repository with files for refs, as the mirrors are, has no such ref, neither loose nor packed."""
    packed = git_dir / "packed-refs"
    return not (git_dir / ref).exists() and not (packed.exists() and f" {ref}\n" in packed.read_text(errors="replace"))


def make_loose_ref(git_dir: Path, ref: str, sha: str) -> bool:
    """Makes a ref that does not exist by git's own protocol: a lock file, renamed. False where only git can tell
    whether it may: it exists, or somebody holds the lock. `sha` must be in the repository."""
    path = git_dir / ref
    lock = path.with_name(path.name + ".lock")
    if not absent_ref(git_dir, ref):
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except (FileExistsError, NotADirectoryError):
        return False
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{checked_sha(sha)}\n")
        if path.exists():
            return False
        lock.rename(path)
    finally:
        lock.unlink(missing_ok=True)
    return True


async def resolve(git: Git, where: Where, ref: str) -> str | None:
    """The commit that `ref` names, or None when there is no such commit."""
    output = await git.run(where, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", ok=(0, 1, 128))
    return output.text if output.code == 0 else None

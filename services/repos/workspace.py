"""The person's workspace: what it must be before a project can stand on it."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from services.domain.errors import InvalidInput
from services.domain.secret_files import is_secret
from services.repos.depot import checked_branch, resolve
from services.repos.errors import (
    RevisionMissing,
    UnsafeFile,
    WorkspaceBare,
    WorkspaceDetached,
    WorkspaceInsideRepository,
    WorkspaceIsFile,
    WorkspaceUncommitted,
)
from services.repos.git import Git, Where
from services.repos.person import person
from services.repos.refusals import system_refusals
from services.repos.status import Status, stage, status
from services.repos.whole import refuse_partial

FIRST_MESSAGE = "First commit\n"


@dataclass(frozen=True, slots=True)
class Workspace:
    """`head` is the commit of `default_branch`; `dirty` names files with changes that are not committed; `created` is
    true when the repository or its first commit was made by this call."""

    path: Path
    default_branch: str
    head: str
    dirty: tuple[str, ...] = ()
    created: bool = False


async def prepare_workspace(git: Git, path: Path, default_branch: str = "") -> Workspace:
    """See that `path` is a repository with a commit on `default_branch` (empty: the branch that is checked out).

    A missing folder and one without git are made, initialised and given a first commit. Raises GitMissing, GitTooOld,
    WorkspaceIsFile, WorkspaceBare, WorkspaceDetached, WorkspaceUncommitted, WorkspaceInsideRepository,
    WorkspacePartial, RevisionMissing, RepositoryForbidden, RepositoryNotOwned, RepositoryDiskFull.
    """
    await git.check_version()
    path = _checked(path)
    if default_branch:
        checked_branch(default_branch)
    created = await _initialise(git, path, default_branch or "main")
    await _refuse_bare(git, path)
    where = await person(git, path)
    state = await status(git, where)
    if state.branch is None:
        raise WorkspaceDetached(
            f"HEAD of {path} is on no branch.", "Check a branch out there: git switch <branch>.", path=str(path)
        )
    branch = default_branch or state.branch
    if state.head is None and await _has_no_commit(git, where):
        await _first_commit(git, where, state, branch, with_files=created)
        created = True
        state = await status(git, where)
    head = await resolve(git, where, f"refs/heads/{branch}")
    if head is None:
        raise RevisionMissing(
            f"{path} has no branch {branch}; the branch checked out there is {state.branch}.",
            f"Name {state.branch} as the project's default branch, or make the branch: git branch {branch}.",
            branch=state.branch,
        )
    await refuse_partial(git, path, branch)
    await _exclude_our_folder(git, where)
    return Workspace(path, branch, head, state.shown, created)


def _checked(path: Path) -> Path:
    if not path.is_absolute():
        raise InvalidInput(f"The workspace path {path} is not absolute.")
    with system_refusals(path):
        path = path.resolve()
        if path.exists() and not path.is_dir():
            raise WorkspaceIsFile(f"{path} is a file.", "Choose a folder.", path=str(path))
        path.mkdir(parents=True, exist_ok=True)
        os.listdir(path)  # noqa: PTH208 - only to be told when we may not
    return path


async def _initialise(git: Git, path: Path, branch: str) -> bool:
    """Make a repository unless there is one; whether it was made."""
    found = await git.run(Where(path), "rev-parse", "--git-dir", ok=(0, 128))
    if found.code == 0:
        return False
    if "not a git repository" not in found.stderr:
        await git.run(Where(path), "rev-parse", "--git-dir")  # raises what fits: another owner, no permission
    outer = Where(path, git_dir=None)
    around = await git.run(outer, "ls-files", "-z", variables={"GIT_CEILING_DIRECTORIES": ""}, ok=(0, 128), limit=4096)
    if around.stdout:
        raise WorkspaceInsideRepository(
            f"{path} is part of a larger git repository.", "Choose that repository's own folder as the workspace."
        )
    await git.run(Where(path), "init", "--quiet", "--template=", f"--initial-branch={branch}")
    return True


async def _refuse_bare(git: Git, path: Path) -> None:
    answer = await git.run(
        Where(path), "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-cdup", ok=(0, 128)
    )
    facts = answer.stdout.decode().splitlines()
    if facts[:1] == ["true"] or facts[1:2] != ["true"]:
        raise WorkspaceBare(
            f"{path} is a bare repository: it has no files to work on.", "Clone it, and choose the clone."
        )
    if facts[2:3] not in ([], [""]):
        raise WorkspaceInsideRepository(
            f"{path} is part of a larger git repository.", "Choose that repository's own folder as the workspace."
        )


async def _has_no_commit(git: Git, where: Where) -> bool:
    return not (await git.run(where, "for-each-ref", "--count=1", "refs/heads")).stdout


async def _first_commit(git: Git, where: Where, state: Status, branch: str, with_files: bool) -> None:
    """Give a repository without commits its first one, on `branch`. A folder that was never under git is committed as
    it is, but for what is named like a secret: agents can read what is in the history."""
    if state.paths and not with_files:
        raise WorkspaceUncommitted(
            f"The repository {where.folder} has files but no commit yet.",
            "Commit what belongs to it: git add <files> && git commit.",
            files=list(state.shown[:50]),
        )
    if state.nested:
        raise UnsafeFile(
            f"{where.folder} has other git repositories within: {', '.join(state.nested[:5])}",
            "Choose one of them as the workspace, or run git init and commit what belongs to it.",
        )
    if state.branch != branch:
        await git.run(where, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    if state.paths:
        files = tuple(path for path in state.untracked if not is_secret(path))
        await stage(git, where, replace(state, untracked=files))
    await git.run(where, "commit", "--quiet", "--allow-empty", "--no-verify", "--file=-", stdin=FIRST_MESSAGE.encode())


async def own_folder_ready(git: Git, path: Path) -> bool:
    """Whether the hub may write `.workflow/` into the workspace: git leaves it alone, and nothing there is tracked."""
    where = Where(path)
    if (await git.run(where, "ls-files", "-z", "--", ".workflow", limit=1)).stdout:
        return False
    await _exclude_our_folder(git, where)
    return True


async def _exclude_our_folder(git: Git, where: Where) -> None:
    """Keep `.workflow/` out of the person's `git status` without touching a file they commit."""
    name = (await git.run(where, "rev-parse", "--git-path", "info/exclude")).stdout.decode().strip("\n")
    exclude = where.folder / name
    with system_refusals(exclude):
        written = exclude.read_bytes() if exclude.exists() else b""
        if b".workflow/" in written.splitlines():
            return
        exclude.parent.mkdir(parents=True, exist_ok=True)
        gap = b"" if not written or written.endswith(b"\n") else b"\n"
        with exclude.open("ab") as file:  # the person's own lines are never written again
            file.write(gap + b".workflow/\n")

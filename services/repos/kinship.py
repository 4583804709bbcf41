"""A folder looked at before it is taken, and whether two repositories are the same: by what they have in common."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.domain.errors import HubError
from services.repos.depot import Depot, checked_branch, resolve
from services.repos.errors import WorkspaceMissing
from services.repos.git import Git, Where
from services.repos.mirror import target_ref
from services.repos.overview import Checkout, checkout
from services.repos.refusals import system_refusals

Kin = Literal["same", "apart", "other", "unknown"]


@dataclass(frozen=True)
class Look:
    """A folder as it is: whether there is one, whether anything is in it, and its checkout where it is a repository's
    own folder."""

    exists: bool
    files: bool
    checkout: Checkout | None


async def look(git: Git, path: Path) -> Look:
    """Changes nothing. Raises what git refuses of a repository, RepositoryForbidden, WorkspaceIsFile."""
    exists, files = await asyncio.to_thread(_holds, path)
    if not exists:
        return Look(exists=False, files=False, checkout=None)
    try:
        return Look(True, files, await checkout(git, path))
    except WorkspaceMissing:
        return Look(True, files, None)


def _holds(path: Path) -> tuple[bool, bool]:
    """Whether it is there, and whether anything is in it."""
    with system_refusals(path):
        return (True, any(path.iterdir())) if path.exists() else (False, False)


async def kin(depot: Depot, project_id: int, of: tuple[Path, str], other: tuple[Path, str]) -> tuple[Kin, str | None]:
    """How the branch of the repository `other` stands to the project's own, `of`; and the commit it is at.

    `same`: it has all that the hub has seen. `apart`: the same repository, but commits that the hub has seen are not
    there. `other`: nothing in common. `unknown`: there is nothing to compare with.
    """
    git, (folder, branch) = depot.git, other
    head = await resolve(git, Where(folder), f"refs/heads/{checked_branch(branch)}")
    where, seen = await _seen(depot, project_id, *of)
    if head is None or seen is None:
        return "unknown", head
    held = await git.run(Where(folder), "merge-base", "--is-ancestor", seen, head, ok=(0, 1, 128))
    if held.code == 0:
        return "same", head
    return ("apart" if await _roots(git, where, seen) & await _roots(git, Where(folder), head) else "other"), head


async def _seen(depot: Depot, project_id: int, workspace: Path, branch: str) -> tuple[Where, str | None]:
    """The newest commit of the project's branch that the hub can see: its mirror has it though the folder is gone."""
    bare = depot.bare(project_id)
    if (bare.folder / "HEAD").exists() and (seen := await resolve(depot.git, bare, target_ref(branch))):
        return bare, seen
    if not await asyncio.to_thread(workspace.is_dir):
        return Where(workspace), None
    return Where(workspace), await resolve(depot.git, Where(workspace), f"refs/heads/{checked_branch(branch)}")


async def _roots(git: Git, where: Where, commit: str) -> set[str]:
    try:
        return set((await git.run(where, "rev-list", "--max-parents=0", commit)).text.split())
    except HubError:  # a shallow or broken history begins nowhere that could be compared
        return set()

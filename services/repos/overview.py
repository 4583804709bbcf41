"""How a project's repositories stand: the person's checkout, the hub's branches, its worktrees. Reads only."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from services.domain.errors import HubError
from services.repos.depot import Depot, loose_ref, resolve
from services.repos.git import Git
from services.repos.mirror import target_ref
from services.repos.person import person
from services.repos.status import shown, status
from services.repos.worktree import at

MOST_BRANCHES = 50
MOST_WORKTREES = 50


@dataclass(frozen=True, slots=True)
class Checkout:
    """The person's checkout. `branch` is None when HEAD is detached, `head` None before the first commit. `ahead` and
    `behind` count commits against `upstream`, the branch it follows elsewhere; all three are None without one."""

    branch: str | None
    head: str | None
    upstream: str | None
    ahead: int | None
    behind: int | None
    changed: tuple[str, ...]
    untracked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HubBranch:
    """A branch of the mirror. `ahead` and `behind` count commits against the project's target, as the mirror last saw
    it; None while it has not."""

    name: str
    head: str
    ahead: int | None
    behind: int | None


@dataclass(frozen=True, slots=True)
class TaskTree:
    """A task's worktree. `dirty` counts files not committed; None with `complaint` where git could not tell."""

    task_key: str
    path: Path
    branch: str | None
    head: str | None
    dirty: int | None
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """`target` is the commit of the project's branch that the mirror knows; None before the first fetch. `branches` are
    the newest, `branch_count` says how many there are."""

    checkout: Checkout
    target: str | None
    branches: tuple[HubBranch, ...]
    branch_count: int
    worktrees: tuple[TaskTree, ...]


async def overview(
    depot: Depot, project_id: int, workspace: Path, default_branch: str, turns: asyncio.Semaphore
) -> Overview:
    """Takes no lock and fetches nothing. `turns` limits the processes at work at a time.

    Raises what git refuses of the workspace; a broken worktree only complains.
    """
    async with turns:
        seen = await checkout(depot.git, workspace)
    if not (depot.mirror(project_id) / "HEAD").exists():
        return Overview(seen, None, (), 0, ())
    async with turns:
        target = await _target(depot, project_id, default_branch)
        heads = await _heads(depot, project_id)
    branches, trees = await asyncio.gather(
        asyncio.gather(*(_branch(depot, project_id, target, *one, turns) for one in heads[:MOST_BRANCHES])),
        asyncio.gather(*(_tree(depot, project_id, path, turns) for path in _task_trees(depot, project_id))),
    )
    return Overview(seen, target, tuple(branches), len(heads), tuple(trees))


async def checkout(git: Git, workspace: Path) -> Checkout:
    """The person's checkout, with whatever its configuration would start switched off."""
    state = await status(git, await person(git, workspace))
    untracked = tuple(map(shown, state.untracked + state.nested))
    changed = tuple(map(shown, state.changed))
    return Checkout(state.branch, state.head, state.upstream, state.ahead, state.behind, changed, untracked)


async def _target(depot: Depot, project_id: int, branch: str) -> str | None:
    ref, bare = target_ref(branch), depot.bare(project_id)
    return loose_ref(bare.folder, ref) or await resolve(depot.git, bare, ref)


async def _heads(depot: Depot, project_id: int) -> list[tuple[str, str]]:
    """Name and commit of each branch of the mirror, the newest first."""
    output = await depot.git.run(
        depot.bare(project_id), "for-each-ref", "--sort=-committerdate",
        "--format=%(objectname) %(refname:lstrip=2)", "refs/heads",
    )  # fmt: skip
    lines = [line.partition(" ") for line in output.text.splitlines()]
    return [(name, sha) for sha, _, name in lines]


async def _branch(
    depot: Depot, project_id: int, target: str | None, name: str, head: str, turns: asyncio.Semaphore
) -> HubBranch:
    if target is None:
        return HubBranch(name, head, None, None)

    async def ask(one: str, other: str) -> tuple[int, int]:
        async with turns:
            counted = await depot.git.run(
                depot.bare(project_id), "rev-list", "--left-right", "--count", f"{one}...{other}"
            )
        behind, ahead = counted.text.split()
        return int(ahead), int(behind)

    return HubBranch(name, head, *await depot.fact("apart", project_id, target, head, ask))


def _task_trees(depot: Depot, project_id: int) -> list[Path]:
    """The tasks' worktrees; `base-` ones are the hub's own, to compare with."""
    folder = depot.worktrees(project_id)
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [path for path in found if not path.name.startswith("base-")][:MOST_WORKTREES]


async def _tree(depot: Depot, project_id: int, path: Path, turns: asyncio.Semaphore) -> TaskTree:
    try:
        async with turns:
            state = await status(depot.git, at(depot.mirror(project_id), path))
    except HubError as error:
        return TaskTree(path.name, path, None, None, None, error.sentence)
    return TaskTree(path.name, path, state.branch, state.head, len(state.paths))

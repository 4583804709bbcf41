"""The person's repository and the hub's room beside it, and a task's way from the one to the other and back."""

from collections.abc import Callable
from pathlib import Path

from services.repos.merge import Merged
from services.repos.methods import MergeMethod
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person, home, mirror_git, person, repos, tree

__all__ = ["Person", "carry", "home", "merge", "mirror_git", "person", "repos", "start", "tree"]


async def start(repos: Repos, person: Person, key: str = "POC-1") -> Worktree:
    """A task's worktree at the person's newest main."""
    workspace = await repos.prepare_workspace(person.path, "main")
    base = await repos.target(1, workspace.path, workspace.default_branch)
    tree = await repos.open_worktree(1, key, f"wfhub/{key}-1", base)
    await repos.checkpoint(tree, f"run-{key}")
    return tree


async def merge(
    repos: Repos, person: Person, tree: Worktree, run: str = "run-m", method: MergeMethod = "merge"
) -> Merged:
    return await repos.merge(
        1, person.path, tree.branch, "main", f"Merge {tree.task_key}", TRAILERS, run, method=method
    )


async def carry(
    repos: Repos, person: Person, edit: Callable[[Path], object], method: MergeMethod = "merge"
) -> tuple[Worktree, str]:
    """A whole task: started, edited, committed, looked at as the gates and the approval do, merged. The commit made."""
    tree = await start(repos, person)
    edit(tree.path)
    made = await repos.commit_all(tree, "Work", TRAILERS)
    assert made is not None
    assert (await repos.diff(1, tree.head, made)).files
    assert await repos.patch_id(1, tree.head, made)
    merged = await merge(repos, person, tree, method=method)
    assert merged.delivered and person.head() == merged.commit
    assert person.git("status", "--porcelain") == ""
    person.git("fsck", "--strict")
    return tree, made

"""Keeps what stands uncommitted in a worktree under a ref, before something sweeps it away."""

import os
import shutil
from pathlib import Path

from services.repos.depot import Depot
from services.repos.git import Where
from services.repos.kept import touch
from services.repos.refusals import system_refusals
from services.repos.status import Status, stage, status

NESTED = ".git-of-a-nested-repository"


async def save_lost(depot: Depot, where: Where, name: str, keep_head: str | None = None) -> str | None:
    """Commit the worktree's state to refs/wfhub/lost/<name>-<n>; the ref, or None when there is nothing to keep.

    Git-ignored files are not kept. `keep_head` is the commit the worktree is about to go to: when HEAD is another one,
    HEAD is kept even if the files are clean. The worktree and its index stay as they are.
    """
    state = await status(depot.git, where)
    if state.head is None or (not state.paths and keep_head in (None, state.head)):
        return None
    commit = await _commit(depot, where, state) if state.paths else state.head
    return await _keep(depot, where, name, commit)


async def _commit(depot: Depot, where: Where, state: Status) -> str:
    assert where.git_dir is not None
    if state.nested:
        for folder in state.nested:
            _open_up(where.folder / folder)
        state = await status(depot.git, where)
    index = where.git_dir / "index"
    aside = where.git_dir / "index.lost"
    with system_refusals(aside):
        if index.exists():
            shutil.copyfile(index, aside)
    variables = {"GIT_INDEX_FILE": str(aside)}
    await stage(depot.git, where, state, variables)
    tree = (await depot.git.run(where, "write-tree", variables=variables)).text
    aside.unlink(missing_ok=True)
    message = b"Work found in the worktree before it was reset\n"
    return (await depot.git.run(where, "commit-tree", "-p", state.head or "", tree, stdin=message)).text


def _open_up(nested: Path) -> None:
    """git takes a repository within for a reference, not for files: rename its `.git`, so that its files are kept."""
    with system_refusals(nested):
        for folder, names, files in os.walk(nested):
            if ".git" in names or ".git" in files:
                (Path(folder) / ".git").rename(Path(folder) / NESTED)
                if ".git" in names:
                    names.remove(".git")


async def _keep(depot: Depot, where: Where, name: str, commit: str) -> str:
    """Point the next free ref of this name at `commit`, unless the last one holds the same files on the same parent."""
    pattern = f"refs/wfhub/lost/{name}-[0-9]*"
    listed = await depot.git.run(where, "for-each-ref", "--format=%(refname) %(tree) %(parent) %(objectname)", pattern)
    facts = await depot.git.run(where, "show", "--no-patch", "--format=%T %P %H", commit)
    tree, *rest = facts.text.split(" ")
    highest = 0
    for ref, its_tree, *its_rest in (line.split(" ") for line in listed.text.splitlines()):
        highest = max(highest, int(ref.rsplit("-", 1)[1]))
        if its_tree == tree and (its_rest[:-1] == rest[:-1]):
            if where.git_dir is not None:
                touch(where.git_dir.parents[1], ref)
            return ref
    ref = f"refs/wfhub/lost/{name}-{highest + 1}"
    await depot.git.run(where, "update-ref", ref, commit, "")
    return ref

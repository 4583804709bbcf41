"""A checkout of one commit for one use: nobody else looks at it, whatever is done to it."""

from pathlib import Path

from services.repos.depot import Depot, checked_sha
from services.repos.worktree import check_out, erase, lock_of, require_commit

PREFIX = "base-"  # so that what a crash leaves is swept with the other checkouts of commits


def place_of(depot: Depot, project_id: int, name: str) -> Path:
    return depot.worktrees(project_id) / f"{PREFIX}{name}"


async def open_clean(depot: Depot, project_id: int, sha: str, name: str) -> Path:
    """The commit's files and nothing else, whatever was there under that name. Raises RevisionMissing."""
    mirror, path = depot.mirror(project_id), place_of(depot, project_id, name)
    async with depot.locks.hold(lock_of(project_id, path.name)):
        await require_commit(depot, project_id, checked_sha(sha))
        await erase(mirror, path)
        await check_out(depot, mirror, path, sha, None)
    return path


async def drop_clean(depot: Depot, project_id: int, name: str) -> None:
    """Nothing happens where there is none."""
    path = place_of(depot, project_id, name)
    async with depot.locks.hold(lock_of(project_id, path.name)):
        await erase(depot.mirror(project_id), path)

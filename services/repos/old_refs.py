"""Refs of runs that nobody goes back to any more: removed, a bounded number at a time."""

from collections.abc import Collection

from services.repos.depot import Depot
from services.repos.kept import UNDO

OF_RUNS = ("refs/wfhub/checkpoints", "refs/wfhub/recovery", "refs/wfhub/merges", "refs/wfhub/heads")
MOST_AT_ONCE = 500


async def runs_with_refs(depot: Depot, project_id: int) -> list[str]:
    """The ids of runs that have a checkpoint, a recovery or a merge ref, sorted: the oldest UUIDv7 comes first.

    Recovery refs of undone merges are no run's: `kept.sweep_kept` removes them.
    """
    if not (depot.mirror(project_id) / "HEAD").exists():
        return []
    listed = await depot.git.run(depot.bare(project_id), "for-each-ref", "--format=%(refname:lstrip=3)", *OF_RUNS)
    return sorted({name for name in listed.text.splitlines() if not name.startswith(UNDO)})


async def remove_refs(depot: Depot, project_id: int, run_ids: Collection[str]) -> int:
    """How many were removed, of MOST_AT_ONCE runs. What was kept of lost work (`refs/wfhub/lost`) stays."""
    wanted = sorted(run_ids)[:MOST_AT_ONCE]
    names = [f"{folder}/{run_id}" for run_id in wanted for folder in OF_RUNS]
    if not names:
        return 0
    bare = depot.bare(project_id)
    there = (await depot.git.run(bare, "for-each-ref", "--format=%(refname)", *OF_RUNS)).text.splitlines()
    gone = sorted(set(names) & set(there))
    await depot.git.run(bare, "update-ref", "--stdin", stdin="".join(f"delete {name}\n" for name in gone).encode())
    return len(gone)

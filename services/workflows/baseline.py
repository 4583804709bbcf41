"""What a command said at the merge base: measured once a base, then remembered."""

from typing import Any

import sqlalchemy as sa

from services.contract.run_result import RunResult, TestReport
from services.store.models import Run
from services.workflows.bench import bench
from services.workflows.records import Step, result_of, steps_in

LOOK_BACK = 50  # runs
KEPT = 20  # measurements; a report of a thousand tests is some 100 kB


async def known(project_id: int, base_sha: str, step: Step) -> bool:
    return await _find(project_id, base_sha, step["name"]) is not None


async def report(project_id: int, base_sha: str | None, name: str) -> TestReport | None:
    """The base's parsed test report; None where it has none."""
    measured = await result(project_id, base_sha, name)
    return measured.tests if measured else None


async def result(project_id: int, base_sha: str | None, name: str) -> RunResult | None:
    """All that the command's step said at the base; None where it was not run there, or did not end."""
    entry = await _find(project_id, base_sha, f"{name}-base") if base_sha else None
    found = result_of(entry) if entry else None
    return found if found and found.outcome == "completed" else None


async def _find(project_id: int, base_sha: str, name: str) -> dict[str, Any] | None:
    """What was measured once stays as it is, and is kept in memory: the rows that hold it are large."""
    kept, key = bench().baselines, (project_id, base_sha, name)
    if key not in kept:
        found = await _look_back(project_id, base_sha, name)
        if found is None:
            return None
        while len(kept) >= KEPT:
            del kept[next(iter(kept))]
        kept[key] = found
    return kept[key]


async def _look_back(project_id: int, base_sha: str, name: str) -> dict[str, Any] | None:
    query = (
        sa.select(Run.details)
        .where(Run.project_id == project_id, Run.base_sha == base_sha)
        .order_by(Run.queued_at.desc())
        .limit(LOOK_BACK)
    )
    async with bench().db.read() as session:
        for details in (await session.scalars(query)).all():
            for entry in steps_in(details).values():
                if entry["name"] == name and _is_known(entry):
                    return entry
    return None


def _is_known(entry: dict[str, Any]) -> bool:
    """A base whose command never ends is known too: it would not end the next time either."""
    return entry.get("outcome") == "completed" or entry.get("reason") in ("time_limit", "output_limit")

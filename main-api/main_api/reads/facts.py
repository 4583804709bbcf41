"""What the runs of a task's current round measured, newest last: the facts behind cards and evidence."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.store.listed import one_of
from services.store.models import Run, Task


class RunFacts(NamedTuple):
    """A run of the current round or the one before it, without what it was told, which is long."""

    id: str
    task_id: int
    stage: str
    role: str | None
    round: int
    state: str
    started_at: datetime | None
    summary: str
    base_sha: str | None
    held_at: datetime | None
    paused_seconds: float
    steps: dict[str, dict[str, Any]] | None


Ended = tuple[RunFacts, dict[str, Any]]
"""A step that was completed: its run, and what the step left."""


def worked_since(run: RunFacts) -> datetime | None:
    """When it would have begun had it never stood still; None while it does."""
    if run.started_at is None or run.held_at is not None:
        return None
    return run.started_at + timedelta(seconds=run.paused_seconds)


async def runs_of(
    session: AsyncSession, task_ids: Collection[int], *, with_steps: bool = True
) -> dict[int, list[RunFacts]]:
    """By task, oldest first. One query, whatever the number of tasks."""
    steps = Run.details["steps"].label("steps") if with_steps else sa.null().label("steps")
    query = (
        sa.select(
            Run.id, Run.task_id, Run.stage, Run.role, Run.round, Run.state, Run.started_at, Run.summary, Run.base_sha,
            Run.held_at, Run.paused_seconds, steps,
        )
        .join(Task, Task.id == Run.task_id)
        .where(one_of(Run.task_id, task_ids), Run.round >= Task.round - 1)
        .order_by(Run.queued_at, Run.id)
    )  # fmt: skip
    found: dict[int, list[RunFacts]] = defaultdict(list)
    for row in await session.execute(query):
        run = RunFacts._make(row)
        found[run.task_id].append(run)
    return found


def ended_steps(runs: Sequence[RunFacts], task_round: int) -> list[Ended]:
    """The completed steps of the round, newest first; what was measured at the merge base is left out."""
    return [
        (run, entry)
        for run in reversed(runs)
        if run.round == task_round and run.steps
        for entry in _newest_first(run.steps)
        if entry.get("outcome") == "completed" and not entry.get("name", "").endswith(("-base", "-old"))
    ]


def of_kind(ended: Sequence[Ended], executor: str) -> Iterator[Ended]:
    """Those that this executor did, in the same order."""
    return ((run, entry) for run, entry in ended if entry.get("executor") == executor)


def sender_back(runs: Sequence[RunFacts], task_round: int) -> RunFacts | None:
    """The run that sent the task into its current round."""
    failed = [run for run in runs if run.round == task_round - 1 and run.state == RunState.FAILED]
    return failed[-1] if failed else None


def _newest_first(steps: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """By the number a step's id begins with: a JSON column keeps no order on PostgreSQL."""

    def place(step_id: str) -> int:
        number = step_id.partition("-")[0]
        return int(number) if number.isdecimal() else 0

    return (steps[step_id] for step_id in (sorted(steps, key=place, reverse=True) if len(steps) > 1 else steps))

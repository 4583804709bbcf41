"""Runs of a list, with the keys and titles of their tasks."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.run import RunOut, RunRow
from services.store.models import Run, Task


async def with_tasks(session: AsyncSession, runs: Sequence[Run]) -> list[RunRow]:
    """In their order."""
    ids = {run.task_id for run in runs if run.task_id is not None}
    named = sa.select(Task.id, Task.key, Task.title).where(Task.id.in_(ids))
    tasks = {row.id: row for row in (await session.execute(named)).all()} if ids else {}
    return [_row(run, tasks.get(run.task_id or 0)) for run in runs]


def _row(run: Run, task: Any) -> RunRow:
    plain = RunOut.model_validate(run).model_dump()
    return RunRow(**plain, task_key=task.key if task else None, task_title=task.title if task else None)

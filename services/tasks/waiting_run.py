"""A run that a person started and nobody carries yet: it waits for its turn, and admission adopts it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from services.domain.changes import made
from services.domain.states import RunState
from services.domain.workflow import Stage
from services.events import log
from services.store.models import Run, Task
from services.store.plain import Statement, run_in
from services.store.session import Select, lacks
from services.tasks.stop import stop_run

_WAITING = Select(
    Run,
    lambda runs: runs.where(
        Run.task_id == sa.bindparam("task"), Run.state == RunState.QUEUED.value, Run.owner.is_(None)
    ).order_by(Run.queued_at.desc()),
)
_ATTEMPTS = Statement(
    sa.select(sa.func.count()).where(Run.task_id == sa.bindparam("task"), Run.stage == sa.bindparam("stage"))
)


async def waiting_run(session: AsyncSession, task: Task) -> Run | None:
    """The newest one for the stage where the task stands."""
    return next((run for run in await _WAITING.all(session, task=task.id) if run.stage == task.stage), None)


async def queue_run(session: AsyncSession, task: Task, stage: Stage, *, actor: str) -> Run:
    """The run that will carry the task through this stage, when its turn comes."""
    if (found := await waiting_run(session, task)) is not None:
        return found
    run = Run(
        id=str(uuid7()),
        project_id=task.project_id,
        task_id=task.id,
        stage=stage.name,
        role=stage.role,
        attempt=await attempts(session, task, stage.name) + 1,
        round=task.round,
        state=RunState.QUEUED,
    )
    session.add(run)
    await session.flush()
    told = {"stage": stage.name, "round": task.round, **made(state=RunState.QUEUED, stage=stage.name)}
    await log.of_task(session, "run.queued", task, actor=actor, run_id=run.id, **told)
    return run


async def drop_waiting_runs(session: AsyncSession, task: Task, *, actor: str, why: str) -> None:
    """What waited for a turn that will not come."""
    if lacks(session, "waiting_runs", task.id):
        return
    for run in await _WAITING.all(session, task=task.id):
        await stop_run(session, run, actor=actor, why=why)


async def attempts(session: AsyncSession, task: Task, stage: str) -> int:
    """How many runs of this stage the task has had."""
    return (await run_in(session, _ATTEMPTS, {"task": task.id, "stage": stage}))[0][0]

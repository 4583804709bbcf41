"""A run that a person started and nobody carries yet: it waits for its turn, and admission adopts it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from services.domain.states import RunState
from services.domain.workflow import Stage
from services.events import log
from services.store.models import Run, Task
from services.tasks.stop import stop_run


async def waiting_run(session: AsyncSession, task: Task) -> Run | None:
    """The newest one for the stage where the task stands."""
    query = sa.select(Run).where(
        Run.task_id == task.id, Run.stage == task.stage, Run.state == RunState.QUEUED, Run.owner.is_(None)
    )
    return await session.scalar(query.order_by(Run.queued_at.desc()).limit(1))


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
    await log.of_task(session, "run.queued", task, actor=actor, run_id=run.id, stage=stage.name, round=task.round)
    return run


async def drop_waiting_runs(session: AsyncSession, task: Task, *, actor: str, why: str) -> None:
    """What waited for a turn that will not come."""
    query = sa.select(Run).where(Run.task_id == task.id, Run.state == RunState.QUEUED, Run.owner.is_(None))
    for run in (await session.scalars(query)).all():
        await stop_run(session, run, actor=actor, why=why)


async def attempts(session: AsyncSession, task: Task, stage: str) -> int:
    """How many runs of this stage the task has had."""
    query = sa.select(sa.func.count()).where(Run.task_id == task.id, Run.stage == stage)
    return await session.scalar(query) or 0

"""Tasks and requests that waited for money go on when a person gives more of it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import REQUEST, RequestState, TaskState, WaitingReason
from services.events import log
from services.models.budgets import today
from services.models.waiting_runs import resume, waiting_for_money, waits_for_money
from services.roles.read import workflow_by_id
from services.store.models import DayBudget, Request, Run, Task
from services.store.types import now
from services.tasks.stages import enter_stage


def is_more(before: float | None, after: float | None) -> bool:
    """Whether a limit of US dollars was raised; None is no limit."""
    return before is not None and (after is None or after > before)


async def set_day_budget(session: AsyncSession, usd: float | None, actor: str) -> None:
    """Today's budget for all models, in place of the setting's; every task that waits for money tries again."""
    await log.lock(session)
    day = today().isoformat()
    row = await session.get(DayBudget, day)
    if row is None:
        session.add(DayBudget(day=day, usd=usd))
    else:
        row.usd, row.set_at = usd, now()
    await session.flush()
    await log.append(session, "budget.set", actor=actor, project_id=None, day=day, usd=usd)
    await go_on(session, sa.true(), actor)
    await plan_on(session, sa.true(), actor)


async def go_on(session: AsyncSession, which: sa.ColumnElement[bool], actor: str) -> list[str]:
    """Queues the tasks of `which` that wait because a budget is used up; answers their keys. Each goes on in the run
    that was stopped.

    The caller holds the events' lock. A task whose next call still does not fit comes back to wait.
    """
    query = sa.select(Task).where(
        which, Task.state == TaskState.WAITING, Task.waiting_reason == WaitingReason.BUDGET, Task.deleted_at.is_(None)
    )
    keys: list[str] = []
    for task in (await session.scalars(query.order_by(Task.id))).all():
        run = await waiting_for_money(session, task)
        if run is not None:
            resume(run)
            await session.flush()
        workflow = await workflow_by_id(session, task.workflow_id)
        await enter_stage(session, task, workflow, workflow.stage(task.stage), actor="person", auto_trigger=True)
        await log.of_task(session, "task.funded", task, actor=actor, run_id=run.id if run else None)
        keys.append(task.key)
    return keys


async def plan_on(session: AsyncSession, which: sa.ColumnElement[bool], actor: str) -> list[int]:
    """The same for requests of `which` whose planning was stopped; answers their ids."""
    query = sa.select(Request, Run).join(Run, Run.id == Request.run_id).where(which, waits_for_money())
    ids: list[int] = []
    for request, run in (await session.execute(query.order_by(Request.id))).all():
        resume(run)
        request.state, request.sentence = REQUEST.check(RequestState(request.state), RequestState.NEW), ""
        request.version += 1
        await session.flush()
        await log.append(
            session, "request.funded", actor=actor, project_id=request.project_id, run_id=run.id, request_id=request.id
        )
        ids.append(request.id)
    return ids

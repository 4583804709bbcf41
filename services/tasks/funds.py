"""Tasks and requests that waited for money go on when a person gives more of it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, NotFound
from services.domain.states import LIVE_RUN, REQUEST, RequestState, RunState, TaskState, WaitingReason
from services.events import log
from services.models.budgets import Defaults, today
from services.models.exhausted import in_the_way
from services.models.waiting_runs import resume, waiting_for_money, waits_for_money
from services.roles.read import workflow_by_id
from services.store.models import DayBudget, Request, Run, Task
from services.store.types import now
from services.tasks.move import set_state
from services.tasks.stages import enter_stage

FUNDED = changed(waits_for=("budget", None))
NONE = Defaults()  # no limit of the hub's own


def is_more(before: float | None, after: float | None) -> bool:
    """Whether a limit of US dollars was raised; None is no limit."""
    return before is not None and (after is None or after > before)


async def set_day_budget(session: AsyncSession, usd: float | None, actor: str, budgets: Defaults = NONE) -> None:
    """Today's budget for all models, in place of the setting's; who waited for it goes on. `budgets` are the hub's."""
    await log.lock(session)
    day = today().isoformat()
    row = await session.get(DayBudget, day)
    before = row.usd if row is not None else budgets.daily_usd
    if row is None:
        session.add(DayBudget(day=day, usd=usd))
    else:
        row.usd, row.set_at = usd, now()
    await session.flush()
    await log.append(
        session, "budget.set", actor=actor, project_id=None, day=day, usd=usd, **changed(limit_usd=(before, usd))
    )
    await go_on(session, sa.true(), actor, budgets)
    await plan_on(session, sa.true(), actor, budgets)


async def set_run_budget(session: AsyncSession, run_id: str, usd: float, actor: str, budgets: Defaults = NONE) -> Run:
    """What this run alone may cost, whatever its task, its project and the hub say; if it waited for that, it goes on.

    Raises NotFound, and Conflict for a run that is over.
    """
    await log.lock(session)
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.", "List them with GET /runs.")
    await session.refresh(run, with_for_update=True)
    waits = await session.scalar(sa.select(Run.id).where(Run.id == run_id, waits_for_money()))
    if waits is None and RunState(run.state) not in LIVE_RUN:
        raise Conflict(f"The run is {run.state}: it spends nothing more.", "Give its task a budget, then run it again.")
    before, run.budget_usd = run.budget_usd, usd
    await session.flush()
    await log.append(
        session, "budget.set", actor=actor, project_id=run.project_id, task_id=run.task_id, run_id=run.id, usd=usd,
        **changed(limit_usd=(before, usd)),
    )  # fmt: skip
    if waits is not None:
        await go_on(session, Task.id == run.task_id, actor, budgets)
        await plan_on(session, Request.id == run.request_id, actor, budgets)
    return run


async def go_on(
    session: AsyncSession, which: sa.ColumnElement[bool], actor: str, budgets: Defaults = NONE
) -> list[str]:
    """Queues the tasks of `which` that wait because a budget is used up; answers their keys. Each goes on in the run
    that was stopped. One that another budget still stops waits on, with that one's sentence.

    The caller holds the events' lock.
    """
    await session.flush()
    stopped = await in_the_way(session, budgets)
    query = sa.select(Task).where(
        which, Task.state == TaskState.WAITING, Task.waiting_reason == WaitingReason.BUDGET, Task.deleted_at.is_(None)
    )
    keys: list[str] = []
    for task in (await session.scalars(query.order_by(Task.id))).all():
        run = await waiting_for_money(session, task)
        if run is not None and (still := stopped.of(run.id)):
            why = {"reason": WaitingReason.BUDGET, "sentence": still[0].sentence}
            await set_state(session, task, TaskState.WAITING, actor=actor, run_id=run.id, **why)
            continue
        if run is not None:
            resume(run)
            await session.flush()
        workflow = await workflow_by_id(session, task.workflow_id)
        await enter_stage(session, task, workflow, workflow.stage(task.stage), actor="person", auto_trigger=True)
        await log.of_task(session, "task.funded", task, actor=actor, run_id=run.id if run else None, **FUNDED)
        keys.append(task.key)
    return keys


async def plan_on(
    session: AsyncSession, which: sa.ColumnElement[bool], actor: str, budgets: Defaults = NONE
) -> list[int]:
    """The same for requests of `which` whose planning was stopped; answers their ids."""
    await session.flush()
    stopped = await in_the_way(session, budgets)
    query = sa.select(Request, Run).join(Run, Run.id == Request.run_id).where(which, waits_for_money())
    ids: list[int] = []
    for request, run in (await session.execute(query.order_by(Request.id))).all():
        if still := stopped.of(run.id):
            request.sentence, request.version = still[0].sentence, request.version + 1
            continue
        resume(run)
        request.state, request.sentence = REQUEST.check(RequestState(request.state), RequestState.NEW), ""
        request.version += 1
        await session.flush()
        await log.append(
            session, "request.funded", actor=actor, project_id=request.project_id, run_id=run.id, request_id=request.id,
            **changed(state=(RequestState.FAILED, RequestState.NEW)),
        )  # fmt: skip
        ids.append(request.id)
    return ids

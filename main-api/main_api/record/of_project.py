"""The facts of a project: what waits, how its tasks and plans stand, what it cost and may cost."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.budgets import read_budgets
from main_api.reads.inbox import read_inbox
from main_api.reads.money import usd
from main_api.record.words import at, sentence, short, spent
from services.domain.states import OPEN_TASK, FindingState, PlanState, RequestState, TaskState
from services.guide.facts import Fact
from services.models.budgets import Defaults
from services.store.models import Finding, Plan, Project, Request, Run, Task

WAITING, OPEN, DONE, FAILED, DEAR, FINDINGS, PLANS = 15, 30, 8, 6, 6, 8, 6
UNDER_WAY = (RequestState.NEW, RequestState.PLANNING, RequestState.FAILED)


async def project_facts(session: AsyncSession, project: Project, budgets: Defaults) -> list[Fact]:
    """In the order in which they are told where no question says otherwise."""
    return [
        await _standing(session, project),
        *await _waits(session, project, budgets),
        *await _plans(session, project),
        *await _open(session, project),
        *await _failed(session, project),
        *await _findings(session, project),
        *await _cost(session, project, budgets),
        *await _done(session, project),
    ]


async def _standing(session: AsyncSession, project: Project) -> Fact:
    live = (Task.project_id == project.id, Task.deleted_at.is_(None))
    rows = await session.execute(sa.select(Task.state, sa.func.count()).where(*live).group_by(Task.state))
    counts = ", ".join(f"{count} {state}" for state, count in rows) or "no tasks"
    said = sentence(
        f"{project.name} has {counts}",
        f"It is paused since {at(project.paused_at)}, by {project.paused_by}" if project.paused else "",
        f"Its main branch is {project.default_branch}",
    )
    return Fact("state", said, "the board", {"view": "board"})


async def _waits(session: AsyncSession, project: Project, budgets: Defaults) -> list[Fact]:
    inbox = await read_inbox(session, project.id, budgets, limit=WAITING)
    if inbox.count == 0:
        return [Fact("wait", f"Nothing in {project.name} waits for a person.", "inbox", {"view": "inbox"})]
    first = [Fact("wait", f"{inbox.count} things wait for a person.", "inbox", {"view": "inbox"})]
    return first + [
        Fact(
            "wait",
            sentence(
                f"Waits for you since {at(item.since)}: {short(item.title, 160)} ({item.reason})",
                short(item.sentence, 240),
                f"{item.behind.all} tasks wait behind it" if item.behind.all else "",
            ),
            short(item.title, 40),
            {"view": "inbox", "item": item.key},
        )
        for item in inbox.items
    ]


async def _plans(session: AsyncSession, project: Project) -> list[Fact]:
    facts: list[Fact] = []
    asked = sa.select(Request).where(Request.project_id == project.id, Request.state.in_(UNDER_WAY))
    for one in await session.scalars(asked.order_by(Request.id.desc()).limit(PLANS)):
        said = sentence(f"Request “{short(one.text, 160)}” is {one.state}", short(one.sentence, 200))
        facts.append(Fact("request", said, "request", {"view": "board"}))
    standing = (PlanState.WAITING, PlanState.APPROVED)
    query = sa.select(Plan).where(Plan.project_id == project.id, Plan.state.in_(standing))
    for plan in await session.scalars(query.order_by(Plan.id.desc()).limit(PLANS)):
        tasks: list[Any] = plan.body.get("tasks") or []
        said = f"Plan {plan.id} is {plan.state}, of {len(tasks)} tasks: {short(plan.summary, 240)}"
        facts.append(Fact("plan", said, f"plan {plan.id}", {"view": "plans", "plan": plan.id}))
    return facts


async def _open(session: AsyncSession, project: Project) -> list[Fact]:
    where = (Task.project_id == project.id, Task.deleted_at.is_(None), Task.state.in_(OPEN_TASK))
    query = sa.select(Task).where(*where).order_by(Task.priority.desc(), Task.id).limit(OPEN)
    facts: list[Fact] = []
    for task in await session.scalars(query):
        why = short(task.waiting_sentence, 160) if task.state == TaskState.WAITING else ""
        said = sentence(
            f"{task.key} “{short(task.title, 120)}” is {task.state} at {task.stage}, round {task.round}", why
        )
        facts.append(Fact("state", said, task.key, {"task": task.id}))
    return facts


async def _failed(session: AsyncSession, project: Project) -> list[Fact]:
    query = (
        sa.select(Run, Task.key)
        .join(Task, Task.id == Run.task_id)
        .where(Run.project_id == project.id, Run.state == "failed", Task.deleted_at.is_(None))
        .order_by(Run.queued_at.desc())
        .limit(FAILED)
    )
    return [
        Fact(
            "run", f"{key}: its {run.stage.upper()} run of round {run.round} failed. {short(run.summary, 300)}",
            f"{key}, {run.stage.upper()}", {"task": run.task_id, "tab": "runs", "run": run.id},
        )
        for run, key in await session.execute(query)
    ]  # fmt: skip


async def _findings(session: AsyncSession, project: Project) -> list[Fact]:
    rank = sa.case({"critical": 0, "high": 1, "medium": 2}, value=Finding.severity, else_=3)
    query = (
        sa.select(Finding, Task.key)
        .join(Task, Task.id == Finding.task_id)
        .where(Finding.project_id == project.id, Finding.state == FindingState.OPEN, Task.deleted_at.is_(None))
        .order_by(rank, Finding.id.desc())
        .limit(FINDINGS)
    )
    facts: list[Fact] = []
    for one, key in await session.execute(query):
        where = f" in {one.file}{f', line {one.line}' if one.line else ''}" if one.file else ""
        said = f"{key} has an open finding ({one.severity}, {one.tool}){where}: {short(one.title, 200)}."
        place = (
            {"task": one.task_id, "tab": "changes", "file": one.file, "line": one.line}
            if one.file
            else {"task": one.task_id}
        )
        facts.append(Fact("finding", said, f"finding of {key}", place))
    return facts


async def _cost(session: AsyncSession, project: Project, budgets: Defaults) -> list[Fact]:
    standing = await read_budgets(session, budgets)
    mine = next((one for one in standing.projects if one.project_id == project.id), None)
    facts: list[Fact] = []
    if mine is not None:
        limit = f"of a budget of ${usd(mine.limit_usd)}" if mine.limit_usd is not None else "without a budget"
        facts.append(
            Fact("cost", f"{project.name} cost ${usd(mine.spent_usd)} so far, {limit}.", "cost", {"view": "board"})
        )
    day = standing.today
    limit = f"of ${usd(day.limit_usd)} for the day" if day.limit_usd is not None else "without a limit for the day"
    facts.append(
        Fact("cost", f"All projects together cost ${usd(day.spent_usd)} today, {limit}.", "cost", {"view": "board"})
    )
    sums = (sa.func.sum(Run.cost), sa.func.sum(Run.tokens_in), sa.func.sum(Run.tokens_out))
    query = (
        sa.select(Task.id, Task.key, Task.title, *sums)
        .join(Run, Run.task_id == Task.id)
        .where(Task.project_id == project.id, Task.deleted_at.is_(None))
        .group_by(Task.id, Task.key, Task.title)
        .order_by(sums[0].desc(), (sums[1] + sums[2]).desc())
        .limit(DEAR)
    )
    for id, key, title, cost, tokens_in, tokens_out in await session.execute(query):
        said = f"{key} “{short(title, 100)}” cost {spent(cost, tokens_in, tokens_out)}."
        facts.append(Fact("cost", said, f"cost of {key}", {"task": id, "tab": "runs"}))
    return facts


async def _done(session: AsyncSession, project: Project) -> list[Fact]:
    where = (Task.project_id == project.id, Task.deleted_at.is_(None), Task.state == TaskState.DONE)
    query = sa.select(Task).where(*where).order_by(Task.updated_at.desc()).limit(DONE)
    facts: list[Fact] = []
    for task in await session.scalars(query):
        merged = f", merged as {task.merged_sha[:7]}" if task.merged_sha else ""
        said = f"{task.key} “{short(task.title, 120)}” is done{merged}."
        facts.append(Fact("change", said, task.key, {"task": task.id}))
    return facts

"""Budgets that stop something, as the inbox shows them: each once, with all that waits for it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.waiting import Waiting
from main_api.schemas.budget import UsedUp, WaitsForMoney
from services.inbox.names import named
from services.models.budgets import Defaults
from services.models.exhausted import Exhausted, Wanting, in_the_way
from services.store.models import Project, Request, Task

TITLE_CHARACTERS = 120


async def used_up(session: AsyncSession, budgets: Defaults) -> list[Waiting]:
    found = (await in_the_way(session, budgets)).budgets
    if not found:
        return []
    wanting = [one for budget in found for one in budget.wanting]
    tasks = await _titles(session, Task.id, Task.key + " " + Task.title, [one.task_id for one in wanting])
    requests = await _titles(session, Request.id, Request.text, [one.request_id for one in wanting])
    ids = {one.project_id for one in wanting}
    projects = {
        id: (name, version)
        for id, name, version in await session.execute(
            sa.select(Project.id, Project.name, Project.version).where(Project.id.in_(ids))
        )
    }
    return [_item(budget, tasks, requests, projects) for budget in found]


def _item(
    budget: Exhausted, tasks: dict[int, str], requests: dict[int, str], projects: dict[int, tuple[str, int]]
) -> Waiting:
    waits = [
        WaitsForMoney(
            run_id=one.run_id, task_id=one.task_id, request_id=one.request_id, title=_title(one, tasks, requests),
            stage=one.stage, needs_usd=one.usd or 0.0,
        )
        for one in budget.wanting
    ]  # fmt: skip
    first = budget.wanting[0]
    of_project = None if budget.scope == "day" else first.project_id
    named_budgets = {
        "run": f"What this run may cost: {waits[0].title}",
        "project": f"What {projects[first.project_id][0]} may cost",
        "day": "What all models may cost today",
    }
    link = {"run": f"/runs/{budget.key}", "project": f"/projects/{budget.key}", "day": "/budgets"}
    told = UsedUp(
        scope=budget.scope, key=budget.key, limit_usd=budget.limit_usd, spent_usd=budget.spent_usd,
        held_usd=budget.held_usd, enough_usd=budget.enough_usd, waits=waits,
        project_version=projects[first.project_id][1] if budget.scope == "project" else None,
    )  # fmt: skip
    tasks_stopped = tuple(one.task_id for one in budget.wanting if one.task_id is not None)
    return Waiting(
        named("budget", f"{budget.scope}:{budget.key}", budget.limit_usd), "budget", of_project or 0, of_project,
        first.task_id if budget.scope == "run" else None, named_budgets[budget.scope], "budget", budget.sentence,
        min(one.since for one in budget.wanting), link[budget.scope], version=told.project_version,
        roots=tasks_stopped, things=len(budget.wanting), payload=told,
    )  # fmt: skip


def _title(one: Wanting, tasks: dict[int, str], requests: dict[int, str]) -> str:
    if one.task_id is not None:
        return tasks[one.task_id]
    return requests[one.request_id] if one.request_id is not None else one.run_id


async def _titles(session: AsyncSession, key: Any, text: Any, ids: Sequence[int | None]) -> dict[int, str]:
    rows = await session.execute(sa.select(key, text).where(key.in_({id for id in ids if id is not None})))
    return {id: str(title)[:TITLE_CHARACTERS] for id, title in rows}

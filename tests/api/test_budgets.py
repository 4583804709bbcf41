"""Budgets over HTTP: how they stand; and the tasks that waited for money go on when there is more of it."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from main_api.hub import HubParts
from services.store.models import Event, ModelCall, Project, Run, Task
from tests.support import factories as make

POOR: dict[str, Any] = {"state": "waiting", "stage": "dev", "waiting_reason": "budget", "waiting_sentence": "Too dear."}


async def a_call(hub: HubParts, project: Project, **values: Any) -> None:
    async with hub.db.write() as session:
        session.add(
            ModelCall(
                run_id="r", request_sha256="0" * 64, project_id=project.id, provider="openai", protocol="openai",
                path="chat/completions", model="openai/gpt-4o-mini", **values,
            )
        )  # fmt: skip


async def test_how_the_budgets_stand(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        rich = await make.make_project(session, budget_usd=2.0, run_budget_usd=0.5)
        free = await make.make_project(session)
    await a_call(hub, rich, outcome="answered", cost=0.75, reserved_cost=0.9)
    await a_call(hub, rich, outcome="open", cost=0.0, reserved_cost=0.5)
    told = (await client.get("/budgets")).json()
    assert told["today"] == {"limit_usd": None, "spent_usd": 0.75, "held_usd": 0.5, "left_usd": None}
    assert told["projects"] == [
        {"project_id": rich.id, "run_limit_usd": 0.5, "limit_usd": 2.0, "spent_usd": 0.75, "held_usd": 0.5,
         "left_usd": 0.75},
        {"project_id": free.id, "run_limit_usd": None, "limit_usd": None, "spent_usd": 0.0, "held_usd": 0.0,
         "left_usd": None},
    ]  # fmt: skip
    told = (await client.put("/budgets/today", json={"limit_usd": 1.0})).json()
    assert told["today"] == {"limit_usd": 1.0, "spent_usd": 0.75, "held_usd": 0.5, "left_usd": 0.0}
    assert (await client.get("/budgets")).json() == told
    assert (await client.put("/budgets/today", json={"limit_usd": None})).json()["today"]["limit_usd"] is None
    assert (await client.put("/budgets/today", json={"limit_usd": -1})).status_code == 422


@pytest.mark.parametrize("how", ["project", "project's runs", "task", "today"])
async def test_who_waited_for_money_goes_on_when_there_is_more(
    client: httpx.AsyncClient, hub: HubParts, how: str
) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session, budget_usd=1.0, run_budget_usd=1.0)
        poor = await make.make_task(session, project, **POOR)
        other = await make.make_task(session, project, **{**POOR, "waiting_reason": "model"})
    if how == "task":
        sent = await client.patch(f"/tasks/{poor.id}", json={"version": poor.version, "run_budget_usd": 9.0})
    elif how == "today":
        sent = await client.put("/budgets/today", json={"limit_usd": 9.0})
    else:
        field = "budget_usd" if how == "project" else "run_budget_usd"
        sent = await client.patch(f"/projects/{project.id}", json={"version": project.version, field: 9.0})
    assert sent.status_code == 200, sent.text
    async with hub.db.read() as session:
        assert (await session.get_one(Task, poor.id)).state == "queued"
        assert (await session.get_one(Task, other.id)).state == "waiting", "it waits for something else"
        told = await session.scalars(sa.select(Event.task_id).where(Event.kind == "task.funded"))
        assert list(told) == [poor.id]
        assert not list(await session.scalars(sa.select(Run))), "its run begins when its turn comes"


async def test_less_money_starts_nothing(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session, budget_usd=1.0)
        poor = await make.make_task(session, project, **POOR)
    await client.patch(f"/projects/{project.id}", json={"version": project.version, "budget_usd": 0.5})
    async with hub.db.read() as session:
        assert (await session.get_one(Task, poor.id)).state == "waiting"

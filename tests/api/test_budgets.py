"""Budgets over HTTP: how they stand; and the tasks that waited for money go on when there is more of it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from main_api.hub import HubParts
from services.store.models import DayBudget, Event, ModelCall, Project, Request, Run, Task
from services.store.types import now
from tests.support import factories as make

POOR: dict[str, Any] = {"state": "waiting", "stage": "dev", "waiting_reason": "budget", "waiting_sentence": "Too dear."}


async def a_call(hub: HubParts, project: Project, **values: Any) -> None:
    async with hub.db.write() as session:
        session.add(
            ModelCall(
                request_sha256="0" * 64, project_id=project.id, provider="openai", protocol="openai",
                path="chat/completions", model="openai/gpt-4o-mini", **{"run_id": "r", **values},
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


async def stopped(hub: HubParts, project: Project, needs: float, **of_task: Any) -> tuple[Task, Run]:
    """A task whose run was refused a call that may cost so much."""
    async with hub.db.write() as session:
        task = await make.make_task(session, project, **POOR, **of_task)
        run = await make.make_run(session, task, state="blocked", reason="budget_exceeded", finished_at=now())
    await a_call(hub, project, run_id=run.id, outcome="answered", cost=0.25, reserved_cost=0.3)
    await a_call(hub, project, run_id=run.id, outcome="refused", status_code=429, reserved_cost=needs)
    return task, run


async def test_the_inbox_has_each_budget_once_and_raising_it_lets_the_run_go_on(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session, budget_usd=1.0)
        request = await make.make_request(session, project, state="failed", text="Sell tea.")
        planning = await make.make_run(
            session, await make.make_task(session, project), task_id=None, request_id=request.id, stage="plan",
            state="blocked", reason="budget_exceeded", finished_at=now(),
        )  # fmt: skip
        request.run_id = planning.id
    await a_call(hub, project, run_id=planning.id, outcome="refused", status_code=429, reserved_cost=0.8)
    one, first = await stopped(hub, project, 0.6, run_budget_usd=0.5)
    two, second = await stopped(hub, project, 0.9)
    await client.put("/budgets/today", json={"limit_usd": 100.0})
    items = (await client.get("/inbox")).json()["items"]
    assert [(item["kind"], item["budget"]["scope"], item["title"]) for item in items] == [
        ("budget", "project", f"What {project.name} may cost"),
        ("budget", "run", f"What this run may cost: {one.key} {one.title}"),
    ], "the tasks and the request are shown with what stops them, and not twice"
    whole, narrow = (item["budget"] for item in items)
    assert [one["title"] for one in whole["waits"]] == ["Sell tea.", f"{one.key} {one.title}", f"{two.key} {two.title}"]
    assert (whole["limit_usd"], whole["spent_usd"], whole["enough_usd"]) == (1.0, 0.5, pytest.approx(2.8, abs=1e-3))
    assert (narrow["key"], narrow["limit_usd"], narrow["waits"][0]["needs_usd"]) == (first.id, 0.5, 0.6)
    assert (await client.get("/summary")).json()["waiting"] == 2

    sent = await client.patch(f"/projects/{project.id}", json={"version": whole["project_version"], "budget_usd": 9.0})
    assert sent.status_code == 200, sent.text
    assert await states(hub, one, two, request) == ["waiting", "queued", "new"], "its own run's budget stops the first"
    async with hub.db.read() as session:
        assert "The run's budget of $0.50" in (await session.get_one(Task, one.id)).waiting_sentence
    sent = await client.put(f"/budgets/runs/{first.id}", json={"limit_usd": narrow["enough_usd"]})
    assert (sent.status_code, sent.json()["state"], sent.json()["resumed"]) == (200, "queued", 1), sent.text
    assert await states(hub, one, two, request) == ["queued", "queued", "new"]
    async with hub.db.read() as session:
        runs = {run.id: run for run in await session.scalars(sa.select(Run))}
    assert {runs[id].state for id in (first.id, second.id, planning.id)} == {"queued"} and len(runs) == 3
    assert (await client.get("/inbox")).json()["count"] == 0


async def states(hub: HubParts, *rows: Task | Request) -> list[str]:
    async with hub.db.read() as session:
        return [(await session.get_one(type(row), row.id)).state for row in rows]


async def test_what_a_run_may_cost_is_refused_where_it_says_nothing(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        over = await make.make_run(session, state="passed")
    for run_id, status in ((over.id, 409), ("0190f0e2-nobody", 404)):
        assert (await client.put(f"/budgets/runs/{run_id}", json={"limit_usd": 1})).status_code == status
    assert (await client.put(f"/budgets/runs/{over.id}", json={"limit_usd": None})).status_code == 422


async def test_the_next_day_lets_go_on_who_waited_for_the_last_one(client: httpx.AsyncClient, hub: HubParts) -> None:
    """By itself; and a clock that jumps on by a day and back takes no money twice."""
    async with hub.db.write() as session:
        project = await make.make_project(session)
    task, _run = await stopped(hub, project, 0.6)
    await client.put("/budgets/today", json={"limit_usd": 0.5})
    await hub.housekeeping.fund()
    assert await states(hub, task) == ["waiting"]
    (item,) = (await client.get("/inbox")).json()["items"]
    assert (item["budget"]["scope"], item["project_id"]) == ("day", None)
    async with hub.db.write() as session:
        row = (await session.scalars(sa.select(DayBudget))).one()
        row.day = (now() - timedelta(days=1)).date().isoformat()  # today is another day, without a limit
    await hub.housekeeping.fund()
    assert await states(hub, task) == ["queued"]


async def test_less_money_starts_nothing(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session, budget_usd=1.0)
        poor = await make.make_task(session, project, **POOR)
    await client.patch(f"/projects/{project.id}", json={"version": project.version, "budget_usd": 0.5})
    async with hub.db.read() as session:
        assert (await session.get_one(Task, poor.id)).state == "waiting"

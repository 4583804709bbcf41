"""A plan's whole pipeline by one call, and what the board tells of the last days."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.domain.states import PlanState, RequestState, RunState, TaskState, WaitingReason
from services.events import log
from services.roles.read import newest_workflow
from services.store.models import Plan, Project, Task
from services.store.types import now
from tests.api.test_board_and_decisions import DRAFT
from tests.support import factories as make


@pytest.fixture
async def plan(hub: HubParts) -> Plan:
    async with hub.db.write() as session:
        workflow = (await newest_workflow(session, "software")).id
        project = await make.make_project(session, key="POC", workflow_id=workflow)
        request = await make.make_request(session, project, state=RequestState.PLANNED)
        return await make.make_plan(session, request, body=DRAFT)


async def test_a_plan_runs_by_one_call(client: httpx.AsyncClient, hub: HubParts, plan: Plan) -> None:
    begun = await client.post(f"/plans/{plan.id}/trigger", json={"max_rounds": 7})
    assert (begun.status_code, begun.json()["state"], begun.json()["total"]) == (202, "approved", 3), begun.text
    assert begun.json()["by_state"] == {"queued": 1, "blocked": 2}
    tasks = (await client.get("/tasks", params={"plan_id": plan.id})).json()
    assert {task["max_rounds"] for task in tasks} == {7}
    async with hub.db.write() as session:
        first = await session.get_one(Task, tasks[0]["id"])
        first.state, first.waiting_reason, first.round = TaskState.WAITING, WaitingReason.ROUNDS, 7
    again = (await client.post(f"/plans/{plan.id}/trigger")).json()
    assert again["by_state"] == {"waiting": 1, "blocked": 2}, "its rounds are used up"
    more = (await client.post(f"/plans/{plan.id}/trigger", json={"max_rounds": 9})).json()
    assert more["by_state"] == {"queued": 1, "blocked": 2}
    assert (await client.get(f"/tasks/{tasks[0]['id']}")).json()["round"] == 7, "the count goes on"
    for wrong in ({"max_rounds": 0}, {"max_rounds": "many"}, {"rounds": 1}):
        assert (await client.post(f"/plans/{plan.id}/trigger", json=wrong)).status_code == 422


async def test_a_plan_that_is_over_is_not_run(client: httpx.AsyncClient, hub: HubParts, plan: Plan) -> None:
    async with hub.db.write() as session:
        (await session.get_one(Plan, plan.id)).state = PlanState.REJECTED
    refused = await client.post(f"/plans/{plan.id}/trigger")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await client.post("/plans/4711/trigger")).status_code == 404


async def statistics(client: httpx.AsyncClient, **query: Any) -> Any:
    response = await client.get("/board/statistics", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def test_what_the_board_did(client: httpx.AsyncClient, hub: HubParts, plan: Plan) -> None:
    empty = await statistics(client)
    assert (empty["done"], empty["median_lead_seconds"], empty["stages"], len(empty["throughput"])) == (0, None, [], 30)
    async with hub.db.write() as session:
        project = await session.get_one(Project, plan.project_id)
        task = await make.make_task(session, project, stage="done", state=TaskState.DONE)
        task.created_at = now() - timedelta(seconds=100)
        await log.of_task(session, "task.done", task, actor="hub")
        for state, seconds in ((RunState.PASSED, 10), (RunState.FAILED, 30), (RunState.LOST, None)):
            run = await make.make_run(session, task, state=state, finished_at=now(), cost=0.25, tokens_in=3)
            run.started_at = run.finished_at - timedelta(seconds=seconds) if seconds and run.finished_at else None
        for _ in range(6):
            await make.make_task(session, project, stage="dev", state=TaskState.PAUSED)
    told = await statistics(client, project_id=plan.project_id, days=7)
    assert (told["done"], told["by_state"], told["by_stage"]) == (1, {"done": 1, "paused": 6}, {"dev": 6})
    assert told["throughput"][-1]["done"] == 1 and sum(day["done"] for day in told["throughput"]) == 1
    assert 99 <= told["median_lead_seconds"] <= 110
    (dev,) = told["stages"]
    assert (dev["runs"], dev["passed"], dev["failed"], dev["lost"], dev["pass_rate"]) == (3, 1, 1, 1, 0.5)
    assert (dev["mean_seconds"], dev["longest_seconds"], dev["cost_usd"], dev["tokens"]) == (20.0, 30.0, "0.75", 9)
    violation = {"project_id": plan.project_id, "stage": "dev", "title": "DEV", "count": 6, "wip": 5}
    assert told["violations"] == [violation]
    assert (await client.get("/board")).json()["violations"] == [violation]
    assert (await client.get("/board/statistics", params={"project_id": 4711})).status_code == 404
    assert (await client.get("/board/statistics", params={"days": 0})).status_code == 422


async def test_a_request_whose_planning_was_stopped_has_a_way_out(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        request = await make.make_request(session, state=RequestState.PLANNING)
        run = await make.make_run(
            session, project_id=request.project_id, task_id=None, request_id=request.id, stage="plan", owner="w"
        )
        request.run_id = run.id
    address = f"/requests/{request.id}"
    assert (await client.post(f"{address}/retry")).status_code == 409
    assert (await client.post(f"/runs/{run.id}/kill")).json()["state"] == "cancelled"
    stopped = (await client.get(address)).json()
    assert (stopped["state"], stopped["sentence"]) == ("failed", "Its planning was stopped. Ask again, or close it.")
    assert [item["kind"] for item in (await client.get("/inbox")).json()["items"]] == ["request"]
    again = (await client.post(f"{address}/retry")).json()
    assert (again["state"], again["sentence"]) == ("new", "")
    for _ in range(2):
        assert (await client.post(f"{address}/close")).json()["state"] == "closed"
    assert (await client.post(f"{address}/retry")).status_code == 409
    assert (await client.get("/inbox")).json()["items"] == []

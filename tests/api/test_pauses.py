"""A person's word to stand still, over HTTP: said twice, too late, to what is not there, and by two at once."""

import asyncio
import time

import httpx
import pytest

from main_api.hub import HubParts
from services.store.models import Project, Run, Task
from tests.support.factories import make_project, make_run, make_task


async def rows(hub: HubParts, **run: object) -> tuple[Project, Task, Run]:
    """A running task whose run an orchestrator carries that never answers."""
    async with hub.db.write() as session:
        project = await make_project(session)
        task = await make_task(session, project, state="running", stage="dev")
        given = {"state": "running", "owner": "an orchestrator that is away"} | run
        made = await make_run(session, task, **given)
        task.current_run_id = made.id
        await session.flush()
        return project, task, made


async def test_said_twice_and_by_two_at_once(client: httpx.AsyncClient, hub: HubParts) -> None:
    project, task, run = await rows(hub)
    answers = await asyncio.gather(*(client.post("/pause") for _ in range(3)))
    assert sorted(answer.json()["changed"] for answer in answers) == [False, False, True]
    begun = time.monotonic()
    word = (await client.post(f"/tasks/{task.id}/pause")).json()
    assert time.monotonic() - begun > 0.9, "it waits for the agent"
    assert [one["held"] for one in word["runs"]] == ["not_yet"], "and not for ever"
    assert "could not be told yet" in word["sentence"]
    assert (await client.get(f"/tasks/{task.id}")).json()["paused_by"] == "person"
    stays = (await client.post("/resume")).json()
    assert [(one["scope"], one["name"]) for one in stays["stays"]] == [("task", task.key)]
    assert f"so still: {task.key}" in stays["sentence"]
    await client.post(f"/projects/{project.id}/pause")
    resumed = (await client.post(f"/tasks/{task.id}/resume")).json()
    assert f"It waits for a pause of the project {project.name}" in resumed["sentence"]
    told = (await client.get("/pause")).json()
    assert (told["everything"], [one["scope"] for one in told["pauses"]], [one["run_id"] for one in told["runs"]]) == (
        False, ["project"], [run.id],
    )  # fmt: skip
    twice = await asyncio.gather(*(client.post(f"/projects/{project.id}/resume") for _ in range(2)))
    assert sorted(answer.status_code for answer in twice) == [200, 409]
    assert {answer.json().get("code") for answer in twice} == {None, "not_paused"}


@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_what_is_not_there(client: httpx.AsyncClient, verb: str) -> None:
    for path in ("projects/7", "tasks/7", "runs/none"):
        answer = await client.post(f"/{path}/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert answer.json()["way_out"]


async def test_too_late_and_outside(client: httpx.AsyncClient, hub: HubParts) -> None:
    _, task, run = await rows(hub, owner=None)
    object.__setattr__(hub.settings, "pause_answer_seconds", 600.0)  # nobody is waited for
    outside = (await client.post(f"/runs/{run.id}/pause")).json()
    assert [one["held"] for one in outside["runs"]] == ["outside"] and "can't stop" in outside["sentence"]
    told = await client.patch(f"/runs/{run.id}", json={"result": "pass", "summary": "done"})
    assert (told.status_code, told.json()["code"]) == (409, "conflict")
    assert (await client.post(f"/runs/{run.id}/kill")).status_code == 202
    for path, code in ((f"runs/{run.id}/pause", "nothing_to_pause"), (f"runs/{run.id}/resume", "not_paused")):
        answer = await client.post(f"/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert "cancelled" in answer.json()["detail"]
    assert (await client.get(f"/tasks/{task.id}")).json()["state"] == "paused"
    await client.post(f"/tasks/{task.id}/cancel")
    done = await client.post(f"/tasks/{task.id}/pause")
    assert (done.status_code, done.json()["code"]) == (409, "nothing_to_pause")


async def test_a_project_by_its_form_and_why_its_tasks_wait(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make_project(session)
        task = await make_task(session, project, state="queued", stage="dev")
    edited = (await client.patch(f"/projects/{project.id}", json={"version": 1, "paused": True})).json()
    assert edited["paused"] and edited["paused_by"] == "person" and edited["paused_at"]
    [waits] = (await client.get("/tasks/queue")).json()
    assert waits["sentence"] == "Its project is paused."
    await client.post("/pause")
    assert (await client.get("/tasks/queue")).json()[0]["sentence"] == "Everything is paused."
    assert (await client.post(f"/tasks/{task.id}/trigger")).status_code == 409
    paused = (await client.post(f"/tasks/{task.id}/pause")).json()
    assert paused["sentence"] == f"{task.key} is paused. No agent was at work."
    refused = (await client.post(f"/tasks/{task.id}/trigger")).json()
    assert refused["code"] == "conflict" and f"/tasks/{task.id}/resume" in refused["way_out"]
    kinds = [one["kind"] for one in (await client.get("/events", params={"limit": 100})).json()]
    assert kinds.count("pause.set") == 3

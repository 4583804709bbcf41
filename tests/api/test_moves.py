"""A person's hand on tasks over HTTP: moves, places, giving up, deleting, waiting for others, and the queue."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts
from services.domain.states import ApprovalState, HandoffState, RunState, TaskState, WaitingReason
from services.roles.read import newest_workflow
from services.scheduling.admit import admit
from services.scheduling.limits import SchedulingLimits
from services.store.models import Handoff, Project, Run, Task, Worker
from services.tasks.ownership import orphans
from tests.support import factories as make


@pytest.fixture
async def project(hub: HubParts) -> Project:
    """A project on the shipped workflow."""
    async with hub.db.write() as session:
        return await make.make_project(session, key="POC", workflow_id=(await newest_workflow(session, "software")).id)


async def add(client: httpx.AsyncClient, project: Project, title: str = "A task", **body: Any) -> dict[str, Any]:
    response = await client.post("/tasks", json={"project_id": project.id, "title": title, **body})
    assert response.status_code == 201, response.text
    return response.json()


async def running(hub: HubParts, project: Project, **values: Any) -> tuple[int, str]:
    """A task with a live run that an orchestrator carries."""
    async with hub.db.write() as session:
        task = await make.make_task(
            session, await session.get_one(Project, project.id), **{"stage": "dev", "state": "running", **values}
        )
        run = await make.make_run(session, task, state=RunState.RUNNING, stage=task.stage, owner="worker-1")
        task.current_run_id = run.id
        return task.id, run.id


async def events(client: httpx.AsyncClient, task_id: int) -> list[dict[str, Any]]:
    told = (await client.get("/events", params={"task_id": task_id})).json()
    assert all(event["task_id"] == task_id for event in told)
    return told


async def owned(hub: HubParts) -> None:
    async with hub.db.read() as session:
        assert [task.key for task in await orphans(session)] == []


async def test_a_moved_card_leaves_no_run_for_the_old_place(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    task_id, run_id = await running(hub, project)
    async with hub.db.write() as session:
        handoff = await make.make_handoff(
            session, await session.get_one(Task, task_id), to_run_id=run_id, state=HandoffState.ACCEPTED
        )
    moved = await client.post(f"/tasks/{task_id}/set-stage", json={"stage": "qa", "note": "Test it **as it is**."})
    assert (moved.status_code, moved.json()["stage"], moved.json()["state"]) == (200, "qa", "queued"), moved.text
    assert (moved.json()["assignee_role"], moved.json()["current_run_id"]) == ("qa", None)
    run = (await client.get(f"/runs/{run_id}")).json()
    assert (run["state"], run["stopping"], run["reason"]) == ("cancelled", True, "killed")
    assert "moved to QA" in run["summary"]
    comments = (await client.get(f"/tasks/{task_id}/comments")).json()
    assert [comment["body"] for comment in comments] == ["Test it **as it is**."]
    async with hub.db.write() as session:
        given_back = await session.get_one(Handoff, handoff.id)
        assert (given_back.state, given_back.to_run_id) == (HandoffState.CREATED, None)
        assert await admit(session, "worker-1", SchedulingLimits()) == [], "its agent may still write"
        (await session.get_one(Run, run_id)).stopping = False
        await session.flush()
        assert len(await admit(session, "worker-1", SchedulingLimits())) == 1
    await owned(hub)


async def test_advance_takes_the_next_stage_and_the_backlog_gives_rest(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    task = await add(client, project)
    for stage in ("pm", "dev", "qa"):
        now = (await client.post(f"/tasks/{task['id']}/advance-stage")).json()
        assert (now["stage"], now["state"]) == (stage, "queued")
    back = (await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "backlog"})).json()
    assert (back["stage"], back["state"], back["assignee_role"]) == ("backlog", "idle", None)
    again = await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "backlog"})
    assert again.json()["version"] == back["version"], "where it stands already nothing happens"
    stays = (await client.get(f"/tasks/{task['id']}/stages")).json()
    assert [stay["stage"] for stay in stays] == ["backlog", "pm", "dev", "qa", "backlog"]
    assert [stay["left_at"] is None for stay in stays] == [False] * 4 + [True]
    await client.post(f"/tasks/{task['id']}/trigger", json={"stage": "qa"})
    stays = (await client.get(f"/tasks/{task['id']}/stages")).json()
    assert [(stay["stage"], stay["runs"]) for stay in stays][2:] == [("dev", 0), ("qa", 0), ("backlog", 0), ("qa", 1)]
    await owned(hub)


@pytest.mark.parametrize("stage", ["testing", "done"])
async def test_behind_the_merge_stands_only_what_is_merged(
    client: httpx.AsyncClient, project: Project, stage: str
) -> None:
    task = await add(client, project)
    for response in (
        await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": stage}),
        await client.post("/board/moves", json={"task_id": task["id"], "stage": stage}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "not_merged"), response.text
        assert "DEPLOY" in response.json()["way_out"] and "cancel" in response.json()["way_out"]
    assert (await client.get(f"/tasks/{task['id']}")).json()["stage"] == "backlog"
    unknown = await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "nowhere"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid_input")
    assert "backlog, pm, dev" in unknown.json()["way_out"]


async def test_a_merged_task_is_done_and_opened_again_on_a_new_branch(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Project, project.id)
        values = {"stage": "testing", "state": "paused", "branch": "wfhub/POC-1-1", "merged_sha": "a" * 40}
        task_id = (await make.make_task(session, row, **values)).id
    again = await client.post(f"/tasks/{task_id}/set-stage", json={"stage": "deploy"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_merge"), "it is merged"
    done = (await client.post(f"/tasks/{task_id}/advance-stage")).json()
    assert (done["stage"], done["state"]) == ("done", "done")
    assert (await client.post(f"/tasks/{task_id}/advance-stage")).json()["version"] == done["version"]
    assert (await client.post(f"/tasks/{task_id}/cancel")).json()["code"] == "conflict"
    reopened = (await client.post(f"/tasks/{task_id}/set-stage", json={"stage": "dev"})).json()
    assert (reopened["stage"], reopened["state"], reopened["round"]) == ("dev", "queued", 2)
    assert (reopened["branch"], reopened["merged_sha"]) == (None, None)
    assert (await client.post(f"/tasks/{task_id}/set-stage", json={"stage": "done"})).json()["code"] == "not_merged"


def git(folder: Path, *args: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    return subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True, text=True).stdout


async def test_where_a_person_is_asked_a_move_asks_about_the_change(
    client: httpx.AsyncClient, hub: HubParts, settings: Any
) -> None:
    made = (await client.post("/projects", json={"name": "POC", "workspace_path": "poc", "key": "POC"})).json()
    task = (await client.post("/tasks", json={"project_id": made["id"], "title": "One"})).json()
    address = f"/tasks/{task['id']}"
    for refused in (
        await client.post(f"{address}/set-stage", json={"stage": "deploy"}),
        await client.post(f"{address}/trigger", json={"stage": "deploy"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_merge"), refused.text
    base = await hub.repos.target(made["id"], Path(made["workspace_path"]), "main")
    worktree = await hub.repos.open_worktree(made["id"], "POC-1", "wfhub/POC-1-1", base)
    (worktree.path / "one.txt").write_text("one\n")
    await hub.repos.commit_all(worktree, "One", {"Task": "POC-1"})
    async with hub.db.write() as session:
        row = await session.get_one(Task, task["id"])
        row.branch, row.base_sha = "wfhub/POC-1-1", base
    asked = (await client.post("/board/moves", json={"task_id": task["id"], "stage": "deploy"})).json()
    assert (asked["state"], asked["waiting_reason"]) == ("waiting", "approval")
    approval = (await client.get("/approvals", params={"task_id": task["id"]})).json()[0]
    assert (approval["state"], approval["diff_stat"]["files"], approval["base_sha"]) == ("asked", 1, base)
    await client.post(f"{address}/set-stage", json={"stage": "dev"})
    assert (await client.get(f"/approvals/{approval['id']}")).json()["state"] == "void"
    run = await client.post(f"{address}/cancel", json={"note": "We do it otherwise."})
    assert (run.json()["state"], run.json()["waiting_sentence"]) == ("cancelled", "We do it otherwise.")
    again = (await client.post(f"{address}/set-stage", json={"stage": "deploy"})).json()
    assert (again["state"], again["waiting_reason"]) == ("waiting", "approval"), "the branch was kept"
    await owned(hub)


async def test_cards_go_where_they_are_dropped(client: httpx.AsyncClient, project: Project) -> None:
    tasks = [await add(client, project, f"Task {number}") for number in range(4)]
    a, b, c, d = (task["id"] for task in tasks)

    async def order(stage: str = "backlog") -> list[int]:
        query = {"stage": stage, "sort": "position"}
        return [row["id"] for row in (await client.get("/tasks", params=query)).json()]

    async def move(task_id: int, stage: str = "backlog", **where: int) -> httpx.Response:
        return await client.post("/board/moves", json={"task_id": task_id, "stage": stage, **where})

    await move(d, before_id=a)
    assert await order() == [d, a, b, c]
    await move(d, after_id=b)
    assert await order() == [a, b, d, c]
    await move(a, after_id=c)
    assert await order() == [b, d, c, a]
    for _ in range(60):  # the gap between two neighbours would run out
        await move(c, before_id=d)
        await move(a, before_id=c)
        await move(d, before_id=a)
    assert await order() == [b, d, a, c]
    for task_id in (a, b, c):
        await move(task_id, stage="dev", **({"before_id": a} if task_id != a else {}))
    assert await order("dev") == [b, c, a]
    for wrong in ({"before_id": a}, {"after_id": 4711}, {"before_id": d}):
        response = await move(d, **wrong)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_input"), response.text
    assert (await client.get(f"/tasks/{d}")).json()["stage"] == "backlog"
    both = await move(d, before_id=a, after_id=b)
    assert both.status_code == 400 and "not both" in both.json()["detail"]


async def test_what_waited_for_a_task_that_is_given_up_comes_to_a_person(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    first, second = await add(client, project, "First"), await add(client, project, "Second")
    both = await add(client, project, "Both", blocked_by=[first["id"], second["id"]])
    started = (await client.post(f"/tasks/{both['id']}/trigger", json={"stage": "dev"})).json()
    assert started["state"] == "queued"
    assert (await client.get(f"/tasks/{both['id']}")).json()["state"] == "blocked"
    queue = (await client.get("/tasks/queue")).json()
    assert [(one["key"], one["place"], one["sentence"]) for one in queue] == [
        ("POC-3", None, "Waits for POC-1, POC-2.")
    ]
    assert queue[0]["run_id"] == started["id"]
    await client.post(f"/tasks/{first['id']}/cancel")
    now = (await client.get(f"/tasks/{both['id']}")).json()
    assert (now["state"], now["blocked_by"]) == ("blocked", [second["id"]])
    assert (await client.delete(f"/tasks/{second['id']}")).status_code == 204
    now = (await client.get(f"/tasks/{both['id']}")).json()
    assert (now["state"], now["waiting_reason"], now["blocked_by"]) == ("waiting", "trigger", [])
    assert "POC-2, which was deleted" in now["waiting_sentence"]
    assert both["id"] in [item["task_id"] for item in (await client.get("/inbox")).json()["items"]]
    query = {"task_id": both["id"], "kind": ["task.dependency_dropped", "task.nothing"]}
    told = [event["data"] for event in (await client.get("/events", params=query)).json()]
    assert [(data["blocked_by"], data["how"]) for data in told] == [("POC-1", "cancelled"), ("POC-2", "deleted")]
    await owned(hub)


async def test_a_deleted_task_keeps_its_history(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    task_id, run_id = await running(hub, project)
    child = await add(client, project, "Part", parent_id=task_id)
    await client.post(f"/tasks/{task_id}/comments", json={"body": "Kept."})
    busy = await client.delete(f"/tasks/{task_id}")
    assert (busy.status_code, busy.json()["code"], busy.json()["runs"]) == (409, "task_busy", [run_id])
    assert "force=true" in busy.json()["way_out"]
    assert (await client.delete(f"/tasks/{task_id}", params={"force": True})).status_code == 204
    assert (await client.get(f"/tasks/{task_id}")).status_code == 404
    assert (await client.delete(f"/tasks/{task_id}")).status_code == 404
    assert task_id not in [row["id"] for row in (await client.get("/tasks")).json()]
    assert (await client.get(f"/runs/{run_id}")).json()["state"] == "cancelled"
    assert [run["id"] for run in (await client.get(f"/tasks/{task_id}/runs")).json()] == [run_id]
    assert [c["body"] for c in (await client.get(f"/tasks/{task_id}/comments")).json()] == ["Kept."]
    assert (await client.get(f"/tasks/{task_id}/stages")).json()[-1]["left_at"] is not None
    assert (await events(client, task_id))[-1]["kind"] == "task.deleted"
    assert (await client.get(f"/tasks/{child['id']}")).json()["parent_id"] is None
    await owned(hub)


async def test_a_project_with_live_runs_is_deleted_by_force(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    task_id, run_id = await running(hub, project)
    busy = await client.delete(f"/projects/{project.id}")
    assert (busy.status_code, busy.json()["code"], busy.json()["runs"]) == (409, "project_busy", [run_id])
    assert (await client.delete(f"/projects/{project.id}", params={"force": True})).status_code == 204
    assert (await client.get(f"/runs/{run_id}")).json()["state"] == "cancelled"
    assert (await client.get(f"/projects/{project.id}")).status_code == 404
    assert [run["id"] for run in (await client.get(f"/tasks/{task_id}/runs")).json()] == [run_id]
    await owned(hub)


async def test_circles_are_refused_with_their_path(client: httpx.AsyncClient, project: Project) -> None:
    a, b, c = [(await add(client, project, title))["id"] for title in "abc"]

    async def wait(task_id: int, *others: int) -> httpx.Response:
        return await client.post(f"/tasks/{task_id}/dependencies", json={"blocked_by": others})

    assert (await wait(b, a)).status_code == (await wait(c, b)).status_code == 200
    circle = await wait(a, c)
    assert (circle.status_code, circle.json()["code"]) == (400, "dependency_cycle")
    path = circle.json()["path"]
    assert path[0] == path[-1] and set(path) == {"POC-1", "POC-2", "POC-3"} and " → ".join(path) in circle.text
    alone = await wait(a, a)
    assert (alone.json()["code"], alone.json()["path"]) == ("dependency_cycle", ["POC-1", "POC-1"])
    assert (await wait(a, 4711)).status_code == 404
    assert (await client.get(f"/tasks/{a}")).json()["blocked_by"] == []
    assert (await wait(c, b)).status_code == 200, "said twice, it counts once"
    gone = await client.delete(f"/tasks/{c}/dependencies/{b}")
    assert gone.status_code == 200 and (await client.get(f"/tasks/{c}")).json()["blocked_by"] == []
    assert (await client.delete(f"/tasks/{c}/dependencies/{b}")).status_code == 200
    assert (await wait(a, c)).status_code == 200


async def test_dependencies_hold_up_and_let_go(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    first, second = await add(client, project, "First"), await add(client, project, "Second")
    await client.post(f"/tasks/{second['id']}/trigger", json={"stage": "dev"})
    held = await client.post(f"/tasks/{second['id']}/dependencies", json={"blocked_by": [first["id"]]})
    assert held.json()["state"] == "blocked"
    free = await client.delete(f"/tasks/{second['id']}/dependencies/{first['id']}")
    assert free.status_code == 200
    assert (await client.get(f"/tasks/{second['id']}")).json()["state"] == "queued"
    task_id, _ = await running(hub, project)
    busy = await client.post(f"/tasks/{task_id}/dependencies", json={"blocked_by": [first["id"]]})
    assert (busy.status_code, busy.json()["code"]) == (409, "task_busy")
    await client.post(f"/tasks/{first['id']}/cancel")
    dead = await client.post(f"/tasks/{second['id']}/dependencies", json={"blocked_by": [first["id"]]})
    assert dead.status_code == 400 and "cancelled" in dead.json()["detail"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_auto_trigger_nothing_starts_that_a_person_did_not_name(
    app: FastAPI, client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    app.state.hub = replace(hub, settings=hub.settings.model_copy(update={"auto_trigger_agents": False}))
    first, second = await add(client, project, "First"), await add(client, project, "Second")
    third, fourth = await add(client, project, "Third"), await add(client, project, "Fourth")
    for waiting in (second, third):
        await client.post(f"/tasks/{waiting['id']}/trigger", json={"stage": "dev"})
        await client.post(f"/tasks/{waiting['id']}/dependencies", json={"blocked_by": [first["id"]]})

    async def stands(task: dict[str, Any]) -> tuple[str, str]:
        told = (await client.get(f"/tasks/{task['id']}")).json()
        return told["state"], told["waiting_reason"] or ""

    await client.delete(f"/tasks/{third['id']}/dependencies/{first['id']}")
    assert await stands(third) == ("waiting", "trigger")
    await client.post(f"/tasks/{first['id']}/set-stage", json={"stage": "dev"})
    assert await stands(first) == ("queued", "")  # where a person puts it, it starts
    async with hub.db.write() as session:
        (await session.get_one(Task, first["id"])).merged_sha = "1" * 40
    assert (await client.post(f"/tasks/{first['id']}/set-stage", json={"stage": "done"})).status_code == 200
    assert await stands(second) == ("waiting", "trigger")
    run = (await client.post("/runs", json={"task_id": fourth["id"], "stage": "dev", "agent": "mine"})).json()
    await client.patch(f"/runs/{run['id']}", json={"summary": "Written by hand.", "result": "pass"})
    assert await stands(fourth) == ("waiting", "trigger")


async def test_subtasks_have_no_rings(client: httpx.AsyncClient, project: Project) -> None:
    top = await add(client, project, "Top")
    middle = await add(client, project, "Middle", parent_id=top["id"])
    low = await add(client, project, "Low", parent_id=middle["id"])
    assert (await client.get(f"/tasks/{top['id']}")).json()["subtasks"] == [middle["id"]]
    assert [t["id"] for t in (await client.get("/tasks", params={"parent_id": middle["id"]})).json()] == [low["id"]]
    for parent in (low["id"], top["id"]):
        ring = await client.patch(f"/tasks/{top['id']}", json={"version": 1, "parent_id": parent})
        assert (ring.status_code, ring.json()["code"]) == (400, "parent_cycle"), ring.text
        assert ring.json()["path"][0] == ring.json()["path"][-1] == "POC-1"
    lone = await client.patch(f"/tasks/{low['id']}", json={"version": 1, "parent_id": None})
    assert lone.json()["parent_id"] is None
    assert (await client.patch(f"/tasks/{low['id']}", json={"version": 2, "parent_id": 4711})).status_code == 404


async def test_the_queue_says_who_is_next_and_why_the_others_wait(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    made = [await add(client, project, f"Task {priority}", priority=priority) for priority in (1, 9, 5, 7, 3, 8, 2)]
    for task in made:
        await client.post(f"/tasks/{task['id']}/trigger", json={"stage": "dev"})

    async def told(**query: Any) -> list[tuple[str, str]]:
        rows = (await client.get("/tasks/queue", params=query)).json()
        assert [row["place"] for row in rows] == list(range(1, len(rows) + 1))
        return [(row["title"], row["sentence"]) for row in rows]

    assert {sentence for _, sentence in await told()} == {"No orchestrator is at work."}
    async with hub.db.write() as session:
        session.add(Worker(id="w", host="here", pid=1, capacity=9))
    queue = await told()
    assert [title for title, _ in queue] == [f"Task {number}" for number in (9, 8, 7, 5, 3, 2, 1)]
    assert [sentence for _, sentence in queue[:4]] == ["Starts next."] * 4
    assert {sentence for _, sentence in queue[4:]} == {"Its project has 4 runs of 4."}
    async with hub.db.write() as session:
        admitted = await admit(session, "w", SchedulingLimits(per_project=4))
        started = {run.id for run in (await client_runs(session))}
    assert {one.run_id for one in admitted} <= started
    assert [title for title, _ in await told()] == ["Task 3", "Task 2", "Task 1"]
    await client.patch(f"/projects/{project.id}", json={"version": 1, "paused": True})
    assert {sentence for _, sentence in await told(project_id=project.id)} == {"Its project is paused."}
    assert await told(project_id=project.id + 1) == []


async def client_runs(session: AsyncSession) -> list[Run]:
    return list((await session.scalars(sa.select(Run))).all())


async def test_a_triggered_run_is_the_run_that_is_carried(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    task = await add(client, project)
    run = (await client.post("/runs", json={"task_id": task["id"], "stage": "dev"})).json()
    assert (run["state"], run["attempt"], run["round"]) == ("queued", 1, 1)
    async with hub.db.write() as session:
        (admitted,) = await admit(session, "w", SchedulingLimits())
    assert admitted.run_id == run["id"]
    assert len((await client.get(f"/tasks/{task['id']}/runs")).json()) == 1
    refused = await client.patch(f"/runs/{run['id']}", json={"result": "pass"})
    assert (refused.status_code, refused.json()["code"]) == (409, "run_carried")
    killed = (await client.post(f"/runs/{run['id']}/kill")).json()
    assert (killed["state"], killed["stopping"]) == ("cancelled", True)
    assert (await client.get(f"/tasks/{task['id']}")).json()["state"] == "paused"


async def test_a_waiting_run_can_be_killed_and_goes_with_its_task(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    task = await add(client, project)
    first = (await client.post(f"/tasks/{task['id']}/trigger", json={"stage": "dev"})).json()
    assert (await client.post(f"/runs/{first['id']}/kill")).json()["stopping"] is False
    assert (await client.get(f"/tasks/{task['id']}")).json()["state"] == "paused"
    second = (await client.post(f"/tasks/{task['id']}/trigger")).json()
    assert (second["stage"], second["attempt"]) == ("dev", 2)
    await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "qa"})
    assert (await client.get(f"/runs/{second['id']}")).json()["state"] == "cancelled"
    assert (await client.delete(f"/tasks/{task['id']}")).status_code == 204, "nobody worked on it"
    await owned(hub)


async def test_work_outside_is_told_and_moves_the_task(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    task = await add(client, project)
    begun = await client.post("/runs", json={"task_id": task["id"], "stage": "dev", "agent": "my-agent"})
    assert (begun.status_code, begun.json()["state"], begun.json()["agent"]) == (202, "running", "my-agent")
    async with hub.db.write() as session:
        assert await admit(session, "w", SchedulingLimits()) == []
    await owned(hub)
    address = f"/runs/{begun.json()['id']}"
    assert (await client.patch(address, json={})).status_code == 422
    noted = (await client.patch(address, json={"summary": "Half way."})).json()
    assert (noted["state"], noted["summary"]) == ("running", "Half way.")
    ended = (await client.patch(address, json={"summary": "Written by hand.", "result": "pass"})).json()
    assert (ended["state"], ended["result"], ended["reason"]) == ("passed", "pass", "told")
    now = (await client.get(f"/tasks/{task['id']}")).json()
    assert (now["stage"], now["state"]) == ("qa", "queued")
    assert (await client.patch(address, json={"result": "fail"})).status_code == 409
    second = (await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "sec"})).json()
    assert second["state"] == "queued"
    await owned(hub)


@pytest.mark.parametrize(("result", "stage", "state"), [("fail", "dev", "queued"), ("blocked", "qa", "waiting")])
async def test_bad_news_from_outside(
    client: httpx.AsyncClient, project: Project, result: str, stage: str, state: str
) -> None:
    task = await add(client, project)
    run = (await client.post("/runs", json={"task_id": task["id"], "stage": "qa", "agent": "me"})).json()
    await client.patch(f"/runs/{run['id']}", json={"summary": "It does not.", "result": result})
    now = (await client.get(f"/tasks/{task['id']}")).json()
    assert (now["stage"], now["state"], now["round"]) == (stage, state, 2 if result == "fail" else 1)


async def test_a_merged_task_that_still_has_to_be_proven_is_started_on_a_new_branch(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Project, project.id)
        values = {"stage": "testing", "state": "waiting", "branch": "wfhub/POC-1-1", "merged_sha": "a" * 40}
        task_id = (await make.make_task(session, row, waiting_reason="stall", merge_granted=True, **values)).id
    await client.post(f"/tasks/{task_id}/trigger", json={"stage": "dev"})
    now = (await client.get(f"/tasks/{task_id}")).json()
    assert (now["stage"], now["state"], now["round"], now["branch"]) == ("dev", "queued", 2, None)
    assert (now["merged_sha"], now["merge_granted"]) == (None, False)


async def test_killing_what_waits_for_an_approval_takes_the_question_back(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Project, project.id)
        values = {"stage": "deploy", "state": TaskState.WAITING, "waiting_reason": WaitingReason.APPROVAL}
        task = await make.make_task(session, row, **values)
        approval = await make.make_approval(session, task)
        run = await make.make_run(session, task, stage="deploy")
    assert (await client.post(f"/runs/{run.id}/kill")).status_code == 202
    assert (await client.get(f"/approvals/{approval.id}")).json()["state"] == "void"
    assert (await client.get("/inbox")).json()["items"] == []


async def test_approvals_and_states_that_no_move_can_break(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Project, project.id)
        task = await make.make_task(
            session, row, stage="dev", state=TaskState.WAITING, waiting_reason=WaitingReason.ROUNDS, round=4
        )
        approval = await make.make_approval(session, task, state=ApprovalState.ASKED)
        task_id = task.id
    await client.post(f"/tasks/{task_id}/set-stage", json={"stage": "qa"})
    now = (await client.get(f"/tasks/{task_id}")).json()
    assert (now["stage"], now["state"], now["round"]) == ("qa", "queued", 1)
    assert (await client.get(f"/approvals/{approval.id}")).json()["state"] == "void"

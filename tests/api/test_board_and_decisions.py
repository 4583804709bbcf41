"""From a request to a decision over HTTP, and what the board and the inbox show meanwhile."""

import asyncio
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from main_api.schemas import project as project_shapes
from main_api.schemas import request as request_shapes
from main_api.schemas import run as run_shapes
from main_api.schemas import task as task_shapes
from services.domain.states import ApprovalState, PlanState, RequestState, RunState, TaskState, WaitingReason
from services.roles.read import newest_workflow
from services.store.models import Approval, Plan, Project, Request, Run, Task
from tests.support import factories as make

CRITERIA = [{"text": "t", "check": "c"}]
DRAFT: dict[str, Any] = {
    "summary": "Three tasks.",
    "tasks": [
        {"id": "a", "title": "First", "description": "x", "criteria": CRITERIA},
        {"id": "b", "title": "Second", "description": "x", "criteria": CRITERIA, "depends_on": ["a"]},
        {"id": "c", "title": "Third", "description": "x", "criteria": CRITERIA, "depends_on": ["b"]},
    ],
}


@pytest.fixture
async def project(hub: HubParts) -> Project:
    """A project on the shipped workflow."""
    async with hub.db.write() as session:
        return await make.make_project(session, key="POC", workflow_id=(await newest_workflow(session, "software")).id)


async def _planned(hub: HubParts, project: Project, **values: Any) -> Plan:
    async with hub.db.write() as session:
        request = await make.make_request(session, project, state=RequestState.PLANNED)
        return await make.make_plan(session, request, body=DRAFT, **values)


async def test_requests_under_way_are_those_that_somebody_has_to_do_something_for(
    hub: HubParts, client: httpx.AsyncClient, project: Project
) -> None:
    waits = await _planned(hub, project)
    await _planned(hub, project, state=PlanState.APPROVED)
    async with hub.db.write() as session:
        made = {state: await make.make_request(session, project, state=state) for state in RequestState}
    wanted = {waits.request_id, made[RequestState.NEW].id, made[RequestState.PLANNING].id}
    listed = (await client.get("/requests", params={"under_way": True, "project_id": project.id})).json()
    assert {each["id"] for each in listed} == wanted and len(listed) == 3
    planned = {"under_way": True, "state": "planned"}
    assert [each["id"] for each in (await client.get("/requests", params=planned)).json()] == [waits.request_id]


async def test_a_request_is_taken_in_plain_words(client: httpx.AsyncClient, project: Project) -> None:
    text = "Receipts should show the total in words — <b>please</b>."
    made = (await client.post("/requests", json={"project_id": project.id, "text": f"  {text} "})).json()
    assert (made["text"], made["state"], made["kind"]) == (text, "new", "idea")
    assert (await client.get(f"/requests/{made['id']}")).json() == {**made, "plan_ids": [], "attachments": []}
    assert [r["id"] for r in (await client.get("/requests", params={"state": "new"})).json()] == [made["id"]]
    event = (await client.get("/events")).json()[-1]
    assert (event["kind"], event["data"]["request_id"]) == ("request.created", made["id"])


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001])
async def test_empty_and_endless_requests_are_refused(client: httpx.AsyncClient, project: Project, text: str) -> None:
    response = await client.post("/requests", json={"project_id": project.id, "text": text})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert (await client.get("/requests")).json() == []


async def test_an_approved_plan_becomes_tasks_once(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    plan = await _planned(hub, project)
    for _ in range(2):
        approved = await client.post(f"/plans/{plan.id}/approve")
        assert (approved.status_code, approved.json()["state"]) == (200, "approved"), approved.text
    tasks = (await client.get(f"/projects/{project.id}/tasks")).json()
    assert [(t["title"], t["state"]) for t in tasks] == [
        ("First", "queued"),
        ("Second", "blocked"),
        ("Third", "blocked"),
    ]
    detail = (await client.get(f"/tasks/{tasks[1]['id']}")).json()
    assert detail["blocked_by"] == [tasks[0]["id"]]
    links = (await client.get(f"/tasks/{tasks[1]['id']}/dependencies")).json()
    assert [t["id"] for t in links["blocked_by"]] == [tasks[0]["id"]]
    assert [t["id"] for t in links["blocks"]] == [tasks[2]["id"]]
    criteria = (await client.get(f"/tasks/{tasks[0]['id']}/criteria")).json()
    assert [(c["text"], c["check"], c["met"]) for c in criteria] == [("t", "c", None)]
    progress = (await client.get(f"/plans/{plan.id}/progress")).json()
    assert (progress["total"], progress["by_state"], progress["share"]) == (3, {"queued": 1, "blocked": 2}, 0.0)
    assert (await client.post(f"/plans/{plan.id}/reject")).json()["code"] == "already_decided"


async def test_a_plan_goes_back_with_words_and_without_it_is_refused(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    plan = await _planned(hub, project)
    address = f"/plans/{plan.id}/request-changes"
    assert (await client.post(address, json={"feedback": " "})).status_code == 422
    back = (await client.post(address, json={"feedback": "Split the second."})).json()
    assert (back["state"], back["feedback"]) == ("changes_asked", "Split the second.")
    assert (await client.get(f"/requests/{plan.request_id}")).json()["state"] == "new"


async def test_tasks_by_hand(client: httpx.AsyncClient, project: Project) -> None:
    body = {
        "project_id": project.id,
        "title": "Create hello.txt",
        "criteria": [{"text": "it says hello"}],
        "priority": 8,
    }
    first = (await client.post("/tasks", json=body)).json()
    assert (first["key"], first["state"], first["created_by"]) == ("POC-1", "idle", "person")
    second = (
        await client.post("/tasks", json={**body, "title": "Later", "priority": 2, "blocked_by": [first["id"]]})
    ).json()
    unknown = await client.post("/tasks", json={**body, "blocked_by": [4711]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    listed = (await client.get("/tasks", params={"sort": "-priority", "project_id": project.id})).json()
    assert [t["key"] for t in listed] == ["POC-1", "POC-2"]
    assert [t["id"] for t in (await client.get("/tasks", params={"text": "HELLO"})).json()] == [first["id"]]
    assert (await client.get("/tasks", params={"text": "%"})).json() == []
    paged = (await client.get("/tasks", params={"limit": 1, "sort": "-id"})).json()
    assert [t["id"] for t in paged] == [second["id"]]
    edited = (await client.patch(f"/tasks/{first['id']}", json={"version": 1, "title": "Create hi.txt"})).json()
    assert (edited["title"], edited["version"], edited["priority"]) == ("Create hi.txt", 2, 8)
    stale = await client.patch(f"/tasks/{first['id']}", json={"version": 1, "priority": 1})
    assert (stale.status_code, stale.json()["current"]["title"]) == (409, "Create hi.txt")
    moved = await client.patch(f"/tasks/{first['id']}", json={"version": 2, "state": "done"})
    assert moved.status_code == 422
    started = await client.post(f"/tasks/{first['id']}/trigger", json={"stage": "dev", "merge": True})
    assert (started.status_code, started.json()["state"], started.json()["stage"]) == (202, "queued", "dev")
    now = (await client.get(f"/tasks/{first['id']}")).json()
    assert (now["state"], now["merge_granted"], now["merge_after"]) == ("queued", True, "dev")
    assert (started.json()["task_id"], started.json()["role"]) == (first["id"], "dev")
    queued = (await client.get("/tasks", params=[("state", "queued"), ("state", "running")])).json()
    assert [t["id"] for t in queued] == [first["id"]]
    assert (await client.post(f"/tasks/{first['id']}/trigger")).status_code == 409


async def test_an_approval_is_answered(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    async def asked() -> tuple[int, int]:
        async with hub.db.write() as session:
            row = await session.get_one(Project, project.id)
            task = await make.make_task(
                session, row, stage="deploy", state=TaskState.WAITING, waiting_reason=WaitingReason.APPROVAL,
                waiting_sentence="Look at the change.",
            )  # fmt: skip
            return task.id, (await make.make_approval(session, task)).id

    task_id, approval_id = await asked()
    assert [a["id"] for a in (await client.get("/approvals", params={"state": "asked"})).json()] == [approval_id]
    items = (await client.get("/inbox")).json()["items"]
    assert [(i["kind"], i["id"], i["sentence"]) for i in items] == [("approval", approval_id, "Look at the change.")]
    assert (await client.get(items[0]["link"])).status_code == 200
    approved = (await client.post(f"/approvals/{approval_id}/approve", json={"note": "Good."})).json()
    assert (approved["state"], approved["decided_by"], approved["note"]) == ("approved", "person", "Good.")
    assert (await client.get(f"/tasks/{task_id}")).json()["state"] == "queued"
    assert (await client.get("/inbox")).json() == {"count": 0, "items": []}

    task_id, approval_id = await asked()
    first = (await client.post("/tasks", json={"project_id": project.id, "title": "Before it"})).json()["id"]
    await client.post(f"/tasks/{task_id}/dependencies", json={"blocked_by": [first]})
    await client.post(f"/approvals/{approval_id}/approve", json={"note": "Good."})
    assert (await client.get(f"/tasks/{task_id}")).json()["state"] == "blocked", "merged after what it waits for"
    await client.delete(f"/tasks/{task_id}/dependencies/{first}")
    assert (await client.get(f"/tasks/{task_id}")).json()["state"] == "queued"

    task_id, approval_id = await asked()
    assert (await client.post(f"/approvals/{approval_id}/request-changes", json={"note": ""})).status_code == 422
    back = (await client.post(f"/approvals/{approval_id}/request-changes", json={"note": "Rename it."})).json()
    assert back["state"] == ApprovalState.CHANGES_ASKED
    assert [c["body"] for c in (await client.get(f"/tasks/{task_id}/comments")).json()] == ["Rename it."]
    task_id, approval_id = await asked()
    assert (await client.post(f"/approvals/{approval_id}/reject")).json()["state"] == "rejected"
    task = (await client.get(f"/tasks/{task_id}")).json()
    assert (task["state"], task["waiting_sentence"]) == ("cancelled", "Rejected without a reason.")
    assert (await client.get(f"/tasks/{task_id}/comments")).json() == []

    task_id, approval_id = await asked()
    why = {"note": "We sell no refunds any more."}
    rejected = (await client.post(f"/approvals/{approval_id}/reject", json=why)).json()
    assert (rejected["state"], rejected["note"]) == ("rejected", why["note"])
    assert (await client.get(f"/tasks/{task_id}")).json()["waiting_sentence"] == why["note"]
    assert [c["body"] for c in (await client.get(f"/tasks/{task_id}/comments")).json()] == [why["note"]]


async def test_the_inbox_holds_all_that_waits(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    plan = await _planned(hub, project)
    async with hub.db.write() as session:
        row = await session.get_one(Project, project.id)
        stuck = await make.make_task(
            session, row, state=TaskState.WAITING, waiting_reason="budget", waiting_sentence="Its budget is used up."
        )
        await make.make_task(session, row, state=TaskState.RUNNING)
        failed = await make.make_request(session, row, state=RequestState.FAILED, sentence="The model is not there.")
        gone = await make.make_project(session, deleted_at=plan.created_at)
        await make.make_task(session, gone, state=TaskState.WAITING)
        other = await make.make_project(session)
    inbox = (await client.get("/inbox")).json()
    assert {(i["kind"], i["id"]) for i in inbox["items"]} == {
        ("plan", plan.id), ("task", stuck.id), ("request", failed.id),
    }  # fmt: skip
    assert inbox["count"] == 3
    assert all(item["sentence"] for item in inbox["items"])
    assert [i["since"] for i in inbox["items"]] == sorted(i["since"] for i in inbox["items"])
    assert (await client.get("/inbox", params={"project_id": other.id})).json()["count"] == 0


async def test_the_board_has_the_workflows_columns(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Project, project.id)
        urgent = [await make.make_task(session, row, stage="dev", state=TaskState.QUEUED, priority=9)]
        calm = [await make.make_task(session, row, stage="dev", state=TaskState.RUNNING) for _ in range(5)]
        await make.make_task(session, row, stage="dev", state=TaskState.CANCELLED)
        done = await make.make_task(session, row, stage="done", state=TaskState.DONE)
        odd = await make.make_task(session, row, stage="gone-stage", state=TaskState.IDLE)
    board = (await client.get("/board", params={"project_id": project.id})).json()
    stages = [column["stage"] for column in board["columns"]]
    assert stages == ["backlog", "pm", "dev", "qa", "sec", "docs", "deploy", "testing", "gone-stage", "done"]
    columns = {column["stage"]: column for column in board["columns"]}
    dev = columns["dev"]
    assert [t["id"] for t in dev["tasks"]] == [t.id for t in urgent + calm]
    assert (dev["count"], dev["wip"], dev["over"], dev["title"], dev["role"]) == (6, 5, True, "DEV", "dev")
    assert dev["by_state"] == {"queued": 1, "running": 5}
    assert ([t["id"] for t in columns["done"]["tasks"]], columns["done"]["count"]) == ([done.id], 0)
    assert [t["id"] for t in columns["gone-stage"]["tasks"]] == [odd.id]
    assert board["seq"] == max([0, *[e["seq"] for e in (await client.get("/events")).json()]])


async def test_what_hangs_on_a_task(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, await session.get_one(Project, project.id))
        run = await make.make_run(session, task, state=RunState.FAILED, result="fail")
        finding = await make.make_finding(session, task, run_id=run.id, severity="critical")
        handoff = await make.make_handoff(session, task, from_run_id=run.id)
        proof = await make.make_proof(session, run)
    for noun, key in (("runs", run.id), ("findings", finding.id), ("handoffs", handoff.id), ("proofs", proof.id)):
        assert [row["id"] for row in (await client.get(f"/tasks/{task.id}/{noun}")).json()] == [key], noun
    assert [f["id"] for f in (await client.get("/findings", params={"severity": "critical"})).json()] == [finding.id]
    assert (await client.get("/runs", params={"state": "running"})).json() == []
    empty = (await client.get(f"/tasks/{task.id}/diff")).json()
    assert (empty["files"], empty["patch"], empty["head_sha"]) == ([], "", None)


def test_these_rows_are_all_read_by_a_route() -> None:
    """The response models name what the rows have, so that a renamed column fails here and not in front of a person."""
    pairs = [
        (project_shapes.ProjectOut, Project), (request_shapes.RequestOut, Request), (request_shapes.PlanOut, Plan),
        (task_shapes.TaskOut, Task), (run_shapes.RunOut, Run), (run_shapes.ApprovalOut, Approval),
    ]  # fmt: skip
    for shape, row in pairs:
        assert [name for name in shape.model_fields if not hasattr(row, name)] == [], shape.__name__


async def test_of_edits_at_the_same_moment_one_wins(client: httpx.AsyncClient, project: Project) -> None:
    task = (await client.post("/tasks", json={"project_id": project.id, "title": "old"})).json()
    edits = [client.patch(f"/tasks/{task['id']}", json={"version": 1, "title": f"new {n}"}) for n in range(5)]
    answers = await asyncio.gather(*edits)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await client.get(f"/tasks/{task['id']}")).json()["title"] == winner["title"]
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["current"]["title"] == winner["title"]
    kinds = [event["kind"] for event in (await client.get("/events")).json()]
    assert kinds.count("task.edited") == 1


async def test_tasks_made_at_once_have_numbers_without_gaps(client: httpx.AsyncClient, project: Project) -> None:
    body = {"project_id": project.id, "title": "one of many"}
    made = await asyncio.gather(*[client.post("/tasks", json=body) for _ in range(8)])
    assert sorted(answer.json()["key"] for answer in made) == [f"POC-{n}" for n in range(1, 9)]

"""A person edits a plan before approving it: any field, tasks more or fewer, in another order."""

from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.store.models import Plan
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def task(name: str, **more: Any) -> dict[str, Any]:
    whole = {"id": name, "title": f"Do {name}", "description": "", "kind": "feature", "priority": 5, "size": "M"}
    return {**whole, "files": [], "criteria": [{"text": "it adds up", "check": "test_sum"}], "depends_on": [], **more}


DRAFT = {"summary": "Two tasks.", "complexity": "simple", "estimated_minutes": 20, "questions": [], "risks": [],
         "tasks": [task("a"), task("b", depends_on=["a"])]}  # fmt: skip


@pytest.fixture
async def plan(hub: HubParts) -> Plan:
    async with hub.db.write() as session:
        return await make.make_plan(session, body=DRAFT, summary="Two tasks.")


async def test_edited_then_approved_the_tasks_are_the_persons(client: httpx.AsyncClient, plan: Plan) -> None:
    tasks = [task("c", title="First of all", priority=9), task("b", title="Do b well", depends_on=["c"])]
    edited = await client.patch(f"/plans/{plan.id}", json={"version": 1, "summary": "Mine.", "tasks": tasks})
    assert edited.status_code == 200, edited.text
    body = edited.json()
    assert (body["version"], body["summary"], body["faults"], body["body"]["tasks"]) == (2, "Mine.", [], tasks)
    assert body["body"]["estimated_minutes"] == 20
    [first] = (await client.get(f"/plans/{plan.id}/revisions")).json()
    assert (first["version"], first["actor"], first["body"]) == (1, "pm", DRAFT)
    diff = (await client.get(f"/plans/{plan.id}/diff")).json()
    assert diff["against"] == "the PM's own words" and not diff["reordered"]
    assert [one["title"] for one in diff["added"]] == ["First of all"] and [one["id"] for one in diff["dropped"]] == [
        "a"
    ]
    assert diff["changed"] == [
        {"id": "b", "title": "Do b well", "fields": [
            {"field": "title", "before": "Do b", "after": "Do b well"},
            {"field": "depends_on", "before": ["a"], "after": ["c"]}]}
    ]  # fmt: skip

    stale = await client.post(f"/plans/{plan.id}/approve", json={"version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert (await client.get("/tasks", params={"plan_id": plan.id})).json() == []
    for _ in range(2):  # a double click
        assert (await client.post(f"/plans/{plan.id}/approve", json={"version": 2})).status_code == 200
    made = (await client.get("/tasks", params={"plan_id": plan.id, "sort": "number"})).json()
    assert [(one["title"], one["priority"]) for one in made] == [("First of all", 9), ("Do b well", 5)]
    late = await client.patch(f"/plans/{plan.id}", json={"version": 3, "summary": "Too late."})
    assert (late.status_code, late.json()["detail"]) == (409, "This plan is approved.")
    progress = (await client.get(f"/plans/{plan.id}/progress")).json()
    assert (progress["estimated_minutes"], progress["minutes_left"], progress["cost"]) == (20, None, 0.0)


async def test_what_does_not_add_up_is_kept_and_marked(client: httpx.AsyncClient, hub: HubParts, plan: Plan) -> None:
    async with hub.db.write() as session:
        other = await make.make_task(session, await session.get_one(make.Project, plan.project_id), title="do  A")
    circle = [task("a", depends_on=["b"]), task("b", depends_on=["a"])]
    edited = await client.patch(f"/plans/{plan.id}", json={"version": 1, "tasks": circle})
    assert edited.status_code == 200 and edited.json()["faults"] == [
        "The tasks depend on each other in a circle: a → b → a.",
        f"Task a has the title of {other.key}, which is still open.",
    ]
    refused = await client.post(f"/plans/{plan.id}/approve")
    assert refused.status_code == 409 and "circle" in refused.json()["detail"]
    mended = await client.patch(f"/plans/{plan.id}", json={"version": 2, "tasks": DRAFT["tasks"]})
    assert [fault for fault in mended.json()["faults"] if "circle" in fault] == []
    assert [one["actor"] for one in (await client.get(f"/plans/{plan.id}/revisions")).json()] == ["pm", "person"]
    assert (await client.post(f"/plans/{plan.id}/approve")).status_code == 200  # a person may want the second one


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"tasks": [task(f"t{n}") for n in range(200)]}, 200, "this one has 200"),
        ({"tasks": []}, 200, "this one has 0"),
        ({"tasks": [{"title": "no id"}]}, 422, "id"),
        ({"tasks": [{**task("a"), "mystery": 1}]}, 422, "mystery"),
        ({"summary": ""}, 422, "summary"),
        ({"complexity": "easy"}, 422, "complexity"),
        ({}, 422, "at least one field"),
    ],
)
async def test_bad_edits(
    client: httpx.AsyncClient, plan: Plan, change: dict[str, Any], status: int, words: str
) -> None:
    answer = await client.patch(f"/plans/{plan.id}", json={"version": 1, **change})
    assert answer.status_code == status and words in answer.text, answer.text


async def test_versions_of_a_request_are_compared(client: httpx.AsyncClient, hub: HubParts, plan: Plan) -> None:
    first = await client.get(f"/plans/{plan.id}/diff")
    assert (first.status_code, first.json()["code"]) == (400, "invalid_input")
    async with hub.db.write() as session:
        request = await session.get_one(make.Request, plan.request_id)
        tasks = [task("z", title="Do b"), task("y", title="Do a")]
        second = await make.make_plan(
            session, request, number=2, body={**DRAFT, "estimated_minutes": 9, "tasks": tasks}
        )
    diff = (await client.get(f"/plans/{second.id}/diff")).json()
    assert diff["against"] == "version 1" and diff["reordered"] and not diff["added"] and not diff["dropped"]
    assert diff["fields"] == [{"field": "estimated_minutes", "before": 20, "after": 9}]
    assert [one["title"] for one in diff["changed"]] == [
        "Do b"
    ]  # it depends on nothing now; the other was only named anew
    assert (await client.get(f"/plans/{second.id}/diff", params={"against": plan.id})).json() == diff
    assert (await client.get(f"/plans/{second.id}/diff", params={"against": 999})).status_code == 404
    assert (await client.get(f"/plans/{second.id}/diff", params={"revision": 7})).status_code == 404

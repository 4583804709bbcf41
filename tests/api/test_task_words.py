"""Criteria and comments: made, changed by version, ordered, removed; text is kept exactly as it was written."""

import asyncio
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.store.models import Project, Task
from tests.support import factories as make


@pytest.fixture
async def task(hub: HubParts) -> Task:
    async with hub.db.write() as session:
        return await make.make_task(session, await make.make_project(session, key="POC"))


async def texts(client: httpx.AsyncClient, task: Task) -> list[tuple[int, str]]:
    rows = (await client.get(f"/tasks/{task.id}/criteria")).json()
    return [(row["position"], row["text"]) for row in rows]


async def test_criteria_in_order(client: httpx.AsyncClient, task: Task) -> None:
    address = f"/tasks/{task.id}/criteria"
    made = [(await client.post(address, json={"text": text, "check": "look"})).json() for text in ("one", "two")]
    first = await client.post(address, json={"text": "zero", "position": 1})
    assert (first.status_code, first.json()["position"]) == (201, 1)
    assert await texts(client, task) == [(1, "zero"), (2, "one"), (3, "two")]
    moved = await client.patch(f"{address}/{made[1]['id']}", json={"version": made[1]["version"], "position": 1})
    assert (moved.status_code, moved.json()["position"], moved.json()["version"]) == (200, 1, 2)
    assert await texts(client, task) == [(1, "two"), (2, "zero"), (3, "one")]
    assert (await client.delete(f"{address}/{made[0]['id']}")).status_code == 204
    assert (await client.delete(f"{address}/{made[0]['id']}")).status_code == 404
    assert await texts(client, task) == [(1, "two"), (2, "zero")]
    kinds = [event["kind"] for event in (await client.get("/events")).json()]
    assert kinds == ["criterion.added"] * 3 + ["criterion.edited", "criterion.removed"]


async def test_a_criterion_is_met_by_a_persons_word_or_a_proof_of_the_task(
    client: httpx.AsyncClient, hub: HubParts, task: Task
) -> None:
    address = f"/tasks/{task.id}/criteria"
    made = (await client.post(address, json={"text": "it works"})).json()
    address = f"{address}/{made['id']}"
    met = (await client.patch(address, json={"version": 1, "met": True})).json()
    assert (met["met"], met["evidence"], met["proof_id"]) == (True, "said by person", None)
    async with hub.db.write() as session:
        row = await session.get_one(Task, task.id)
        own = await make.make_proof(session, await make.make_run(session, row))
        other = await make.make_proof(session, await make.make_run(session))
    assert (await client.patch(address, json={"version": 2, "met": True, "proof_id": other.id})).status_code == 404
    proven = (await client.patch(address, json={"version": 2, "met": True, "proof_id": own.id})).json()
    assert proven["proof_id"] == own.id
    reworded = (await client.patch(address, json={"version": 3, "text": "it works well"})).json()
    assert (reworded["met"], reworded["evidence"], reworded["proof_id"]) == (None, "", None)
    stale = await client.patch(address, json={"version": 3, "met": True})
    assert (stale.status_code, stale.json()["current"]["text"]) == (409, "it works well")


async def test_a_run_counts_the_criteria(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    address = f"/tasks/{task.id}/criteria"
    made = [(await client.post(address, json={"text": text})).json() for text in ("one", "two")]
    async with hub.db.write() as session:
        row = await session.get_one(Task, task.id)
        row.state, row.current_run_id = "running", (await make.make_run(session, row)).id
    for response in (
        await client.delete(f"{address}/{made[0]['id']}"),
        await client.patch(f"{address}/{made[1]['id']}", json={"version": 1, "position": 1}),
        await client.post(address, json={"text": "first", "position": 1}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "task_busy"), response.text
    assert await texts(client, task) == [(1, "one"), (2, "two")]
    assert (await client.post(address, json={"text": "three"})).status_code == 201
    assert (await client.patch(f"{address}/{made[0]['id']}", json={"version": 1, "check": "pytest"})).status_code == 200


RAW = "    code first\n\n- **bold** <b>not html</b>  \n\tعربى \u202eright to left\u202c 👩‍👩‍👧 é\n\n"


async def test_comments_are_kept_as_written(client: httpx.AsyncClient, task: Task) -> None:
    address = f"/tasks/{task.id}/comments"
    made = await client.post(address, json={"body": RAW})
    assert (made.status_code, made.json()["body"], made.json()["author"]) == (201, RAW, "person")
    one = f"{address}/{made.json()['id']}"
    assert (await client.get(one)).json() == made.json()
    edited = (await client.patch(one, json={"version": 1, "body": "Shorter."})).json()
    assert (edited["body"], edited["version"]) == ("Shorter.", 2)
    stale = await client.patch(one, json={"version": 1, "body": "x"})
    assert (stale.status_code, stale.json()["current"]["body"]) == (409, "Shorter.")
    assert (await client.delete(one)).status_code == 204
    assert (await client.get(one)).status_code == (
        await client.patch(one, json={"version": 2, "body": "x"})
    ).status_code
    assert (await client.get(one)).status_code == 404 and (await client.get(address)).json() == []


async def test_what_a_run_said_is_its_record(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Task, task.id)
        said = await make.make_comment(session, row, author="dev", run_id=(await make.make_run(session, row)).id)
        other = await make.make_comment(session, await make.make_task(session))
    refused = await client.patch(f"/tasks/{task.id}/comments/{said.id}", json={"version": 1, "body": "I passed."})
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert (await client.get(f"/tasks/{task.id}/comments/{other.id}")).status_code == 404
    assert (await client.delete(f"/tasks/{task.id}/comments/{said.id}")).status_code == 204


@pytest.mark.parametrize("body", ["", " \n ", "x" * 50_001, "a\0b", None, 5])
async def test_no_comment(client: httpx.AsyncClient, task: Task, body: Any) -> None:
    response = await client.post(f"/tasks/{task.id}/comments", json={"body": body})
    assert response.status_code in (400, 422), response.text
    assert (await client.get(f"/tasks/{task.id}/comments")).json() == []


async def test_a_description_keeps_its_first_spaces_and_a_title_does_not(client: httpx.AsyncClient, task: Task) -> None:
    body = {"project_id": task.project_id, "title": "  Say it \u200f 😀 ", "description": RAW}
    made = (await client.post("/tasks", json=body)).json()
    assert (made["title"], made["description"]) == ("Say it \u200f 😀", RAW)


async def test_twenty_at_once_get_twenty_keys(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async def make_one(number: int) -> str:
        body = {"project_id": task.project_id, "title": f"Task {number}"}
        response = await client.post("/tasks", json=body)
        assert response.status_code == 201, response.text
        return response.json()["key"]

    keys = await asyncio.gather(*(make_one(number) for number in range(20)))
    assert sorted(keys, key=lambda key: int(key.split("-")[1])) == [f"POC-{number}" for number in range(2, 22)]
    async with hub.db.read() as session:
        assert (await session.get_one(Project, task.project_id)).next_task_number == 22


async def test_twenty_projects_of_one_name_get_twenty_keys(client: httpx.AsyncClient) -> None:
    async def make_one(number: int) -> httpx.Response:
        return await client.post("/projects", json={"name": "Till", "workspace_path": f"till-{number}"})

    responses = await asyncio.gather(*(make_one(number) for number in range(20)))
    assert [r.status_code for r in responses] == [201] * 20, [r.text for r in responses if r.status_code != 201][:1]
    keys = {response.json()["key"] for response in responses}
    assert keys == {"TILL", *(f"TILL{number}" for number in range(2, 21))}
    same = [client.post("/projects", json={"name": "x", "workspace_path": f"x-{n}", "key": "ONE"}) for n in range(5)]
    codes = sorted([response.status_code for response in await asyncio.gather(*same)])
    assert codes == [201, 409, 409, 409, 409]

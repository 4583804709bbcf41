"""Bad input to every route there is, from the OpenAPI document: refused with a sentence, never a fault of the hub."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from main_api.openapi import schema
from services.store.models import ChatMessage, Project, ReviewComment
from tests.support import factories as make

DOCUMENT = schema()
PARTS = DOCUMENT["components"]["schemas"]
JSON = "application/json"
HUGE = 10**30
UNKNOWN = 987_654_321
TIMES = ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]  # of no zone, of no year
OUTSIDE = re.compile(r"^/(gateway|login|logout|health|session)")  # protocols of others, and the door: tested there


def operations(*methods: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods_of_path in sorted(DOCUMENT["paths"].items()):
        for method, operation in methods_of_path.items():
            if method in methods and not OUTSIDE.match(path):
                yield method, path, operation


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    for choice in (c for c in part.get("anyOf", ()) if c.get("type") != "null"):
        return resolved(choice)
    return resolved(PARTS[part["$ref"].rpartition("/")[2]]) if "$ref" in part else part


def body_of(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    return content.get(JSON)


WITH_BODY = [(m, p, o) for m, p, o in operations("post", "patch", "put") if body_of(o)]
EVERY = list(operations("get", "post", "patch", "put", "delete"))


def named(case: tuple[str, str, dict[str, Any]]) -> str:
    return f"{case[0].upper()} {case[1]}"


def at(path: str, value: object = UNKNOWN) -> str:
    return re.sub(r"\{[^}]+\}", str(value), path)


def checked(response: httpx.Response, *statuses: int) -> dict[str, Any]:
    """It is a problem with one of these statuses, a code, and a sentence."""
    assert response.status_code in statuses, f"{response.request.method} {response.request.url}: {response.text[:400]}"
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code and problem["code"] and problem["detail"] and problem["title"]
    assert problem["type"] == f"urn:workflow-hub:problem:{problem['code']}"
    return problem


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def wrong_values(field: dict[str, Any]) -> Iterator[Any]:
    """What no such field takes, by its schema."""
    field = resolved(field)
    kind = field.get("type")
    yield from {"string": [5, ["x"]], "integer": ["x", 1.5, HUGE, -HUGE], "boolean": ["x", 7], "number": ["x"]}.get(
        str(kind), ["x", 5]
    )
    if kind == "string" and "maxLength" in field:
        yield "x" * (field["maxLength"] + 1)
    if kind == "string":
        yield "a\0b"
        yield "\ud800"
    if "enum" in field:
        yield "neverheardof"
    if kind == "array":
        yield ["a\0b"]
        yield nested(300)
    if kind == "object":
        yield {"a\0b": 1}
        yield {"a": nested(300)}


def test_every_body_has_an_example() -> None:
    missing = [named((m, p, o)) for m, p, o in WITH_BODY if not (body_of(o) or {}).get("example")]
    assert missing == []


async def wrong_values_are_named(client: httpx.AsyncClient, case: tuple[str, str, dict[str, Any]]) -> None:
    method, path, operation = case
    body = body_of(operation)
    assert body is not None
    for name, field in resolved(body["schema"])["properties"].items():
        for value in wrong_values(field):
            sent = {**body["example"], name: value}
            problem = checked(await send(client, method, at(path), sent), 422)
            assert problem["code"] == "validation" and problem["errors"], (name, value)
            places = {fault["where"] for fault in problem["errors"]}
            assert any(place == "body" or place.startswith(f"body.{name}") for place in places), (name, value, places)
    checked(await send(client, method, at(path), {**body["example"], "misspelt": 1}), 422)


async def send(client: httpx.AsyncClient, method: str, path: str, body: Any) -> httpx.Response:
    """As a client would that does not mind sending half a surrogate pair."""
    return await client.request(
        method, path, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )


async def bodies_that_are_none(client: httpx.AsyncClient, case: tuple[str, str, dict[str, Any]]) -> None:
    method, path, _ = case
    for content in (b"{", b"[]", b"3", b'"x"', b'{"title": "\xff\xfe"}', b"[" * 5000, b"\x00", b"{}" * 2):
        response = await client.request(method, at(path), content=content, headers={"Content-Type": "application/json"})
        checked(response, 400, 422)
    response = await client.request(method, at(path), content=b"\xff", headers={"Content-Type": JSON})
    assert checked(response, 400)["code"] == "body_unreadable"


async def unknown_ids_and_impossible_ones(client: httpx.AsyncClient, case: tuple[str, str, dict[str, Any]]) -> None:
    """Its example is a good body, so that what is wrong is the id: in the path, or within the body."""
    method, path, operation = case
    body = body_of(operation)
    sent = body["example"] if body else None
    if "{" in path:
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
            response = await client.request(method, at(path), files={"file": ("a", b"1")}, data={"kind": "log"})
        else:
            response = await client.request(method, at(path), json=sent)
        assert checked(response, 404)["code"] == "not_found"
        for value in (HUGE, "%00", "-1", "x%00y", "%F0%9F%9A%80", "..%2f..%2fetc%2fpasswd"):
            response = await client.request(method, at(path, value), json=sent)
            checked(response, 404, 405, 422)
    elif sent is not None and "project_id" in sent:
        assert checked(await client.request(method, path, json={**sent, "project_id": UNKNOWN}), 404)
    elif sent is not None and "task_id" in sent:
        assert checked(await client.request(method, path, json={**sent, "task_id": UNKNOWN}), 404)


async def wrong_parameters(client: httpx.AsyncClient, case: tuple[str, str, dict[str, Any]]) -> None:
    method, path, operation = case
    for parameter in (p for p in operation.get("parameters", ()) if p["in"] == "query"):
        kind = resolved(parameter["schema"])
        bad: list[object] = ["a\0b"]
        bad += {"integer": ["x", HUGE, -HUGE, ""], "boolean": ["maybe"]}.get(str(kind.get("type")), [])
        bad += ["neverheardof"] if "enum" in kind else []
        bad += TIMES if kind.get("format") == "date-time" else []
        for value in bad:
            problem = checked(await client.request(method, at(path, 1), params={parameter["name"]: value}), 422)
            assert any(parameter["name"] in fault["where"] for fault in problem["errors"]), (parameter["name"], value)


ONE_IS_ENOUGH = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no row is looked at


@ONE_IS_ENOUGH
async def test_wrong_values(client: httpx.AsyncClient) -> None:
    """One app for all routes: they are many."""
    for case in WITH_BODY:
        await wrong_values_are_named(client, case)
        await bodies_that_are_none(client, case)


async def test_wrong_addresses(client: httpx.AsyncClient) -> None:
    for case in EVERY:
        await unknown_ids_and_impossible_ones(client, case)
        await wrong_parameters(client, case)


async def test_stale_versions(client: httpx.AsyncClient, hub: HubParts) -> None:
    """Each PATCH that asks for a version answers with the row as it is, and changes nothing."""
    async with hub.db.write() as session:
        task = await make.make_task(session)
        criterion = await make.make_criterion(session, task)
        comment = await make.make_comment(session, task)
        plan = await make.make_plan(session, body={"summary": "One task.", "tasks": []})
        draft = ReviewComment(
            project_id=task.project_id, task_id=task.id, author="person", state="draft", patch_id="a", base_sha="b",
            head_sha="c", path="till.py", side="new", line=1, severity="medium", text="Round it.", quote="",
        )  # fmt: skip
        said = {"project_id": task.project_id, "task_id": task.id, "state": "done"}
        asked = ChatMessage(author="person", kind="question", text="Why?", **said)
        session.add_all([draft, asked])
        await session.flush()
        session.add(ChatMessage(author="hub", kind="answer", text="So.", reply_to_id=asked.id, **said))
    bug = (await client.post("/bugs", json={"title": "x"})).json()
    added = (await client.post(f"/tasks/{task.id}/attachments", files={"file": ("a", b"1")})).json()
    rows = {
        "/projects/{project_id}": [task.project_id], "/tasks/{task_id}": [task.id], "/bugs/{bug_id}": [bug["id"]],
        "/attachments/{attachment_id}": [added["id"]], "/plans/{plan_id}": [plan.id], "/roles/{name}": ["dev"],
        "/tasks/{task_id}/criteria/{criterion_id}": [task.id, criterion.id],
        "/tasks/{task_id}/comments/{comment_id}": [task.id, comment.id], "/notices/settings": [],
        "/settings": [], "/providers/{name}": ["openai"], "/chat/messages/{message_id}": [asked.id],
        "/tasks/{task_id}/review/comments/{comment_id}": [task.id, draft.id],
    }  # fmt: skip
    versioned = {
        p for _, p, o in operations("patch") if "version" in resolved((body_of(o) or {})["schema"])["properties"]
    }
    assert versioned == set(rows)
    for path, ids in rows.items():
        address = path
        for number in ids:
            address = re.sub(r"\{[^}]+\}", str(number), address, count=1)
        example = (body_of(DOCUMENT["paths"][path]["patch"]) or {})["example"]
        left_out = {
            name for name in example if name.endswith("_id") or name == "command"
        }  # of rows, programs elsewhere
        sent = {name: value for name, value in example.items() if name not in left_out} | {"version": 999}
        problem = checked(await client.patch(address, json=sent), 409)
        assert (problem["code"], problem["current"]["version"]) == ("conflict", 1), path


AWKWARD = ["مرحبا بالعالم", "日本語 🚀👩‍👩‍👧‍👦", "\u202eabc\u202c", "e\u0301", "ß İ ﬁ", "'; DROP TABLE tasks; --",
           "<script>alert(1)</script>", "\\", "%s %d {0} ${x}", "\x7f\x01", "\ufeffx"]  # fmt: skip


async def test_any_text_is_kept_as_it_is(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
    for words in AWKWARD:
        await kept_as_it_is(client, project, words)


async def kept_as_it_is(client: httpx.AsyncClient, project: Project, words: str) -> None:
    sent = {"project_id": project.id, "title": words, "description": words, "criteria": [{"text": words}]}
    made = (await client.post("/tasks", json=sent)).json()
    assert (made["title"], made["description"]) == (words, words)
    assert (await client.get(f"/tasks/{made['id']}/criteria")).json()[0]["text"] == words
    said = await client.post(f"/tasks/{made['id']}/comments", json={"body": words})
    assert said.json()["body"] == words
    assert (await client.post("/bugs", json={"title": words, "browser": words})).json()["browser"] == words
    assert (await client.get("/search", params={"q": words})).status_code == 200
    assert (await client.get("/tasks", params={"text": words})).json()[0]["id"] == made["id"]

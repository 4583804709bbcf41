"""Lists: pages that neither skip nor repeat, in any order, with totals, filters and clear refusals."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from main_api.openapi import schema
from services.domain.states import RunState
from services.store.models import Project
from tests.support import factories as make

STARTED = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def project(hub: HubParts) -> Project:
    """Twelve tasks of four priorities; every third one of the same title."""
    async with hub.db.write() as session:
        row = await make.make_project(session, key="POC")
        for number in range(12):
            title = "Same" if number % 3 == 0 else f"Ünïcode 😀 {number}"
            stage = "dev" if number < 5 else "backlog"
            await make.make_task(session, row, title=title, priority=number % 4 + 1, stage=stage, kind="docs")
        return row


async def walk(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages, by the Link header alone."""
    response = await client.get(path, params=query)
    rows = response.json()
    while "next" in response.links:
        response = await client.get(response.links["next"]["url"])
        assert response.status_code == 200, response.text
        assert response.json(), "a page that was announced is empty"
        rows += response.json()
    assert len(rows) == int(response.headers["X-Total-Count"])
    return rows


@pytest.mark.parametrize("field", ["id", "priority", "title", "stage", "created_at", "position"])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_pages_hold_every_row_once_in_order(
    client: httpx.AsyncClient, project: Project, field: str, sign: str
) -> None:
    rows = await walk(client, f"/projects/{project.id}/tasks", sort=sign + field, limit=5)
    assert len({row["id"] for row in rows}) == 12
    whole = await client.get("/tasks", params={"sort": sign + field})
    assert "X-Next-Cursor" not in whole.headers and [row["id"] for row in whole.json()] == [row["id"] for row in rows]
    if field != "title":  # how letters are ordered is the database's word
        values = [row[field] for row in rows]
        assert values == sorted(values, reverse=bool(sign))


async def test_rows_without_a_value_come_last_both_ways(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session)
        for number in range(3):
            await make.make_run(session, task, started_at=STARTED + timedelta(hours=number), state=RunState.PASSED)
            await make.make_run(session, task)
    for sort in ("started_at", "-started_at"):
        rows = await walk(client, "/runs", sort=sort, limit=2)
        assert len({row["id"] for row in rows}) == 6
        times = [row["started_at"] for row in rows]
        assert times[:3] == sorted(times[:3], reverse=sort.startswith("-")) and times[3:] == [None] * 3


async def test_what_comes_meanwhile_shifts_no_page(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    first = await client.get("/tasks", params={"limit": 4, "sort": "-id"})
    async with hub.db.write() as session:
        await make.make_task(session, await session.get_one(Project, project.id), title="Newest")
    second = await client.get("/tasks", params={"limit": 4, "sort": "-id", "cursor": first.headers["X-Next-Cursor"]})
    assert [row["number"] if "number" in row else row["key"] for row in second.json()] == [
        "POC-8", "POC-7", "POC-6", "POC-5"
    ]  # fmt: skip


async def test_filters(client: httpx.AsyncClient, project: Project) -> None:
    async def keys(**query: Any) -> list[str]:
        return [row["key"] for row in (await client.get("/tasks", params=query)).json()]

    assert await keys(stage="dev", sort="id") == ["POC-1", "POC-2", "POC-3", "POC-4", "POC-5"]
    assert len(await keys(stage=["dev", "backlog"])) == 12 and await keys(stage="nowhere") == []
    assert len(await keys(state="idle")) == 12 and await keys(state="done") == []
    assert await keys(priority=[1], sort="id") == ["POC-1", "POC-5", "POC-9"]
    assert await keys(text="same") == ["POC-1", "POC-4", "POC-7", "POC-10"]
    assert await keys(text="%") == [] and await keys(text="_") == [] and len(await keys(text="😀")) == 8
    assert len(await keys(kind="docs")) == 12 and await keys(kind="bug") == []
    assert len(await keys(project_id=project.id)) == 12 and await keys(project_id=project.id + 1) == []


async def test_a_text_is_found_in_any_letters_and_after_the_title_changed(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, await session.get_one(Project, project.id), title="Rücklauf ÄNDERN")

    async def found(text: str) -> list[str]:
        return [row["title"] for row in (await client.get("/tasks", params={"text": text})).json()]

    assert await found("rückLAUF änd") == ["Rücklauf ÄNDERN"] == await found(task.key.lower())
    answer = await client.patch(f"/tasks/{task.id}", json={"version": task.version, "title": "Storno"})
    assert answer.status_code == 200, answer.text
    assert (await found("rücklauf"), await found("STORNO")) == ([], ["Storno"])


def written(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "!!", "ü", "W10", written("id", 1),
        written("id", "1", 1), written("id", 10**30, 1), written("id", True, 1),
        written("id", 1, None), written("id", {}, 1), written("id", 1, 1, 1), written("-id", 1, 1), "A" * 1999, "",
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
    ],
)  # fmt: skip
async def test_a_cursor_that_is_none_is_refused_with_a_sentence(client: httpx.AsyncClient, cursor: str) -> None:
    response = await client.get("/tasks", params={"cursor": cursor, "sort": "id"})
    assert (response.status_code, response.json()["code"]) == (400, "cursor_refused"), response.text
    assert "without a cursor" in response.json()["way_out"]


@pytest.mark.parametrize("value", ["yesterday", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", 5])
async def test_a_time_in_a_cursor_has_to_be_one(client: httpx.AsyncClient, value: object) -> None:
    response = await client.get("/tasks", params={"cursor": written("created_at", value, 1), "sort": "created_at"})
    assert response.json()["code"] == "cursor_refused"


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"sort": "version"}, {"state": "lost"}, {"project_id": 2**63}, {"text": ""}]
)
async def test_what_no_list_understands_is_422(client: httpx.AsyncClient, query: dict[str, Any]) -> None:
    assert (await client.get("/tasks", params=query)).status_code == 422


async def test_a_state_that_is_none_is_refused_and_several_are_taken(client: httpx.AsyncClient) -> None:
    lists = [
        path for path, methods in schema()["paths"].items()
        if "{" not in path and any(one["name"] == "state" for one in methods.get("get", {}).get("parameters", ()))
    ]  # fmt: skip
    assert {"/tasks", "/requests", "/plans", "/questions", "/approvals", "/notices"} <= set(lists)
    for path in lists:
        (fault,) = (await client.get(path, params={"state": "neverheardof"})).json()["errors"]
        known = re.findall(r"'(\w+)'", fault["what"])
        assert "state" in fault["where"] and len(known) >= 3, (path, fault)
        assert (await client.get(path, params={"state": known})).status_code == 200, path


@pytest.mark.parametrize(
    ("path", "sort", "value", "key"),
    [
        pytest.param("/proofs", "name", "\ud800", 1, id="half a character"),
        pytest.param("/proofs", "name", "a\0b", 1, id="NUL"),
        pytest.param("/runs", "cost", 10**400, "x", id="too much"),
        pytest.param("/runs", "cost", float("inf"), "x", id="endless"),
    ],
)
async def test_a_cursor_of_what_no_column_holds_is_refused(
    client: httpx.AsyncClient, path: str, sort: str, value: object, key: object
) -> None:
    response = await client.get(path, params={"cursor": written(sort, value, key), "sort": sort})
    assert (response.status_code, response.json()["code"]) == (400, "cursor_refused"), response.text


async def test_nothing_is_a_page_too(client: httpx.AsyncClient) -> None:
    for path in ("/projects", "/tasks", "/runs", "/requests", "/plans", "/approvals", "/findings", "/proofs"):
        response = await client.get(path)
        assert (response.status_code, response.json(), response.headers["X-Total-Count"]) == (200, [], "0"), path

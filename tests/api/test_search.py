"""Search over HTTP: pages, projects, pieces of text, and refusals that say what to do."""

import httpx
import pytest

from main_api.hub import HubParts
from tests.support import factories as make


async def test_hits_come_in_pages_with_their_words_marked(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        for number in range(3):
            await make.make_task(session, project, title=f"Refund {number}", description="<b>refund</b> it")
        task = await make.make_task(session, project, title="Other")
        await make.make_comment(session, task, body="A refund, then.", author="qa")
    first = await client.get("/search", params={"q": "refund", "limit": 2})
    assert [hit["kind"] for hit in first.json()] == ["task", "task"]
    assert first.json()[0]["snippet"] == [
        {"text": "<b>", "match": False}, {"text": "refund", "match": True}, {"text": "</b> it", "match": False},
    ]  # fmt: skip
    rest = await client.get("/search", params={"q": "refund", "limit": 2, "cursor": first.headers["x-next-cursor"]})
    assert [(hit["kind"], hit["author"]) for hit in rest.json()] == [("task", None), ("comment", "qa")]
    assert "x-next-cursor" not in rest.headers
    assert (await client.get(first.headers["link"].partition(">")[0][1:])).json() == rest.json()
    assert (await client.get("/search", params={"q": "refund", "project_id": project.id})).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "validation"),
        ({"q": "x" * 501}, 422, "validation"),
        ({"q": "a\0b"}, 422, "validation"),
        ({"q": "a", "limit": 101}, 422, "validation"),
        ({"q": "a", "project_id": 999}, 404, "not_found"),
        ({"q": "a", "project_id": 10**30}, 422, "validation"),
        ({"q": "a", "cursor": "best-x"}, 400, "cursor_refused"),
        ({"q": "a", "cursor": "best-99999"}, 400, "cursor_refused"),
    ],
)
async def test_refused(client: httpx.AsyncClient, asked: dict, status: int, code: str) -> None:
    response = await client.get("/search", params=asked)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["detail"]


async def test_nothing_typed_finds_nothing(client: httpx.AsyncClient) -> None:
    for q in ("", "   ", "🚀", '"'):
        assert (await client.get("/search", params={"q": q})).json() == []

"""Bugs over HTTP: reported with what the page knows, settled, and made work of, once."""

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from main_api.hub import HubParts
from services.store.models import Attachment, Project
from tests.support import factories as make


def data_url(color: str = "red") -> str:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), color).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.fixture
async def project(hub: HubParts) -> Project:
    async with hub.db.write() as session:
        return await make.make_project(session)


async def test_reported_from_the_page(client: httpx.AsyncClient, project: Project) -> None:
    sent = {
        "title": "Das Ergebnis ist falsch 🧾", "project_id": project.id, "severity": "high", "page": "/x?task=7",
        "browser": "Firefox 151", "details": {"viewport": "390x844"}, "screenshot": data_url(),
    }  # fmt: skip
    made = await client.post("/bugs", json=sent)
    assert made.status_code == 201, made.text
    bug = made.json()
    assert (bug["state"], bug["title"], bug["details"]) == ("open", sent["title"], sent["details"])
    [shot] = (await client.get("/attachments", params={"bug_id": bug["id"]})).json()
    assert (shot["name"], shot["media_type"], shot["picture"]) == ("screenshot.png", "image/png", True)
    assert (await client.get("/bugs", params={"state": ["open"], "text": "ergebnis"})).json() == [bug]
    assert (await client.get("/bugs", params={"severity": "low"})).json() == []


async def test_what_could_not_be_told_again_is_not_kept(client: httpx.AsyncClient) -> None:
    for levels in (100, 300, 900):
        details: dict[str, Any] = {}
        for _ in range(levels):
            details = {"a": details}
        refused = await client.post("/bugs", json={"title": "Deep", "details": details})
        assert refused.status_code == 422 and "nested more than" in refused.text, levels
    flat = await client.post("/bugs", json={"title": "Flat", "details": {"a": {"b": [{"c": 1}]}}})
    assert flat.status_code == 201
    assert (await client.get("/bugs")).json() == [flat.json()]


async def test_made_a_task_at_once_with_its_screenshot(client: httpx.AsyncClient, project: Project) -> None:
    sent = {
        "title": "Broken", "description": "Click it.", "project_id": project.id, "severity": "critical",
        "page": "/x", "make": "task", "screenshot": data_url(),
    }  # fmt: skip
    bug = (await client.post("/bugs", json=sent)).json()
    task = (await client.get(f"/tasks/{bug['task_id']}")).json()
    assert (bug["state"], task["kind"], task["priority"], task["state"]) == ("accepted", "bug", 10, "idle")
    assert "Click it." in task["description"] and "Seen at: /x" in task["description"]
    [shot] = (await client.get(f"/tasks/{task['id']}/attachments")).json()
    got = await client.get(f"/attachments/{shot['id']}/download")
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    again = await client.post(f"/bugs/{bug['id']}/request")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_a_bug_of_the_hub_becomes_a_request_of_a_project(client: httpx.AsyncClient, project: Project) -> None:
    bug = (await client.post("/bugs", json={"title": "The board flickers"})).json()
    nowhere = await client.post(f"/bugs/{bug['id']}/request")
    assert (nowhere.status_code, nowhere.json()["code"]) == (400, "invalid_input")
    made = (await client.post(f"/bugs/{bug['id']}/request", json={"project_id": project.id})).json()
    request = (await client.get(f"/requests/{made['request_id']}")).json()
    assert (made["project_id"], request["kind"]) == (project.id, "bug")
    assert request["text"].startswith("The board flickers")


async def test_settled_and_opened_again(client: httpx.AsyncClient) -> None:
    bug = (await client.post("/bugs", json={"title": "x"})).json()
    address = f"/bugs/{bug['id']}"
    fixed = (await client.patch(address, json={"version": 1, "state": "fixed"})).json()
    assert (fixed["state"], fixed["version"]) == ("fixed", 2)
    wrong = await client.patch(address, json={"version": 2, "state": "closed"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "illegal_move")
    stale = await client.patch(address, json={"version": 1, "title": "y"})
    assert (stale.status_code, stale.json()["current"]["state"]) == (409, "fixed")
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).status_code == 404
    assert (await client.get("/bugs")).json() == []


@pytest.mark.parametrize(
    "screenshot",
    ["hello", "data:image/png;base64,????", "data:text/html;base64,PGI+", "data:image/png;base64,PGI+", ""],
)
async def test_a_screenshot_that_is_none(client: httpx.AsyncClient, hub: HubParts, screenshot: str) -> None:
    response = await client.post("/bugs", json={"title": "x", "screenshot": screenshot})
    assert (response.status_code, response.json()["errors"][0]["where"]) == (422, "body.screenshot")
    async with hub.db.read() as session:
        assert await session.get(Attachment, 1) is None
    assert [path for path in hub.attachments.root.rglob("*") if path.is_file()] == []


async def test_an_unknown_project_leaves_nothing(client: httpx.AsyncClient, hub: HubParts) -> None:
    response = await client.post("/bugs", json={"title": "x", "project_id": 99, "screenshot": data_url()})
    assert response.status_code == 404
    assert [path for path in hub.attachments.root.rglob("*") if path.is_file()] == []

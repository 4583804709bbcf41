"""Roles and principles: edited, versioned, compared, taken back; told to every agent."""

from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.prompts.who import who_is
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_role_is_edited_compared_and_taken_back(client: httpx.AsyncClient) -> None:
    first = (await client.get("/roles/dev")).json()
    change = {
        "version": 1,
        "prompt": "You write plain code.\nNothing else.",
        "settings": {"limits": {"model_turns": 7}},
    }
    second = await client.patch("/roles/dev", json=change)
    assert second.status_code == 200, second.text
    assert (second.json()["version"], second.json()["prompt"]) == (2, change["prompt"])
    assert second.json()["settings"]["limits"]["model_turns"] == 7 and second.json()["title"] == first["title"]
    stale = await client.patch("/roles/dev", json=change)
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    told = (await client.get("/roles/dev/diff", params={"from": 1, "to": 2})).json()
    assert [one["field"] for one in told] == ["prompt", "settings"] and "+You write plain code." in told[0]["diff"]
    assert (await client.get("/roles/dev/diff")).json() == told
    back = await client.post("/roles/dev/revert", json={"version": 2, "to": 1})
    assert {**back.json(), "version": 1} == first and back.json()["version"] == 3
    versions = (await client.get("/roles/dev/versions")).json()
    assert [(one["version"], one["active"]) for one in versions] == [(3, True), (2, False), (1, False)]
    assert (await client.post("/roles/dev/revert", json={"version": 3, "to": 9})).status_code == 404


async def test_a_role_of_ones_own(client: httpx.AsyncClient) -> None:
    body = {"name": "reviewer", "title": "Reviewer", "prompt": "You review."}
    assert (await client.post("/roles", json=body)).json()["version"] == 1
    again = await client.post("/roles", json=body)
    assert (again.status_code, again.json()["detail"]) == (409, "There is a role reviewer.")
    assert "reviewer" in {one["name"] for one in (await client.get("/roles")).json()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "at least one field"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 20_001}, "20000"),
        ({"settings": {"limits": {"model_turns": 0}}}, "model_turns"),
        ({"settings": {"mystery": 1}}, "mystery"),
        ({"models": ["nowhere/x"]}, "no provider nowhere"),
    ],
)
async def test_bad_edits_of_a_role(client: httpx.AsyncClient, change: dict[str, Any], words: str) -> None:
    answer = await client.patch("/roles/dev", json={"version": 1, **change})
    assert answer.status_code in (400, 422) and words in answer.text, answer.text
    assert (await client.get("/roles/dev")).json()["version"] == 1


async def test_the_principles_of_all_roles_and_of_a_project_are_told(client: httpx.AsyncClient, hub: HubParts) -> None:
    shipped = (await client.get("/principles")).json()
    assert shipped["version"] == 1 and "Tests first" in shipped["text"]
    edited = await client.put("/principles", json={"version": 1, "text": "- Be kind."})
    assert (edited.json()["version"], edited.json()["actor"]) == (2, "person")
    assert (await client.put("/principles", json={"version": 1, "text": "- Be quick."})).status_code == 409
    assert [one["version"] for one in (await client.get("/principles/versions")).json()] == [2, 1]
    [changed] = (await client.get("/principles/diff")).json()
    assert changed["field"] == "text" and "+- Be kind." in changed["diff"] and "\n-Quality" in changed["diff"]
    assert (await client.get("/principles/diff?from=2&to=2")).json() == []
    assert (await client.get("/principles/diff?from=1&to=9")).status_code == 404
    async with hub.db.write() as session:
        project = await make.make_project(session, settings={"principles": "- Prices are integers."})
        who = await who_is(session, "qa", project)
    role = (await client.get("/roles/qa")).json()
    assert who.versions == {"role": "qa", "role_version": 1, "principles_version": 2}
    parts = [role["prompt"], "Principles:\n- Be kind.", f"Principles of your role:\n{role['principles']}"]
    assert who.text == "\n\n".join([*parts, "Principles of this project:\n- Prices are integers."])

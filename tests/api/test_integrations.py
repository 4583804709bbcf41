"""A person signs in to a tracker, ties a project, looks, imports, changes something here and there, imports again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from main_api.hub import HubParts
from services.store.models import Comment, Credential, Event, Task, TaskDependency, TrackerTask
from services.trackers import made_up
from services.trackers.facts import OutsideComment, OutsideFile, OutsideTask
from services.trackers.made_up import TOKEN
from services.trackers.provider import Write

HERE = "/integrations"


async def signed_in(client: httpx.AsyncClient) -> int:
    body = {"provider": "made_up", "label": "mine", "token": TOKEN}
    answer = await client.post(f"{HERE}/credentials", json=body)
    assert answer.status_code == 201 and TOKEN not in answer.json().values(), answer.text
    return answer.json()["id"]


async def tied(client: httpx.AsyncClient) -> dict[str, Any]:
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    body = {"credential_id": await signed_in(client), "external_id": "shop", "project_id": project["id"]}
    answer = await client.post(f"{HERE}/project-mapping", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def imported(client: httpx.AsyncClient, mapping: int, *tasks: str, **more: Any) -> dict[str, Any]:
    begun = await client.post(f"{HERE}/import", json={"mapping_id": mapping, "tasks": tasks, **more})
    assert begun.status_code == 202, begun.text
    at = f"{HERE}/imports/{begun.json()['id']}"
    for _ in range(1_000):
        if (told := (await client.get(at)).json())["state"] != "running":
            return told
        await asyncio.sleep(0.02)
    raise AssertionError("the import does not end")


async def test_what_is_not_there_yet_says_so(client: httpx.AsyncClient) -> None:
    told = (await client.get(f"{HERE}/providers")).json()
    assert [one["name"] for one in told] == ["asana", "jira", "linear", "github_issues", "made_up"]
    assert [one["available"] for one in told] == [True, False, False, False, True]
    for name in ("jira", "linear", "github_issues"):
        answer = await client.post(f"{HERE}/credentials", json={"provider": name, "label": "x", "token": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "tracker_unavailable")
        assert "is not available yet" in answer.json()["detail"]
    answer = await client.post(f"{HERE}/credentials", json={"provider": "trello", "label": "x", "token": "x"})
    assert answer.status_code == 404


async def test_a_refused_token_is_not_stored_and_a_stored_one_is_never_shown(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    body = {"provider": "made_up", "label": "mine", "token": "wrong-token-91c"}
    answer = await client.post(f"{HERE}/credentials", json=body)
    assert answer.json()["code"] == "tracker_sign_in" and "wrong-token-91c" not in answer.text
    assert (await client.get(f"{HERE}/credentials")).json() == []
    await signed_in(client)
    assert "encrypted" not in (await client.get(f"{HERE}/credentials")).text
    async with hub.db.read() as session:
        stored = (await session.scalars(sa.select(Credential))).one()
    assert TOKEN not in stored.encrypted


async def test_the_same_import_twice_makes_nothing_twice(client: httpx.AsyncClient, hub: HubParts) -> None:
    mapping = (await tied(client))["id"]
    seen = (await client.get(f"{HERE}/{mapping}/tasks", params={"most": 2})).json()
    assert [(one["external_id"], one["verdict"]) for one in seen["tasks"]] == [("t1", "new"), ("t4", "new")]
    rest = (await client.get(f"{HERE}/{mapping}/tasks", params={"after": seen["next"]})).json()
    assert [(one["external_id"], one["done"]) for one in rest["tasks"]] == [("t5", True)] and rest["next"] is None
    preview = (
        await client.post(f"{HERE}/import", json={"mapping_id": mapping, "tasks": ["t4", "t1"], "preview": True})
    ).json()
    assert preview["state"] == "preview" and preview["total"] == 4
    assert (await client.get("/tasks")).json() == []

    first = await imported(client, mapping, "t4", "t1")
    assert (first["state"], first["total"], first["comments"], first["files"], first["notes"]) == ("done", 4, 1, 1, [])
    tasks = {one["title"]: one for one in (await client.get("/tasks")).json()}
    total, rounding = tasks["Show the total before paying"], tasks["Round to the nearest cent"]
    assert rounding["parent_id"] == total["id"] and total["stage"] == "backlog"
    assert "> The total is shown only after the card was charged." in total["description"]
    assert "- Effort: 3" in total["description"]
    async with hub.db.read() as session:
        waits = set((await session.execute(sa.select(TaskDependency.task_id, TaskDependency.blocked_by_id))).all())
        said = (await session.scalars(sa.select(Comment))).one()
    assert waits == {(tasks["Say the currency"]["id"], rounding["id"]), (tasks["Print the receipt"]["id"], total["id"])}
    assert said.author == "made_up" and "> Please with the discount." in said.body
    files = (await client.get(f"/tasks/{tasks['Print the receipt']['id']}/attachments")).json()
    assert [(one["name"], one["size"], one["media_type"]) for one in files] == [("receipt.txt", 12, "text/plain")]

    again = await imported(client, mapping, "t4", "t1")
    assert {one["verdict"] for one in again["items"]} == {"same"} and (again["comments"], again["files"]) == (0, 0)
    assert len((await client.get("/tasks")).json()) == 4


async def test_what_a_person_changed_here_stays_and_what_differs_is_told(
    client: httpx.AsyncClient, hub: HubParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = (await tied(client))["id"]
    await imported(client, mapping, "t1", "t4", subtasks=False)
    tasks = {one["title"]: one for one in (await client.get("/tasks")).json()}
    mine = tasks["Show the total before paying"]
    edit = {"version": mine["version"], "title": "Show the total at once"}
    assert (await client.patch(f"/tasks/{mine['id']}", json=edit)).status_code == 200
    await client.delete(f"/tasks/{tasks['Print the receipt']['id']}")
    changed = tuple(
        made_up.OutsideTask(one.id, f"{one.title}!", "Changed there.", state=one.state) for one in made_up._TASKS
    )
    monkeypatch.setattr(made_up, "_TASKS", changed)

    again = await imported(client, mapping, "t1", "t4", subtasks=False)
    first, second = again["items"]
    assert (first["verdict"], second["verdict"]) == ("update", "deleted")
    assert [(one["field"], one["theirs"], one["ours"]) for one in first["differs"]] == [
        ("title", "Show the total before paying!", "Show the total at once")
    ]
    now = (await client.get(f"/tasks/{mine['id']}")).json()
    assert now["title"] == "Show the total at once" and "> Changed there." in now["description"]
    third = await imported(client, mapping, "t1", subtasks=False)
    assert third["items"][0]["verdict"] == "differs"
    async with hub.db.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Task)) == 2


async def test_a_credential_that_is_used_is_deleted_only_with_force(client: httpx.AsyncClient, hub: HubParts) -> None:
    mapping = await tied(client)
    await imported(client, mapping["id"], "t4")
    at = f"{HERE}/credentials/{mapping['credential_id']}"
    refused = await client.delete(at)
    assert (refused.status_code, refused.json()["code"]) == (409, "tracker_in_use")
    assert [one["name"] for one in refused.json()["projects"]] == ["The shop"]
    assert (await client.delete(at, params={"force": True})).status_code == 204
    ties = (await client.get(f"{HERE}/project-mapping")).json()
    assert [one["credential_id"] for one in ties] == [None] and len((await client.get("/tasks")).json()) == 1
    answer = await client.get(f"{HERE}/{mapping['id']}/tasks")
    assert answer.json()["code"] == "tracker_sign_in" and "no credential any more" in answer.json()["detail"]
    assert (await client.delete(f"{HERE}/project-mapping/{mapping['id']}")).status_code == 204
    async with hub.db.read() as session:
        assert (await session.scalars(sa.select(TrackerTask))).all() == []
    assert len((await client.get("/tasks")).json()) == 1


async def test_a_token_is_tested_again_and_replaced_where_it_holds(client: httpx.AsyncClient, hub: HubParts) -> None:
    mapping = await tied(client)
    at = f"{HERE}/credentials/{mapping['credential_id']}"
    assert (await client.post(f"{at}/test")).json()["name"] == "You"
    async with hub.db.read() as session:
        before = (await session.scalars(sa.select(Credential))).one().encrypted
    refused = await client.put(at, json={"token": "wrong-token-91c"})
    assert (refused.status_code, refused.json()["code"]) == (400, "tracker_sign_in")
    async with hub.db.read() as session:
        assert (await session.scalars(sa.select(Credential))).one().encrypted == before
    replaced = (await client.put(at, json={"token": TOKEN})).json()
    assert (replaced["id"], replaced["account_name"]) == (mapping["credential_id"], "You")
    async with hub.db.read() as session:
        assert (await session.scalars(sa.select(Credential))).one().encrypted != before
        event = (await session.scalars(sa.select(Event).where(Event.kind == "credential.replaced"))).one()
    assert event.data["before"] != event.data["after"] and TOKEN not in event.data.values()
    assert (await client.get(f"{HERE}/{mapping['id']}/tasks")).status_code == 200
    gone = f"{HERE}/credentials/987"
    assert (await client.put(gone, json={"token": "x"})).status_code == 404
    assert (await client.post(f"{gone}/test")).status_code == 404


async def test_a_task_says_where_it_came_from_and_imports_are_listed(client: httpx.AsyncClient) -> None:
    mapping = await tied(client)
    done = await imported(client, mapping["id"], "t1")
    assert [one["subtasks"] for one in done["items"]] == [2, 0, 0]
    origin = (await client.get(f"/tasks/{done['items'][1]['task_id']}")).json()["origin"]
    assert (origin["title"], origin["project"], origin["external_id"]) == ("Made-up tracker", "The shop", "t2")
    mine = (await client.post("/tasks", json={"project_id": mapping["project_id"], "title": "Mine"})).json()
    assert (await client.get(f"/tasks/{mine['id']}")).json()["origin"] is None
    second = await imported(client, mapping["id"], "t4")
    assert [one["id"] for one in (await client.get(f"{HERE}/imports")).json()] == [second["id"], done["id"]]
    assert (await client.get(f"{HERE}/imports", params={"mapping_id": mapping["id"] + 1})).json() == []


async def test_what_is_not_there_is_told(client: httpx.AsyncClient) -> None:
    mapping = await tied(client)
    told = await imported(client, mapping["id"], "t99")
    assert told["state"] == "failed" and told["fault"]["code"] == "tracker_not_found"
    body = {"credential_id": mapping["credential_id"], "external_id": "cellar", "project_id": mapping["project_id"]}
    assert (await client.post(f"{HERE}/project-mapping", json=body)).json()["code"] == "tracker_not_found"
    assert (await client.get(f"{HERE}/imports/99")).status_code == 404
    assert (await client.get(f"{HERE}/99/tasks")).status_code == 404
    assert (await client.post(f"{HERE}/imports/1/cancel")).status_code == 409


async def test_one_that_is_cancelled_keeps_what_came(
    client: httpx.AsyncClient, hub: HubParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = (await tied(client))["id"]
    reached = asyncio.Event()

    async def never(_self: made_up.MadeUp, id: str) -> AsyncIterator[OutsideComment]:
        reached.set()
        await asyncio.Event().wait()
        yield OutsideComment(id, "", "")

    monkeypatch.setattr(made_up.MadeUp, "comments", never)
    begun = (await client.post(f"{HERE}/import", json={"mapping_id": mapping, "tasks": ["t4"]})).json()
    await asyncio.wait_for(reached.wait(), 20)
    second = await client.post(f"{HERE}/import", json={"mapping_id": mapping, "tasks": ["t1"]})
    assert (second.status_code, second.json()["code"]) == (409, "conflict")
    over = (await client.post(f"{HERE}/imports/{begun['id']}/cancel")).json()
    assert over["state"] == "cancelled" and [one["title"] for one in over["items"]] == ["Print the receipt"]
    assert (await client.post(f"{HERE}/imports/{begun['id']}/cancel")).status_code == 409
    assert len((await client.get("/tasks")).json()) == 1
    async with hub.db.read() as session:
        query = sa.select(Event).where(Event.kind == "tracker.import_cancelled")
        event = (await session.scalars(query)).one()
    assert (event.data["before"], event.data["after"]) == ({"state": "running"}, {"state": "cancelled"})
    monkeypatch.undo()
    assert (await imported(client, mapping, "t4"))["items"][0]["verdict"] == "same"


@pytest.mark.parametrize("at", ["comments", "download", "task"])
@pytest.mark.parametrize("taken", ["project-mapping", "credentials"])
async def test_what_is_taken_away_under_an_import_ends_it_in_a_sentence(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, at: str, taken: str
) -> None:
    mapping = await tied(client)
    gone = f"{HERE}/{taken}/{mapping['id'] if taken == 'project-mapping' else mapping['credential_id']}"

    async def take_away() -> None:
        answer = await client.delete(gone, params={"force": True} if taken == "credentials" else {})
        assert answer.status_code in (204, 404), answer.text  # the second task finds it gone

    async def task(self: made_up.MadeUp, id: str) -> OutsideTask:
        await take_away()
        return await asked(self, id)

    async def comments(_self: made_up.MadeUp, id: str) -> AsyncIterator[OutsideComment]:
        await take_away()
        yield OutsideComment(id, "Somebody", "With the discount.")

    async def download(self: made_up.MadeUp, file: OutsideFile, write: Write) -> None:
        await take_away()
        await fetched(self, file, write)

    asked, fetched = made_up.MadeUp.task, made_up.MadeUp.download
    monkeypatch.setattr(made_up.MadeUp, at, {"task": task, "comments": comments, "download": download}[at])
    told = await imported(client, mapping["id"], "t4", "t5")
    fault = told["fault"]
    assert told["state"] == "failed" and len(told["items"]) == (0 if at == "task" else 1), told
    if taken == "credentials":
        assert "The shop has no credential any more" in fault["sentence"] and "Sign in anew" in fault["way_out"], fault
    else:
        assert "The shop was untied while it was imported" in fault["sentence"], fault
        assert "Tie it again" in fault["way_out"], fault
    assert len((await client.get("/tasks")).json()) == len(told["items"]), "what came stays"

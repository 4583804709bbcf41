"""Workflows over HTTP: imported byte by byte, versioned, chosen by the owner alone; what they allow is kept."""

from pathlib import Path
from typing import Any

import httpx

from main_api.hub import HubParts
from main_api.schemas.workflow import SMALLEST
from services.roles.seed import seed
from services.roles.versions import put_text

TRICKY = "\ufeff" + SMALLEST.replace("\n", "\r\n") + "# schön, with a tail  \r\n\r\n"


async def begin(client: httpx.AsyncClient, hub: HubParts, key: str = "TILL") -> dict[str, Any]:
    async with hub.db.write() as session:
        await seed(session)
    made = await client.post("/projects", json={"name": key.title(), "key": key, "workspace_path": key.lower()})
    assert made.status_code == 201, made.text
    return made.json()


async def is_exported_byte_by_byte_and_versioned(client: httpx.AsyncClient) -> None:
    names = {one["name"]: one for one in (await client.get("/workflows")).json()}
    assert list(names) == ["docs-only", "quickfix", "research", "software"] and names["software"]["projects"] == 1
    first = (await client.post("/workflows", json={"source": TRICKY, "file": "small.yaml"})).json()
    assert (first["name"], first["version"], first["new"], first["origin"]) == ("small", 1, True, "imported")
    answer = await client.get("/workflows/small/source")
    assert answer.content == TRICKY.encode() and (await client.get("/workflows/small")).json()["source"] == TRICKY
    again = (await client.post("/workflows", json={"source": TRICKY})).json()
    assert (again["version"], again["new"]) == (1, False)
    looser = TRICKY.replace("    gate: { changes_required: true }\r\n", "")
    second = (await client.post("/workflows", json={"source": looser})).json()
    assert second["version"] == 2
    diff = (await client.get("/workflows/small/diff?from=1")).json()
    assert diff["fields"] == [{"where": "stages.dev.gate.changes_required", "old": True, "new": False}]
    assert "-    gate: { changes_required: true }" in diff["text"]
    gone = await client.get("/workflows/small/source?version=9")
    assert gone.status_code == 404 and gone.json()["way_out"] == "There are: 1, 2."


async def is_refused_by_line_and_not_kept(client: httpx.AsyncClient) -> None:
    text = SMALLEST.replace("gate:", "gaet:").replace("role: dev", "role: dv")
    answer = await client.post("/workflows", json={"source": text, "file": "mine.yaml"})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "workflow_invalid")
    assert told["errors"][0]["where"] == "mine.yaml:9" and "did you mean `gate`?" in told["errors"][0]["what"]
    checked = (await client.post("/workflows/check", json={"source": text, "file": "mine.yaml"})).json()
    assert not checked["valid"] and checked["errors"] == told["errors"]
    assert (await client.post("/workflows/check", json={"source": SMALLEST})).json()["stages"] == [
        "backlog",
        "dev",
        "done",
    ]
    assert len((await client.get("/workflows/small")).json()["versions"]) == 2


async def test_a_projects_own_file_counts_only_when_its_owner_takes_it(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    project = await begin(client, hub)
    other = await begin(client, hub, "SHOP")
    path, file = f"/projects/{project['id']}", Path(project["workspace_path"]) / ".wfhub" / "workflow.yaml"
    task = (await client.post("/tasks", json={"project_id": project["id"], "title": "Old one"})).json()
    file.parent.mkdir()
    file.write_text(SMALLEST)
    assert (await client.get(f"{path}/workflow")).json()["workflow"] == "software"

    version = (await client.get(path)).json()["version"]
    taken = (await client.patch(path, json={"version": version, "workflow_file": ".wfhub/workflow.yaml"})).json()
    assert taken["notice"] == (
        "New tasks of TILL go through small@TILL version 1. Its open task keeps what it began with: software version 1."
    )
    used = (await client.get(f"{path}/workflow")).json()
    assert (used["workflow"], used["file_state"]) == ("small@TILL", "same")
    new = (await client.post("/tasks", json={"project_id": project["id"], "title": "New one"})).json()
    assert (await client.post(f"/tasks/{new['id']}/set-stage", json={"stage": "qa"})).status_code == 400
    assert (await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "qa"})).json()["stage"] == "qa"

    file.write_text(SMALLEST.replace("    gate: { changes_required: true }\n", ""))
    now = (await client.get(f"{path}/workflow")).json()
    assert (now["version"], now["file_state"]) == (1, "differs") and "differs from what was taken" in now["notice"]
    assert [(one["workflow"], one["tasks"]) for one in now["in_use"]] == [("small@TILL", 1), ("software", 1)]

    body = {"version": other["version"], "workflow": "small@TILL"}
    refused = await client.patch(f"/projects/{other['id']}", json=body)
    assert refused.status_code == 400 and "belongs to another project" in refused.json()["detail"]
    outside = Path(project["workspace_path"]) / "link.yaml"
    outside.symlink_to(hub.settings.home / "hub.sqlite")
    for named, said in (("link.yaml", "leads out of"), ("../x.yaml", "no path below"), ("none.yaml", "is no file in")):
        answer = await client.patch(path, json={"version": taken["version"], "workflow_file": named})
        assert (answer.status_code, said in answer.json()["detail"]) == (409, True), answer.text
    await goes_only_where_its_workflow_lets_it(client, project)


async def is_not_covered_by_what_is_shipped(client: httpx.AsyncClient, hub: HubParts) -> None:
    source = (await client.get("/workflows/quickfix")).json()["source"]
    async with hub.db.write() as session:
        await put_text(session, source.replace("rounds: 3", "rounds: 7"), "mine.yaml", actor="person")
        await seed(session)
    assert (await client.get("/workflows/quickfix")).json()["definition"]["rounds"] == 7


async def goes_only_where_its_workflow_lets_it(client: httpx.AsyncClient, project: dict[str, Any]) -> None:
    path = f"/projects/{project['id']}"
    version = (await client.get(path)).json()["version"]
    await client.patch(path, json={"version": version, "workflow": "docs-only"})
    task = (await client.post("/tasks", json={"project_id": project["id"], "title": "Words"})).json()
    refusals = [
        await client.post(f"/tasks/{task['id']}/set-stage", json={"stage": "deploy"}),
        await client.post("/board/moves", json={"task_id": task["id"], "stage": "done"}),
        await client.post(f"/tasks/{task['id']}/trigger", json={"stage": "deploy"}),
    ]
    for refused in refusals:
        assert (refused.status_code, refused.json()["code"]) == (409, "transition_refused"), refused.text
        assert refused.json()["way_out"] == "From here it may go to: docs. Or cancel it."
    assert (await client.post(f"/tasks/{task['id']}/advance-stage")).json()["stage"] == "docs"


async def refuses_to_override(client: httpx.AsyncClient) -> None:
    """What an override does is in tests/workflows/test_gates.py."""
    path = "/runs/0190f0e2-7c1a-7cc0-8b1e-0a5f4c1d2e3f/gate/override"
    assert (await client.post(path, json={"note": "It is fine."})).status_code == 404
    assert (await client.post(path, json={"note": ""})).status_code == 422
    token = "wfr_0190f0e2.0-edit." + "a" * 43
    refused = await client.post(path, json={"note": "x"}, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 401


async def test_texts_are_kept_refused_and_told_apart(client: httpx.AsyncClient, hub: HubParts) -> None:
    await begin(client, hub)
    await is_exported_byte_by_byte_and_versioned(client)
    await is_refused_by_line_and_not_kept(client)
    await is_not_covered_by_what_is_shipped(client, hub)
    await refuses_to_override(client)

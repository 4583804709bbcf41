"""A task's context in one answer, and what is learned on it: added, never changed, told to later runs."""

import json
from pathlib import Path

import httpx
import pytest

from main_api.hub import HubParts
from services.roles.read import newest_workflow
from services.workflows.points_of_work import points_of_work
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_what_was_learned_is_kept_and_told(client: httpx.AsyncClient, hub: HubParts, tmp_path: Path) -> None:
    workspace = tmp_path / "till"
    workspace.mkdir()
    (workspace / ".mcp.json").write_text(json.dumps({"mcpServers": {"shop": {"command": "x", "env": {"K": "s3cret"}}}}))
    async with hub.db.write() as session:
        software = await newest_workflow(session, "software")
        project = await make.make_project(session, workspace_path=str(workspace), workflow_id=software.id)
        task = await make.make_task(session, project, title="Refuse refunds", stage="dev")
        await make.make_criterion(session, task, text="Refused above the total", met=False)
        for number in range(12):
            await make.make_comment(session, task, body=f"Word {number}")
        run = await make.make_run(session, task, role="dev")
        await make.make_proof(session, run, name="junit.xml")
        await make.make_finding(session, task, title="Off by one")
        await make.make_handoff(session, task, summary="First.")
        await make.make_handoff(session, task, summary="Second.", data={"open_points": ["The rounding"]})

    way = f"/tasks/{task.id}/update-context"
    said = {"decisions": ["Whole cents"], "open_points": ["Who rounds?"], "run_id": run.id}
    first = (await client.post(way, json=said)).json()
    again = (await client.post(way, json=said | {"notes": ["The till closes at night"]})).json()
    assert (first["version"], again["version"]) == (2, 3)
    assert [(note["kind"], note["author"]) for note in again["added"]] == [("note", "dev")]
    for wrong, status in (({}, 422), ({"notes": ["x" * 2_001]}, 422), ({"notes": ["x"], "run_id": "nobody"}, 404)):
        assert (await client.post(way, json=wrong)).status_code == status
    assert (await client.post("/tasks/999/update-context", json=said)).status_code == 404

    told = (await client.get(f"/tasks/{task.id}/context")).json()
    assert [one["text"] for one in told["notes"]] == ["The till closes at night", "Who rounds?", "Whole cents"]
    assert (await client.get(f"/tasks/{task.id}/notes")).json()[0]["text"] == "Whole cents"
    assert [one["body"] for one in told["comments"]] == [f"Word {number}" for number in range(2, 12)]
    assert (told["version"], told["role"], told["handoff"]["summary"]) == (3, task.assignee_role, "Second.")
    assert (told["earlier"]["by"], told["earlier"]["text"].splitlines()[0][-6:]) == ("as_told", "First.")
    assert [one["name"] for one in told["proofs"]] == ["junit.xml"] and told["git"]["branch"] is None
    assert [one["name"] for one in told["mcp_hints"]] == ["shop"] and "s3cret" not in json.dumps(told)
    assert (await client.get("/tasks/999/context")).status_code == 404

    prompt = (await client.get(f"/tasks/{task.id}/prompt")).json()["text"]
    for words in ("- Decided (dev): Whole cents", "- Note (dev): The till closes", "Second.\n- Open: The rounding"):
        assert words in prompt, words

    told = (await client.get("/help/agents", params={"task_id": task.id})).json()
    where, tools = told["where"], {tool["name"]: tool for tool in told["tools"]}
    assert (where["task"], where["stage"], where["role"]) == (f"{task.key} Refuse refunds", "dev", "dev")
    assert where["executors"] == ["aider"] and not tools["read"]["here"]
    assert "pattern" in str(tools["grep"]["arguments"]) and told["limits"]["task_notes_max"] == 500
    call = {"method": "POST", "path": "/tasks/{task_id}/update-context", "what": "Keep what was learned on a task"}
    assert call in told["calls"]
    anywhere = (await client.get("/help/agents")).json()
    assert anywhere["where"] is None and anywhere["tools"][0]["here"] is None
    assert (await client.get("/help/agents", params={"task_id": 999})).status_code == 404

    async with hub.db.read() as session:
        points = await points_of_work(session, run, task)
    assert points["decisions"] == ["Whole cents"]
    assert sorted(points["open_points"]) == ["Finding: Off by one", "Not met: Refused above the total", "Who rounds?"]

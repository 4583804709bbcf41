"""What an agent would be told of a task, before anybody is asked."""

from pathlib import Path

import httpx
import pytest

from main_api.hub import HubParts
from services.prompts.room import room_of
from services.roles.read import newest_workflow
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_each_section_is_counted_and_what_is_left_out_is_said(
    client: httpx.AsyncClient, hub: HubParts, tmp_path: Path
) -> None:
    workspace = tmp_path / "till"
    workspace.mkdir()
    (workspace / "AGENTS.md").write_text("Prices are integers. " * 300)
    async with hub.db.write() as session:
        software = await newest_workflow(session, "software")
        shop = {"workspace_path": str(workspace), "environment": "A shop.\n" * 400, "workflow_id": software.id}
        project = await make.make_project(session, **shop)
        task = await make.make_task(session, project, title="Say the total in words", stage="dev")
        await make.make_criterion(session, task, text="42 is forty-two", check="test_words")
        await make.make_comment(session, task, body="Keep it short.")
    told = (await client.get(f"/tasks/{task.id}/prompt")).json()
    assert (told["stage"], told["role"], told["role_version"], told["system"]) == ("dev", "dev", 1, "")
    sizes = {one["title"]: one for one in told["sections"]}
    for title, words in {"Acceptance criteria": "42 is forty-two", "A person says": "Keep it short."}.items():
        assert sizes[title]["kept"] and sizes[title]["tokens"] > 0 and words in told["text"]
    assert "Prices are integers." in told["text"] and told["left_out"] == ["Environment beyond 1,500 tokens"]
    cut, guide = sizes["Environment"], sizes["The project's own guide"]
    assert (cut["cut"], cut["budget"], cut["outside"]) == (True, 1_500, False) and cut["tokens"] < 1_600
    assert guide["outside"] and f"<data-{told['fence']}>" in guide["text"] and guide["text"] in told["text"]
    assert told["tokens"] <= told["room"]

    narrow = {"context_tokens": 4_000, "max_output_tokens": 500}
    kept = await client.post("/model-profiles", json={"name": told["model"], "fields": narrow})
    assert kept.status_code == 200, kept.text
    tight = (await client.get(f"/tasks/{task.id}/prompt")).json()
    assert tight["room"] == room_of(4_000, 500) and tight["tokens"] <= tight["room"]
    assert tight["left_out"][0] == "Environment" or "The project's own guide" in tight["left_out"]
    assert "Prices are integers." not in tight["text"] and "Left out" in tight["text"]

    qa = (await client.get(f"/tasks/{task.id}/prompt", params={"role": "qa"})).json()
    assert qa["stage"] == "qa" and qa["system"].startswith("You are a tester.")
    assert "Who you are" not in {one["title"] for one in qa["sections"]}
    nobody = await client.get(f"/tasks/{task.id}/prompt", params={"role": "director"})
    assert (nobody.status_code, nobody.json()["code"]) == (400, "invalid_input") and "dev" in nobody.json()["way_out"]
    assert (await client.get("/tasks/999/prompt")).status_code == 404

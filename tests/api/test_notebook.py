"""`.workflow/` of a workspace: readable, bounded, never through a link, never in git, without secrets."""

import asyncio
import json
import subprocess
from pathlib import Path

import httpx
import pytest

from main_api.hub import HubParts
from services.domain.states import RunState
from services.notebook.write import write_notebook
from services.store.models import Task
from tests.api.conftest import TOKEN
from tests.support import factories as make


async def test_the_work_is_readable_without_the_hub(client: httpx.AsyncClient, hub: HubParts, tmp_path: Path) -> None:
    await hub.notebook.stop()  # what is written is written here
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    wanted = {"project_id": project["id"], "title": "Greets", "criteria": [{"text": "It says hello"}]}
    task_id = (await client.post("/tasks", json=wanted)).json()["id"]
    path = Path(project["workspace_path"])

    async def run_ends(summary: str) -> str:
        async with hub.db.write() as session:
            task = await session.get_one(Task, task_id)
            run = await make.make_run(session, task, state=RunState.PASSED, summary=summary, checkpoint_sha="c" * 40)
        lines = [json.dumps({"seq": n, "kind": "log", "text": f"line {n} {TOKEN}"}) for n in (1, 2)]
        hub.output.append(run.id, "0-edit", lines)
        return run.id

    async def write(most_bytes: int = 100_000) -> bool:
        return await write_notebook(hub.db, hub.repos, hub.output, project["id"], most_bytes)

    def said(name: str) -> str:
        return (path / ".workflow" / name).read_text()

    def git(*args: str) -> str:
        return subprocess.run(["git", *args], cwd=path, capture_output=True, text=True, check=True).stdout

    first = await run_ends(f"It is done, says {TOKEN}.")
    assert await write()
    tasks = json.loads(said("tasks.json"))
    assert tasks["project"]["name"] == "Till" and tasks["left_out"] == 0
    assert [(one["title"], one["criteria"][0]["text"]) for one in tasks["tasks"]] == [("Greets", "It says hello")]
    assert [one["id"] for one in json.loads(said("checkpoints.json"))["checkpoints"]] == [first]
    (log,) = (path / ".workflow" / "logs").iterdir()
    assert "It is done" in log.read_text() and "line 2" in log.read_text()
    assert git("status", "--porcelain", "--untracked-files=all") == ""

    second = await run_ends("Again.")
    assert await write(most_bytes=log.stat().st_size)
    assert [one.name[-10:-4] for one in (path / ".workflow" / "logs").iterdir()] == [second[-6:]], "the newest stays"
    assert not any(TOKEN in file.read_text() for file in (path / ".workflow").rglob("*") if file.is_file())

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "tasks.json").write_text("mine")
    (path / ".workflow" / "tasks.json").unlink()
    (path / ".workflow" / "tasks.json").symlink_to(mine / "tasks.json")
    assert await write() and not (path / ".workflow" / "tasks.json").is_symlink()
    (path / ".workflow").rename(tmp_path / "aside")
    (path / ".workflow").symlink_to(mine)
    with pytest.raises(OSError):
        await write()
    await hub.notebook.write(project["id"])  # told in the log, and nothing breaks
    assert [one.name for one in mine.iterdir()] == ["tasks.json"] and (mine / "tasks.json").read_text() == "mine"

    (path / ".workflow").unlink()
    (path / ".workflow").mkdir()
    (path / ".workflow" / "own.txt").write_text("the owner's, and in git\n")
    git("add", "--force", ".workflow/own.txt")
    assert not await write() and [one.name for one in (path / ".workflow").iterdir()] == ["own.txt"]


async def test_it_follows_what_happens(client: httpx.AsyncClient, hub: HubParts) -> None:
    object.__setattr__(hub.settings, "notebook_seconds", 0.01)
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    await client.post("/tasks", json={"project_id": project["id"], "title": "Greets"})
    file = Path(project["workspace_path"]) / ".workflow" / "tasks.json"
    for _ in range(1_500):
        if file.exists() and "Greets" in file.read_text():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it was not written")

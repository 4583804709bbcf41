"""Where projects stand and how they go: looked at before, switched, archived, and what deleting means."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.domain.states import RunState, TaskState
from services.store.models import Project, Run
from tests.support.factories import make_request, make_run, make_task


def git(folder: Path, *args: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    return subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True, text=True).stdout


def repository(folder: Path, file: str = "pyproject.toml", text: str = '[project]\nname = "till"\n') -> Path:
    folder.mkdir(parents=True)
    (folder / file).write_text(text)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", f"First of {folder.name}")
    return folder


async def made(client: httpx.AsyncClient, path: str = "till", **more: Any) -> dict[str, Any]:
    answer = await client.post("/projects", json={"name": "Till", "workspace_path": path, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


# -- before it is made


async def test_a_folder_is_looked_at_and_nothing_is_made(client: httpx.AsyncClient, settings: MainSettings) -> None:
    async def seen(path: str) -> dict[str, Any]:
        answer = await client.post("/projects/preview", json={"workspace_path": path})
        assert answer.status_code == 200, answer.text
        return answer.json()

    missing = await seen("not-yet")
    assert (missing["exists"], missing["repository"], missing["settings"]) == (False, False, {})
    assert "is made" in missing["will"][0] and not (settings.workspaces_dir / "not-yet").exists()

    plain = settings.workspaces_dir / "plain"
    plain.mkdir()
    (plain / "Cargo.toml").write_text('[package]\nname = "till"\n')
    found = await seen("plain")
    assert (found["exists"], found["repository"]) == (True, False) and "git is begun" in found["will"][0]
    assert found["settings"]["discovered"]["package_managers"] == ["cargo"]
    assert not (plain / ".git").exists()

    mine = repository(settings.workspaces_dir / "till")
    (mine / "draft.txt").write_text("unsaved")
    before = git(mine, "status", "--porcelain")
    found = await seen("till")
    assert (found["branch"], found["dirty_count"], found["dirty"]) == ("main", 1, ["draft.txt"])
    assert "stays as it is" in found["will"][0] and found["projects"] == []
    assert git(mine, "status", "--porcelain") == before and ".workflow" not in (mine / ".git/info/exclude").read_text()

    project = await made(client, allow_dirty=True)
    assert (await seen("till"))["projects"] == [{"id": project["id"], "key": "TILL", "name": "Till"}]


async def test_what_is_found_is_corrected_before_and_after(client: httpx.AsyncClient, settings: MainSettings) -> None:
    repository(settings.workspaces_dir / "till")
    project = await made(client, settings={"facts": {"language": "python 3", "entry_points": ["till.py"]}})
    assert project["settings"]["facts"] == {"language": "python 3", "entry_points": ["till.py"]}
    body = {"version": project["version"], "settings": {"facts": {"entry_points": None, "package_managers": ["uv"]}}}
    edited = (await client.patch(f"/projects/{project['id']}", json=body)).json()
    assert edited["settings"]["facts"] == {"language": "python 3", "package_managers": ["uv"]}
    body = {"version": edited["version"], "settings": {"facts": {"language": 7}}}
    wrong = await client.patch(f"/projects/{project['id']}", json=body)
    assert wrong.status_code == 400 and "settings.facts.language" in wrong.json()["detail"]


# -- archived


async def test_an_archived_project_is_out_of_sight_and_stands_still(client: httpx.AsyncClient, hub: HubParts) -> None:
    project = await made(client)
    async with hub.db.write() as session:
        row = await session.get_one(Project, project["id"])
        task = await make_task(session, row, state=TaskState.WAITING, waiting_reason="answer", stage="dev")
    assert len((await client.get("/inbox")).json()["items"]) == 1
    answer = await client.post(f"/projects/{project['id']}/archive")
    archived = answer.json()
    assert answer.status_code == 200 and archived["archived_at"] and archived["paused"], answer.text
    event = (await client.get("/events")).json()[-1]
    assert (event["kind"], event["data"]["before"], event["data"]["after"]) == (
        "project.archived", {"archived": False}, {"archived": True},
    )  # fmt: skip

    assert (await client.get("/projects")).json() == []
    assert [one["id"] for one in (await client.get("/projects", params={"archived": True})).json()] == [project["id"]]
    assert (await client.get("/summary")).json()["projects"] == []
    assert (await client.get("/inbox")).json()["items"] == []
    assert (await client.get("/git/status")).json() == []
    assert all(column["tasks"] == [] for column in (await client.get("/board")).json()["columns"])
    assert (await client.get("/pause")).json()["pauses"] == []
    assert (await client.get(f"/tasks/{task.id}")).json()["key"] == task.key
    board = (await client.get("/board", params={"project_id": project["id"]})).json()
    assert [card["key"] for column in board["columns"] for card in column["tasks"]] == [task.key]

    again = (await client.post(f"/projects/{project['id']}/archive")).json()
    assert again["version"] == archived["version"]


async def test_nothing_begins_in_an_archived_project(client: httpx.AsyncClient) -> None:
    project = await made(client)
    archived = (await client.post(f"/projects/{project['id']}/archive")).json()
    refused = [
        await client.post("/tasks", json={"project_id": project["id"], "title": "Say hello"}),
        await client.post("/requests", json={"project_id": project["id"], "text": "A greeting."}),
        await client.post(f"/projects/{project['id']}/resume"),
        await client.post(f"/projects/{project['id']}/deploy"),
        await client.patch(f"/projects/{project['id']}", json={"version": archived["version"], "paused": False}),
    ]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "project_archived")] * 5
    assert "unarchive" in refused[0].json()["way_out"]

    back = (await client.post(f"/projects/{project['id']}/unarchive")).json()
    assert (back["archived_at"], back["paused"]) == (None, True)
    assert (await client.post(f"/projects/{project['id']}/resume")).status_code == 200
    assert (await client.post("/tasks", json={"project_id": project["id"], "title": "Say hello"})).status_code == 201
    assert [one["id"] for one in (await client.get("/projects")).json()] == [project["id"]]


async def test_live_runs_stop_an_archive_unless_they_may_be_killed(client: httpx.AsyncClient, hub: HubParts) -> None:
    project = await made(client)
    async with hub.db.write() as session:
        row = await session.get_one(Project, project["id"])
        task = await make_task(session, row, state=TaskState.RUNNING, stage="dev", branch="wfhub/TILL-1-1")
        run = await make_run(session, task, state=RunState.RUNNING, owner="worker")
        task.current_run_id = run.id
        await make_request(session, row)
    told = (await client.get(f"/projects/{project['id']}/removal")).json()
    assert told["running"] == [{"id": run.id, "task_key": task.key, "stage": run.stage, "state": "running"}]
    assert (told["open_tasks"], told["tasks"], told["runs"], told["branches"]) == (1, 1, 1, [task.key])
    assert told["archive"][0] == told["delete"][0] == f"1 live run is killed: {task.key} at {run.stage}."
    assert "1 open task rests until it is brought back." in told["archive"]
    assert project["workspace_path"] in told["delete"][-1] and task.key in "".join(told["delete"][2:])

    refused = await client.post(f"/projects/{project['id']}/archive")
    assert (refused.status_code, refused.json()["code"], refused.json()["runs"]) == (409, "project_busy", [run.id])
    assert "archive with force=true" in refused.json()["way_out"]
    assert (await client.post(f"/projects/{project['id']}/archive", params={"force": True})).status_code == 200
    async with hub.db.read() as session:
        assert await session.scalar(sa.select(Run.state).where(Run.id == run.id)) == RunState.CANCELLED


# -- on another folder


async def test_the_same_repository_elsewhere_is_known(client: httpx.AsyncClient, settings: MainSettings) -> None:
    old = repository(settings.workspaces_dir / "till")
    project = await made(client)
    git(settings.workspaces_dir, "clone", "-q", str(old), "moved")
    moved = settings.workspaces_dir / "moved"
    (moved / "more.txt").write_text("more")
    git(moved, "add", "-A")
    git(moved, "commit", "-qm", "More")
    body = {"workspace_path": "moved"}
    told = (await client.post(f"/projects/{project['id']}/workspace/foresee", json=body)).json()
    assert (told["kinship"], told["needs_word"], told["branch"]) == ("same", False, "main")
    assert any(str(old) in sentence for sentence in told["sentences"])
    assert (await client.get(f"/projects/{project['id']}")).json()["workspace_path"] == str(old)

    switched = await client.post(f"/projects/{project['id']}/workspace", json={**body, "version": project["version"]})
    assert switched.status_code == 200, switched.text
    assert switched.json()["workspace_path"] == str(moved)
    event = (await client.get("/events")).json()[-1]
    assert event["kind"] == "project.workspace"
    assert event["data"]["before"]["workspace_path"] == str(old)
    assert event["data"]["after"]["workspace_path"] == str(moved)
    status = (await client.get("/git/status")).json()[0]
    assert (status["workspace_path"], status["fault"]) == (str(moved), None)


async def test_the_same_but_apart_goes_by_the_hubs_own_copy_when_the_folder_is_gone(
    client: httpx.AsyncClient, hub: HubParts, settings: MainSettings
) -> None:
    old = repository(settings.workspaces_dir / "till")
    git(settings.workspaces_dir, "clone", "-q", str(old), "behind")
    (old / "more.txt").write_text("more")
    git(old, "add", "-A")
    git(old, "commit", "-qm", "More")
    project = await made(client)
    await hub.repos.ensure_mirror(project["id"], old, "main")
    old.rename(settings.workspaces_dir / "gone")
    body = {"workspace_path": "behind"}
    told = (await client.post(f"/projects/{project['id']}/workspace/foresee", json=body)).json()
    assert (told["kinship"], told["needs_word"]) == ("apart", False)
    assert "not on its main" in told["sentences"][0]


async def test_another_repository_wants_a_word(
    client: httpx.AsyncClient, hub: HubParts, settings: MainSettings
) -> None:
    repository(settings.workspaces_dir / "till")
    repository(settings.workspaces_dir / "other", "Cargo.toml", '[package]\nname = "other"\n')
    project = await made(client)
    url, body = f"/projects/{project['id']}/workspace", {"workspace_path": "other", "version": project["version"]}
    refused = await client.post(url, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "workspace_other")
    async with hub.db.write() as session:
        row = await session.get_one(Project, project["id"])
        begun = await make_task(session, row, state=TaskState.PAUSED, stage="dev", branch="wfhub/TILL-1-1")
    refused = await client.post(url, json={**body, "other_repository": True})
    assert refused.status_code == 409 and begun.key in refused.json()["detail"]
    await client.post(f"/tasks/{begun.id}/cancel")
    taken = await client.post(url, json={**body, "other_repository": True})
    assert taken.status_code == 200, taken.text
    assert taken.json()["settings"]["discovered"]["package_managers"] == ["cargo"]


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [("nowhere", 400, "no repository"), ("plain", 400, "no repository"), ("till", 400, "already")],
)
async def test_folders_that_no_project_can_move_to(
    client: httpx.AsyncClient, settings: MainSettings, path: str, status: int, word: str
) -> None:
    repository(settings.workspaces_dir / "till")
    (settings.workspaces_dir / "plain").mkdir()
    project = await made(client)
    answer = await client.post(f"/projects/{project['id']}/workspace/foresee", json={"workspace_path": path})
    assert answer.status_code == status and word in answer.json()["detail"], answer.text
    assert not (settings.workspaces_dir / "nowhere").exists()


async def test_a_switch_is_refused_stale_dirty_busy_and_without_the_branch(
    client: httpx.AsyncClient, hub: HubParts, settings: MainSettings
) -> None:
    old = repository(settings.workspaces_dir / "till")
    project = await made(client)
    git(settings.workspaces_dir, "clone", "-q", str(old), "moved")
    url, body = f"/projects/{project['id']}/workspace", {"workspace_path": "moved", "version": project["version"]}
    lacking = await client.post(url, json={**body, "default_branch": "trunk"})
    assert lacking.status_code == 400 and "no branch trunk" in lacking.json()["detail"]
    stale = await client.post(url, json={**body, "version": project["version"] + 7})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    (settings.workspaces_dir / "moved" / "draft.txt").write_text("unsaved")
    dirty = await client.post(url, json=body)
    assert (dirty.status_code, dirty.json()["code"]) == (409, "workspace_dirty")
    async with hub.db.write() as session:
        row = await session.get_one(Project, project["id"])
        task = await make_task(session, row, state=TaskState.RUNNING, stage="dev")
        task.current_run_id = (await make_run(session, task, state=RunState.RUNNING, owner="worker")).id
    busy = await client.post(url, json={**body, "allow_dirty": True})
    assert (busy.status_code, busy.json()["code"]) == (409, "project_busy")
    assert (await client.get(f"/projects/{project['id']}")).json()["workspace_path"] == str(old)

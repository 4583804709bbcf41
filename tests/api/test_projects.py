"""Projects: made of real folders, edited by version, removed softly."""

import subprocess
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.domain.states import RunState
from services.store.models import Project
from tests.support.factories import make_run, make_task


def git(folder: Path, *args: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    done = subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def repository(settings: MainSettings) -> Path:
    """A workspace of a person, clean, with one commit."""
    folder = settings.workspaces_dir / "till"
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "till"\nversion = "1"\n')
    (folder / "requirements-test.txt").write_text("pytest==9.2.0\n")
    (folder / "tests" / "test_sum.py").write_text("def test_sum():\n    assert 1 + 1 == 2\n")
    git(folder, "init", "-q", "-b", "trunk")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "First")
    return folder


async def test_a_folder_becomes_a_project(client: httpx.AsyncClient, repository: Path) -> None:
    response = await client.post("/projects", json={"name": "till register", "workspace_path": "till"})
    assert response.status_code == 201, response.text
    made = response.json()
    assert made["key"] == "TILL"
    assert (made["workspace_path"], made["default_branch"]) == (str(repository), "trunk")
    settings = made["settings"]
    assert settings["commands"]["test"] == "python -m pytest -q --junitxml=.workflow/junit.xml"
    assert settings["junit"] == ".workflow/junit.xml"
    assert "requirements-test.txt" in settings["setup"] and "$WFHUB_ENV" in settings["setup"]
    assert settings["setup_inputs"] == ["pyproject.toml", "requirements-test.txt"]
    assert (await client.get(f"/projects/{made['id']}")).json() == made
    assert [p["id"] for p in (await client.get("/projects")).json()] == [made["id"]]
    event = (await client.get("/events")).json()[-1]
    assert (event["kind"], event["project_id"], event["data"]["key"]) == ("project.created", made["id"], "TILL")


async def test_a_missing_folder_is_made(client: httpx.AsyncClient, settings: MainSettings) -> None:
    response = await client.post("/projects", json={"name": "POC", "workspace_path": "poc", "key": "POC"})
    assert response.status_code == 201, response.text
    folder = settings.workspaces_dir / "poc"
    assert git(folder, "rev-list", "--count", "main").strip() == "1"


async def test_what_the_caller_says_wins_over_what_is_found(client: httpx.AsyncClient, repository: Path) -> None:
    given = {"commands": {"test": "make check"}, "cage": {"network": False}}
    body = {"name": "Till", "workspace_path": str(repository), "settings": given}
    settings = (await client.post("/projects", json=body)).json()["settings"]
    assert settings["commands"]["test"] == "make check"
    assert settings["commands"]["e2e"].startswith("python -m pytest")
    assert settings["cage"] == {"network": False}


async def test_keys_do_not_clash(client: httpx.AsyncClient) -> None:
    keys = []
    for number in range(3):
        body = {"name": "till register", "workspace_path": f"till{number}"}
        keys.append((await client.post("/projects", json=body)).json()["key"])
    assert keys == ["TILL", "TILL2", "TILL3"]
    taken = await client.post("/projects", json={"name": "x", "workspace_path": "till9", "key": "TILL2"})
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")


async def test_uncommitted_changes_are_named_and_refused(client: httpx.AsyncClient, repository: Path) -> None:
    for number in range(7):
        (repository / f"draft{number}.txt").write_text("unsaved")
    body = {"name": "till", "workspace_path": "till"}
    response = await client.post("/projects", json=body)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "workspace_dirty")
    assert "draft0.txt" in problem["detail"] and "draft4.txt and 2 more" in problem["detail"]
    assert "draft5.txt" not in problem["detail"]
    assert "allow_dirty" in problem["way_out"]
    assert (await client.get("/projects")).json() == []
    allowed = await client.post("/projects", json={**body, "allow_dirty": True})
    assert allowed.status_code == 201
    assert (repository / "draft0.txt").read_text() == "unsaved"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../outside", "invalid_input"),
        ("a/../../outside", "invalid_input"),
        (".", "invalid_input"),
        ("{home}", "workspace_forbidden"),
        ("{home}/repos/x", "workspace_forbidden"),
        ("{workspaces}", "workspace_forbidden"),
        ("/", "workspace_forbidden"),
        ("link/x", "workspace_forbidden"),
    ],
)
async def test_folders_that_no_project_may_have(
    client: httpx.AsyncClient, settings: MainSettings, tmp_path: Path, path: str, code: str
) -> None:
    (settings.workspaces_dir / "link").symlink_to(tmp_path / "elsewhere")
    chosen = path.format(home=settings.home, workspaces=settings.workspaces_dir)
    response = await client.post("/projects", json={"name": "x", "workspace_path": chosen})
    assert response.json()["code"] == code, response.text
    assert not (tmp_path / "outside").exists() and not (tmp_path / "elsewhere").exists()


async def test_edits_are_partial_and_by_version(client: httpx.AsyncClient, repository: Path) -> None:
    made = (await client.post("/projects", json={"name": "till", "workspace_path": "till"})).json()
    address = f"/projects/{made['id']}"
    edited = (await client.patch(address, json={"version": 1, "paused": True, "budget_usd": 2.5})).json()
    assert (edited["version"], edited["paused"], edited["budget_usd"], edited["name"]) == (2, True, 2.5, "till")
    stale = await client.patch(address, json={"version": 1, "name": "other"})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert (stale.json()["current"]["version"], stale.json()["current"]["name"]) == (2, "till")
    assert edited.pop("notice") is None
    assert (await client.get(address)).json() == edited
    cleared = (await client.patch(address, json={"version": 2, "budget_usd": None})).json()
    assert cleared["budget_usd"] is None
    assert cleared["merge_method"] == "merge"
    squashed = (await client.patch(address, json={"version": 3, "merge_method": "squash"})).json()
    assert (squashed["merge_method"], (await client.get(address)).json()["merge_method"]) == ("squash", "squash")
    for wrong in (
        {"version": 4}, {"name": "no version"}, {"version": 4, "name": None}, {"version": 4, "key": "K"},
        {"version": 4, "merge_method": "fast-forward"},
    ):  # fmt: skip
        assert (await client.patch(address, json=wrong)).status_code == 422, wrong


async def test_what_was_found_is_shown_corrected_and_found_again(client: httpx.AsyncClient, repository: Path) -> None:
    made = (await client.post("/projects", json={"name": "till", "workspace_path": "till"})).json()
    address, found = f"/projects/{made['id']}", made["settings"]["discovered"]
    assert (found["language"], found["package_managers"], found["files"]) == ("python", ["pip"], 3)
    correct = {"commands": {"test": "make check"}, "setup": None, "discovered": {"language": "cobol"}}
    now = (await client.patch(address, json={"version": 1, "settings": correct})).json()["settings"]
    assert now["commands"] == made["settings"]["commands"] | {"test": "make check"}
    assert "setup" not in now and now["junit"] == ".workflow/junit.xml" and now["discovered"] == found
    (repository / "package.json").write_text('{"devDependencies": {"react": "19"}}')
    again = (await client.post(f"{address}/discover", json={"version": 2})).json()["settings"]
    assert again["discovered"]["frameworks"] == ["pytest", "react"] and again["commands"]["test"] == "make check"
    whole = (await client.post(f"{address}/discover", json={"version": 3, "recipe": True})).json()["settings"]
    assert whole["commands"]["test"].startswith("python -m pytest") and "setup" in whole
    stale = await client.post(f"{address}/discover", json={"version": 3})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    for wrong in (
        {"commands": 5},
        {"commands": {"test": 5}},
        {"setup_inputs": "a"},
        {"junit": "/etc/x"},
        {"cage": {"x": 1}},
    ):
        answer = await client.patch(address, json={"version": 4, "settings": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text


async def test_removal_is_soft_and_waits_for_live_runs(
    client: httpx.AsyncClient, hub: HubParts, repository: Path
) -> None:
    made = (await client.post("/projects", json={"name": "till", "workspace_path": "till"})).json()
    address = f"/projects/{made['id']}"
    async with hub.db.write() as session:
        project = await session.get_one(Project, made["id"])
        run = await make_run(session, await make_task(session, project), state=RunState.RUNNING)
    busy = await client.delete(address)
    assert (busy.status_code, busy.json()["code"]) == (409, "project_busy")
    assert (await client.post(f"/runs/{run.id}/kill")).json()["state"] == "cancelled"
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).status_code == 404
    assert (await client.get(f"{address}/tasks")).status_code == 404
    assert (repository / "pyproject.toml").exists()
    async with hub.db.read() as session:
        assert await session.scalar(sa.select(Project.deleted_at).where(Project.id == made["id"])) is not None

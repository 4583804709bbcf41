"""Proofs, diffs and output over HTTP: the bytes that were stored, and never as a page of the hub's own."""

import json
from pathlib import Path

import httpx
import pytest

from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.store.models import Proof, Run
from tests.api.test_projects import git
from tests.support import factories as make

PAGE = b"<script>fetch('/projects')</script>"


@pytest.fixture
async def proof(hub: HubParts) -> Proof:
    sha256, size = hub.proofs.put(PAGE)
    async with hub.db.write() as session:
        run = await make.make_run(session)
        return await make.make_proof(
            session, run, name='re"port\r\n/../é.html', sha256=sha256, size=size, media_type="text/html"
        )


async def test_a_proof_downloads_as_an_attachment(client: httpx.AsyncClient, proof: Proof) -> None:
    response = await client.get(f"/proofs/{proof.id}/download")
    assert response.content == PAGE
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-disposition"].startswith("attachment; filename")
    assert "sandbox" in response.headers["content-security-policy"]
    shown = (await client.get(f"/proofs/{proof.id}")).json()
    assert (shown["sha256"], shown["size"]) == (proof.sha256, len(PAGE))


async def test_a_proof_whose_file_is_gone_says_so(client: httpx.AsyncClient, hub: HubParts, proof: Proof) -> None:
    hub.proofs.path(proof.sha256).unlink()
    response = await client.get(f"/proofs/{proof.id}/download")
    assert (response.status_code, response.json()["code"]) == (410, "proof_gone")


async def test_output_is_read_on_from_a_point(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        run = await make.make_run(session)
    lines = [
        json.dumps({"seq": n, "at": "2026-01-01T00:00:00Z", "kind": "output", "text": f"{n}"}) for n in range(1, 6)
    ]
    hub.output.append(run.id, "edit", lines)
    address = f"/runs/{run.id}/output"
    first = (await client.get(address, params={"limit": 2})).json()
    assert (first["step"], first["steps"], first["last_seq"]) == ("edit", ["edit"], 2)
    rest = (await client.get(address, params={"step": "edit", "after": first["last_seq"]})).json()
    assert [event["text"] for event in first["events"] + rest["events"]] == ["1", "2", "3", "4", "5"]
    none = (await client.get(address, params={"after": 5})).json()
    assert (none["events"], none["last_seq"]) == ([], 5)


@pytest.mark.parametrize("step", ["../secret", "..", "a/b", "", "%2e%2e"])
async def test_a_step_is_no_path(client: httpx.AsyncClient, hub: HubParts, step: str) -> None:
    async with hub.db.write() as session:
        run = await make.make_run(session)
    (hub.output.root / run.id).mkdir(parents=True)
    (hub.output.root / "secret.jsonl").write_text('{"seq": 1, "text": "s3cr3t"}\n')
    response = await client.get(f"/runs/{run.id}/output", params={"step": step})
    assert response.status_code == 422
    assert "s3cr3t" not in response.text
    assert list(hub.output.read(run.id, "../secret")), "the attack works where the route does not stop it"


async def test_the_diff_of_a_branch(client: httpx.AsyncClient, hub: HubParts, settings: MainSettings) -> None:
    made = (await client.post("/projects", json={"name": "till", "workspace_path": "till"})).json()
    workspace = Path(made["workspace_path"])
    base = git(workspace, "rev-parse", "HEAD").strip()
    git(workspace, "checkout", "-qb", "work")
    (workspace / "hello.txt").write_text("hello\n")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "Hello")
    head = git(workspace, "rev-parse", "HEAD").strip()
    await hub.repos.ensure_mirror(made["id"], workspace, "main")
    await hub.repos.fetch_target(made["id"], workspace, "work")
    task = (await client.post("/tasks", json={"project_id": made["id"], "title": "hello"})).json()
    async with hub.db.write() as session:
        row = await session.get_one(make.Task, task["id"])
        row.base_sha, row.head_sha = base, head
    diff = (await client.get(f"/tasks/{task['id']}/diff")).json()
    assert (diff["added"], diff["removed"], diff["truncated"]) == (1, 0, False)
    assert [(f["path"], f["status"]) for f in diff["files"]] == [("hello.txt", "added")]
    assert "+hello" in diff["patch"]


async def test_a_killed_run_keeps_its_record(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, state="running", stage="dev")
        run = await make.make_run(session, task, state="running")
        task.current_run_id = run.id
    killed = await client.post(f"/runs/{run.id}/kill")
    assert (killed.status_code, killed.json()["state"]) == (202, "cancelled")
    assert (await client.get(f"/tasks/{task.id}")).json()["state"] == "paused"
    again = await client.post(f"/runs/{run.id}/kill")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    async with hub.db.read() as session:
        assert (await session.get_one(Run, run.id)).finished_at is not None

"""Proofs over HTTP: brought by people and agents, told with where they came from, and refused once they changed."""

import io
import os

import httpx
import pytest
from PIL import Image

from main_api.hub import HubParts
from services.store.models import Proof, Run, Task
from tests.support import factories as make

LOG = b"2 passed in 0.03s\n"


@pytest.fixture
async def run(hub: HubParts) -> Run:
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev")
        return await make.make_run(session, task, role="dev", round=2, state="passed")


async def bring(client: httpx.AsyncClient, task_id: int | None, data: bytes = LOG, **fields: str) -> httpx.Response:
    name = fields.pop("name", "run.log")
    return await client.post(f"/tasks/{task_id}/proofs", files={"file": (name, data)}, data={"kind": "log", **fields})


def picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(out, "PNG")
    return out.getvalue()


async def test_brought_by_a_person_and_by_an_agent(client: httpx.AsyncClient, run: Run) -> None:
    mine = (await bring(client, run.task_id, note="By hand")).json()
    assert (mine["created_by"], mine["stage"], mine["kind"], mine["note"]) == ("person", "dev", "log", "By hand")
    assert (mine["preview"], mine["integrity"]) == (LOG.decode(), "verified")
    its = (await bring(client, run.task_id, kind="code_diff", name="a.diff", run_id=run.id)).json()
    assert (its["created_by"], its["run_id"]) == ("dev", run.id)
    again = (await bring(client, run.task_id, kind="code_diff", name="a.diff", run_id=run.id)).json()
    assert again["id"] == its["id"], "the same file of the same run is there once"
    assert (await client.get(f"/proofs/{mine['id']}/download")).content == LOG
    told = (await client.get("/events")).json()
    assert [(e["kind"], e["actor"]) for e in told] == [("proof.added", "person"), ("proof.added", "dev")]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"kind": "proof"}, 422, "validation"),
        ({"run_id": "of-nobody"}, 404, "not_found"),
        ({"note": "x" * 3000}, 422, "validation"),
        ({"sort": "typo"}, 422, "validation"),
    ],
)
async def test_refused(
    client: httpx.AsyncClient, hub: HubParts, run: Run, fields: dict, status: int, code: str
) -> None:
    response = await bring(client, run.task_id, **fields)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert [path for path in hub.proofs.root.rglob("*") if path.is_file()] == []


async def test_unknown_tasks_and_runs_of_others(client: httpx.AsyncClient, hub: HubParts, run: Run) -> None:
    assert (await bring(client, 999)).status_code == 404
    async with hub.db.write() as session:
        other = await make.make_run(session)
    assert (await bring(client, run.task_id, run_id=other.id)).status_code == 404


async def test_a_tampered_file_is_refused_and_shown_as_such(client: httpx.AsyncClient, hub: HubParts, run: Run) -> None:
    """Also where size and time were set back to what they had been."""
    made = (await bring(client, run.task_id)).json()
    path = hub.proofs.path(made["sha256"])
    before = path.stat()
    assert (await client.get(f"/proofs/{made['id']}/download")).status_code == 200
    path.write_bytes(LOG.replace(b"2 passed", b"9 passed"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size and path.stat().st_mtime_ns == before.st_mtime_ns
    for part in ("download", "preview", "thumbnail"):
        refused = await client.get(f"/proofs/{made['id']}/{part}")
        assert (refused.status_code, refused.json()["code"]) == (409, "proof_tampered"), part
        assert "9 passed" not in refused.text
    assert (await client.get(f"/proofs/{made['id']}")).json()["integrity"] == "tampered"
    assert (await client.get(f"/tasks/{run.task_id}/proofs")).json()[0]["integrity"] == "tampered"
    assert (await client.get(f"/tasks/{run.task_id}/proof-history")).json()[0]["integrity"] == "tampered"
    path.unlink()
    assert (await client.get(f"/proofs/{made['id']}")).json()["integrity"] == "missing"
    assert (await client.get(f"/proofs/{made['id']}/preview")).status_code == 410


async def test_a_large_file_is_not_read_for_a_list(
    client: httpx.AsyncClient, hub: HubParts, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("main_api.reads.proofs.SMALL", 10)
    async with hub.db.write() as session:
        for data in (b"a large one", b"tiny"):
            sha256, size = hub.proofs.put(data)
            made = await make.make_proof(session, run, sha256=sha256, size=size)
    address = f"/tasks/{run.task_id}/proofs"
    assert [p["integrity"] for p in (await client.get(address)).json()] == ["unchecked", "verified"]
    assert (await client.get(f"/proofs/{made.id - 1}")).json()["integrity"] == "verified"
    assert [p["integrity"] for p in (await client.get(address)).json()] == ["verified", "verified"], "it is remembered"
    hub.proofs.path(sha256).write_bytes(b"tin")
    assert [p["integrity"] for p in (await client.get(address)).json()] == ["verified", "tampered"]


async def test_previews(client: httpx.AsyncClient, run: Run) -> None:
    long = (await bring(client, run.task_id, "ä".encode() * 50_000)).json()
    shown = (await client.get(f"/proofs/{long['id']}/preview")).json()
    assert (shown["form"], shown["truncated"], shown["text"]) == ("text", True, "ä" * 32_000)
    seen = (await bring(client, run.task_id, picture(600, 300), kind="screenshot", name="a.txt")).json()
    shown = (await client.get(f"/proofs/{seen['id']}/preview")).json()
    assert (shown["form"], shown["text"]) == ("picture", None)
    small = await client.get(shown["thumbnail"], params={"size": 128})
    assert Image.open(io.BytesIO(small.content)).size == (128, 64)
    raw = (await bring(client, run.task_id, b"\x00\x01\x02" * 9)).json()
    shown = (await client.get(f"/proofs/{raw['id']}/preview")).json()
    assert (shown["form"], shown["text"], raw["preview"]) == ("none", None, "")


async def test_the_history_tells_where_each_came_from(client: httpx.AsyncClient, hub: HubParts, run: Run) -> None:
    async with hub.db.write() as session:
        task = await session.get_one(Task, run.task_id)
        first = await make.make_proof(session, run, name="junit.xml")
        later = await make.make_run(session, task, role="dev", round=3, state="failed")
        second = await make.make_proof(session, later, name="junit.xml")
        criterion = await make.make_criterion(session, task, proof_id=second.id)
        elsewhere = await make.make_run(session)
        await make.make_proof(session, elsewhere)
    told = (await client.get(f"/tasks/{task.id}/proof-history")).json()
    assert [(p["id"], p["round"], p["run_state"], p["newest"]) for p in told] == [
        (second.id, 3, "failed", True), (first.id, 2, "passed", False),
    ]  # fmt: skip
    assert (told[0]["criteria"], told[0]["task_key"], told[0]["integrity"]) == ([criterion.id], task.key, "missing")
    address = f"/projects/{task.project_id}/proof-history"
    page = await client.get(address, params={"kind": "test_result", "limit": 1})
    assert [p["id"] for p in page.json()] == [second.id] and page.headers["x-total-count"] == "2"
    rest = await client.get(address, params={"limit": 1, "cursor": page.headers["x-next-cursor"]})
    assert [p["id"] for p in rest.json()] == [first.id]
    assert (await client.get("/projects/999/proof-history")).status_code == 404
    async with hub.db.write() as session:
        (await session.get_one(Task, task.id)).deleted_at = first.created_at
    assert len((await client.get(f"/tasks/{task.id}/proof-history")).json()) == 2, "history outlives its task"
    assert (await bring(client, task.id)).status_code == 404
    async with hub.db.read() as session:
        assert await session.get(Proof, first.id) is not None

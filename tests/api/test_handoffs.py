"""Handoffs over HTTP: made, accepted, completed or failed, never against the state machine, and their history."""

import httpx
import pytest

from main_api.hub import HubParts
from services.store.models import Run
from tests.support import factories as make


@pytest.fixture
async def run(hub: HubParts) -> Run:
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev")
        return await make.make_run(session, task, stage="dev", state="passed")


async def hand(client: httpx.AsyncClient, run: Run, **fields: object) -> dict:
    made = await client.post(f"/tasks/{run.task_id}/handoffs", json={"to_stage": "deploy", **fields})
    assert made.status_code == 201, made.text
    return made.json()


async def test_the_whole_life(client: httpx.AsyncClient, hub: HubParts, run: Run) -> None:
    made = await hand(client, run, from_run_id=run.id, summary="Written.", data={"files": ["a.py"]})
    assert (made["state"], made["from_stage"], made["created_by"]) == ("created", "dev", "person")
    async with hub.db.write() as session:
        task = await session.get_one(make.Task, run.task_id)
        taker = await make.make_run(session, task, stage="deploy")
    accepted = (await client.post(f"/handoffs/{made['id']}/accept", json={"run_id": taker.id})).json()
    assert (accepted["state"], accepted["to_run_id"], accepted["accepted_by"]) == ("accepted", taker.id, "person")
    done = (await client.post(f"/handoffs/{made['id']}/complete", json={"note": "Merged."})).json()
    assert (done["state"], done["note"]) == ("completed", "Merged.")
    told = (await client.get(f"/handoffs/{made['id']}/history")).json()
    assert [(m["state"], m["by"], m["run_id"], m["note"]) for m in told] == [
        ("created", "person", run.id, ""), ("accepted", "person", taker.id, ""),
        ("completed", "person", taker.id, "Merged."),
    ]  # fmt: skip
    events = (await client.get("/events")).json()
    assert [e["kind"] for e in events] == ["handoff.created", "handoff.accepted", "handoff.completed"]
    assert (await client.get("/handoffs", params={"state": "completed", "project_id": run.project_id})).json() == [done]
    assert (await client.get(f"/tasks/{run.task_id}/handoffs")).json() == [done]
    again = await client.post(f"/tasks/{run.task_id}/handoffs", json={"to_stage": "deploy", "from_run_id": run.id})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_failing_needs_a_reason_and_is_the_end(client: httpx.AsyncClient, run: Run) -> None:
    made = await hand(client, run)
    address = f"/handoffs/{made['id']}"
    assert (await client.post(f"{address}/fail", json={"note": " "})).status_code == 422
    assert (await client.post(f"{address}/fail")).status_code == 422
    failed = (await client.post(f"{address}/fail", json={"note": "It does not build."})).json()
    assert (failed["state"], failed["note"]) == ("failed", "It does not build.")
    for move in ("accept", "complete", "fail"):
        late = await client.post(f"{address}/{move}", json={"note": "x"} if move == "fail" else None)
        assert (late.status_code, late.json()["code"]) == (409, "illegal_move"), move
        assert late.json()["way_out"]


async def test_not_completed_before_it_was_accepted(client: httpx.AsyncClient, run: Run) -> None:
    made = await hand(client, run)
    early = await client.post(f"/handoffs/{made['id']}/complete")
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")


async def test_what_is_not_there(client: httpx.AsyncClient, hub: HubParts, run: Run) -> None:
    async with hub.db.write() as session:
        other = await make.make_run(session)
    address = f"/tasks/{run.task_id}/handoffs"
    wrong = await client.post(address, json={"to_stage": "moon"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_input")
    assert "backlog, dev, deploy, done" in wrong.json()["way_out"]
    for body in ({"to_stage": "deploy", "from_run_id": other.id}, {"to_stage": "deploy", "from_run_id": "x"}):
        assert (await client.post(address, json=body)).status_code == 404
    assert (await client.post("/tasks/999/handoffs", json={"to_stage": "deploy"})).status_code == 404
    made = await hand(client, run)
    assert (await client.post(f"/handoffs/{made['id']}/accept", json={"run_id": other.id})).status_code == 404
    assert (await client.get("/handoffs/999/history")).status_code == 404

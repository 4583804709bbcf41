"""Findings over HTTP: lists with filters, a person's word on them, and SARIF."""

from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.domain.states import TaskState, WaitingReason
from services.reviews.findings import close_own
from services.store.models import Finding, Project, Run, Task
from tests.support import factories as make


@pytest.fixture
async def found(hub: HubParts) -> tuple[Project, Task, Run, list[Finding]]:
    """A task that waits for a look at its evidence, with three findings, one of them on the base."""
    async with hub.db.write() as session:
        project = await make.make_project(session)
        waits = {"state": TaskState.WAITING, "waiting_reason": WaitingReason.EVIDENCE, "stage": "dev"}
        task = await make.make_task(session, project, **waits)
        run = await make.make_run(session, task, stage="dev")
        told: list[dict[str, Any]] = [
            {"title": "The test a fails", "file": "tests/test_a.py", "line": 3, "tool": "tests"},
            {"title": "A weak hash", "severity": "low", "tool": "bandit", "stage": "sec", "round": 2},
            {"title": "An old one", "severity": "medium", "tool": "bandit", "on_base": True},
        ]
        rows = [await make.make_finding(session, task, run_id=run.id, **{"stage": "dev", **one}) for one in told]
        return project, task, run, rows


async def test_lists_are_filtered(client: httpx.AsyncClient, found: tuple[Project, Task, Run, list[Finding]]) -> None:
    project, task, _, rows = found
    whole, low, old = (row.id for row in rows)

    async def ids(path: str, **params: Any) -> list[int]:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return sorted(one["id"] for one in answer.json())

    assert await ids(f"/tasks/{task.id}/findings") == [whole, low, old]
    assert await ids(f"/tasks/{task.id}/findings", tool="bandit", on_base=False) == [low]
    assert await ids(f"/projects/{project.id}/findings", on_base=True) == [old]
    assert await ids(f"/projects/{project.id}/findings", severity=["low", "medium"]) == [low, old]
    assert await ids("/findings", text="TEST_A", task_id=task.id) == [whole]
    assert await ids("/findings", round=2, stage="sec", state="open") == [low]
    assert (await client.get("/projects/99999/findings")).status_code == 404
    assert (await client.get("/findings", params={"severity": "awful"})).status_code == 422


async def test_waiving_needs_a_note_counts_once_and_lets_the_task_go_on(
    client: httpx.AsyncClient, found: tuple[Project, Task, Run, list[Finding]]
) -> None:
    _, task, _, rows = found
    assert (await client.post(f"/findings/{rows[0].id}/waive", json={"note": "  "})).status_code in (400, 422)
    waived = await client.post(f"/findings/{rows[0].id}/waive", json={"note": "It has to be so."})
    assert (waived.status_code, waived.json()["state"], waived.json()["note"]) == (200, "waived", "It has to be so.")
    assert (await client.get(f"/tasks/{task.id}")).json()["state"] == "queued", "all it waited for is settled"
    assert (await client.post(f"/findings/{rows[0].id}/waive", json={"note": "Again."})).json() == waived.json()
    opened = await client.post(f"/findings/{rows[0].id}/reopen")
    assert (opened.status_code, opened.json()["state"]) == (200, "open")
    assert (await client.post(f"/findings/{rows[0].id}/reopen")).status_code == 409
    assert (await client.post("/findings/99999/waive", json={"note": "x"})).status_code == 404


async def test_a_finding_becomes_a_task_of_its_own_and_is_fixed_with_it(
    client: httpx.AsyncClient, hub: HubParts, found: tuple[Project, Task, Run, list[Finding]]
) -> None:
    _, task, _, rows = found
    made = await client.post(f"/findings/{rows[2].id}/task")
    assert made.status_code == 201, made.text
    own = made.json()
    assert (own["kind"], own["priority"], own["state"], own["title"]) == ("bug", 7, "idle", "An old one")
    assert f"Found in: {task.key}" in own["description"]
    assert (await client.post(f"/findings/{rows[2].id}/task")).status_code == 409
    async with hub.db.write() as session:
        await close_own(session, await session.get_one(Task, own["id"]))
    after = (await client.get(f"/findings/{rows[2].id}")).json()
    assert (after["state"], after["own_task_id"]) == ("fixed", own["id"])


async def test_a_duplicate_names_another_finding_of_the_project(
    client: httpx.AsyncClient, found: tuple[Project, Task, Run, list[Finding]]
) -> None:
    rows = found[3]
    same = await client.post(f"/findings/{rows[0].id}/duplicate", json={"of": rows[0].id})
    assert same.status_code == 400
    assert (await client.post(f"/findings/{rows[0].id}/duplicate", json={"of": 99999})).status_code == 404
    told = await client.post(f"/findings/{rows[0].id}/duplicate", json={"of": rows[1].id})
    assert (told.json()["state"], told.json()["duplicate_of_id"]) == ("duplicate", rows[1].id)
    circle = await client.post(f"/findings/{rows[1].id}/duplicate", json={"of": rows[0].id})
    assert circle.status_code == 400


async def test_a_runs_findings_as_sarif(
    client: httpx.AsyncClient, found: tuple[Project, Task, Run, list[Finding]]
) -> None:
    _, _, run, rows = found
    await client.post(f"/findings/{rows[1].id}/waive", json={"note": "Only a cache key."})
    log = (await client.get(f"/runs/{run.id}/sarif")).json()
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    by_tool = {one["tool"]["driver"]["name"]: one["results"] for one in log["runs"]}
    assert sorted(by_tool) == ["bandit", "tests"]
    [failing] = by_tool["tests"]
    place = failing["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("tests/test_a.py", 3)
    assert (failing["level"], failing["baselineState"]) == ("error", "new")
    weak, old = by_tool["bandit"]
    assert (weak["level"], weak["suppressions"][0]["status"]) == ("note", "accepted")
    assert (old["level"], old["baselineState"]) == ("warning", "unchanged")
    assert (await client.get("/runs/nowhere/sarif")).status_code == 404

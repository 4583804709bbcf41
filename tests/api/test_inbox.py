"""The inbox: its order, what waits behind each, several decisions at once, two browsers, and a person who is away."""

import asyncio
import itertools
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.domain.states import ApprovalState, TaskState
from services.roles.read import newest_workflow
from services.store import types
from services.store.models import Project, Task
from services.store.types import now
from services.tasks.ownership import repair
from services.tasks.stages import unblock
from tests.api.conftest import AUTH, serve
from tests.support import factories as make
from tests.support.rows_to_decide import a_failed_request, a_plan, a_question, a_refused_push, a_task, an_approval

REASONS = ("conflict", "stall", "rounds", "workspace", "evidence", "model", "trigger")


@pytest.fixture
async def project(hub: HubParts) -> Project:
    async with hub.db.write() as session:
        return await make.make_project(session, key="POC", workflow_id=(await newest_workflow(session, "software")).id)


async def one_of_each(hub: HubParts, project: Project) -> None:
    """Something of every kind waits, and every reason a task may wait for."""
    async with hub.db.write() as session:
        for of in (an_approval, a_question, a_plan, a_failed_request, a_refused_push):
            await of(session, project)
        for reason in REASONS:
            await a_task(session, project, stage="dev", state=TaskState.WAITING, waiting_reason=reason,
                         waiting_since=now(), waiting_sentence=f"It waits: {reason}.")  # fmt: skip


async def items(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/inbox")).json()["items"]


async def say(client: httpx.AsyncClient, *decisions: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/inbox/decisions", json={"decisions": list(decisions)})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_holds_up_most_comes_first_with_what_waits_behind_it(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    waiting = {"stage": "dev", "state": TaskState.WAITING, "waiting_reason": "stall"}
    async with hub.db.write() as session:
        tasks = [await make.make_task(session, project) for _ in range(4)]
        old = await make.make_task(session, project, **waiting, waiting_since=now() - timedelta(hours=3))
        late = await make.make_task(session, project, **waiting, waiting_since=now() - timedelta(hours=1))
        chain = [late, *tasks]
        for before, after in itertools.pairwise(chain):
            await make.make_dependency(session, after, before)
        done = await make.make_task(session, project, state=TaskState.DONE, stage="done")
        await make.make_dependency(session, done, late)
    first, second = await items(client)
    assert [first["task_id"], second["task_id"]] == [late.id, old.id]  # one hour of five tasks, three hours of one
    behind = first["behind"]
    assert (behind["direct"], behind["all"], second["behind"]["all"]) == (1, 4, 0)
    assert [(one["key"], one["direct"]) for one in behind["tasks"]] == [
        (tasks[0].key, True), *((task.key, False) for task in tasks[1:]),
    ]  # fmt: skip
    assert first["held_up_seconds"] == pytest.approx(5 * 3600, abs=60)
    assert (first["may"], first["key"].split(":")[:2]) == (["run", "cancel"], ["task", str(late.id)])
    short = (await client.get("/inbox", params={"limit": 1})).json()
    assert (short["count"], len(short["items"])) == (2, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_several_are_decided_at_once_each_with_its_own_result(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    await one_of_each(hub, project)
    found = {item["kind"]: item for item in await items(client)}
    stalled = next(item for item in await items(client) if item["reason"] == "stall")
    many = [
        {"item": found["approval"]["key"], "decision": "approve", "note": "Fine."},
        {"item": found["question"]["key"], "decision": "answer", "answer": "Euro."},
        {"item": found["plan"]["key"], "decision": "approve", "version": found["plan"]["version"]},
        {"item": found["request"]["key"], "decision": "retry"},
        {"item": found["push"]["key"], "decision": "push"},
        {"item": stalled["key"], "decision": "cancel", "note": "No need."},
    ]
    bad = [
        {"item": "approval:987654", "decision": "approve"},
        {"item": found["push"]["key"], "decision": "approve"},
        {"item": "nonsense", "decision": "approve"},
        {"item": "budget:project:²:5.0", "decision": "raise"},
        {"item": f"budget:project:{'9' * 40}:5.0", "decision": "raise"},
    ]
    said = await say(client, *many, *bad)
    assert [(one["done"], one["state"]) for one in said["results"]] == [
        (True, "approved"), (True, "answered"), (True, "approved"), (True, "new"), (True, "queued"),
        (True, "cancelled"), *[(False, "")] * 5,
    ]  # fmt: skip
    assert [one["problem"]["code"] for one in said["results"][6:]] == ["not_found", *["invalid_input"] * 4]
    assert (said["done"], said["refused"], len(await items(client))) == (6, 5, len(REASONS) - 1)
    again = await say(client, *many)  # nothing is done twice, and who was quicker is told
    told = {one["decision"] + one["item"].split(":")[0]: one for one in again["results"]}
    assert told["approveapproval"]["done"] and told["approveplan"]["done"] and told["pushpush"]["done"]
    for word in ("answerquestion", "canceltask"):
        assert told[word]["problem"]["code"] == "already_decided" and told[word]["problem"]["by"] == "person"
    kinds = [one["kind"] for one in (await client.get("/events", params={"limit": 2000})).json()]
    assert all(kinds.count(kind) == 1 for kind in ("approval.approved", "question.answered", "plan.approved"))
    for wrong in ({"decisions": []}, {"decisions": [{"item": "plan:1", "decision": "shrug"}]}, {}):
        assert (await client.post("/inbox/decisions", json=wrong)).status_code == 422


async def test_of_two_browsers_one_decides_and_the_other_is_told_who_and_when(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        first, second = await an_approval(session, project), await an_approval(session, project)
    at = f"/approvals/{first['approval_id']}"
    answers = await asyncio.gather(
        client.post(f"{at}/approve"), client.post(f"{at}/reject", json={"note": "No."}),
        client.post(f"{at}/request-changes", json={"note": "Rename it."}),
    )  # fmt: skip
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    won = next(one.json() for one in answers if one.status_code == 200)
    for late in (one.json() for one in answers if one.status_code == 409):
        assert (late["code"], late["by"], late["decision"]) == ("already_decided", "person", won["state"])
        assert late["at"] and f"by person at {now():%Y-%m-%d}" in late["detail"]
    decided = [
        event for event in (await client.get("/events", params={"limit": 2000})).json()
        if event["kind"].startswith("approval.") and event["task_id"] == first["task_id"]
    ]  # fmt: skip
    assert len(decided) == 1 and decided[0]["data"]["after"] == {"state": won["state"]}

    async with hub.db.write() as session:  # the change moves under the person's eyes
        seen = await session.get_one(make.Approval, second["approval_id"])
        seen.state, seen.patch_id = ApprovalState.VOID, "a" * 40
        task = await session.get_one(Task, second["task_id"])
        await make.make_approval(session, task, patch_id="b" * 40)
    key = f"approval:{second['approval_id']}"
    moved = (await say(client, {"item": key, "decision": "approve", "patch_id": "a" * 40}))["results"][0]["problem"]
    assert (moved["code"], moved["seen"], moved["patch_id"]) == ("change_moved", "a" * 40, "b" * 40)
    fresh = next(item for item in await items(client) if item["task_id"] == second["task_id"])
    stale = await client.post(fresh["link"] + "/approve", json={"patch_id": "a" * 40})
    assert (stale.status_code, stale.json()["code"], fresh["patch_id"]) == (409, "change_moved", "b" * 40)
    assert (await say(client, {"item": fresh["key"], "decision": "approve", "patch_id": "b" * 40}))["done"] == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_person_who_is_away_for_a_month_finds_all_as_it_was(
    settings: MainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's clock goes on by a month, with a restart: nothing decays, and nothing is decided."""

    def states(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return sorted((one["key"], one["sentence"], one["patch_id"], one["version"], one["since"]) for one in rows)

    async with serve(settings) as first:
        async with first.hub.db.write() as session:
            workflow = (await newest_workflow(session, "software")).id
            project = await make.make_project(session, key="POC", workflow_id=workflow)
        await one_of_each(first.hub, project)
        async with _owner(first.http) as client:
            before = await items(client)
    later = now() + timedelta(days=31)
    _move_the_clock(monkeypatch, later)
    async with serve(settings) as again, _owner(again.http) as client:
        assert (await client.get("/health")).status_code == 200
        for round_of in (again.hub.housekeeping.sweep_answers, again.hub.housekeeping.fund):
            await round_of()
        async with again.hub.db.write() as session:
            assert (await repair(session), await unblock(session)) == ([], 0)  # as an orchestrator's sweep does
        after = await items(client)
        assert states(after) == states(before) and len(after) == 5 + len(REASONS)
        assert min(one["held_up_seconds"] for one in after) > 30 * 86_400
        async with again.hub.db.read() as session:
            states_now = {row.state for row in await session.scalars(make.sa.select(Task))}
        assert states_now == {TaskState.WAITING, TaskState.IDLE}  # the push has one that rests
        said = await say(client, *({"item": one["key"], "decision": one["may"][0], "answer": "Yes."} for one in after))
        assert [one["problem"] for one in said["results"] if not one["done"]] == []


def _owner(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, headers=AUTH)


def _move_the_clock(monkeypatch: pytest.MonkeyPatch, to: Any) -> None:
    """For whoever has taken `now` by name, too."""
    real = types.now
    for module in list(sys.modules.values()):
        if getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", lambda: to)

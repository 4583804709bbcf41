"""Cards and the header: what a person sees at a glance, from facts, and at the same cost for one card as for forty."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import sqlalchemy as sa

from main_api.hub import HubParts
from main_api.reads.cards import COLUMNS
from main_api.reads.kept_cards import KeptCards
from main_api.reads.money import usd
from main_api.schemas.board import BoardOut
from services.store.listed import one_of
from services.store.models import Event, ModelCall, Run, Task
from services.store.types import now
from tests.support import factories as make

TESTS = {"passed": 44, "failed": 1, "errors": 1, "skipped": 0}


def step(name: str, executor: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "executor": executor, "outcome": "completed", **values}


async def card(client: httpx.AsyncClient, task_id: int) -> dict[str, Any]:
    answer = await client.get("/board")
    assert answer.status_code == 200, answer.text
    BoardOut.model_validate_json(answer.content, strict=True)  # the route answers rows without making it of them
    return next(c for column in answer.json()["columns"] for c in column["tasks"] if c["id"] == task_id)


@contextmanager
def counted(hub: HubParts) -> Iterator[list[str]]:
    """The statements that reach the database."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = hub.db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


async def test_a_new_task_has_an_empty_card(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session)
    shown = await card(client, task.id)
    assert (shown["criteria_met"], shown["criteria_total"], shown["cost_usd"], shown["tokens"]) == (0, 0, "0.00", 0)
    for name in ("activity", "running_since", "waiting_since", "tests", "scan", "diff_stat", "sent_back"):
        assert shown[name] is None, name
    assert (shown["blocked_by_keys"], shown["round_max"]) == ([], 4)


async def test_a_running_card_says_what_it_does(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev", state="running")
        run = await make.make_run(session, task, state="running", started_at=now() - timedelta(seconds=72))
        task.current_run_id = run.id
    await hub.follower.start_at(None)
    shown = await card(client, task.id)
    assert shown["running_since"].startswith(run.started_at.isoformat()[:19])
    assert shown["activity"] == "preparing"
    line = '{"seq": 1, "at": "2026-01-01T00:00:00Z", "kind": "edit", "text": "", "data": {"path": "till/money.py"}}'
    hub.output.append(run.id, "0-edit", [line])
    assert (await card(client, task.id))["activity"] == "editing money.py"


async def test_the_time_for_which_its_run_stood_still_counts_for_nothing(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    began = now() - timedelta(seconds=72)
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev", state="running")
        run = await make.make_run(session, task, state="running", started_at=began, paused_seconds=40.0)
        task.current_run_id = run.id
    shown = await card(client, task.id)
    assert (shown["held"], shown["running_since"][:19]) == (False, (began + timedelta(seconds=40)).isoformat()[:19])
    async with hub.db.write() as session:
        (await session.get_one(Run, run.id)).held_at = now()
    shown = await card(client, task.id)
    assert (shown["held"], shown["running_since"]) == (True, None)
    assert (await client.get(f"/runs/{run.id}")).json()["held_at"] is not None


async def test_facts_are_those_of_the_current_round(client: httpx.AsyncClient, hub: HubParts) -> None:
    steps = {
        "0-tests-base": step("tests-base", "command", tests=TESTS | {"passed": 1}),
        "1-tests": step("tests", "command", tests=TESTS),
        "2-scan": step("scan", "scan", findings=2),
    }
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev", state="queued")
        place = {"place": {"steps": ["long"]}, "steps": steps}
        await make.make_run(
            session, task, state="failed", details=place, tokens_in=900, tokens_out=100, cost=0.0132, summary="2 fail"
        )
        await make.make_criterion(session, task, met=True)
        await make.make_criterion(session, task, met=False)
        await make.make_criterion(session, task)
    shown = await card(client, task.id)
    assert (shown["tests"], shown["scan"]) == ({"passed": 44, "failed": 2}, {"new_findings": 2})
    assert (shown["criteria_met"], shown["criteria_total"]) == (1, 3)
    assert (shown["cost_usd"], shown["tokens"]) == ("0.0132", 1000)
    async with hub.db.write() as session:
        row = await session.get_one(make.Task, task.id)
        row.round, row.sent_back = 2, True
    shown = await card(client, task.id)
    assert (shown["tests"], shown["scan"]) == (None, None), "they are of a commit that is history"
    assert shown["sent_back"] == {"stage": "dev", "sentence": "2 fail"}
    assert shown["tokens"] == 1000


async def test_a_person_who_asked_for_changes_sent_it_back(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev", state="queued", round=2, sent_back=True)
        stat = {"files": 2, "added": 86, "removed": 12}
        await make.make_approval(session, task, state="changes_asked", note="Keep the name.", diff_stat=stat)
    shown = await card(client, task.id)
    assert shown["sent_back"] == {"stage": "deploy", "sentence": "Keep the name."}
    assert shown["diff_stat"] is None, "that change is sent back"


async def test_who_waits_says_since_when_and_for_what_change(client: httpx.AsyncClient, hub: HubParts) -> None:
    began = now() - timedelta(minutes=6)
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="deploy", state="waiting", waiting_reason="approval")
        for at in (began - timedelta(hours=1), began):
            session.add(Event(at=at, actor="qa", kind="task.waiting", project_id=task.project_id, task_id=task.id))
        await make.make_approval(session, task, state="void", diff_stat={"files": 9})
        await make.make_approval(session, task, diff_stat={"files": 2, "added": 86, "removed": 12})
        other = await make.make_task(session, stage="backlog", state="blocked")
        done = await make.make_task(session, state="done")
        for blocker in (task, done):
            await make.make_dependency(session, other, blocker)
    await client.patch(f"/tasks/{task.id}", json={"version": 1, "title": "Renamed"})
    shown = await card(client, task.id)
    assert shown["waiting_since"].startswith(began.isoformat()[:19]), "an edit is no new wait"
    assert shown["diff_stat"] == {"files": 2, "added": 86, "removed": 12}
    assert (await card(client, other.id))["blocked_by_keys"] == [task.key]


async def test_the_number_of_queries_does_not_grow_with_the_cards(client: httpx.AsyncClient, hub: HubParts) -> None:
    async def fill(count: int) -> None:
        async with hub.db.write() as session:
            project = await make.make_project(session)
            first = await make.make_task(session, project)
            for state in ("waiting", "blocked", "queued", "done") * count:
                task = await make.make_task(session, project, state=state, stage="dev")
                await make.make_run(session, task, state="passed")
                await make.make_criterion(session, task)
                await make.make_approval(session, task)
                await make.make_dependency(session, task, first)

    await fill(1)
    await client.get("/board")  # the first look asks who runs, too
    await fill(1)  # what ended runs measured is asked for once
    with counted(hub) as few:
        assert (await client.get("/board")).status_code == 200
    await fill(10)
    with counted(hub) as many:
        assert (await client.get("/board")).status_code == 200
    assert len(many) == len(few) <= 16, "\n".join(many)


async def test_rows_by_more_ids_than_a_statement_has_parameters(hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session)
    async with hub.db.read() as session:
        for ids, found in ((range(100_000), [task.id]), ([task.id], [task.id]), ([task.id + 1], []), ([], [])):
            assert list(await session.scalars(sa.select(Task.id).where(one_of(Task.id, ids)))) == found


async def test_the_summary_is_the_headers(client: httpx.AsyncClient, hub: HubParts) -> None:
    empty = (await client.get("/summary")).json()
    assert empty == {
        "working": 0, "model": None, "cost_today_usd": "0.00", "waiting": 0, "scripted_model": False, "projects": [],
    }  # fmt: skip
    async with hub.db.write() as session:
        project = await make.make_project(session, settings={"models": {"default": "scripted/demo"}})
        task = await make.make_task(session, project, state="waiting", waiting_reason="approval", stage="deploy")
        await make.make_approval(session, task)
        await make.make_task(session, project, state="done")
        running = await make.make_task(session, project, state="running", stage="dev")
        await make.make_run(session, running, state="running", model="scripted/demo")
        await make.make_run(session, running, state="passed", model="ollama/other")
        for moment, outcome in ((now(), "answered"), (now(), "open"), (now() - timedelta(days=2), "answered")):
            session.add(
                ModelCall(
                    created_at=moment, outcome=outcome, cost=0.25, reserved_cost=0.5, request_sha256="x", provider="x",
                    protocol="x", path="/", model="x",
                )
            )  # fmt: skip
    told = (await client.get("/summary")).json()
    assert (told["working"], told["model"], told["waiting"]) == (1, "scripted/demo", 1)
    assert (told["cost_today_usd"], told["scripted_model"]) == ("0.75", True)
    assert told["projects"] == [
        {
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "open": 2,
            "waiting": 1,
            "running": 1,
            "paused": False,
        }
    ]


def test_money_has_no_tail() -> None:
    amounts = (0.0, 0.1 + 0.2, 12.5, 0.0000004, 1234.567891234)
    assert [usd(amount) for amount in amounts] == ["0.00", "0.30", "12.50", "0.00", "1234.567891"]


async def test_a_kept_card_follows_what_hangs_on_its_task(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session)
        await make.make_run(session, task, state="passed", cost=0.5)

    async def met() -> tuple[int, int]:
        shown = await card(client, task.id)
        return shown["criteria_met"], shown["criteria_total"]

    assert await met() == (0, 0)
    assert hub.cards.find(await _row(hub, task.id)) is not None
    criteria = f"/tasks/{task.id}/criteria"
    made = (await client.post(criteria, json={"text": "it says hello"})).json()
    assert await met() == (0, 1)
    changed = {"version": made["version"], "met": True}
    assert (await client.patch(f"{criteria}/{made['id']}", json=changed)).status_code == 200
    assert await met() == (1, 1)
    assert (await client.delete(f"{criteria}/{made['id']}")).status_code == 204
    assert await met() == (0, 0)
    assert hub.cards.find(await _row(hub, task.id)) is not None


async def _row(hub: HubParts, task_id: int) -> Any:
    async with hub.db.read() as session:
        return (await session.execute(sa.select(*COLUMNS).where(Task.id == task_id))).one()


async def test_no_card_is_kept_that_knows_less_than_the_news() -> None:
    kept, row = KeptCards(most=1), SimpleNamespace(id=1)
    kept.keep(7, row, {"key": "POC-1"})
    assert kept.find(row) is None  # made at an event that the kept ones do not know yet
    kept.keep(0, row, {"key": "POC-1"})
    assert kept.find(row) == {"key": "POC-1"}
    kept.keep(0, SimpleNamespace(id=2), {"key": "POC-2"})
    assert kept.find(row) is None, "there is room for one"

"""The metrics over HTTP: each figure, its table as CSV, and what can't be asked."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from main_api.hub import HubParts
from services.domain.states import TaskState, WaitingReason
from services.metrics.rebuild import rebuild
from services.models.usage_quarters import SUMS, add_call
from services.store.models import ModelCall, Project, UsageQuarter, Wait
from services.tasks.move import set_state
from tests.support import factories as make

AT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half past one in Berlin, an hour before it is half past three
SPAN = "from=2026-03-28&to=2026-03-30&zone=Europe/Berlin"
FIGURES = ["throughput", "rounds", "pass-rate", "stages", "waiting", "usage"]
BY = [("pass-rate", by) for by in ("role", "model", "role_and_model")]
BY += [("usage", by) for by in ("day", "project", "stage", "role", "model")]


async def call(hub: HubParts, **values: Any) -> int:
    told = {
        "provider": "openai", "protocol": "openai", "path": "/", "model": "openai/gpt", "request_sha256": "0" * 64,
        "outcome": "answered", "tokens_in": 100, "tokens_out": 20, "cost": 0.0132, "created_at": AT, **values,
    }  # fmt: skip
    async with hub.db.write() as session:
        row = ModelCall(**told)
        session.add(row)
        await add_call(session, row)
    return row.id


async def some_work(hub: HubParts) -> Project:
    async with hub.db.write() as session:
        project = await make.make_project(session, name="=HYPERLINK(1)")
        task = await make.make_task(session, project)
        for state, minutes in (("passed", 1), ("failed", 3), ("lost", 600)):
            await make.make_run(
                session,
                task,
                state=state,
                model="openai/gpt",
                started_at=AT,
                finished_at=AT + timedelta(minutes=minutes),
            )
    await call(hub, project_id=project.id, role="dev")
    await call(hub, project_id=project.id, role="dev", estimated=True, cost=0.5)
    return project


@pytest.mark.parametrize("figure", FIGURES)
async def test_a_hub_without_work_has_figures_that_say_so(client: httpx.AsyncClient, figure: str) -> None:
    answer = (await client.get(f"/metrics/{figure}?days=7")).json()
    assert answer["span"]["zone"] == "UTC"
    assert all(not any(isinstance(value, int) and value for value in row.values()) for row in answer["rows"])
    days = date.fromisoformat(answer["span"]["last"]) - date.fromisoformat(answer["span"]["first"])
    assert days == timedelta(days=6)


async def test_runs_are_rated_and_timed(client: httpx.AsyncClient, hub: HubParts) -> None:
    project = await some_work(hub)
    rates = (await client.get(f"/metrics/pass-rate?{SPAN}&project_id={project.id}&by=role_and_model")).json()
    assert rates["rows"] == [{**rates["total"], "role": "dev", "model": "openai/gpt"}]
    assert (rates["total"]["runs"], rates["total"]["lost"], rates["total"]["pass_rate"]) == (3, 1, 0.5)
    times = (await client.get(f"/metrics/stages?{SPAN}")).json()["rows"]
    assert times == [{"stage": "dev", "runs": 2, "median_seconds": 60.0, "p95_seconds": 180.0, "total_seconds": 240.0}]


async def test_what_calls_cost_is_told_by_day_with_what_is_guessed(client: httpx.AsyncClient, hub: HubParts) -> None:
    project = await some_work(hub)
    used = (await client.get(f"/metrics/usage?{SPAN}")).json()
    assert [(row["key"], row["cost_usd"], row["estimated_usd"]) for row in used["rows"]] == [
        ("2026-03-28", "0.00", "0.00"), ("2026-03-29", "0.5132", "0.50"), ("2026-03-30", "0.00", "0.00"),
    ]  # fmt: skip
    async with hub.db.write() as session:
        await session.execute(sa.update(Project).where(Project.id == project.id).values(deleted_at=AT))
    kept = (await client.get(f"/metrics/usage?{SPAN}&by=project")).json()["rows"]
    assert [(row["name"], row["cost_usd"]) for row in kept] == [("=HYPERLINK(1) (deleted)", "0.5132")]
    assert (await client.get(f"/metrics/stages?{SPAN}")).json()["rows"] == []


@pytest.mark.parametrize(("figure", "by"), [*((figure, None) for figure in FIGURES), *BY])
async def test_each_table_comes_as_csv(client: httpx.AsyncClient, hub: HubParts, figure: str, by: str | None) -> None:
    await some_work(hub)
    asked = f"?{SPAN}{f'&by={by}' if by else ''}"
    answer = await client.get(f"/metrics/{figure}.csv{asked}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].endswith('_2026-03-28_2026-03-30.csv"')
    rows = list(csv.DictReader(StringIO(answer.text)))
    told = (await client.get(f"/metrics/{figure}{asked}")).json()["rows"]
    assert len(rows) == len(told)
    for row, wanted in zip(rows, told, strict=True):
        assert {name: text.removeprefix("'") for name, text in row.items()} == {
            name: "" if wanted[name] is None else str(wanted[name]) for name in row
        }
        assert not any(text.startswith(("=", "+", "-", "@")) for text in row.values())


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("from=2026-03-30&to=2026-03-29", 400, "span_refused"),
        ("from=2020-01-01&to=2026-03-29", 400, "span_refused"),
        ("from=1999-01-01&to=1999-01-02", 400, "span_refused"),
        ("to=2026-03-29", 400, "span_refused"),
        ("days=7&from=2026-03-29", 400, "span_refused"),
        ("days=400", 400, "span_refused"),
        ("zone=Europe/Atlantis", 400, "zone_unknown"),
        ("zone=America", 400, "zone_unknown"),
        ("zone=../../etc/passwd", 400, "zone_unknown"),
        ("project_id=987654", 404, "not_found"),
        ("days=0", 422, "validation"),
        ("from=yesterday", 422, "validation"),
    ],
)
@pytest.mark.parametrize("figure", [*FIGURES, "usage.csv"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_can_not_be_asked_is_refused_with_a_way_out(
    client: httpx.AsyncClient, figure: str, asked: str, status: int, code: str
) -> None:
    answer = await client.get(f"/metrics/{figure}?{asked}")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["detail"] and (status == 422 or problem["way_out"])


@pytest.mark.parametrize("asked", ["usage.csv?by=moon", "stages.csv?by=role", "pass-rate.csv?by=day"])
async def test_a_table_is_grouped_as_its_figure_is(client: httpx.AsyncClient, asked: str) -> None:
    assert (await client.get(f"/metrics/{asked}")).json()["code"] == "invalid_input"


async def test_a_wait_is_kept_from_its_begin_to_its_end(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, state=TaskState.RUNNING, stage="dev")
        await set_state(session, task, TaskState.WAITING, actor="hub", reason=WaitingReason.ANSWER)
        await set_state(session, task, TaskState.WAITING, actor="hub", reason=WaitingReason.ANSWER, sentence="Again.")
        await set_state(session, task, TaskState.WAITING, actor="hub", reason=WaitingReason.APPROVAL)
    rows = (await client.get("/metrics/waiting")).json()["rows"]
    assert [(row["reason"], row["waits"], row["open"]) for row in rows] == [("answer", 1, 0), ("approval", 0, 1)]
    async with hub.db.write() as session:
        task = await session.get_one(type(task), task.id)
        await set_state(session, task, TaskState.QUEUED, actor="person")
    answer = (await client.get("/metrics/waiting")).json()
    assert [(row["reason"], row["waits"], row["open"]) for row in answer["rows"]] == [
        ("answer", 1, 0),
        ("approval", 1, 0),
    ]
    await same_when_made_anew(hub)


async def same_when_made_anew(hub: HubParts) -> None:
    """What is kept is what the facts come to."""
    async with hub.db.write() as session:
        before = await kept(session)
        await rebuild(session)
        assert await kept(session) == before


async def kept(session: Any) -> tuple[list[Any], list[Any]]:
    quarters = sa.select(UsageQuarter.__table__).where(sa.or_(*(getattr(UsageQuarter, name) != 0 for name in SUMS)))
    waits = sa.select(Wait.project_id, Wait.task_id, Wait.stage, Wait.reason, Wait.began_at, Wait.ended_at)
    found = [sorted(map(tuple, await session.execute(query)), key=str) for query in (quarters, waits)]
    return found[0], found[1]

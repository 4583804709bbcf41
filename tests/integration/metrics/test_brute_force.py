"""Every figure of metrics against plain loops over the same history, on both databases."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.metrics.done import read_rounds, read_throughput
from main_api.reads.metrics.runs import read_pass_rate, read_stages
from main_api.reads.metrics.span import Span, read_span
from main_api.reads.metrics.usage import read_usage
from main_api.reads.metrics.waiting import read_waiting
from services.metrics.rebuild import rebuild
from services.store.database import Database
from services.store.models import Event, ModelCall, Project, Wait
from services.store.types import now
from tests.support import factories as make
from tests.support.brute_force import Looked
from tests.support.histories import BEGIN, ZONES, CallOf, DoneOf, History, RunOf, WaitOf, histories

MIDNIGHT = BEGIN + timedelta(days=2)  # of the day on which Berlin's clocks go forward
TIES = [RunOf(0, "dev", "dev", "m", "passed", MIDNIGHT, MIDNIGHT + timedelta(seconds=n // 7), 0.0) for n in range(40)]
OVER_MIDNIGHT = RunOf(0, "dev", "dev", None, "failed", MIDNIGHT - timedelta(hours=2), MIDNIGHT, 0.0)
FREE = CallOf(None, None, None, "m", "answered", MIDNIGHT, 1, 1, 0.0, False)
USUAL = ("Europe/Berlin", 0, 9, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories, st.sampled_from(ZONES), st.integers(0, 9), st.integers(1, 10), st.sampled_from([None, 0, 1]))
@example(History(), *USUAL[:1], 0, 1, None)
@example(History(runs=TIES), *USUAL[:1], 0, 10, None)
@example(History(runs=[OVER_MIDNIGHT]), "UTC", 2, 1, 0)
@example(History(runs=[OVER_MIDNIGHT], calls=[FREE]), "America/New_York", 1, 1, None)
@example(History(done=[DoneOf(1, MIDNIGHT, 1), DoneOf(1, MIDNIGHT + timedelta(days=3), 2)]), "UTC", 0, 10, None)
async def test_the_database_comes_to_the_same(
    database: Database, history: History, zone: str, start: int, length: int, project: int | None
) -> None:
    first = BEGIN.date() + timedelta(days=start)
    last = first + timedelta(days=length - 1)
    async with database.engine.connect() as connection:
        await connection.begin()
        async with AsyncSession(connection) as session:
            numbers = await put(session, history)
            span = read_span(zone, 366, first=first, last=last)
            asked = Looked(history, zone, first, last, project)
            await compare(session, span, asked, numbers)
        await connection.rollback()


async def compare(session: AsyncSession, span: Span, asked: Looked, numbers: list[int]) -> None:
    project = None if asked.project is None else numbers[asked.project]
    throughput = await read_throughput(session, span, project)
    assert {row.day: row.done for row in throughput.rows} == asked.throughput()
    rounds = await read_rounds(session, span, project)
    assert {row.rounds: row.tasks for row in rounds.rows} == asked.rounds()
    assert throughput.done == rounds.tasks == sum(asked.rounds().values())
    for by in ("role", "model", "role_and_model"):
        rates = await read_pass_rate(session, span, project, by)
        found = {key_of(by, row): states_of(row) for row in rates.rows}
        assert found == {key: {**dict.fromkeys(STATES, 0), **states} for key, states in asked.pass_rate(by).items()}
        assert rates.total.runs == len(asked.ended())
    stages = await read_stages(session, span, project)
    assert {row.stage: (row.runs, *times_of(row)) for row in stages.rows} == asked.stages()
    waiting = await read_waiting(session, span, project)
    assert {row.reason: (row.waits, *times_of(row)) for row in waiting.rows if row.waits} == asked.waiting()
    assert {row.reason: (row.open, row.open_since) for row in waiting.rows if row.open} == asked.open_waits()
    for by in ("day", "project", "stage", "role", "model"):
        usage = await read_usage(session, span, project, by)
        expected = asked.usage(by)
        if by == "project":
            expected = {None if key is None else str(numbers[int(key)]): sums for key, sums in expected.items()}
        assert {row.key: used(row) for row in usage.rows if row.calls} == expected
        assert len(usage.rows) == (len(asked.days()) if by == "day" else len(expected))


STATES = ("passed", "failed", "blocked", "cancelled", "lost")


def key_of(by: str, row: Any) -> tuple[str | None, ...]:
    return {"role": (row.role,), "model": (row.model,)}.get(by) or (row.role, row.model)


def states_of(row: Any) -> dict[str, int]:
    return {state: getattr(row, state) for state in STATES}


def times_of(row: Any) -> tuple[float, float, float]:
    return row.median_seconds, row.p95_seconds, row.total_seconds


def used(row: Any) -> tuple[Any, ...]:
    cost, guessed = Decimal(row.cost_usd), Decimal(row.estimated_usd)
    return row.calls, row.tokens_in, row.tokens_out, cost, row.estimated_calls, guessed


async def put(session: AsyncSession, history: History) -> list[int]:
    """The rows of a history; the ids of its projects."""
    projects = [await make.make_project(session) for _ in range(3)]
    numbers = [project.id for project in projects]
    projects[2].deleted_at = now()
    tasks = [await make.make_task(session, projects[n % 3]) for n in range(6)]
    runs = [await make.make_run(session, tasks[one.project], **_run(one)) for one in history.runs]
    for call in history.calls:
        run = runs[call.run].id if call.run is not None and call.run < len(runs) else None
        session.add(_call(call, run, None if call.project is None else numbers[call.project]))
    for done in history.done:
        told = {"round": done.round, "stage": "done"}
        await session.execute(
            sa.insert(Event).values(
                at=done.at, actor="hub", kind="task.done", project_id=numbers[done.task % 3],
                task_id=tasks[done.task].id, run_id=None, data=told,
            )
        )  # fmt: skip
    await session.flush()
    await rebuild(session)
    for wait in history.waits:
        session.add(
            Wait(
                project_id=numbers[wait.project], task_id=tasks[wait.project].id, stage="dev", reason=wait.reason,
                began_at=wait.began_at, ended_at=wait.ended_at,
            )
        )  # fmt: skip
    for plan in history.plans:
        await _plan(session, projects[plan.project], plan)
    await session.flush()
    return numbers


def _run(one: RunOf) -> dict[str, Any]:
    return {
        "stage": one.stage, "role": one.role, "model": one.model, "state": one.state, "started_at": one.started_at,
        "finished_at": one.finished_at, "paused_seconds": one.paused_seconds,
    }  # fmt: skip


def _call(one: CallOf, run_id: str | None, project_id: int | None) -> ModelCall:
    return ModelCall(
        run_id=run_id, project_id=project_id, role=one.role, provider="p", protocol="openai", path="/", model=one.model,
        request_sha256="0" * 64, outcome=one.outcome, created_at=one.created_at, tokens_in=one.tokens_in,
        tokens_out=one.tokens_out, cost=one.cost, estimated=one.estimated,
    )  # fmt: skip


async def _plan(session: AsyncSession, project: Project, one: WaitOf) -> None:
    request = await make.make_request(session, project)
    state = "waiting" if one.ended_at is None else "approved"
    await make.make_plan(session, request, state=state, created_at=one.began_at, decided_at=one.ended_at)

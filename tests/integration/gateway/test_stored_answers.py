"""Stored answers stay within their bounds, and none goes that a run could still ask for."""

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from structlog.testing import capture_logs

from main_api.gateway import Gateway
from services.models.stored_answers import BATCH, Bounds, stored, sweep
from services.store.database import Database
from services.store.models import ModelAnswer
from services.store.types import now
from tests.integration.gateway.conftest import QUESTION, SECRET, Hub, providers_at, serving
from tests.support.factories import make_project, make_request, make_run, make_task

YEARS = timedelta(days=3000)
ROOM = 10**9


async def answers(database: Database, run_id: str, at: datetime, count: int = 1, size: int = 100) -> str:
    async with database.write() as session:
        for number in range(count):
            session.add(
                ModelAnswer(
                    run_id=run_id, step="0-edit", request_sha256=f"{number:064}", ordinal=0, status_code=200,
                    media_type="application/json", body=b"x" * size, size=size, created_at=at,
                )
            )  # fmt: skip
    return run_id


async def left(database: Database) -> set[str]:
    async with database.read() as session:
        return set(await session.scalars(sa.select(ModelAnswer.run_id)))


async def runs(database: Database) -> dict[str, str]:
    """One that ended, and all kinds that go on or will."""
    poor = {"state": "waiting", "stage": "dev", "waiting_reason": "budget"}
    async with database.write() as session:
        project = await make_project(session)
        task, waiting, gone = (
            await make_task(session, project),
            await make_task(session, project, **poor),
            await make_task(session, project, **{**poor, "state": "cancelled", "waiting_reason": None}),
        )
        stopped = {"state": "blocked", "reason": "budget_exceeded", "stage": "dev"}
        made = {
            "ended": await make_run(session, task, state="passed"),
            "queued": await make_run(session, task, state="queued"),
            "running": await make_run(session, task, state="running"),
            "waiting": await make_run(session, waiting, **stopped),
            "given up": await make_run(session, gone, **stopped),
            "planning": await make_run(session, task, **{**stopped, "stage": "plan", "task_id": None}),
        }
        await session.flush()
        await make_request(session, project, state="failed", run_id=made["planning"].id)
    return {name: run.id for name, run in made.items()}


async def test_only_answers_that_nobody_can_ask_for_go(database: Database) -> None:
    """Not even a clock that jumps by years, and no room at all, takes away what a run may need."""
    of = await runs(database)
    for run_id in of.values():
        await answers(database, run_id, now() - YEARS)
    assert await sweep(database, Bounds(ROOM, 2 * YEARS)) == 0
    assert await sweep(database, Bounds(ROOM, timedelta(days=1))) == 2
    await answers(database, "direct-1-old", now() - YEARS)
    kept = {of[name] for name in ("queued", "running", "waiting", "planning")}
    kept.add(await answers(database, "direct-1-work", now() - timedelta(hours=1)))
    assert await sweep(database, Bounds(0, timedelta(0))) == 1
    assert await left(database) == kept
    assert await sweep(database, Bounds(0, timedelta(0))) == 0 and await left(database) == kept
    async with database.read() as session:
        found = await stored(session)
    assert (found.answers, found.size, found.held) == (5, 500, 400)


async def test_the_longest_unused_go_until_the_rest_fits(database: Database) -> None:
    async with database.write() as session:
        task = await make_task(session, await make_project(session))
        ended = [(await make_run(session, task, state="failed")).id for _ in range(BATCH + 3)]
    for age, run_id in enumerate(ended):
        await answers(database, run_id, now() - timedelta(hours=age), count=2)
    assert await sweep(database, Bounds(450, YEARS)) == 2 * (BATCH + 3) - 4
    assert await left(database) == set(ended[:2])


async def test_an_answer_too_large_to_keep_is_handed_over_and_told(hub: Hub) -> None:
    gateway = Gateway(hub.database, providers_at(hub.provider.url), SECRET, answer_max_bytes=20)
    asked = {"model": "scripted/m", "messages": QUESTION}
    async with serving(gateway) as port:
        served = replace(hub, gateway=gateway, port=port)
        with capture_logs() as told:
            assert (await served.openai().chat.completions.create(**asked)).choices  # type: ignore
        assert [line["event"] for line in told if line["log_level"] == "warning"] == [
            "gateway.answer_too_large_to_keep"
        ]
        assert await left(hub.database) == set()
        assert (await served.openai(incarnation=2).chat.completions.create(**asked)).choices  # type: ignore
    assert len(hub.provider.asked) == 2, "it was not kept, so it is paid again"

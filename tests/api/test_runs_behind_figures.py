"""The runs behind a figure: GET /runs lists as many as the metrics count, edge by edge."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from tests.support import factories as make

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
SPAN = {"from": "2026-03-10", "to": "2026-03-10"}
ENDED = ("passed", "failed", "blocked", "cancelled", "lost")
NONE = "-"


@pytest.fixture
async def projects(hub: HubParts) -> list[int]:
    """Runs at the edges of one day, with and without role, model and start, live ones, and a deleted project's."""
    async with hub.db.write() as session:
        kept = await make.make_project(session)
        dropped = await make.make_project(session, deleted_at=MIDNIGHT)
        for project in (kept, dropped):
            task = await make.make_task(session, project)
            for number, state in enumerate((*ENDED, "passed", "failed")):
                for at in (MIDNIGHT - MOMENT, MIDNIGHT, MIDNIGHT + DAY - MOMENT, MIDNIGHT + DAY):
                    await make.make_run(
                        session, task, state=state, queued_at=MIDNIGHT - 3 * DAY, finished_at=at,
                        started_at=None if number == 6 else at - timedelta(minutes=1),
                        stage="qa" if number % 2 else "dev", role=None if number == 5 else "dev",
                        model="openai/gpt" if number % 3 else None,
                    )  # fmt: skip
            for state in ("queued", "running"):
                await make.make_run(session, task, state=state, queued_at=MIDNIGHT + timedelta(hours=1))
    return [kept.id, dropped.id]


async def listed(client: httpx.AsyncClient, span: dict[str, str], **asked: Any) -> int:
    answer = await client.get("/runs", params={"since": span["begins"], "until": span["ends"], "limit": 500, **asked})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()) == int(answer.headers["X-Total-Count"])
    return len(answer.json())


@pytest.mark.parametrize("by", ["role", "model", "role_and_model"])
@pytest.mark.parametrize("of_one", [False, True])
async def test_each_rate_has_its_runs(client: httpx.AsyncClient, projects: list[int], by: str, of_one: bool) -> None:
    whose: dict[str, Any] = {"project_id": projects[0]} if of_one else {}
    rates = (await client.get("/metrics/pass-rate", params={**SPAN, "by": by, **whose})).json()
    assert rates["total"]["runs"] == 14
    for row in rates["rows"]:
        asked = whose | {name: row[name] or NONE for name in ("role", "model") if name in by}
        assert await listed(client, rates["span"], state=ENDED, **asked) == row["runs"]
        for state in ENDED:
            assert await listed(client, rates["span"], state=[state], **asked) == row[state]


async def test_each_stage_has_the_runs_that_were_timed(client: httpx.AsyncClient, projects: list[int]) -> None:
    stages = (await client.get("/metrics/stages", params=SPAN)).json()
    assert sum(row["runs"] for row in stages["rows"]) == 6  # one that failed was never begun
    for row in stages["rows"]:
        asked = {"state": ["passed", "failed"], "stage": row["stage"], "started": True}
        assert await listed(client, stages["span"], **asked) == row["runs"]


async def test_runs_of_a_deleted_project_are_listed_when_it_is_named(
    client: httpx.AsyncClient, projects: list[int]
) -> None:
    everything = (await client.get("/runs", params={"limit": 500})).json()
    assert {run["project_id"] for run in everything} == {projects[0]}
    assert len((await client.get("/runs", params={"limit": 500, "project_id": projects[1]})).json()) == len(everything)

"""The number of queries does not grow with the number of rows: no list asks once for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts
from services.store.models import Project
from tests.support import factories as make

STATES = ["idle", "queued", "waiting", "running", "blocked", "done"]
ASKED = [
    "/board", "/board?project_id={project}", "/tasks", "/tasks?project_id={project}&sort=-priority", "/projects",
    "/projects/{project}/tasks", "/runs", "/inbox", "/summary", "/proofs", "/projects/{project}/proof-history",
    "/handoffs", "/findings", "/approvals", "/attachments", "/bugs", "/search?q=task", "/search?q=it",
    "/board/statistics", "/tasks/queue",
]  # fmt: skip


ASKS = ContextVar("whether what runs here belongs to the request that is looked at", default=False)


@contextmanager
def counted(hub: HubParts) -> Iterator[list[str]]:
    """The statements that the database was asked for what is called in here; the hub's own rounds are not of it."""
    seen: list[str] = []
    engine = hub.db.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if ASKS.get() and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    here = ASKS.set(True)
    yield seen
    ASKS.reset(here)
    event.remove(engine, "before_cursor_execute", note)


async def populate(session: AsyncSession, project: Project, count: int) -> None:
    """Tasks in every state, each with a bit of everything."""
    before = None
    for number in range(count):
        state = STATES[number % len(STATES)]
        stage = "done" if state == "done" else ("backlog" if state in ("idle", "blocked") else "dev")
        waiting = {"waiting_reason": "approval", "waiting_sentence": "Approve it."} if state == "waiting" else {}
        task = await make.make_task(session, project, state=state, stage=stage, **waiting)
        run = await make.make_run(session, task, state="running" if state == "running" else "passed")
        task.current_run_id = run.id if state == "running" else None
        if state == "blocked" and before is not None:
            await make.make_dependency(session, task, before)
        await make.make_criterion(session, task)
        await make.make_comment(session, task, body="It is a task.")
        await make.make_proof(session, run)
        await make.make_finding(session, task)
        await make.make_handoff(session, task, from_run_id=run.id)
        await make.make_approval(session, task)
        before = task


async def asked(client: httpx.AsyncClient, hub: HubParts, project: Project) -> dict[str, int]:
    found = {}
    for path in ASKED:
        address = path.format(project=project.id)
        assert (await client.get(address)).status_code == 200, address  # once, for what is only read once
        hub.cards.forget()
        with counted(hub) as seen:
            await client.get(address)
        found[path] = len(seen)
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_ten_times_the_rows_are_as_many_queries(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        for _ in range(2):
            await populate(session, await make.make_project(session), 6)
        await populate(session, project, 6)
    few = await asked(client, hub, project)
    async with hub.db.write() as session:
        for _ in range(18):
            await populate(session, await make.make_project(session), 6)
        await populate(session, project, 54)
        tasks = await session.scalar(sa.select(sa.func.count()).select_from(make.Task))
    assert tasks == 180
    many = await asked(client, hub, project)
    assert {path: (few[path], many[path]) for path in ASKED if many[path] > few[path]} == {}
    assert max(many.values()) <= 24, many

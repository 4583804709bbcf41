"""What the plain way leaves of a changed row is what the session's own flush leaves."""

from typing import Any

import pytest
import sqlalchemy as sa

from services.domain.states import RunState, TaskState
from services.redaction import KNOWN
from services.store import later
from services.store.changes import say_changes, say_new
from services.store.database import Database
from services.store.models import Run, Task
from services.store.types import now
from tests.support.factories import make_run, make_task

SECRET = "a-secret-that-is-known-7f3a"
MOMENT = now()


async def _changed(database: Database, *, plainly: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    async with database.write() as session:
        task = await make_task(session, state=TaskState.QUEUED, stage="dev")
        run = await make_run(session, task, state=RunState.QUEUED)
        await session.flush()
        ids = task.id, run.id
    async with database.write() as session:
        later.gather(session)
        task, run = await session.get_one(Task, ids[0]), await session.get_one(Run, ids[1])
        task.state, task.waiting_sentence, task.queued_at, task.models = "waiting", f"Told {SECRET}.", None, ["a/b"]
        run.details, run.summary, run.started_at = {"steps": {"0-a": {"n": 1}}}, SECRET, MOMENT
        run.models, run.stage = None, run.stage
        if plainly:
            await say_changes(session)
            assert not session.is_modified(task) and not session.is_modified(run)
            await later.send(session)
    async with database.read() as session:
        rows = [
            dict(
                (await session.execute(sa.select(model.__table__).where(model.__table__.c.id == key))).mappings().one()
            )
            for model, key in ((Task, ids[0]), (Run, ids[1]))
        ]
    for row in rows:
        for name in ("id", "task_id", "project_id", "key", "number", "created_at", "updated_at", "find_text", "title"):
            row.pop(name, None)
        row.pop("queued_at", None)
    return rows[0], rows[1]


async def test_it_leaves_what_a_flush_leaves(database: Database) -> None:
    KNOWN.learn("SECRET", SECRET)
    plain, flushed = await _changed(database, plainly=True), await _changed(database, plainly=False)
    assert plain == flushed
    assert SECRET not in str(plain) and plain[1]["started_at"] == MOMENT


async def test_a_title_is_left_to_the_flush_for_the_text_that_follows_it(database: Database) -> None:
    async with database.write() as session:
        task = await make_task(session, title="One")
        await session.flush()
        task.title = "Another"
        await say_changes(session)
        assert session.is_modified(task)
        key = task.id
    async with database.read() as session:
        assert "another" in (await session.scalar(sa.select(Task.find_text).where(Task.id == key)) or "")


async def test_a_new_run_is_as_a_flush_leaves_it(database: Database) -> None:
    async with database.write() as session:
        task = await make_task(session)
        await session.flush()
        given = {
            "project_id": task.project_id,
            "task_id": task.id,
            "stage": "dev",
            "state": "queued",
            "queued_at": MOMENT,
        }
        await say_new(session, plain := Run(id="plain", **given))
        session.add(Run(id="flushed", **given))
        assert plain.details == {} and plain.owner is None and not session.is_modified(plain)
    async with database.read() as session:
        rows = (await session.execute(sa.select(Run.__table__).where(Run.task_id == task.id))).mappings().all()
    one, other = ({name: value for name, value in row.items() if name != "id"} for row in rows)
    assert one == other and len(rows) == 2


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_connection_that_was_closed_while_idle_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.store.liveness.IDLE_SECONDS", 0.0)
    async with database.read() as session:
        before = await session.scalar(sa.text("SELECT pg_backend_pid()"))
    other = Database(database.url)
    async with other.read() as session:
        await session.execute(sa.text("SELECT pg_terminate_backend(:pid, 20000)"), {"pid": before})
    await other.close()
    async with database.read() as session:
        assert await session.scalar(sa.text("SELECT pg_backend_pid()")) != before

"""How SQLite works the figures out: along the indexes made for them, whether it knows the tables' sizes or not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from main_api.reads.metrics.runs import read_pass_rate, read_stages
from main_api.reads.metrics.span import read_span
from services.store.database import Database
from services.store.types import now
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def said(database: Database) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM runs" in statement:
            statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("of_one", [False, True])
@pytest.mark.parametrize("known", [False, True])
async def test_runs_are_counted_and_timed_from_indexes_alone(database: Database, known: bool, of_one: bool) -> None:
    async with database.write() as session:
        task = await make.make_task(session)
        for _ in range(30):
            await make.make_run(session, task, state="passed", started_at=now(), finished_at=now())
        if known:
            await session.execute(sa.text("ANALYZE"))
        project = task.project_id if of_one else None
    span = read_span("UTC", 366)
    with said(database) as statements:
        async with database.read() as session:
            assert (await read_pass_rate(session, span, project, "role")).total.runs == 30
            assert (await read_stages(session, span, project)).rows[0].runs == 30
    assert len(statements) == 3
    for number, (statement, parameters) in enumerate(statements):
        index = "ix_runs_timed" if number else "ix_runs_rated"
        with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
            steps = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        of_runs = [step[3] for step in steps if " runs" in step[3]]
        assert of_runs and all(f"COVERING INDEX {index}" in step for step in of_runs), of_runs

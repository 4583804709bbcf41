"""How SQLite works the figures out: along the indexes made for them, whether it knows the tables' sizes or not."""

import pytest
import sqlalchemy as sa

from main_api.reads.metrics.runs import read_pass_rate, read_stages
from main_api.reads.metrics.span import read_span
from services.store.database import Database
from services.store.types import now
from tests.support import factories as make
from tests.support.query_plans import said, steps_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    with said(database, "FROM runs") as statements:
        async with database.read() as session:
            assert (await read_pass_rate(session, span, project, "role")).total.runs == 30
            assert (await read_stages(session, span, project)).rows[0].runs == 30
    assert len(statements) == 3
    for number, one in enumerate(statements):
        index = "ix_runs_timed" if number else "ix_runs_rated"
        of_runs = [step for step in steps_of(database, *one) if " runs" in step]
        assert of_runs and all(f"COVERING INDEX {index}" in step for step in of_runs), of_runs

"""How SQLite finds the cards of the board: in indexes alone, whether it knows the tables' sizes or not."""

import pytest
import sqlalchemy as sa

from main_api.reads.board import read_board
from main_api.reads.kept_cards import KeptCards
from services.store.database import Database
from tests.support import factories as make
from tests.support.query_plans import said, steps_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("known", [False, True])
async def test_a_board_of_much_that_is_done_is_counted_and_ordered_from_indexes(
    database: Database, known: bool
) -> None:
    async with database.write() as session:
        for _ in range(3):
            project = await make.make_project(session)
            for number in range(110):
                open_ = number < 10
                await make.make_task(
                    session, project, stage="dev" if open_ else "done", state="queued" if open_ else "done"
                )
        if known:
            await session.execute(sa.text("ANALYZE"))
    with said(database, "FROM tasks") as statements:
        async with database.read() as session:
            board = await read_board(session, None, {}, KeptCards())
    assert [column["total"] for column in board["columns"] if column["total"]] == [30, 300]
    counts_or_ids = [one for one in statements if "count(*)" in one[0] or "anon_1.id" in one[0]]
    assert len(counts_or_ids) == 2
    for one in counts_or_ids:
        of_tasks = [step for step in steps_of(database, *one) if " tasks" in step]
        assert of_tasks and all("COVERING INDEX" in step for step in of_tasks), of_tasks

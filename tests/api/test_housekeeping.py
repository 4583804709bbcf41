"""What the hub does by itself, each hour."""

import sqlalchemy as sa

from main_api.hub import HubParts
from tests.support import factories as make


async def test_the_planner_is_told_how_many_rows_there_are(hub: HubParts) -> None:
    """SQLite guesses until somebody counts, and takes the wrong index; PostgreSQL counts by itself."""
    async with hub.db.write() as session:
        project = await make.make_project(session)
        for _ in range(30):
            await make.make_task(session, project)
    await hub.housekeeping.count()
    if hub.db.is_sqlite:
        async with hub.db.read() as session:
            told = await session.execute(sa.text("SELECT DISTINCT tbl FROM sqlite_stat1"))
            assert {"projects", "tasks"} <= {name for (name,) in told}
    await hub.housekeeping.count()  # again, with nothing new to count

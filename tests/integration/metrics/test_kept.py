"""What is kept beside the facts is what they come to, whatever happens to a call."""

from typing import Any

import sqlalchemy as sa

from services.metrics.rebuild import rebuild
from services.models.ledger import Opened, Spent, settle_orphans, settle_unanswered
from services.models.tally import Tally
from services.models.usage_quarters import SUMS
from services.store.database import Database
from services.store.models import ModelCall, UsageQuarter
from tests.support import factories as make


async def open_call(db: Database, **values: Any) -> Opened:
    async with db.write() as session:
        run = await make.make_run(session)
        told = {"provider": "p", "protocol": "openai", "path": "/", "model": "p/m", "request_sha256": "0" * 64}
        call = ModelCall(**told, run_id=run.id, project_id=run.project_id, role="dev", reserved_cost=0.25, **values)
        session.add(call)
        await session.flush()
        return Opened(call.id, 0, None)


async def settle(db: Database, opened: Opened, outcome: str, spent: Spent) -> None:
    await db.carry(lambda: settle_unanswered(Tally(), opened, outcome, None, spent, ""))


async def kept(db: Database) -> list[tuple[Any, ...]]:
    query = sa.select(UsageQuarter.stage, *(getattr(UsageQuarter, name) for name in SUMS)).where(UsageQuarter.calls > 0)
    async with db.read() as session:
        return sorted(map(tuple, await session.execute(query)))


async def test_a_call_counts_once_and_as_it_is_at_last(database: Database) -> None:
    opened = await open_call(database)
    assert await kept(database) == []
    await settle(database, opened, "abandoned", Spent(10, 0, 0, 0.25, True))
    assert await kept(database) == [("dev", 1, 10, 0, 250_000_000_000, 1, 250_000_000_000)]
    for _ in range(2):  # a commit whose answer got lost is said again
        await settle(database, opened, "failed", Spent(12, 3, 0, 0.000000001))
    assert await kept(database) == [("dev", 1, 12, 3, 1_000, 0, 0)]
    await settle(database, opened, "refused", Spent())
    assert await kept(database) == []
    await settle(database, opened, "failed", Spent(1))
    await same_when_made_anew(database)


async def test_a_call_that_a_killed_gateway_left_counts_at_its_reservation(database: Database) -> None:
    await open_call(database)
    async with database.write() as session:
        assert await settle_orphans(session) == 1
    assert await kept(database) == [("dev", 1, 0, 0, 250_000_000_000, 1, 250_000_000_000)]
    await same_when_made_anew(database)


async def same_when_made_anew(db: Database) -> None:
    before = await kept(db)
    async with db.write() as session:
        made = await rebuild(session)
    assert (await kept(db), made.usage_quarters) == (before, len(before))

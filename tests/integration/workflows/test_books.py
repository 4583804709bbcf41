"""What is ready at the same moment is written in one transaction, and one that fails takes nobody along."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.events import log
from services.scheduling.limits import SchedulingLimits
from services.store.database import Database
from services.store.models import Event
from services.workflows.books import AT_ONCE, Books, Entry
from services.workflows.doorbell import Doorbell


def tells(kind: str, *, error: Exception | None = None) -> Callable[[AsyncSession], Awaitable[str]]:
    async def write(session: AsyncSession) -> str:
        await log.append(session, kind, actor="test")
        if error is not None:
            raise error
        return f"{kind} told"

    return write


async def told(db: Database) -> list[str]:
    async with db.read() as session:
        return list((await session.scalars(sa.select(Event.kind).order_by(Event.seq))).all())


async def test_a_crowd_shares_transactions_and_keeps_its_order(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, begun = Database(database_url), 0
    write = Database.write

    def counted(self: Database) -> object:
        nonlocal begun
        begun += 1
        return write(self)

    monkeypatch.setattr(Database, "write", counted)
    books = Books(db, Doorbell(), "w1", SchedulingLimits())
    kinds = [f"kind.{number}" for number in range(AT_ONCE + 4)]
    answers = await asyncio.gather(*(books.write(Entry(tells(kind))) for kind in kinds))
    assert answers == [f"{kind} told" for kind in kinds]
    assert await told(db) == kinds
    assert begun == 2
    await db.close()


async def test_one_that_fails_takes_nobody_along(database_url: str) -> None:
    db = Database(database_url)
    books = Books(db, Doorbell(), "w1", SchedulingLimits())
    asked = [Entry(tells("good.1")), Entry(tells("bad", error=ValueError("no"))), Entry(tells("good.2"))]
    one, two, three = await asyncio.gather(*(books.write(entry) for entry in asked), return_exceptions=True)
    assert (one, three) == ("good.1 told", "good.2 told")
    assert isinstance(two, ValueError)
    assert await told(db) == ["good.1", "good.2"]
    assert await books.write(Entry(tells("after"))) == "after told"
    await db.close()


async def test_one_that_nobody_waits_for_any_more_is_written_all_the_same(database_url: str) -> None:
    db = Database(database_url)
    books = Books(db, Doorbell(), "w1", SchedulingLimits())
    left = asyncio.create_task(books.write(Entry(tells("left"))))
    await asyncio.sleep(0)
    left.cancel()
    assert await books.write(Entry(tells("stays"))) == "stays told"
    assert await told(db) == ["left", "stays"]
    await db.close()

"""The book while its database is away: what is paid for is written when it is back."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from services.models.book import Book
from services.store.trips import Steps, Trip


class Away:
    """A database that is away so many times, and counts what was asked of it."""

    def __init__(self, times: int, error: Exception) -> None:
        self.times, self.error, self.written = times, error, 0

    async def carry(self, make: Callable[[], Steps[Any]]) -> Any:
        if self.times:
            self.times -= 1
            raise self.error
        self.written += 1
        steps = make()
        next(steps)
        with pytest.raises(StopIteration) as end:
            steps.send([])
        return end.value.value


def kept() -> Steps[str]:
    yield Trip([])
    return "kept"


GONE = psycopg.OperationalError("server closed the connection unexpectedly")


async def test_what_must_not_get_lost_waits() -> None:
    database: Any = Away(2, GONE)
    book = Book(database)
    assert await book.insist(kept) == "kept"
    assert database.written == 1


async def test_a_settlement_holds_nobody_up() -> None:
    database: Any = Away(2, GONE)
    book = Book(database)
    await book.settle(kept)
    assert database.written == 0
    async with asyncio.timeout(30):
        while not database.written:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await book.close()


@pytest.mark.parametrize("error", [ValueError("a fault"), psycopg.IntegrityError("there already")])
async def test_a_fault_of_the_statement_is_told_at_once(error: Exception) -> None:
    database: Any = Away(5, error)
    book = Book(database)
    for write in (book.insist, book.settle):
        with pytest.raises(type(error)):
            await write(kept)
    assert database.times == 3


async def test_it_does_not_wait_for_ever() -> None:
    database: Any = Away(1000, GONE)
    with pytest.raises(psycopg.OperationalError):
        await Book(database).insist(kept, seconds=0.05)

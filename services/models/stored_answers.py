"""Keeps stored answers within a size and an age, without those that a run could still ask for again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import LIVE_RUN
from services.models.direct import PREFIX
from services.models.waiting_runs import waits_for_money
from services.store.database import Database
from services.store.models import ModelAnswer, Run
from services.store.types import now

DIRECT = timedelta(days=1)  # the longest a direct call's token is good
BATCH = 50  # runs whose answers go in one transaction: a writer on SQLite keeps the others waiting


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of all stored answers together: bytes, and the age of a run's last one."""

    max_bytes: int
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Stored:
    """What there is. `held` are the bytes of runs that may ask again: they stay, whatever the bounds."""

    answers: int
    size: int
    held: int


@dataclass(frozen=True, slots=True)
class _OfRun:
    run_id: str
    size: int
    last: datetime


async def stored(session: AsyncSession) -> Stored:
    """Counted from an index; no answer is read."""
    may_ask = sa.select(Run.id).where(may_ask_again())
    held = sa.case((ModelAnswer.run_id.in_(may_ask), ModelAnswer.size), else_=0)
    size, kept = sa.func.coalesce(sa.func.sum(ModelAnswer.size), 0), sa.func.coalesce(sa.func.sum(held), 0)
    row = (await session.execute(sa.select(sa.func.count(), size, kept).select_from(ModelAnswer))).one()
    return Stored(int(row[0]), int(row[1]), int(row[2]))


async def sweep(db: Database, bounds: Bounds) -> int:
    """Removes what is over the bounds of runs that have ended, the longest unused first. Answers how many went.

    An ended run never asks again: a new attempt pays anew. That a run has ended is looked at in the transaction that
    removes, and no run comes back from its end.
    """
    async with db.read() as session:
        found = await _of_ended_runs(session)
        over = (await stored(session)).size - bounds.max_bytes
    oldest, gone = now() - bounds.max_age, list[str]()
    for one in found:
        if one.last >= oldest and over <= 0:
            break
        gone.append(one.run_id)
        over -= one.size
    removed = 0
    for at in range(0, len(gone), BATCH):
        removed += await _remove(db, gone[at : at + BATCH])
    return removed


def may_ask_again() -> sa.ColumnElement[bool]:
    """Runs that go on, or will: queued, running, or waiting until there is money."""
    return sa.or_(Run.state.in_(LIVE_RUN), waits_for_money())


def _of_a_direct_call() -> sa.ColumnElement[bool]:
    """One whose token may still be good: a direct call has no run that tells its end."""
    return ModelAnswer.run_id.startswith(PREFIX) & (ModelAnswer.created_at > now() - DIRECT)


async def _of_ended_runs(session: AsyncSession) -> Sequence[_OfRun]:
    query = (
        sa.select(ModelAnswer.run_id, sa.func.sum(ModelAnswer.size), sa.func.max(ModelAnswer.created_at))
        .where(ModelAnswer.run_id.not_in(sa.select(Run.id).where(may_ask_again())), ~_of_a_direct_call())
        .group_by(ModelAnswer.run_id)
        .order_by(sa.func.max(ModelAnswer.created_at))
    )
    return [_OfRun(run_id, int(size), last) for run_id, size, last in await session.execute(query)]


async def _remove(db: Database, run_ids: Sequence[str]) -> int:
    may_ask = sa.select(Run.id).where(may_ask_again())
    statement = sa.delete(ModelAnswer).where(
        ModelAnswer.run_id.in_(run_ids), ModelAnswer.run_id.not_in(may_ask), ~_of_a_direct_call()
    )
    async with db.write() as session:
        done = await session.execute(statement)
    return int(getattr(done, "rowcount", 0))

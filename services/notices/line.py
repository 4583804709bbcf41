"""What is to be told: put in line when something new waits, tried again later when it could not be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import NoticeState
from services.events import log
from services.notices.settings import channels_of, read_settings
from services.store.models import Notice
from services.store.types import now
from services.tasks.retry import Backoff

KEPT = timedelta(days=90)  # what is over and does not wait any more


@dataclass(frozen=True)
class NoticeLimits:
    """`attempts` in all, `first_seconds` until the second and twice as long each time, up to `longest_seconds`; each
    may take `call_seconds`."""

    attempts: int = 12
    first_seconds: float = 5.0
    longest_seconds: float = 3_600.0
    call_seconds: float = 10.0

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.call_seconds * 2 + 5)

    def again(self, attempts: int) -> timedelta:
        return timedelta(seconds=Backoff(self.first_seconds, self.longest_seconds).seconds(attempts))


async def put_in_line(session: AsyncSession, items: Mapping[str, dict[str, Any]]) -> int:
    """One notice a channel for each item (its name, and what is told) that none was made for; answers how many are
    new. What was decided before it could be told is dropped."""
    settings = await read_settings(session)
    channels = channels_of(settings)
    known = {(item, channel) for item, channel in await session.execute(sa.select(Notice.item, Notice.channel))}
    fresh = [
        Notice(
            item=item, channel=channel, project_id=body.get("project_id"), task_id=body.get("task_id"), body=body,
            state=NoticeState.QUEUED, next_at=now(),
        )
        for item, body in items.items()
        for channel in channels
        if (item, channel) not in known and (not settings.kinds or body["kind"] in settings.kinds)
    ]  # fmt: skip
    session.add_all(fresh)
    for row in await session.scalars(sa.select(Notice).where(Notice.state == NoticeState.QUEUED)):
        if row.item not in items or row.channel not in channels:
            sentence = "It was decided before it could be told." if row.channel in channels else "Off."
            _end(row, NoticeState.DROPPED, sentence)
    old = await session.scalars(sa.select(Notice).where(Notice.finished_at < now() - KEPT))
    for row in [row for row in old if row.item not in items]:
        await session.delete(row)
    await session.flush()
    return len(fresh)


async def take(session: AsyncSession, limits: NoticeLimits) -> Notice | None:
    """The next that may be told now; whoever takes it has it for the lease. The try is counted before it is made: a
    process that dies over it tells the item again, under the same id, and never for ever."""
    due = sa.select(Notice).where(Notice.state == NoticeState.QUEUED, Notice.next_at <= now())
    query = due.order_by(Notice.id).limit(1)
    if session.get_bind().dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = await session.scalar(query)
    if row is not None:
        row.attempts, row.next_at = row.attempts + 1, now() + limits.lease
        await session.flush()
    return row


async def settle(session: AsyncSession, notice_id: int, told: bool, sentence: str, limits: NoticeLimits) -> None:
    """It was told, or is tried again later, or its tries are used up: then the hub's health says so."""
    row = await session.get(Notice, notice_id)
    if row is None or row.state != NoticeState.QUEUED:
        return
    if told:
        _end(row, NoticeState.SENT, sentence)
    elif row.attempts >= limits.attempts:
        _end(row, NoticeState.FAILED, sentence)
        about = {"item": row.item, "channel": row.channel, "sentence": sentence, "attempts": row.attempts}
        await log.append(session, "notice.failed", actor="hub", project_id=row.project_id, task_id=row.task_id, **about)
    else:
        row.next_at, row.sentence = now() + limits.again(row.attempts), sentence


def _end(row: Notice, state: NoticeState, sentence: str) -> None:
    row.state, row.sentence, row.next_at, row.finished_at = state, sentence, None, now()

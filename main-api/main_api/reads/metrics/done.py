"""Tasks that were done in a span, each once, by the last time: how many a day, and after how many rounds."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.metrics.projects import of_projects
from main_api.reads.metrics.span import Span, day_of
from main_api.schemas.metrics import DoneDay, RoundsOut, RoundsRow, SpanOut, ThroughputOut
from services.store.models import Event
from services.store.quarters import Quarter

_IS_DONE = Event.kind == sa.literal_column("'task.done'")  # as the index has it


async def read_throughput(session: AsyncSession, span: Span, project_id: int | None) -> ThroughputOut:
    last = _last(span, project_id)
    day = span.day_number(Quarter(last.c.at))
    rows = await session.execute(sa.select(day, sa.func.count()).group_by(day))
    done = {day_of(number): count for number, count in rows}
    return ThroughputOut(
        span=SpanOut.of(span),
        done=sum(done.values()),
        rows=[DoneDay(day=day, done=done.get(day, 0)) for day in span.days],
    )


async def read_rounds(session: AsyncSession, span: Span, project_id: int | None) -> RoundsOut:
    last = _last(span, project_id)
    rounds = sa.func.coalesce(Event.data["round"].as_integer(), 1)
    query = sa.select(rounds, sa.func.count()).select_from(last).join(Event, Event.seq == last.c.seq)
    rows: Any = await session.execute(query.group_by(rounds))
    counted = sorted((number, count) for number, count in rows)
    tasks = sum(count for _, count in counted)
    return RoundsOut(
        span=SpanOut.of(span),
        tasks=tasks,
        median=_at(counted, tasks, 50),
        p95=_at(counted, tasks, 95),
        rows=[RoundsRow(rounds=number, tasks=count) for number, count in counted],
    )


def _last(span: Span, project_id: int | None) -> Any:
    """Of each task the last time: events are numbered in their order."""
    mine = (_IS_DONE, span.holds(Event.at), of_projects(Event.project_id, project_id))
    return (
        sa.select(sa.func.max(Event.seq).label("seq"), sa.func.max(Event.at).label("at"))
        .where(*mine)
        .group_by(Event.task_id)
        .cte("last_done")
    )


def _at(counted: Sequence[tuple[int, int]], tasks: int, percent: int) -> int | None:
    """The smallest number of rounds that so many of the tasks did not exceed."""
    seen = 0
    for number, count in counted:
        seen += count
        if seen * 100 >= tasks * percent:
            return number
    return None

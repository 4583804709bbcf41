"""Calls of models by what is asked of them, with the keys of their tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.model import TrafficOut, TrafficTotals
from main_api.schemas.shape import Id, Time, Word
from services.store.models import ModelCall, Task

Outcome = Literal["open", "answered", "replayed", "failed", "refused", "abandoned"]


@dataclass(frozen=True)
class Filters:
    """`since` is included, `until` is not. `by` tells runs from other tools of the owner's."""

    wanted: dict[str, Any]
    by: str | None
    since: datetime | None
    until: datetime | None

    def over(self, query: sa.Select[Any]) -> sa.Select[Any]:
        for name, value in self.wanted.items():
            if value is not None:
                column = getattr(ModelCall, name)
                query = query.where(column.in_(value) if isinstance(value, list) else column == value)
        if self.by is not None:
            query = query.where(ModelCall.run_id.is_not(None) if self.by == "run" else ModelCall.run_id.is_(None))
        if self.since is not None:
            query = query.where(ModelCall.created_at >= self.since)
        return query if self.until is None else query.where(ModelCall.created_at < self.until)


def filters(
    project_id: Id | None = None,
    task_id: Id | None = None,
    run_id: Annotated[str | None, Query(max_length=100)] = None,
    role: Word | None = None,
    model: Word | None = None,
    provider: Word | None = None,
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    by: Annotated[Literal["run", "owner"] | None, Query(description="`owner`: other tools, by /ollama")] = None,
    since: Time | None = None,
    until: Time | None = None,
) -> Filters:
    wanted = {
        "project_id": project_id, "task_id": task_id, "run_id": run_id, "role": role, "model": model,
        "provider": provider, "outcome": outcome,
    }  # fmt: skip
    return Filters(wanted, by, since, until)


async def shown(session: AsyncSession, calls: Sequence[ModelCall]) -> list[TrafficOut]:
    """In their order."""
    ids = {call.task_id for call in calls if call.task_id is not None}
    rows = (await session.execute(sa.select(Task.id, Task.key).where(Task.id.in_(ids)))).all() if ids else []
    keys = {row.id: row.key for row in rows}
    return [_one(call, keys.get(call.task_id or 0)) for call in calls]


def _one(call: ModelCall, key: str | None) -> TrafficOut:
    named = {name: getattr(call, name) for name in TrafficOut.model_fields if name != "task_key"}
    return TrafficOut(**named, task_key=key)


async def totals(session: AsyncSession, asked: Filters) -> TrafficTotals:
    failed = sa.case((ModelCall.outcome.in_(("failed", "refused", "abandoned")), 1), else_=0)
    sums = (ModelCall.tokens_in, ModelCall.tokens_out, ModelCall.cost, ModelCall.duration_ms)
    columns = (sa.func.count(), sa.func.sum(failed), *(sa.func.sum(one) for one in sums))
    row = (await session.execute(asked.over(sa.select(*columns).select_from(ModelCall)))).one()
    count, bad, into, out, cost, milliseconds = (value or 0 for value in row)
    return TrafficTotals(
        calls=count, failed=int(bad), tokens_in=int(into), tokens_out=int(out), cost=float(cost),
        seconds=round(float(milliseconds) / 1000, 3),
    )  # fmt: skip

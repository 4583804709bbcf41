"""Tokens and money that settled model calls took in a span: by day, project, stage, role or model."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.metrics.span import Span, day_of
from main_api.reads.money import decimal_usd
from main_api.schemas.metrics import SpanOut, Usage, UsageBy, UsageOut, UsageRow
from services.models.usage_quarters import PICO, SUMS
from services.store.models import Project, UsageQuarter

NOTHING = (0,) * len(SUMS)


async def read_usage(session: AsyncSession, span: Span, project_id: int | None, by: UsageBy) -> UsageOut:
    """Of deleted projects too, and of calls outside of any project: the money was spent."""
    columns: dict[str, Any] = {
        "day": span.day_number(UsageQuarter.quarter), "project": UsageQuarter.project_id, "stage": UsageQuarter.stage,
        "role": UsageQuarter.role, "model": UsageQuarter.model,
    }  # fmt: skip
    key = columns[by]
    query = sa.select(key, *(sa.func.sum(getattr(UsageQuarter, name)) for name in SUMS))
    query = query.where(span.holds_quarter(UsageQuarter.quarter), UsageQuarter.calls > 0)
    if project_id is not None:
        query = query.where(UsageQuarter.project_id == project_id)
    found = {name: tuple(map(int, sums)) for name, *sums in await session.execute(query.group_by(key))}
    rows = await _rows(session, span, by, found)
    total = tuple(map(sum, zip(*found.values(), strict=True))) if found else NOTHING
    return UsageOut(span=SpanOut.of(span), by=by, total=Usage(**_told(total)), rows=rows)


async def _rows(session: AsyncSession, span: Span, by: UsageBy, found: dict[Any, tuple[int, ...]]) -> list[UsageRow]:
    """Days in their order, the rest by cost and then by tokens, the most first."""
    if by == "day":
        days = {day_of(number): sums for number, sums in found.items()}
        return [UsageRow(key=day.isoformat(), name=None, **_told(days.get(day, NOTHING))) for day in span.days]
    names = await _projects(session) if by == "project" else {}
    ranked = sorted(found.items(), key=lambda one: (-one[1][3], -one[1][1] - one[1][2], str(one[0])))
    return [UsageRow(key=str(key) if key else None, name=names.get(key), **_told(sums)) for key, sums in ranked]


async def _projects(session: AsyncSession) -> dict[int, str]:
    rows = await session.execute(sa.select(Project.id, Project.name, Project.deleted_at))
    return {row.id: row.name if row.deleted_at is None else f"{row.name} (deleted)" for row in rows}


def _told(sums: tuple[int, ...]) -> dict[str, Any]:
    calls, tokens_in, tokens_out, pico_usd, estimated_calls, estimated_pico = sums
    return {
        "calls": calls, "tokens_in": tokens_in, "tokens_out": tokens_out, "cost_usd": _usd(pico_usd),
        "estimated_calls": estimated_calls, "estimated_usd": _usd(estimated_pico),
    }  # fmt: skip


def _usd(pico: int) -> str:
    return decimal_usd(Decimal(pico) / PICO)

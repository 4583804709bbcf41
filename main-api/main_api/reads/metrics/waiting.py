"""How long people were waited for: tasks, by their reason, and plans for their approval."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.metrics.milliseconds import Milliseconds, times_by
from main_api.reads.metrics.projects import of_projects
from main_api.reads.metrics.span import Span
from main_api.schemas.metrics import SpanOut, WaitingOut, WaitTimes
from services.domain.states import PlanState
from services.store.models import Plan, Wait
from services.store.types import UtcDateTime

PLAN = "plan"
_NONE = sa.literal_column("0.0", sa.Double())
_PLAN = sa.literal_column(f"'{PLAN}'", sa.Text())


async def read_waiting(session: AsyncSession, span: Span, project_id: int | None) -> WaitingOut:
    """Waits that ended in the span, by their whole length, and beside them those that go on now."""
    over = sa.union_all(
        sa.select(Wait.reason.label("reason"), Milliseconds(Wait.began_at, Wait.ended_at, _NONE).label("took")).where(
            Wait.ended_at.is_not(None), span.holds(Wait.ended_at), of_projects(Wait.project_id, project_id)
        ),
        sa.select(_PLAN.label("reason"), Milliseconds(Plan.created_at, Plan.decided_at, _NONE).label("took")).where(
            Plan.decided_at.is_not(None), span.holds(Plan.decided_at), of_projects(Plan.project_id, project_id)
        ),
    ).subquery()
    times = {one.group: one for one in await times_by(session, over.c.reason, over.c.took, [])}
    open_now = await _open(session, project_id)
    rows = [
        WaitTimes.of(reason, times.get(reason), *open_now.get(reason, (0, None)))
        for reason in sorted({*times, *open_now})
    ]
    return WaitingOut(
        span=SpanOut.of(span),
        waits=sum(row.waits for row in rows),
        open=sum(row.open for row in rows),
        total_seconds=round(sum(one.total for one in times.values()) / 1000, 3),
        rows=rows,
    )


async def _open(session: AsyncSession, project_id: int | None) -> dict[str, tuple[int, datetime | None]]:
    """By reason how many wait now, and since when the first of them."""
    first = sa.func.min(Wait.began_at, type_=UtcDateTime())
    waits: Any = sa.select(Wait.reason, sa.func.count(), first).where(
        Wait.ended_at.is_(None), of_projects(Wait.project_id, project_id)
    )
    rows: Any = await session.execute(waits.group_by(Wait.reason))
    found = {reason: (n, since) for reason, n, since in rows}
    plans = sa.select(sa.func.count(), sa.func.min(Plan.created_at, type_=UtcDateTime())).where(
        Plan.state == PlanState.WAITING, of_projects(Plan.project_id, project_id)
    )
    count, since = (await session.execute(plans)).one()
    return {**found, PLAN: (count, since)} if count else found

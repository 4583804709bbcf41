"""The lanes of the board: how many cards each plan has there."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.board import on_board
from main_api.reads.board_filter import BoardFilter
from main_api.schemas.board import LaneOut, LanesOut
from services.domain.states import TaskState
from services.events import log
from services.projects.edit import get_project
from services.store.listed import one_of
from services.store.models import Plan, Task

_WAITING = sa.func.sum(sa.case((Task.state == TaskState.WAITING, 1), else_=0))


async def read_lanes(
    session: AsyncSession, project_id: int | None, wanted: BoardFilter, before: int | None, limit: int
) -> LanesOut:
    """The newest plans first; `before`: those older than this one. Plans without a wanted card have no lane."""
    if project_id is not None:
        await get_project(session, project_id)
    seq = await log.last_seq(session)
    query = sa.select(Task.plan_id, sa.func.count().label("total"), _WAITING.label("waiting"))
    query = query.where(*on_board(project_id), *wanted.conditions()).group_by(Task.plan_id)
    if before is not None:
        query = query.where(sa.or_(Task.plan_id < before, Task.plan_id.is_(None)))
    rows = (await session.execute(query.order_by(Task.plan_id.desc().nulls_last()).limit(limit + 1))).all()
    shown = rows[:limit]
    titles = await _titles(session, [row.plan_id for row in shown if row.plan_id is not None])
    return LanesOut(
        seq=seq,
        lanes=[
            LaneOut(plan_id=row.plan_id, title=_title(row.plan_id, titles), total=row.total, waiting=int(row.waiting))
            for row in shown
        ],
        next=shown[-1].plan_id if len(rows) > limit else None,
    )


async def _titles(session: AsyncSession, plans: list[int]) -> dict[int, str]:
    rows = await session.execute(sa.select(Plan.id, Plan.summary).where(one_of(Plan.id, plans)))
    return {row.id: row.summary for row in rows}


def _title(plan_id: int | None, titles: dict[int, Any]) -> str:
    if plan_id is None:
        return "No plan"
    return titles.get(plan_id) or f"Plan {plan_id}"

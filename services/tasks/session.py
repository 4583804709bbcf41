"""A task's session: what its agents did, run by run. Kept as long as the task, read by people and by later rounds."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.store.models import Comment, Run

DID_SOMETHING = (RunState.PASSED, RunState.FAILED, RunState.BLOCKED)  # the others were stopped or lost on the way


@dataclass(frozen=True)
class SessionEntry:
    """A run that came to an end; `account` is what it said on the task: its steps, their outcomes, its files."""

    run: Run
    account: str


async def read_session(
    session: AsyncSession, task_id: int, role: str | None = None, without: str | None = None
) -> list[SessionEntry]:
    """The task's runs that did something, oldest first; of one role, and without one run, where asked."""
    query = (
        sa.select(Run, Comment.body)
        .outerjoin(Comment, sa.and_(Comment.run_id == Run.id, Comment.deleted_at.is_(None)))
        .where(Run.task_id == task_id, Run.state.in_(DID_SOMETHING))
        .order_by(Run.queued_at, Run.id, Comment.id)
    )
    if role is not None:
        query = query.where(Run.role == role)
    if without is not None:
        query = query.where(Run.id != without)
    found: dict[str, tuple[Run, list[str]]] = {}
    for run, body in await session.execute(query):
        found.setdefault(run.id, (run, []))[1].extend([body] if body else [])
    return [SessionEntry(run, "\n\n".join(bodies) or run.summary) for run, bodies in found.values()]

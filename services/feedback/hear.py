"""What agents heard of a person's words: by a running job, or with the prompt that they began with."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.states import RunState
from services.events import log
from services.feedback.say import HEARD, TOLD, WAITING
from services.store.models import Comment, Run, Task
from services.store.types import now

LIVE, PROMPT = "live", "prompt"
CAME_TO_AN_END = (RunState.PASSED, RunState.FAILED)
_BOTH = sa.literal_column("'waiting'")  # as the index on it has it


def waits_for(owner: sa.ColumnElement[str]) -> sa.Exists:
    """Whether something was said to a run that this orchestrator carries, and lies with no agent yet."""
    return sa.exists().where(
        Comment.feedback == _BOTH, Comment.to_run_id.is_not(None), Comment.to_run_id == Run.id,
        Run.owner == owner, Run.state == RunState.RUNNING.value, Comment.deleted_at.is_(None),
    )  # fmt: skip


async def for_runs_of(session: AsyncSession, owner: str) -> dict[str, list[Comment]]:
    """The same, by run, oldest first."""
    query = (
        sa.select(Comment)
        .join(Run, Run.id == Comment.to_run_id)
        .where(Comment.feedback == WAITING, Comment.deleted_at.is_(None))
        .where(Run.owner == owner, Run.state == RunState.RUNNING)
        .order_by(Comment.id)
    )
    found: dict[str, list[Comment]] = {}
    for row in (await session.scalars(query)).all():
        found.setdefault(row.to_run_id or "", []).append(row)
    return found


async def lies_with_agent(session: AsyncSession, comment_id: int, *, over: bool) -> None:
    """The job has it; `over`: it ended before it could, so the next agent is told."""
    mine = sa.update(Comment).where(Comment.id == comment_id, Comment.feedback == WAITING)
    await session.execute(mine.values(to_run_id=None) if over else mine.values(feedback=TOLD))


async def heard(
    session: AsyncSession, run: Run, task: Task, ids: Collection[int], *, how: str, at: datetime | None = None
) -> None:
    """Done again, it changes nothing. What a run heard that was lost or stopped then is heard again by the next."""
    if not ids:
        return
    fresh = sa.or_(Comment.feedback != HEARD, Comment.heard_run_id != run.id)
    rows = await session.scalars(
        sa.select(Comment).where(Comment.id.in_(ids), Comment.task_id == task.id, Comment.feedback.is_not(None), fresh)
    )
    for row in rows.all():
        was = row.feedback
        row.feedback, row.heard_at, row.heard_run_id, row.heard_how = HEARD, at or now(), run.id, how
        row.version += 1
        await log.of_task(
            session, "feedback.heard", task, actor=run.role or "hub", run_id=run.id, comment_id=row.id, how=how,
            **changed(feedback=(was, HEARD)),
        )  # fmt: skip
    await session.flush()


async def to_be_told(
    session: AsyncSession, run: Run, said: Sequence[Comment]
) -> tuple[tuple[Comment, ...], tuple[Comment, ...]]:
    """Of what people said to the agents, the newest first: what this run is to hear first of all, and what others heard
    that came to their end; both oldest first."""
    feedback = [row for row in reversed(said) if row.feedback is not None]
    ids = {row.heard_run_id for row in feedback if row.feedback == HEARD and row.heard_run_id != run.id}
    ended = set[str]()
    if ids:
        query = sa.select(Run.id).where(Run.id.in_(ids), Run.state.in_(CAME_TO_AN_END))
        ended = set((await session.scalars(query)).all())
    before = tuple(row for row in feedback if row.feedback == HEARD and row.heard_run_id in ended)
    return tuple(row for row in feedback if row not in before), before

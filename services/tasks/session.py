"""A task's session: what its agents did, run by run. Kept as long as the task, read by people and by later rounds."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.store.models import Comment, Run
from services.store.plain import Statement, run_in
from services.store.session import Select

DID_SOMETHING = (RunState.PASSED, RunState.FAILED, RunState.BLOCKED)  # the others were stopped or lost on the way

_RUNS = Select(
    Run,
    lambda rows: rows.where(
        Run.task_id == sa.bindparam("task"), sa.or_(*[Run.state == state.value for state in DID_SOMETHING])
    ).order_by(Run.queued_at, Run.id),
)
_SAID = Statement(
    sa.select(Comment.run_id, Comment.body)
    .where(Comment.task_id == sa.bindparam("task"), Comment.run_id.is_not(None), Comment.deleted_at.is_(None))
    .order_by(Comment.id)
)


@dataclass(frozen=True)
class SessionEntry:
    """A run that came to an end; `account` is what it said on the task: its steps, their outcomes, its files."""

    run: Run
    account: str


async def read_session(
    session: AsyncSession, task_id: int, role: str | None = None, without: str | None = None
) -> list[SessionEntry]:
    """The task's runs that did something, oldest first; of one role, and without one run, where asked."""
    runs = await _RUNS.all(session, task=task_id)
    wanted = [run for run in runs if role in (None, run.role) and run.id != without]
    if not wanted:
        return []
    said: dict[str, list[str]] = {}
    for run_id, body in await run_in(session, _SAID, {"task": task_id}):
        said.setdefault(run_id, []).extend([body] if body else [])
    return [SessionEntry(run, "\n\n".join(said.get(run.id, ())) or run.summary) for run in wanted]

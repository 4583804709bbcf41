"""Which pauses cover a run, as one condition and as rows: the truth that each process asks before anything begins."""

from typing import Any

import sqlalchemy as sa

from services.domain.states import LIVE_RUN, RunState
from services.store.models import HubPause, Project, Run, Task
from services.store.plain import Statement

_LIVE = sa.or_(*(Run.state == state for state in sorted(LIVE_RUN)))
EVERYTHING = sa.exists().where(HubPause.paused_at.is_not(None))
OF_PROJECT = sa.and_(Project.paused, Project.deleted_at.is_(None))


def covered() -> sa.ColumnElement[bool]:
    """Of a Run with its Project and, outer joined, its Task."""
    return sa.or_(Run.paused_at.is_not(None), Task.paused_at.is_not(None), OF_PROJECT, EVERYTHING)


def any_pause() -> sa.ColumnElement[bool]:
    """Whether anything is paused, or a run stands still that may go on: else nobody has to look at runs for it."""
    live = sa.and_(Run.held.is_not(None), _LIVE)
    return sa.or_(
        EVERYTHING,
        sa.exists().where(OF_PROJECT),
        sa.exists().where(Task.paused_at.is_not(None)),
        sa.exists().where(Run.paused_at.is_not(None), _LIVE),
        sa.exists().where(live),
    )


def _of_runs(*columns: Any) -> Any:
    query: Any = sa.select(*columns).select_from(Run).join(Project, Project.id == Run.project_id)
    return query.outerjoin(Task, Task.id == Run.task_id)


COVER = Statement(_of_runs(_LIVE, covered()).where(Run.id == sa.bindparam("key")))
"""Of one run by its id: whether it is live, and whether a pause covers it."""

STANDING = Statement(
    _of_runs(Run.id, covered(), Run.held).where(
        _LIVE, Run.owner == sa.bindparam("owner"), sa.or_(covered(), Run.held.is_not(None))
    )
)
"""An orchestrator's live runs that have to stand still, or do: id, whether it has to, and how it does."""


def covered_runs() -> Any:
    """The live runs that a pause covers and somebody works on, with their task, if they have one."""
    mine = sa.or_(Run.owner.is_not(None), Run.state == RunState.RUNNING)
    return _of_runs(Run, Task).where(_LIVE, mine, covered()).order_by(Run.queued_at, Run.id)

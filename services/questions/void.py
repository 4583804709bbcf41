"""A question that nobody has to answer any more: what it was about has moved on."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.states import QUESTION, QuestionState
from services.events import log
from services.store.models import Question


async def void_of_task(session: AsyncSession, task_id: int, *, actor: str, why: str) -> None:
    await _void(session, Question.task_id == task_id, actor, why)


async def void_of_plan(
    session: AsyncSession, plan_id: int, *, actor: str, why: str, still: Collection[str] = ()
) -> None:
    """All that are open but those whose text is in `still`."""
    await _void(session, (Question.plan_id == plan_id) & Question.text.not_in(list(still)), actor, why)


async def _void(session: AsyncSession, which: sa.ColumnElement[bool], actor: str, why: str) -> None:
    rows = await session.scalars(sa.select(Question).where(which, Question.state == QuestionState.ASKED))
    for row in rows.all():
        row.state, row.note = QUESTION.check(QuestionState(row.state), QuestionState.VOID), why
        await log.append(
            session, "question.void", actor=actor, project_id=row.project_id, task_id=row.task_id, run_id=row.run_id,
            question_id=row.id, plan_id=row.plan_id, note=why,
            **changed(state=(QuestionState.ASKED, QuestionState.VOID)),
        )  # fmt: skip
    await session.flush()

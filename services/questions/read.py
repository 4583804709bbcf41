"""What a person answered on a task, as later runs are told."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import QuestionState
from services.store.models import Question
from services.store.session import Select

_SETTLED = Select(
    Question,
    lambda rows: rows.where(
        Question.task_id == sa.bindparam("task"), Question.state != QuestionState.ASKED.value
    ).order_by(Question.id),
)


async def settled_questions(session: AsyncSession, task_id: int) -> Sequence[Question]:
    """The answered and the void, oldest first."""
    return await _SETTLED.all(session, task=task_id)


def words_of(question: Question) -> str:
    """A question and what became of it. Nothing is made up where nobody answered."""
    if question.state == QuestionState.ANSWERED:
        return f"Asked: {question.text.strip()}\nThe person answered: {(question.answer or '').strip()}"
    return f"Asked: {question.text.strip()}\nNobody answered it: {question.note}"


async def answers_on_plan(session: AsyncSession, plan_id: int) -> list[str]:
    """Each question of the PM that was answered, with the answer."""
    rows = await session.scalars(
        sa.select(Question)
        .where(Question.plan_id == plan_id, Question.state == QuestionState.ANSWERED)
        .order_by(Question.position)
    )
    return [words_of(row) for row in rows.all()]

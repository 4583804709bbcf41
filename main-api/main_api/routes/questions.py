"""What agents ask, over HTTP: read it, answer it."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.schemas.question import AnswerIn, QuestionOut
from main_api.schemas.shape import Id
from services.domain.states import QuestionState
from services.questions import answer
from services.store.models import Question, Task

router = APIRouter(tags=["questions"])
QuestionPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "answered_at", first="-id"))]
TaskQuestionPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "answered_at", first="id"))]


@router.get(
    "/questions", summary="List what agents asked, newest first", responses=listed(), response_model=list[QuestionOut]
)
async def list_questions(
    session: ReadSession,
    paging: QuestionPage,
    state: Annotated[list[QuestionState] | None, Query()] = None,
    project_id: Id | None = None,
    task_id: Id | None = None,
    plan_id: Id | None = None,
) -> Sequence[Question]:
    query = where(sa.select(Question), Question, state=state, project_id=project_id, task_id=task_id, plan_id=plan_id)
    return await page(session, query, paging)


@router.get("/questions/{question_id}", summary="One question", responses=documented(404), response_model=QuestionOut)
async def read_question(session: ReadSession, question_id: Id) -> Question:
    return await one(session, Question, question_id, "question")


@router.post(
    "/questions/{question_id}/answer", summary="Answer an agent's question", responses=documented(400, 404, 409),
    response_model=QuestionOut,
)  # fmt: skip
async def answer_question(session: WriteSession, question_id: Id, body: AnswerIn) -> Question:
    """The task goes on from where it asked, and its agent is told what you said. Of a plan: when all its questions are
    answered the PM makes the next version of it. A question that was answered is not answered again (409)."""
    return await answer.answer(session, question_id, body.answer, OWNER)


@router.get(
    "/tasks/{task_id}/questions", summary="What agents asked on a task, oldest first", responses=listed(404),
    response_model=list[QuestionOut],
)  # fmt: skip
async def list_questions_of_task(session: ReadSession, task_id: Id, paging: TaskQuestionPage) -> Sequence[Question]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(session, sa.select(Question).where(Question.task_id == task_id), paging)

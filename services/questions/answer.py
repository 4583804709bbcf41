"""A person answers: the task goes on where it waited, a plan is made anew."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import AlreadyDecided, Conflict, HubError, InvalidInput, NotFound
from services.domain.states import QUESTION, QuestionState, TaskState, WaitingReason
from services.events import log
from services.plans.decide import ask_changes, hold_plan
from services.roles.read import workflow_by_id
from services.store.models import Question, Task
from services.store.types import now
from services.tasks.hold import hold_task
from services.tasks.stages import enter_stage

MAX_ANSWER = 4_000  # characters: each prompt that goes on from it carries all of it
EXCERPT = 200
PLANNED_ANEW = "Plan anew with the answers."


async def answer(session: AsyncSession, question_id: int, text: str, actor: str) -> Question:
    """Keeps the answer. With the last open question of the task it is queued again, with that of a plan the PM makes
    the plan's next version.

    Raises InvalidInput for an empty or over-long answer, Conflict for a question that was answered or is void.
    """
    text = text.strip()
    if not text:
        raise InvalidInput("The answer is empty.", "Say something, if only that you do not know.")
    if len(text) > MAX_ANSWER:
        raise InvalidInput(
            f"The answer has {len(text)} characters; {MAX_ANSWER} is the most.",
            "Say it in short, and put the rest into a file of the workspace or an attachment of the task.",
        )
    row = await _held(session, question_id)
    if row.state != QuestionState.ASKED:
        raise _too_late(row)
    row.state = QUESTION.check(QuestionState(row.state), QuestionState.ANSWERED)
    row.answer, row.answered_by, row.answered_at = text, actor, now()
    await session.flush()
    await log.append(
        session, "question.answered", actor=actor, project_id=row.project_id, task_id=row.task_id, run_id=row.run_id,
        question_id=row.id, plan_id=row.plan_id, excerpt=text[:EXCERPT],
        **changed(state=(QuestionState.ASKED, QuestionState.ANSWERED), answer=(None, text)),
    )  # fmt: skip
    if not await _open_beside(session, row):
        await _go_on(session, row, actor)
    return row


async def _held(session: AsyncSession, question_id: int) -> Question:
    """The question; nobody else changes it or what it is about before this transaction ends."""
    await log.lock(session)
    row = await session.get(Question, question_id)
    if row is None:
        raise NotFound(f"There is no question with id {question_id}.", "List them with GET /questions.")
    if row.task_id is not None:
        await hold_task(session, row.task_id)
    elif row.plan_id is not None:
        await hold_plan(session, row.plan_id)
    await session.refresh(row, with_for_update=True)
    return row


def _too_late(row: Question) -> HubError:
    if row.state == QuestionState.ANSWERED:
        error = AlreadyDecided.of("This question", row.state, row.answered_by, row.answered_at, answer=row.answer)
        error.way_out = "Say what you want to add in a comment on the task, or ask for changes of the plan."
        return error
    return Conflict(f"This question is no longer asked: {row.note}", "Say it in a comment: the next run reads it.")


async def _open_beside(session: AsyncSession, row: Question) -> bool:
    same = Question.task_id == row.task_id if row.task_id is not None else Question.plan_id == row.plan_id
    return bool(await session.scalar(sa.select(sa.exists().where(same, Question.state == QuestionState.ASKED))))


async def _go_on(session: AsyncSession, row: Question, actor: str) -> None:
    """A task that is paused, or waits for something else by now, stays so: the answer is there when it goes on."""
    if row.plan_id is not None:
        await ask_changes(session, row.plan_id, actor, PLANNED_ANEW)
        return
    task = await session.get_one(Task, row.task_id)
    if task.state != TaskState.WAITING or task.waiting_reason != WaitingReason.ANSWER:
        return
    workflow = await workflow_by_id(session, task.workflow_id)
    await enter_stage(session, task, workflow, workflow.stage(task.stage), actor="person", auto_trigger=True)

"""A person tells the agents of a task something: kept with its comments, and who will hear it when."""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import Conflict, InvalidInput
from services.domain.states import CLOSED_TASK, RunState, TaskState
from services.events import log
from services.feedback.errors import FeedbackTooLong
from services.store.models import Comment, Run, Task
from services.tasks.hold import hold_task

MOST_WAITING = 20  # each prompt tells all that nobody has heard yet
EXCERPT = 200
WAITING, TOLD, HEARD = "waiting", "told", "heard"
Will = Literal["next_step", "after_edit", "next_turn"]


@dataclass(frozen=True)
class Listener:
    """Who hears it next. `will`: before the running agent's next step, after the edit that it makes now, or by the next
    agent that is asked, as the first thing."""

    will: Will
    sentence: str
    run_id: str | None = None


async def say(session: AsyncSession, task_id: int, text: str, *, actor: str, most: int) -> tuple[Comment, Listener]:
    """Keeps the words; `most` is how many characters they may have.

    Raises InvalidInput for nothing, FeedbackTooLong, Conflict for a task that nobody works on any more.
    """
    check_length(text, most)
    task = await hold_task(session, task_id)
    if TaskState(task.state) in CLOSED_TASK:
        raise Conflict(
            f"{task.key} is {task.state}: no agent works on it any more.",
            "Say it as a comment, or move the task to a stage first to open it again.",
        )
    waiting = await unheard(session, task.id)
    if len(waiting) >= MOST_WAITING:
        raise Conflict(
            f"{MOST_WAITING} things that you said to {task.key} wait to be heard already.",
            "Take some back, or say them as one.",
        )
    listener = await who_listens(session, task)
    row = Comment(
        task_id=task.id, author=actor, body=text.strip(), feedback=WAITING, to_run_id=listener.run_id
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await log.of_task(
        session, "feedback.said", task, actor=actor, run_id=listener.run_id, comment_id=row.id, will=listener.will,
        excerpt=row.body[:EXCERPT], **made(feedback=row.body),
    )  # fmt: skip
    return row, listener


def check_length(text: str, most: int) -> None:
    """Raises InvalidInput for no words, FeedbackTooLong for too many."""
    if not text.strip():
        raise InvalidInput("There is nothing to tell the agent.", "Say something.")
    if len(text.strip()) > most:
        raise FeedbackTooLong(
            f"This has {len(text.strip())} characters; an agent is told {most} at most in one go.",
            "Say it in short and put the rest into an attachment of the task, or raise FEEDBACK_MAX_CHARACTERS.",
            limit=most,
        )


async def who_listens(session: AsyncSession, task: Task) -> Listener:
    """Of what the task does at this moment."""
    run = await session.get(Run, task.current_run_id) if task.current_run_id is not None else None
    if run is None or run.state not in (RunState.RUNNING, RunState.QUEUED):
        return Listener("next_turn", _next_turn(task))
    who, executor = (run.role or "the agent").upper(), str((open_step(run.details) or ("", {}))[1].get("executor", ""))
    if executor == "tools":
        return Listener("next_step", f"{who} is at work and hears it before its next step.", run.id)
    if executor == "aider":
        return Listener(
            "after_edit", f"{who} is editing and hears it when this edit is done, as another edit of this run.", run.id
        )
    return Listener("next_turn", f"{who}'s run asks no agent just now. {_next_turn(task)}", run.id)


def open_step(details: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Of a run's details: the step whose job goes on, by its name on the wire, and what is remembered of it."""
    for name, entry in details.get("steps", {}).items():
        if entry.get("started_at") and not entry.get("finished_at"):
            return name, entry
    return None


async def unheard(session: AsyncSession, task_id: int) -> list[Comment]:
    """What waits for an agent, oldest first."""
    query = sa.select(Comment).where(
        Comment.task_id == task_id, Comment.deleted_at.is_(None), Comment.feedback.in_([WAITING, TOLD])
    )
    return list((await session.scalars(query.order_by(Comment.id))).all())


def _next_turn(task: Task) -> str:
    if task.state == TaskState.WAITING:
        return "The task waits for you; the next agent that works on it is told this first."
    return "The next agent that works on the task is told this first."

"""A person moves a task: out of its stage into another, to a place in a column. No run goes on for the old place."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import InvalidInput
from services.domain.states import CLOSED_TASK, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Comment, Task
from services.tasks.allowed import check_allowed, stage_of
from services.tasks.change import Change
from services.tasks.hold import get_task, hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.rework import begin_anew
from services.tasks.stages import enter_stage
from services.tasks.stop import stop_all

CLOSEST = 1e-6  # where neighbours are nearer than this the column is numbered anew


async def following(session: AsyncSession, task_id: int) -> str:
    """The stage that comes after the task's."""
    task = await get_task(session, task_id)
    return (await workflow_by_id(session, task.workflow_id)).after(task.stage).name


async def set_stage(
    session: AsyncSession,
    task_id: int,
    stage: str,
    *,
    actor: str,
    note: str = "",
    change: Change | None = None,
    auto_trigger: bool = True,
) -> Task:
    """Puts the task at the stage: into the backlog to rest, to work there at once, to wait for a word, or done.

    Its live run is cancelled in this transaction, and what a person was asked is void. The note becomes a comment, so
    that the next run reads it. `change` is what an approval would be about. Where it stands already, nothing happens.
    Without `auto_trigger` the tasks that waited for one that is done now wait for a click.
    """
    task = await hold_task(session, task_id)
    workflow = await workflow_by_id(session, task.workflow_id)
    wanted = stage_of(workflow, stage)
    if wanted.name == task.stage and task.state != TaskState.CANCELLED:
        return task
    await check_allowed(session, task, workflow, wanted, change)
    await _leave(session, task, workflow, wanted, actor)
    if note.strip():
        session.add(Comment(task_id=task.id, author=actor, body=note))
    old = task.stage
    if wanted is workflow.backlog:
        await _rest(session, task, workflow, actor)
    else:
        await enter_stage(session, task, workflow, wanted, actor="person", auto_trigger=auto_trigger, change=change)
    moved = {"old": old, "new": wanted.name, "note": note, **changed(stage=(old, wanted.name))}
    await log.of_task(session, "task.moved", task, actor=actor, **moved)
    return task


async def _leave(session: AsyncSession, task: Task, workflow: Workflow, to: Stage, actor: str) -> None:
    """Nothing of the old place goes on, and nothing that was said about it counts any more."""
    await refuse_while_restoring(session, task)
    await stop_all(session, task, actor=actor, why=f"{task.key} was moved to {to.title}.")
    task.merge_after, task.lost_runs = None, 0
    if task.waiting_reason == WaitingReason.ROUNDS:
        task.round, task.counted_from = 1, 0
    await begin_anew(session, task, workflow, to, actor=actor)
    stands_still = task.state in (TaskState.PAUSED, TaskState.BLOCKED, *CLOSED_TASK)
    if stands_still:  # from there not every state can be reached in one step
        await set_state(session, task, TaskState.IDLE, actor=actor)


async def _rest(session: AsyncSession, task: Task, workflow: Workflow, actor: str) -> None:
    backlog = workflow.backlog
    await log.of_task(
        session, "task.stage", task, actor=actor, old=task.stage, new=backlog.name, sent_back=False,
        **changed(stage=(task.stage, backlog.name)),
    )  # fmt: skip
    task.stage, task.assignee_role, task.sent_back = backlog.name, backlog.role, False
    await set_state(session, task, TaskState.IDLE, actor=actor)


async def move_card(
    session: AsyncSession,
    task_id: int,
    stage: str,
    *,
    actor: str,
    before_id: int | None = None,
    after_id: int | None = None,
    change: Change | None = None,
    auto_trigger: bool = True,
) -> Task:
    """Stage and place in one: before or after another card of that column, else at its end (or where it was)."""
    if before_id is not None and after_id is not None:
        raise InvalidInput("A card goes before one card or after one, not both.", "Send one of before_id, after_id.")
    held = await hold_task(session, task_id)
    moves = held.stage != stage
    task = await set_stage(session, task_id, stage, actor=actor, change=change, auto_trigger=auto_trigger)
    neighbour = before_id if before_id is not None else after_id
    if neighbour is None and not moves:
        return task
    others = await _column(session, task)
    place = _place(others, task, neighbour, after=after_id is not None)
    lower = others[place - 1].position if place > 0 else None
    upper = others[place].position if place < len(others) else None
    was = task.position
    task.position = _between(lower, upper)
    if lower is not None and upper is not None and upper - lower < CLOSEST:
        others.insert(place, task)
        for number, one in enumerate(others, start=1):
            one.position = float(number)
    task.version += 1
    await log.of_task(
        session, "task.placed", task, actor=actor, stage=task.stage, position=task.position,
        **changed(position=(was, task.position)),
    )  # fmt: skip
    await session.flush()
    return task


async def _column(session: AsyncSession, task: Task) -> list[Task]:
    """The other tasks of the project that stand there, from the top."""
    query = sa.select(Task).where(
        Task.project_id == task.project_id, Task.stage == task.stage, Task.deleted_at.is_(None), Task.id != task.id
    )
    return list((await session.scalars(query.order_by(Task.position, Task.id))).all())


def _place(others: list[Task], task: Task, neighbour: int | None, *, after: bool) -> int:
    if neighbour is None:
        return len(others)
    for place, other in enumerate(others):
        if other.id == neighbour:
            return place + after
    raise InvalidInput(
        f"The task with id {neighbour} does not stand at {task.stage} beside {task.key}.",
        "Name a card of the same project and stage, or none to go to the end.",
    )


def _between(lower: float | None, upper: float | None) -> float:
    if lower is None:
        return upper - 1.0 if upper is not None else 1.0
    return lower + 1.0 if upper is None else (lower + upper) / 2

"""Acceptance criteria by a person's hand: what must hold for a task to be done, in order."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import gone, made
from services.domain.errors import InvalidInput, NotFound
from services.domain.states import TaskState
from services.events import log
from services.reviews.criteria import BY_PERSON
from services.store.models import Criterion, Proof, Task
from services.store.versions import apply_edit
from services.tasks.errors import TaskBusy
from services.tasks.hold import hold_task
from services.tasks.revise import prove_again

MAX_CRITERIA = 50


async def add_criterion(
    session: AsyncSession, task_id: int, *, text: str, check: str, position: int | None, actor: str
) -> Criterion:
    """A new criterion, at the end or at that place among the others (1 is the first)."""
    task = await hold_task(session, task_id)
    others = await _of(session, task)
    if len(others) >= MAX_CRITERIA:
        raise InvalidInput(f"A task has {MAX_CRITERIA} criteria at most.", "Split the task.")
    new = Criterion(task_id=task.id, text=text, check=check, position=(others[-1].position + 1) if others else 1)
    session.add(new)
    await session.flush()
    if position is not None and position <= len(others):
        await _put(task, new, others, position)
    await log.of_task(
        session, "criterion.added", task, actor=actor, criterion_id=new.id, text=text, **made(text=text, check=check)
    )
    await prove_again(session, task, actor=actor, why=f"A criterion of {task.key} was added.")
    return new


async def edit_criterion(
    session: AsyncSession, task_id: int, criterion_id: int, version: int, changes: dict[str, Any], actor: str
) -> Criterion:
    """Only what is named changes; another text wants to be looked at anew. Raises Conflict when `version` is old."""
    task, row = await _held(session, task_id, criterion_id)
    position = changes.pop("position", None)
    if (proof_id := changes.get("proof_id")) is not None:
        proof = await session.get(Proof, proof_id)
        if proof is None or proof.task_id != task.id:
            raise NotFound(f"{task.key} has no proof with id {proof_id}.", "List them with GET /tasks/{id}/proofs.")
    if row.text != changes.get("text", row.text) and "met" not in changes:
        changes |= {"met": None, "evidence": ""}
    if "met" in changes:
        changes.setdefault("evidence", "" if changes["met"] is None else f"said by {actor}")
        changes.setdefault("proof_id", None)
        changes |= {"how": None if changes["met"] is None else BY_PERSON, "place": "", "run_id": None}
    was = row.position
    edit = await apply_edit(session, row, version, changes)
    others = [other for other in await _of(session, task) if other.id != row.id]
    if position is not None and position <= len(others) + 1:
        await _put(task, row, others, position)
        if not edit:
            row.version += 1
        edit = edit.also("position", was, row.position)
    await log.of_task(session, "criterion.edited", task, actor=actor, criterion_id=row.id, **edit.told)
    if {"text", "check"}.intersection(edit.fields) and row.met is None:
        await prove_again(session, task, actor=actor, why=f"A criterion of {task.key} is another.")
    await session.flush()
    return row


async def remove_criterion(session: AsyncSession, task_id: int, criterion_id: int, actor: str) -> None:
    """Takes it off; its text stays in the event."""
    task, row = await _held(session, task_id, criterion_id)
    _refuse_while_running(task)
    await session.delete(row)
    await log.of_task(
        session,
        "criterion.removed",
        task,
        actor=actor,
        criterion_id=row.id,
        text=row.text,
        **gone(text=row.text, check=row.check),
    )


async def _held(session: AsyncSession, task_id: int, criterion_id: int) -> tuple[Task, Criterion]:
    task = await hold_task(session, task_id)
    row = await session.get(Criterion, criterion_id)
    if row is None or row.task_id != task.id:
        raise NotFound(
            f"{task.key} has no criterion with id {criterion_id}.", "List them with GET /tasks/{id}/criteria."
        )
    return task, row


async def _of(session: AsyncSession, task: Task) -> list[Criterion]:
    query = sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position, Criterion.id)
    return list((await session.scalars(query)).all())


async def _put(task: Task, row: Criterion, others: list[Criterion], position: int) -> None:
    _refuse_while_running(task)
    others.insert(position - 1, row)
    for number, one in enumerate(others, start=1):
        one.position = number


def _refuse_while_running(task: Task) -> None:
    """A run answers the criteria by their numbers, which therefore stand as long as it goes on."""
    if task.state == TaskState.RUNNING:
        raise TaskBusy(
            f"{task.key} is running, and its run counts the criteria.", "Wait for it, or kill its run first."
        )

"""Handoffs that people and agents from outside make and move, by the state machine that runs keep too."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.states import HANDOFF, HandoffState
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Handoff, Run, Task
from services.store.types import now


async def create_handoff(
    session: AsyncSession, task_id: int, *, to_stage: str, from_stage: str | None = None,
    from_run_id: str | None = None, summary: str = "", data: dict[str, Any] | None = None, actor: str,
) -> Handoff:  # fmt: skip
    """What a stage, or one of its runs, passes to another one. The next run of `to_stage` is told of it and accepts it.

    Raises NotFound, InvalidInput for a stage that the workflow does not have, Conflict for a run that passed on before.
    """
    task = await session.get(Task, task_id)
    if task is None or task.deleted_at is not None:
        raise NotFound(f"There is no task with id {task_id}.")
    run = await _run_of(session, task, from_run_id)
    workflow = await workflow_by_id(session, task.workflow_id)
    from_stage = run.stage if run else from_stage or task.stage
    for stage in (from_stage, to_stage):
        if not workflow.has(stage):
            names = ", ".join(s.name for s in workflow.stages)
            raise InvalidInput(f"The workflow {workflow.name} has no stage {stage}.", f"Its stages are: {names}.")
    if run is not None and await session.scalar(sa.select(Handoff.id).where(Handoff.from_run_id == run.id)):
        raise Conflict(f"The run {run.id} has passed its work on already.", "A run does so once.")
    row = Handoff(
        task_id=task.id, from_run_id=from_run_id, from_stage=from_stage, to_stage=to_stage,
        state=HandoffState.CREATED, summary=summary, data=data or {}, created_by=actor,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await _told(session, row, task, actor)
    return row


async def accept_handoff(session: AsyncSession, handoff_id: int, actor: str, run_id: str | None = None) -> Handoff:
    """Somebody has taken it up; with `run_id`, that run of its task. Raises IllegalMove, NotFound."""
    row, task = await _locked(session, handoff_id)
    run = await _run_of(session, task, run_id)
    was, row.state = row.state, HANDOFF.check(HandoffState(row.state), HandoffState.ACCEPTED)
    row.to_run_id = run.id if run else None
    row.accepted_at, row.accepted_by = now(), actor
    await _told(session, row, task, actor, was)
    return row


async def complete_handoff(session: AsyncSession, handoff_id: int, actor: str, note: str = "") -> Handoff:
    """What was passed on is done with. Raises IllegalMove, NotFound."""
    return await _end(session, handoff_id, HandoffState.COMPLETED, actor, note)


async def fail_handoff(session: AsyncSession, handoff_id: int, actor: str, note: str) -> Handoff:
    """What was passed on could not be used, and why. The task stays where it is. Raises IllegalMove, NotFound."""
    return await _end(session, handoff_id, HandoffState.FAILED, actor, note)


async def _end(session: AsyncSession, handoff_id: int, state: HandoffState, actor: str, note: str) -> Handoff:
    row, task = await _locked(session, handoff_id)
    was, row.state = row.state, HANDOFF.check(HandoffState(row.state), state)
    row.finished_at, row.finished_by, row.note = now(), actor, note
    await _told(session, row, task, actor, was)
    return row


async def _locked(session: AsyncSession, handoff_id: int) -> tuple[Handoff, Task]:
    await log.lock(session)  # before the row, as runs take the two
    row = await session.get(Handoff, handoff_id, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no handoff with id {handoff_id}.", "List them with GET /handoffs.")
    return row, await session.get_one(Task, row.task_id)


async def _run_of(session: AsyncSession, task: Task, run_id: str | None) -> Run | None:
    if run_id is None:
        return None
    run = await session.get(Run, run_id)
    if run is None or run.task_id != task.id:
        raise NotFound(f"The task {task.key} has no run {run_id}.", f"List them with GET /tasks/{task.id}/runs.")
    return run


async def _told(session: AsyncSession, row: Handoff, task: Task, actor: str, was: str | None = None) -> None:
    await session.flush()
    await log.of_task(
        session, f"handoff.{row.state}", task, actor=actor, run_id=row.to_run_id or row.from_run_id,
        handoff_id=row.id, from_stage=row.from_stage, to_stage=row.to_stage, note=row.note,
        **changed(state=(was, row.state)),
    )  # fmt: skip

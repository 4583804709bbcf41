"""The only place where a task's state changes: checked by the state machine, told as an event."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.states import CLOSED_TASK, TASK, TaskState, WaitingReason
from services.events import log
from services.store.models import Task
from services.store.types import now
from services.tasks.waiting_run import drop_waiting_runs
from services.tasks.waits import begin_wait, end_wait

AT_REST = frozenset({TaskState.IDLE, TaskState.PAUSED, TaskState.DONE, TaskState.CANCELLED})


async def set_state(
    session: AsyncSession,
    task: Task,
    state: TaskState,
    *,
    actor: str,
    reason: WaitingReason | None = None,
    sentence: str = "",
    run_id: str | None = None,
    retry_at: datetime | None = None,
    keep_runs: bool = False,
    **data: Any,
) -> None:
    """Moves the task and says why it waits. Queued tasks get their place in the queue; with `retry_at` they start no
    sooner. What a person paused is not queued: it is paused there. `keep_runs`: its run stays, and stands still."""
    old = TaskState(task.state)
    if state is TaskState.QUEUED:
        task.queued_at = now()
        if task.paused_at is not None:
            state, sentence, keep_runs = TaskState.PAUSED, sentence or f"Paused by {task.paused_by}.", True
            task.current_run_id = None
    elif state in CLOSED_TASK:
        task.paused_at = task.paused_by = None
    if old is not state:
        TASK.check(old, state)
    if state in AT_REST and not keep_runs:
        await drop_waiting_runs(session, task, actor=actor, why=f"{task.key} became {state} before its turn came.")
    at = now()
    if state is not TaskState.WAITING or old is not state or task.waiting_reason != reason:
        if old is TaskState.WAITING:
            await end_wait(session, task, at)
        if state is TaskState.WAITING:
            await begin_wait(session, task, reason or "", at)
        task.waiting_since = at if state is TaskState.WAITING else None
    task.state = state
    task.waiting_reason = reason
    task.waiting_sentence = sentence
    task.retry_at = retry_at
    task.version += 1
    task.updated_at = at
    if state is not TaskState.RUNNING and not keep_runs:
        task.current_run_id = None
    await log.of_task(
        session,
        f"task.{state}",
        task,
        actor=actor,
        run_id=run_id,
        at=at,
        stage=task.stage,
        round=task.round,
        reason=reason,
        sentence=sentence,
        **changed(state=(old, state)),
        **data,
    )

"""The only place where a task's state changes: checked by the state machine, told as an event."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import TASK, TaskState, WaitingReason
from services.events import log
from services.store.models import Task
from services.store.types import now
from services.tasks.waiting_run import drop_waiting_runs

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
    **data: Any,
) -> None:
    """Moves the task and says why it waits. Queued tasks get their place in the queue; with `retry_at` they start no
    sooner."""
    old = TaskState(task.state)
    if old is not state:
        TASK.check(old, state)
    if state in AT_REST:
        await drop_waiting_runs(session, task, actor=actor, why=f"{task.key} became {state} before its turn came.")
    task.state = state
    task.waiting_reason = reason
    task.waiting_sentence = sentence
    task.retry_at = retry_at
    task.version += 1
    task.updated_at = now()
    if state is TaskState.QUEUED:
        task.queued_at = now()
    if state is not TaskState.RUNNING:
        task.current_run_id = None
    await log.of_task(
        session,
        f"task.{state}",
        task,
        actor=actor,
        run_id=run_id,
        stage=task.stage,
        round=task.round,
        reason=reason,
        sentence=sentence,
        **data,
    )

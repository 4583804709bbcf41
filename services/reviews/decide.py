"""A person's word on a change: merge it, change it, or drop it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.states import APPROVAL, ApprovalState, TaskState, WaitingReason
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Approval, Comment, Task
from services.store.types import now
from services.tasks.closing import give_up
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.stages import enter_stage, has_open_dependencies


async def _asked(session: AsyncSession, approval_id: int) -> tuple[Approval, Task]:
    approval = await session.get(Approval, approval_id)
    if approval is None:
        raise NotFound(f"There is no approval with id {approval_id}.")
    task = await hold_task(session, approval.task_id)
    await session.refresh(approval)
    await refuse_while_restoring(session, task)
    if task.state != TaskState.WAITING or task.waiting_reason != WaitingReason.APPROVAL:
        raise Conflict(f"{task.key} does not wait for this approval any more; it is {task.state}.", "Look at the task.")
    return approval, task


async def _decide(
    session: AsyncSession, approval: Approval, task: Task, state: ApprovalState, actor: str, note: str
) -> None:
    approval.state = APPROVAL.check(ApprovalState(approval.state), state)
    approval.decided_at, approval.decided_by, approval.note = now(), actor, note
    await log.of_task(session, f"approval.{state}", task, actor=actor, approval_id=approval.id, note=note)


async def approve(session: AsyncSession, approval_id: int, actor: str, note: str = "") -> Approval:
    """Queues the task to be merged, after those it waits for. Said twice, it counts once."""
    approval = await session.get(Approval, approval_id)
    if approval is not None and approval.state == ApprovalState.APPROVED:
        return approval
    approval, task = await _asked(session, approval_id)
    await _decide(session, approval, task, ApprovalState.APPROVED, actor, note)
    waits = await has_open_dependencies(session, task)
    await set_state(session, task, TaskState.BLOCKED if waits else TaskState.QUEUED, actor=actor)
    return approval


async def ask_changes(session: AsyncSession, approval_id: int, actor: str, note: str) -> Approval:
    """Sends the task back with the person's words in the next prompt."""
    if not note.strip():
        raise InvalidInput("Asking for changes needs a note.", "Say what shall be different.")
    approval, task = await _asked(session, approval_id)
    await _decide(session, approval, task, ApprovalState.CHANGES_ASKED, actor, note)
    session.add(Comment(task_id=task.id, author=actor, body=note))
    workflow = await workflow_by_id(session, task.workflow_id)
    back = workflow.stage(approval.stage).on_fail or workflow.start
    task.round += 1
    await enter_stage(session, task, workflow, workflow.stage(back), actor="person", auto_trigger=True, sent_back=True)
    return approval


async def reject(session: AsyncSession, approval_id: int, actor: str, note: str) -> Approval:
    """Drops the change: the task is cancelled, its branch is kept. Tasks that wait for it come to the person."""
    approval, task = await _asked(session, approval_id)
    await _decide(session, approval, task, ApprovalState.REJECTED, actor, note)
    await give_up(session, task, "rejected", actor=actor, note=note)
    return approval

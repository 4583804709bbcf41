"""A person's word on a change: merge it, change it, or drop it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import AlreadyDecided, Conflict, InvalidInput, NotFound
from services.domain.states import APPROVAL, ApprovalState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.reviews.errors import ChangeMoved
from services.roles.read import workflow_by_id
from services.store.models import Approval, Comment, Task
from services.store.types import now
from services.tasks.closing import give_up
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.stages import enter_stage, has_open_dependencies

UNEXPLAINED = "Rejected without a reason."


async def _held(session: AsyncSession, approval_id: int) -> tuple[Approval, Task]:
    approval = await session.get(Approval, approval_id)
    if approval is None:
        raise NotFound(f"There is no approval with id {approval_id}.")
    task = await hold_task(session, approval.task_id)
    await session.refresh(approval)
    return approval, task


async def _check_asked(session: AsyncSession, approval: Approval, task: Task, patch_id: str | None) -> None:
    """`patch_id` is the change that the person looked at. Raises AlreadyDecided, ChangeMoved."""
    if patch_id is not None and patch_id != approval.patch_id:
        raise _moved(task, patch_id, approval.patch_id)
    if approval.state == ApprovalState.VOID:
        asked = sa.select(Approval.patch_id).where(Approval.task_id == task.id, Approval.state == ApprovalState.ASKED)
        raise _moved(task, approval.patch_id, await session.scalar(asked.order_by(Approval.id.desc()).limit(1)))
    if approval.state != ApprovalState.ASKED:
        who, when = approval.decided_by, approval.decided_at
        raise AlreadyDecided.of(task.key, approval.state, who, when, patch_id=approval.patch_id)
    await refuse_while_restoring(session, task)
    if task.state != TaskState.WAITING or task.waiting_reason != WaitingReason.APPROVAL:
        raise Conflict(f"{task.key} does not wait for this approval any more; it is {task.state}.", "Look at the task.")


def _moved(task: Task, seen: str | None, now_is: str | None) -> ChangeMoved:
    return ChangeMoved(
        f"The change of {task.key} is another than the one you looked at.", "Look at it again, then decide.",
        seen=seen, patch_id=now_is,
    )  # fmt: skip


def _said_before(approval: Approval, state: ApprovalState, note: str) -> bool:
    """The same word again counts once; other words are not dropped in silence."""
    return approval.state == state and (not note.strip() or note == approval.note)


async def _decide(
    session: AsyncSession, approval: Approval, task: Task, state: ApprovalState, actor: str, note: str
) -> None:
    was, approval.state = approval.state, APPROVAL.check(ApprovalState(approval.state), state)
    approval.decided_at, approval.decided_by, approval.note = now(), actor, note
    await log.of_task(
        session, f"approval.{state}", task, actor=actor, approval_id=approval.id, note=note,
        patch_id=approval.patch_id, **changed(state=(was, state)),
    )  # fmt: skip


async def approve(
    session: AsyncSession, approval_id: int, actor: str, note: str = "", patch_id: str | None = None
) -> Approval:
    """Queues the task to be merged, after those it waits for. Said twice, it counts once.

    `patch_id` is the change that was looked at. Raises ChangeMoved where it is another now, AlreadyDecided where
    somebody decided otherwise before.
    """
    approval, task = await _held(session, approval_id)
    if _said_before(approval, ApprovalState.APPROVED, ""):
        return approval
    await _check_asked(session, approval, task, patch_id)
    await _decide(session, approval, task, ApprovalState.APPROVED, actor, note)
    waits = await has_open_dependencies(session, task)
    await set_state(session, task, TaskState.BLOCKED if waits else TaskState.QUEUED, actor=actor)
    return approval


async def ask_changes(
    session: AsyncSession,
    approval_id: int,
    actor: str,
    note: str,
    patch_id: str | None = None,
    *,
    commented: bool = False,
) -> Approval:
    """Sends the task back with the person's words in the next prompt. The same words twice count once. `commented`: the
    reasons are in comments on lines."""
    if not note.strip() and not commented:
        raise InvalidInput("Asking for changes needs a note.", "Say what shall be different.")
    approval, task = await _held(session, approval_id)
    if _said_before(approval, ApprovalState.CHANGES_ASKED, note):
        return approval
    await _check_asked(session, approval, task, patch_id)
    await _decide(session, approval, task, ApprovalState.CHANGES_ASKED, actor, note)
    workflow = await workflow_by_id(session, task.workflow_id)
    back = workflow.stage(approval.stage).on_fail or workflow.start
    await work_again(session, task, workflow, workflow.stage(back), actor=actor, note=note)
    return approval


async def work_again(
    session: AsyncSession, task: Task, workflow: Workflow, to: Stage, *, actor: str, note: str
) -> None:
    """A round that a person asks for. Agents did not fail by it, so the count of their rounds begins anew."""
    if note.strip():
        session.add(Comment(task_id=task.id, author=actor, body=note))
    task.counted_from, task.round = task.round, task.round + 1
    await enter_stage(session, task, workflow, to, actor="person", auto_trigger=True, sent_back=True)


async def reject(
    session: AsyncSession, approval_id: int, actor: str, note: str, patch_id: str | None = None
) -> Approval:
    """Drops the change: the task is cancelled, its branch is kept. Tasks that wait for it come to the person.

    The reason is the task's sentence and a comment on it; without one the sentence says that there was none.
    """
    approval, task = await _held(session, approval_id)
    if _said_before(approval, ApprovalState.REJECTED, note):
        return approval
    await _check_asked(session, approval, task, patch_id)
    await _decide(session, approval, task, ApprovalState.REJECTED, actor, note)
    if note.strip():
        session.add(Comment(task_id=task.id, author=actor, body=note))
    await give_up(session, task, "rejected", actor=actor, note=note.strip() or UNEXPLAINED)
    return approval

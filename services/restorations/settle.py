"""How a task stands after its git state was brought back: paused, and nothing that was said of the old state counts."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import HubError
from services.domain.states import APPROVAL, ApprovalState, TaskState
from services.events import log
from services.pushes.queue import queue_push
from services.reviews.void import void_all_work, void_work_since
from services.roles.read import workflow_by_id
from services.store.database import Database
from services.store.models import Approval, Criterion, Restoration, Run, Task
from services.store.types import now
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.stages import stand_at
from services.tasks.stop import stop_all

DONE = {"undo_merge": "task.merge_undone", "rollback": "task.rolled_back", "recover": "task.recovered"}
WAYS_ON = {
    "undo_merge": "Its merge was undone. Run it to do the work anew, recover its change to go on, or drop it.",
    "rollback": "It was rolled back to a checkpoint. Run it from here, or move it.",
    "recover": "Its branch was recovered. Run it from here, or move it where it shall go on.",
}


async def settle(db: Database, restoration_id: int, after: str) -> Restoration:
    """Writes down what git did. Done again it changes nothing."""
    async with db.write() as session:
        row = await session.get_one(Restoration, restoration_id)
        task = await hold_task(session, row.task_id)
        await session.refresh(row)
        if row.state != "begun":
            return row
        row.state, row.after, row.finished_at = "done", after, now()
        row.sentence = WAYS_ON[row.kind]
        await stop_all(session, task, actor=row.actor, why=f"{task.key} was brought back to an earlier state.")
        await _void_approvals(session, task, row.actor)
        old = task.stage
        if row.kind == "undo_merge":
            await void_all_work(session, task, row.actor, "The merge of this work was undone.")
            await _unmerged(session, task)
            await queue_push(session, task, after)
        elif row.kind == "rollback":
            run = await session.get_one(Run, row.plan["run_id"])
            told = f"The work was rolled back to before {run.stage.upper()}, round {run.round}."
            await void_work_since(session, task, run, row.actor, told)
            task.round, task.head_sha = row.plan["round"], after
        else:
            _recovered(task, row)
        workflow = await workflow_by_id(session, task.workflow_id)
        wanted = row.plan.get("stage") or workflow.start
        if old != wanted:
            moved = {"old": old, "new": wanted, "sent_back": False, **changed(stage=(old, wanted))}
            await log.of_task(session, "task.stage", task, actor=row.actor, **moved)
        stand_at(task, workflow.stage(wanted))
        task.merge_after, task.merge_granted, task.sent_back, task.lost_runs = None, False, False, 0
        if task.state in (TaskState.DONE, TaskState.CANCELLED):
            await set_state(session, task, TaskState.IDLE, actor=row.actor)
        await set_state(session, task, TaskState.PAUSED, actor=row.actor, sentence=row.sentence)
        told = {"branch": row.branch, "note": row.note, **changed(commit=(row.before, after))}
        await log.of_task(session, DONE[row.kind], task, actor=row.actor, restoration_id=row.id, **told)
        return row


async def refuse(db: Database, restoration_id: int, error: HubError) -> None:
    """Git would not: told in the row and by an event, and the task can be worked on again."""
    async with db.write() as session:
        row = await session.get_one(Restoration, restoration_id)
        task = await hold_task(session, row.task_id)
        await session.refresh(row)
        if row.state == "begun":
            row.state, row.sentence, row.finished_at = "refused", str(error), now()
            told = {"branch": row.branch, "sentence": row.sentence, "reason": error.code}
            told |= changed(commit=(row.before, row.before))
            await log.of_task(session, f"task.{row.kind}_refused", task, actor=row.actor, **told)


async def _void_approvals(session: AsyncSession, task: Task, actor: str) -> None:
    """What was approved is no longer there: the same change wants a new word."""
    query = sa.select(Approval).where(Approval.task_id == task.id, Approval.state == ApprovalState.APPROVED)
    for approval in (await session.scalars(query)).all():
        approval.state = APPROVAL.check(ApprovalState(approval.state), ApprovalState.VOID)
        told = changed(state=(ApprovalState.APPROVED, ApprovalState.VOID))
        await log.of_task(session, "approval.void", task, actor=actor, approval_id=approval.id, **told)


async def _unmerged(session: AsyncSession, task: Task) -> None:
    """Rework begins on a new branch: the old one's commits are in the target's history, and would not merge again."""
    task.round += 1
    task.branch, task.base_sha, task.head_sha, task.branch_number = None, None, None, task.branch_number + 1
    task.merged_sha, task.merged_at = None, None
    unmet = sa.update(Criterion).where(Criterion.task_id == task.id)
    await session.execute(unmet.values(met=None, evidence="", proof_id=None, version=Criterion.version + 1))


def _recovered(task: Task, row: Restoration) -> None:
    if task.merged_sha is not None:
        task.round += 1
        task.merged_sha, task.merged_at = None, None
    task.branch, task.branch_number = row.branch, row.plan["branch_number"]
    task.base_sha, task.head_sha = row.plan["base"], row.plan["sha"]

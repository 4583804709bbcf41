"""Work on what is merged already: a new round on a new branch, for merging the old one again would bring nothing."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.store.models import Task
from services.tasks.allowed import is_merged


async def begin_anew(session: AsyncSession, task: Task, workflow: Workflow, to: Stage, *, actor: str) -> None:
    """Called when a person takes a task to a stage. Nothing happens to what is not merged, or stays behind the merge.

    The approval given beforehand was for what is merged now; the new change wants its own.
    """
    if workflow.is_behind_merge(to.name) or not await is_merged(session, task):
        return
    before = (task.round, task.branch)
    task.round += 1
    task.branch, task.base_sha, task.head_sha, task.branch_number = None, None, None, task.branch_number + 1
    task.merged_sha, task.merged_at, task.merge_granted = None, None, False
    told = changed(round=(before[0], task.round), branch=(before[1], None))
    await log.of_task(session, "task.reopened", task, actor=actor, round=task.round, **told)

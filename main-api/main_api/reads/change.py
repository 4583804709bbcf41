"""The two commits between which a task's change lies, and what an approval of it would be about."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import ApprovalState
from services.repos.errors import RevisionMissing
from services.repos.repos import Repos
from services.roles.read import workflow_by_id
from services.store.database import Database
from services.store.models import Approval, Run, Task
from services.tasks.allowed import goes_on_to, stage_of
from services.tasks.change import Change, change_of_task
from services.tasks.control import start_of
from services.tasks.hold import get_task


async def approved_change(session: AsyncSession, task: Task) -> Approval | None:
    """The newest approval that holds: it remembers what was merged, also when the branch is gone."""
    query = sa.select(Approval).where(Approval.task_id == task.id, Approval.state == ApprovalState.APPROVED)
    return await session.scalar(query.order_by(Approval.id.desc()).limit(1))


async def change_of(repos: Repos, task: Task, approved: Approval | None) -> tuple[str | None, str | None]:
    """Base and head; without a head there is no commit to look at yet. Runs git."""
    merged = (approved.base_sha, approved.head_sha) if task.merged_sha and approved else None
    if task.base_sha is None or task.branch is None:
        return merged or (task.base_sha, task.head_sha)
    try:
        head = await repos.head(task.project_id, task.branch)
    except RevisionMissing:
        return merged or (task.base_sha, task.head_sha)
    return task.base_sha, None if head == task.base_sha else head


async def change_at(db: Database, repos: Repos, task_id: int, stage: str) -> Change | None:
    """What a person would be asked about at that stage; None where nobody is asked, or there is no change. Runs git,
    with no session open. Raises NotFound, InvalidInput."""
    async with db.read() as session:
        task = await get_task(session, task_id)
        asks = stage_of(await workflow_by_id(session, task.workflow_id), stage).needs_person
    return await change_of_task(repos, task) if asks else None


async def starting_change(db: Database, repos: Repos, task_id: int, stage: str | None) -> Change | None:
    """The same for a task that is started, at its own stage where none is named."""
    async with db.read() as session:
        task = await get_task(session, task_id)
        asks = start_of(await workflow_by_id(session, task.workflow_id), task, stage).needs_person
    return await change_of_task(repos, task) if asks else None


async def change_after(db: Database, repos: Repos, run_id: str) -> Change | None:
    """The same for the stage that follows a run's."""
    async with db.read() as session:
        run = await session.get(Run, run_id)
        if run is None or run.task_id is None:
            return None
        task = await get_task(session, run.task_id)
        workflow = await workflow_by_id(session, task.workflow_id)
        asks = goes_on_to(task, workflow.stage(run.stage), workflow).needs_person
    return await change_of_task(repos, task) if asks else None

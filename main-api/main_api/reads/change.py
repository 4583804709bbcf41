"""The two commits between which a task's change lies."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import ApprovalState
from services.repos.errors import RevisionMissing
from services.repos.repos import Repos
from services.store.models import Approval, Task


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

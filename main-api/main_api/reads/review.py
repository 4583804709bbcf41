"""A task's change as a person reviews it: the comments with where their lines are by now, and what came of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.review import CommentFindingOut, ReviewCommentOut, ReviewOut
from services.repos.repos import Repos
from services.reviews.comments import DRAFT
from services.reviews.mended import Place, places_of
from services.reviews.review import allowed_verdicts, asked_approval
from services.store.database import Database
from services.store.models import Finding, ReviewComment, Task
from services.tasks.change import Change, change_of_task
from services.tasks.hold import get_task

MOST_SENT = 500  # the newest


async def read_review(db: Database, repos: Repos, task_id: int) -> ReviewOut:
    """Runs git, with no session open meanwhile. Raises NotFound."""
    async with db.read() as session:
        task = await get_task(session, task_id)
        rows = await comments_of(session, task.id)
        findings = await _findings(session, rows)
    change = await change_of_task(repos, task)
    async with db.read() as session:
        approval = await asked_approval(session, task)
        may = await allowed_verdicts(session, task, change)
    return ReviewOut(
        approval_id=approval.id if approval else None,
        patch_id=change.patch_id if change else None,
        base_sha=change.base_sha if change else task.base_sha,
        head_sha=change.head_sha if change else None,
        may=may,
        comments=await shown(repos, task, change, rows, findings),
    )


async def comments_of(session: AsyncSession, task_id: int) -> Sequence[ReviewComment]:
    """Oldest first."""
    query = sa.select(ReviewComment).where(ReviewComment.task_id == task_id)
    return list(reversed((await session.scalars(query.order_by(ReviewComment.id.desc()).limit(MOST_SENT))).all()))


async def moved_drafts(
    repos: Repos, task: Task, change: Change | None, rows: Sequence[ReviewComment]
) -> dict[int, int | None]:
    """Where the drafts of an older change stand in this one."""
    old = [row for row in rows if row.state == DRAFT and change is not None and row.patch_id != change.patch_id]
    if change is None or not old:
        return {}
    return {
        number: place.line for number, place in (await places_of(repos, task.project_id, old, change.head_sha)).items()
    }


async def shown(
    repos: Repos, task: Task, change: Change | None, rows: Sequence[ReviewComment], findings: dict[int, Finding]
) -> list[ReviewCommentOut]:
    """Runs git where a comment is of another change."""
    old = [row for row in rows if change is not None and row.head_sha != change.head_sha]
    places = await places_of(repos, task.project_id, old, change.head_sha) if change is not None and old else {}
    return [_one(row, change, places.get(row.id), findings.get(row.finding_id or 0)) for row in rows]


def _one(row: ReviewComment, change: Change | None, place: Place | None, finding: Finding | None) -> ReviewCommentOut:
    told = {name: getattr(row, name) for name in ReviewCommentOut.model_fields if hasattr(row, name)}
    about = {
        "outdated": change is None or row.patch_id != change.patch_id,
        "line_now": place.line if place is not None else row.line if change is not None else None,
        "finding": CommentFindingOut.model_validate(finding) if finding is not None else None,
    }
    return ReviewCommentOut.model_validate(told | about)


async def _findings(session: AsyncSession, rows: Sequence[ReviewComment]) -> dict[int, Finding]:
    ids = [row.finding_id for row in rows if row.finding_id is not None]
    if not ids:
        return {}
    return {row.id: row for row in (await session.scalars(sa.select(Finding).where(Finding.id.in_(ids)))).all()}

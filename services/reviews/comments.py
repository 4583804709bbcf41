"""Comments on lines of a change while a person reads it: drafts on the server, bound to the change that they saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed, gone, made
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.events import log
from services.repos.repos import Repos
from services.reviews.errors import ChangeMoved
from services.reviews.places import lines_of
from services.store.models import Approval, ReviewComment, Task
from services.store.versions import apply_edit
from services.tasks.change import Change
from services.tasks.hold import hold_task

MOST_COMMENTS = 200  # drafts of one task
QUOTE_CHARACTERS = 2_000
FILE_BYTES = 2_000_000  # of a file that can be commented on
DRAFT, SENT = "draft", "sent"


@dataclass(frozen=True)
class Remark:
    """What a person wrote, on which lines of which side: `new` as the change leaves them, `old` as they were before."""

    path: str
    side: str
    line: int
    end_line: int | None
    text: str
    severity: str = "medium"


async def quote_of(repos: Repos, project_id: int, change: Change, remark: Remark) -> str:
    """The lines as they are. Runs git. Raises InvalidInput for a place that is not there."""
    sha = change.head_sha if remark.side == "new" else change.base_sha
    text = (await repos.texts(project_id, sha, [remark.path], FILE_BYTES))[remark.path]
    last = remark.end_line or remark.line
    if text is None:
        raise InvalidInput(
            f"{remark.path} is no text in the {remark.side} state of this change.",
            "Comment on a file that the change shows, on its other side, or say it in the note.",
        )
    lines = lines_of(text)
    if not remark.line <= last <= len(lines):
        raise InvalidInput(
            f"{remark.path} has the lines 1 to {len(lines)}, and not {remark.line} to {last}.", "Choose lines of it."
        )
    return "\n".join(lines[remark.line - 1 : last])[:QUOTE_CHARACTERS]


async def head_of(session: AsyncSession, task: Task, patch_id: str | None) -> str | None:
    """The commit at which a change stood that was looked at, where the hub remembers it."""
    for rows in (ReviewComment, Approval):
        query = sa.select(rows.head_sha).where(rows.task_id == task.id, rows.patch_id == patch_id)
        if (found := await session.scalar(query.order_by(rows.id.desc()).limit(1))) is not None:
            return found
    return None


async def moved(repos: Repos, task: Task, change: Change | None, seen: str | None, since: str | None) -> ChangeMoved:
    """Says what differs between the change at `since` and the one that is; runs git, where both are known."""
    if change is None:
        sentence = f"{task.key} has no change any more."
        return ChangeMoved(sentence, "Read the task again; your comments are kept.", seen=seen, patch_id=None, files=[])
    files = sorted(await repos.changed_files(task.project_id, since, change.head_sha)) if since else []
    named = f": {', '.join(files[:5])}{' and more' if len(files) > 5 else ''}" if files else ""
    return ChangeMoved(
        f"The change of {task.key} is another than the one you looked at{named}.",
        "Read what changed, then say it of the change as it is now; your comments are kept.",
        seen=seen, patch_id=change.patch_id, files=files,
    )  # fmt: skip


async def add_draft(
    session: AsyncSession, task_id: int, change: Change, remark: Remark, quote: str, *, actor: str
) -> ReviewComment:
    """The very same one again is the one that is there."""
    task = await hold_task(session, task_id)
    there = await drafts_of(session, task.id)
    for row in there:
        if (row.patch_id, _remark_of(row)) == (change.patch_id, remark):
            return row
    if len(there) >= MOST_COMMENTS:
        raise Conflict(f"{MOST_COMMENTS} comments wait to be sent, the most there may be.", "Send or remove some.")
    row = ReviewComment(
        project_id=task.project_id, task_id=task.id, author=actor, state=DRAFT, patch_id=change.patch_id,
        base_sha=change.base_sha, head_sha=change.head_sha, path=remark.path, side=remark.side, line=remark.line,
        end_line=remark.end_line, severity=remark.severity, text=remark.text, quote=quote,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await _tell(session, task, row, "review.commented", actor, None, row.text)
    return row


async def edit_draft(
    session: AsyncSession, task_id: int, comment_id: int, version: int, changes: dict[str, Any], *, actor: str
) -> ReviewComment:
    """Raises Conflict for one that was sent, or was edited meanwhile."""
    task, row = await _held(session, task_id, comment_id)
    before = row.text
    await apply_edit(session, row, version, changes)
    await _tell(session, task, row, "review.comment_edited", actor, before, row.text)
    return row


async def remove_draft(session: AsyncSession, task_id: int, comment_id: int, *, actor: str) -> None:
    task, row = await _held(session, task_id, comment_id)
    await _tell(session, task, row, "review.comment_removed", actor, row.text, None)
    await session.delete(row)


async def drafts_of(session: AsyncSession, task_id: int) -> Sequence[ReviewComment]:
    query = sa.select(ReviewComment).where(ReviewComment.task_id == task_id, ReviewComment.state == DRAFT)
    return (await session.scalars(query.order_by(ReviewComment.id))).all()


async def _held(session: AsyncSession, task_id: int, comment_id: int) -> tuple[Task, ReviewComment]:
    task = await hold_task(session, task_id)
    row = await session.get(ReviewComment, comment_id, with_for_update=True)
    if row is None or row.task_id != task.id:
        raise NotFound(f"{task.key} has no comment {comment_id} in review.", f"List them: GET /tasks/{task.id}/review.")
    if row.state != DRAFT:
        raise Conflict("This comment was sent already.", "Say more in another one, or waive its finding.")
    return task, row


def _remark_of(row: ReviewComment) -> Remark:
    return Remark(row.path, row.side, row.line, row.end_line, row.text, row.severity)


async def _tell(
    session: AsyncSession, task: Task, row: ReviewComment, kind: str, actor: str, before: str | None, after: str | None
) -> None:
    told = made(text=after) if before is None else gone(text=before) if after is None else changed(text=(before, after))
    await log.of_task(session, kind, task, actor=actor, comment_id=row.id, path=row.path, line=row.line, **told)

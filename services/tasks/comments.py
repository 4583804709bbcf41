"""What people and agents say on a task: Markdown, kept as it was written."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import gone, made
from services.domain.errors import IllegalMove, InvalidInput, NotFound
from services.events import log
from services.feedback.errors import FeedbackHeard
from services.store.models import Comment, Task
from services.store.types import now
from services.store.versions import apply_edit
from services.tasks.hold import hold_task

EXCERPT = 200


async def add_comment(session: AsyncSession, task_id: int, body: str, actor: str) -> Comment:
    """The next run of the task is told of it."""
    task = await hold_task(session, task_id)
    row = Comment(task_id=task.id, author=actor, body=_checked(body))
    session.add(row)
    await session.flush()
    await log.of_task(
        session, "comment.added", task, actor=actor, comment_id=row.id, excerpt=body[:EXCERPT], **made(body=body)
    )
    return row


async def edit_comment(
    session: AsyncSession, task_id: int, comment_id: int, version: int, body: str, actor: str
) -> Comment:
    """A person changes their own words; what a run said is its record."""
    task, row = await _held(session, task_id, comment_id)
    _check_unheard(row)
    if row.run_id is not None:
        raise IllegalMove("This was said by a run, and is its record.", "Answer it with a comment of your own.")
    edit = await apply_edit(session, row, version, {"body": _checked(body)})
    told = {"comment_id": row.id, "excerpt": body[:EXCERPT], **edit.told}
    await log.of_task(session, "comment.edited", task, actor=actor, **told)
    return row


async def remove_comment(session: AsyncSession, task_id: int, comment_id: int, actor: str) -> None:
    """Hides it: no list shows it and no prompt tells it; the row stays."""
    task, row = await _held(session, task_id, comment_id)
    _check_unheard(row)
    row.deleted_at, row.version = now(), row.version + 1
    await log.of_task(session, "comment.removed", task, actor=actor, comment_id=row.id, **gone(body=row.body))


async def find_comment(session: AsyncSession, task_id: int, comment_id: int) -> Comment:
    """Raises NotFound for one that is not the task's, or was removed."""
    row = await session.get(Comment, comment_id)
    if row is None or row.task_id != task_id or row.deleted_at is not None:
        raise NotFound(
            f"The task has no comment with id {comment_id}.", f"List them with GET /tasks/{task_id}/comments."
        )
    return row


async def _held(session: AsyncSession, task_id: int, comment_id: int) -> tuple[Task, Comment]:
    task = await hold_task(session, task_id)
    return task, await find_comment(session, task_id, comment_id)


def _check_unheard(row: Comment) -> None:
    """What an agent was told stays as it was said."""
    if row.feedback not in (None, "waiting"):
        raise FeedbackHeard("An agent has these words already.", "Tell it more with POST /tasks/{id}/feedback.")


def _checked(body: str) -> str:
    if not body.strip():
        raise InvalidInput("The comment is empty.", "Say something, or delete it.")
    return body

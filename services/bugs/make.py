"""Make work of a bug: a task on the board, or a request that the PM plans."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.attachments.add import add_attachment
from services.attachments.owner import Owner
from services.bugs.report import get_bug, told
from services.domain.changes import changed
from services.domain.errors import Conflict, InvalidInput
from services.domain.severity import PRIORITY, Severity
from services.domain.states import BUG, BugState
from services.requests.create import create_request
from services.store.models import Attachment, Bug
from services.store.types import now
from services.tasks.create import create_task


async def make_task_of(session: AsyncSession, bug_id: int, project_id: int | None, actor: str) -> Bug:
    """A task of kind `bug` in the backlog, as urgent as the bug is severe, with its screenshots.

    The bug's own project counts unless `project_id` names one. Hold the attachments' `settling`. Raises Conflict when
    work was made of it before, InvalidInput without a project.
    """
    bug, project_id = await _workable(session, bug_id, project_id)
    task = await create_task(
        session, project_id, title=bug.title, description=words_of(bug), kind="bug",
        priority=PRIORITY[Severity(bug.severity)], created_by=actor,
    )  # fmt: skip
    bug.task_id = task.id
    await _accepted(session, bug, project_id, actor, Owner("task", task.id, project_id, task.id))
    return bug


async def make_request_of(session: AsyncSession, bug_id: int, project_id: int | None, actor: str) -> Bug:
    """A request of kind `bug`, with its screenshots: the PM answers with a plan. As make_task_of otherwise."""
    bug, project_id = await _workable(session, bug_id, project_id)
    request = await create_request(session, project_id, f"{bug.title}\n\n{words_of(bug)}", "bug", actor)
    bug.request_id = request.id
    await _accepted(session, bug, project_id, actor, Owner("request", request.id, project_id))
    return bug


def words_of(bug: Bug) -> str:
    """What is known of it, for whoever works on it."""
    facts = [("Seen at", bug.page), ("Browser", bug.browser), ("Reported as", f"bug {bug.id}, {bug.severity}")]
    told_facts = "\n".join(f"{name}: {value}" for name, value in facts if value)
    return f"{bug.description}\n\n{told_facts}".strip()


async def _workable(session: AsyncSession, bug_id: int, project_id: int | None) -> tuple[Bug, int]:
    bug = await get_bug(session, bug_id, lock=True)
    if bug.task_id is not None or bug.request_id is not None:
        made = f"task {bug.task_id}" if bug.task_id is not None else f"request {bug.request_id}"
        raise Conflict(f"Bug {bug.id} became {made} already.", "Work there, or report another bug.")
    chosen = project_id if project_id is not None else bug.project_id
    if chosen is None:
        raise InvalidInput(f"Bug {bug.id} belongs to no project.", "Name the project that shall: project_id.")
    return bug, chosen


async def _accepted(session: AsyncSession, bug: Bug, project_id: int, actor: str, owner: Owner) -> None:
    was, bug.state = bug.state, BUG.check(BugState(bug.state), BugState.ACCEPTED)
    bug.project_id, bug.version, bug.updated_at = project_id, bug.version + 1, now()
    seen = sa.select(Attachment).where(Attachment.bug_id == bug.id, Attachment.deleted_at.is_(None))
    for row in (await session.scalars(seen.order_by(Attachment.id))).all():
        await add_attachment(
            session, owner, name=row.name, description=row.description, media_type=row.media_type, sha256=row.sha256,
            size=row.size, actor=actor,
        )  # fmt: skip
    facts = {"title": bug.title, "made": owner.noun, "made_id": owner.id, **changed(state=(was, bug.state))}
    await told(session, "bug.accepted", bug, actor, **facts)

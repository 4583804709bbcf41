"""What is to be pushed: put in line when something was merged, and again when a person says so."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict
from services.events import log
from services.store.models import Project, Push, Task
from services.store.types import now

WAITING = ("queued", "refused")


async def queue_push(session: AsyncSession, task: Task, commit: str) -> Push | None:
    """The project's branch was given `commit`: it goes to the remote where its owner said so, else nowhere."""
    project = await session.get_one(Project, task.project_id)
    if project.settings.get("push_after_merge") is not True:
        return None
    remote = project.settings.get("push_remote") or "origin"
    row = Push(
        project_id=project.id, task_id=task.id, remote=remote, branch=project.default_branch,
        commit=commit, state="queued", next_at=now(),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await _tell(session, row, "push.queued", actor="hub")
    return row


async def push_again(session: AsyncSession, project: Project, *, actor: str, like: Push | None = None) -> Push:
    """The newest at once, whatever it waits for; with `like` that of its branch and remote, which may be others by now.

    Raises Conflict where nothing waits to be pushed.
    """
    query = sa.select(Push).where(Push.project_id == project.id, Push.state.in_(WAITING))
    if like is not None:
        query = query.where(Push.remote == like.remote, Push.branch == like.branch)
    row = await session.scalar(query.order_by(Push.id.desc()).limit(1))
    if row is None:
        raise Conflict(
            f"Nothing of {project.name} waits to be pushed.",
            "Merges are pushed where the project's settings have push_after_merge: true.",
        )
    was = row.state
    row.state, row.next_at, row.attempts, row.sentence = "queued", now(), 0, ""
    await _tell(session, row, "push.queued", actor=actor, **changed(state=(was, row.state)))
    return row


async def any_due(session: AsyncSession) -> bool:
    """Asked with each sweep, so that nothing is locked where nothing is to be done."""
    query = sa.select(Push.id).where(Push.state == "queued", Push.next_at <= now())
    return await session.scalar(query.limit(1)) is not None


async def due(session: AsyncSession, lease_seconds: float) -> list[Push]:
    """The newest that may be tried now, one for each branch of a remote; whoever takes them has them for the lease.

    A commit has all that was merged before it in its history: the older ones go with it.
    """
    query = sa.select(Push).where(Push.state == "queued", Push.next_at <= now()).order_by(Push.id.desc())
    if session.get_bind().dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    taken: dict[tuple[int, str, str], Push] = {}
    for row in (await session.scalars(query)).all():
        taken.setdefault((row.project_id, row.remote, row.branch), row)
        row.next_at = now() + timedelta(seconds=lease_seconds)
    return list(taken.values())


async def pushed(session: AsyncSession, push_id: int) -> None:
    """It is there, and what waited before it too."""
    row = await session.get_one(Push, push_id)
    query = sa.select(Push).where(
        Push.project_id == row.project_id, Push.remote == row.remote, Push.branch == row.branch,
        Push.id <= row.id, Push.state.in_(WAITING),
    )  # fmt: skip
    for one in (await session.scalars(query.order_by(Push.id))).all():
        one.state, one.finished_at, one.next_at, one.sentence = "pushed", now(), None, ""
        await _tell(session, one, "push.done", actor="hub")


async def not_pushed(session: AsyncSession, push_id: int, sentence: str, seconds: float | None) -> None:
    """`seconds` until it is tried again; None: it waits for a person. What stays the same is told once."""
    row = await session.get_one(Push, push_id)
    if row.state != "queued":
        return
    told = row.sentence == sentence
    row.attempts, row.sentence = row.attempts + 1, sentence
    row.state = "queued" if seconds is not None else "refused"
    row.next_at = now() + timedelta(seconds=seconds) if seconds is not None else None
    if not told or seconds is None:
        kind = "push.refused" if seconds is None else "push.waits"
        await _tell(session, row, kind, actor="hub", sentence=sentence)


async def _tell(session: AsyncSession, row: Push, kind: str, *, actor: str, **data: Any) -> None:
    named = {"remote": row.remote, "branch": row.branch, "commit": row.commit, "push_id": row.id}
    task = await session.get(Task, row.task_id) if row.task_id is not None else None
    if task is not None:
        await log.of_task(session, kind, task, actor=actor, **named, **data)
    else:
        await log.append(session, kind, actor=actor, project_id=row.project_id, **named, **data)

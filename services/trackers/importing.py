"""Writes one outside task into the hub: the same one again changes only what nobody changed here."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import HubError
from services.events import log
from services.store.models import Task, TaskDependency, TrackerProject, TrackerTask
from services.store.types import now
from services.tasks.comments import add_comment
from services.tasks.create import create_task
from services.tasks.dependencies import wait_for
from services.tasks.edit import edit_task
from services.trackers.compare import Comparison, Difference, Verdict, compare
from services.trackers.facts import OutsideComment, OutsideTask
from services.trackers.words import comment_of, description_of, title_of


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one task, or would. `parent` is its parent's id there, where that comes along or is here;
    `subtasks` how many it has there, None where the tracker does not tell."""

    external_id: str
    title: str
    verdict: Verdict
    url: str = ""
    done: bool = False
    parent: str | None = None
    subtasks: int | None = None
    task_id: int | None = None
    key: str | None = None
    differs: tuple[Difference, ...] = ()


async def look(session: AsyncSession, link: TrackerProject, tasks: Sequence[OutsideTask]) -> list[Item]:
    """What an import of them would do. Changes nothing."""
    known = await _known(session, link, [task.id for task in tasks])
    items: list[Item] = []
    for task in tasks:
        row, here = known.get(task.id, (None, None))
        items.append(_item(task, here, _verdict(link, task, row, here)))
    return items


async def bring(session: AsyncSession, link: TrackerProject, task: OutsideTask, actor: str) -> Item:
    """Makes or updates the task of this one. Raises what making and editing a task raise."""
    await log.lock(session)
    row, here = (await _known(session, link, [task.id])).get(task.id, (None, None))
    found = _verdict(link, task, row, here)
    if row is None or here is None:
        here = await _make(session, link, task, actor)
    elif found.set:
        here = await edit_task(session, here.id, here.version, dict(found.set), actor)
    if row is not None and found.verdict != "deleted":
        row.imported, row.url, row.imported_at = {**row.imported, **found.set}, task.url, now()
    await session.flush()
    return _item(task, here, found)


async def bring_comments(
    session: AsyncSession, link: TrackerProject, item: Item, comments: Sequence[OutsideComment]
) -> int:
    """Those that are not here yet, as words of the tracker; how many there were."""
    row = await _row(session, link, item.external_id)
    new = [one for one in comments if f"comment {one.id}" not in row.taken and one.text.strip()]
    for one in new:
        await add_comment(session, row.task_id, comment_of(one, link.provider), link.provider)
    row.taken = [*row.taken, *(f"comment {one.id}" for one in new)]
    await session.flush()
    return len(new)


async def bring_dependencies(
    session: AsyncSession, link: TrackerProject, tasks: Sequence[OutsideTask], actor: str
) -> list[tuple[str, str]]:
    """Lets tasks wait for each other as they do there, where both are here; answers those that can not, with why."""
    refused: list[tuple[str, str]] = []
    known = await _known(session, link, [id for task in tasks for id in (task.id, *task.blocked_by)])
    for task in tasks:
        _, here = known.get(task.id, (None, None))
        others = [other for _, other in (known.get(id, (None, None)) for id in task.blocked_by) if other is not None]
        if here is None or here.deleted_at is not None:
            continue
        query = sa.select(TaskDependency.blocked_by_id).where(TaskDependency.task_id == here.id)
        waits = set((await session.scalars(query)).all())
        for other in others:
            if other.id in waits or other.deleted_at is not None:
                continue
            try:
                async with session.begin_nested():
                    await wait_for(session, here.id, [other.id], actor=actor)
            except HubError as error:
                refused.append((task.id, f"It does not wait for {other.key}: {error.sentence}"))
    return refused


async def has_file(session: AsyncSession, link: TrackerProject, external_id: str, file_id: str) -> bool:
    return f"file {file_id}" in (await _row(session, link, external_id)).taken


async def note_file(session: AsyncSession, link: TrackerProject, external_id: str, file_id: str) -> None:
    row = await _row(session, link, external_id)
    row.taken = [*row.taken, f"file {file_id}"]


async def _make(session: AsyncSession, link: TrackerProject, task: OutsideTask, actor: str) -> Task:
    words = _words(link, task)
    parent = (await _known(session, link, [task.parent])).get(task.parent) if task.parent is not None else None
    above = parent[1].id if parent is not None and parent[1].deleted_at is None else None
    here = await create_task(
        session, link.project_id, title=words["title"], description=words["description"], parent_id=above,
        created_by=actor,
    )  # fmt: skip
    about = {"provider": link.provider, "external_id": task.id, "url": task.url}
    session.add(
        TrackerTask(
            link_id=link.id, task_id=here.id, external_id=task.id, url=task.url, imported=words, taken=[],
            imported_at=now(),
        )
    )  # fmt: skip
    await log.of_task(session, "tracker.imported", here, actor=actor, link_id=link.id, **about, **made(**about))
    return here


def _verdict(link: TrackerProject, task: OutsideTask, row: TrackerTask | None, here: Task | None) -> Comparison:
    words = _words(link, task)
    if row is None or here is None:
        return Comparison("new", words)
    if here.deleted_at is not None:
        return Comparison("deleted")
    return compare(words, {"title": here.title, "description": here.description}, row.imported)


def _words(link: TrackerProject, task: OutsideTask) -> dict[str, str]:
    return {"title": title_of(task), "description": description_of(task, link.provider)}


def _item(task: OutsideTask, here: Task | None, found: Comparison) -> Item:
    return Item(
        external_id=task.id, title=title_of(task), verdict=found.verdict, url=task.url, done=task.done,
        parent=task.parent, subtasks=task.subtasks, task_id=here.id if here else None, key=here.key if here else None,
        differs=found.differs,
    )  # fmt: skip


async def _known(
    session: AsyncSession, link: TrackerProject, ids: Sequence[str]
) -> dict[str, tuple[TrackerTask, Task]]:
    query = (
        sa.select(TrackerTask, Task)
        .join(Task, Task.id == TrackerTask.task_id)
        .where(TrackerTask.link_id == link.id, TrackerTask.external_id.in_(ids))
    )
    return {row.external_id: (row, task) for row, task in await session.execute(query)}


async def _row(session: AsyncSession, link: TrackerProject, external_id: str) -> TrackerTask:
    query = sa.select(TrackerTask).where(TrackerTask.link_id == link.id, TrackerTask.external_id == external_id)
    return (await session.scalars(query)).one()

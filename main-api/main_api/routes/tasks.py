"""Tasks over HTTP."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.model_choice import as_kept
from main_api.reads.paging import listed, page
from main_api.reads.rows import one
from main_api.reads.tasks import TaskPage, Wanted
from main_api.schemas.push import PushOut
from main_api.schemas.review import EditForeseenIn, EditForeseenOut
from main_api.schemas.shape import Id
from main_api.schemas.task import OriginOut, TaskDetail, TaskIn, TaskOut, TaskPatch
from services.store.models import Push, Task, TaskDependency
from services.tasks.closing import delete_task
from services.tasks.create import create_task
from services.tasks.edit import edit_task
from services.tasks.revise import foresee
from services.trackers.origin import origin_of

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", summary="List the tasks", responses=listed(), response_model=list[TaskOut])
async def list_tasks(
    session: ReadSession, paging: TaskPage, wanted: Wanted, project_id: Id | None = None
) -> Sequence[Task]:
    """`-priority` has the most urgent first."""
    return await page(session, wanted.query(session, project_id), paging)


@router.post("", status_code=201, summary="Make a task by hand", responses=documented(400, 404), response_model=TaskOut)
async def post_task(hub: Hub, session: WriteSession, body: TaskIn) -> Task:
    """It rests in the backlog, or where `stage` says, until it is triggered."""
    values = body.model_dump(exclude={"project_id", "criteria", "models"})
    models = as_kept(hub, body.models)
    criteria = [(criterion.text, criterion.check) for criterion in body.criteria]
    return await create_task(session, body.project_id, criteria=criteria, created_by=OWNER, models=models, **values)


@router.get("/{task_id}", summary="One task", responses=documented(404))
async def read_task(session: ReadSession, task_id: Id) -> TaskDetail:
    task = await one(session, Task, task_id, "task")
    before = sa.select(TaskDependency.blocked_by_id).where(TaskDependency.task_id == task.id)
    parts = sa.select(Task.id).where(Task.parent_id == task.id, Task.deleted_at.is_(None)).order_by(Task.number)
    return TaskDetail(
        **TaskOut.model_validate(task).model_dump(),
        blocked_by=await _ids(session, before.order_by(TaskDependency.blocked_by_id)),
        subtasks=await _ids(session, parts),
        push=await _push(session, task),
        origin=OriginOut.model_validate(origin) if (origin := await origin_of(session, task.id)) else None,
    )


@router.patch(
    "/{task_id}", summary="Change some fields of a task", responses=documented(400, 404, 409), response_model=TaskOut
)
async def patch_task(hub: Hub, session: WriteSession, task_id: Id, body: TaskPatch) -> Task:
    """A stale `version` answers 409 with the row as it is now, in `current`."""
    changes = body.changes()
    if "models" in changes:
        changes["models"] = as_kept(hub, body.models)
    return await edit_task(session, task_id, body.version, changes, OWNER, hub.settings.budgets)


@router.post("/{task_id}/edits/foresee", summary="What an edit of a task would mean", responses=documented(404))
async def foresee_edit(session: ReadSession, task_id: Id, body: EditForeseenIn) -> EditForeseenOut:
    """Nothing is changed. Who works now goes on with the old words; what was proven by criteria that are others then is
    proven again."""
    task = await one(session, Task, task_id, "task")
    named = body.model_fields_set - {"criteria", "blocked_by"}
    fields = {name for name in named if getattr(body, name) not in (None, getattr(task, name))}
    meaning = await foresee(session, task, fields, body.criteria, len(body.blocked_by or ()))
    return EditForeseenOut(needs_word=meaning.needs_word, sentences=list(meaning.sentences), version=task.version)


@router.delete("/{task_id}", status_code=204, summary="Remove a task", responses=documented(404, 409))
async def remove_task(
    session: WriteSession, task_id: Id, force: Annotated[bool, Query(description="Kill its live run")] = False
) -> None:
    """Its runs, proofs, comments and events stay readable under its id. What waited for it comes to you."""
    await delete_task(session, task_id, actor=OWNER, force=force)


async def _ids(session: AsyncSession, query: sa.Select[int]) -> list[int]:
    return list(await session.scalars(query))


async def _push(session: AsyncSession, task: Task) -> PushOut | None:
    query = sa.select(Push).where(Push.project_id == task.project_id, Push.task_id == task.id)
    newest = await session.scalar(query.order_by(Push.id.desc()).limit(1))
    return None if newest is None else PushOut.model_validate(newest)

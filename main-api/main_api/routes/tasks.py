"""Tasks over HTTP."""

from collections.abc import Sequence

import sqlalchemy as sa
from fastapi import APIRouter

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import listed, page
from main_api.reads.rows import one
from main_api.reads.tasks import TaskPage, Wanted
from main_api.schemas.shape import Id
from main_api.schemas.task import TaskDetail, TaskIn, TaskOut, TaskPatch, TriggerIn
from services.store.models import Task, TaskDependency
from services.tasks.control import trigger
from services.tasks.create import create_task
from services.tasks.edit import edit_task

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", summary="List the tasks", responses=listed(), response_model=list[TaskOut])
async def list_tasks(
    session: ReadSession, paging: TaskPage, wanted: Wanted, project_id: Id | None = None
) -> Sequence[Task]:
    """`-priority` has the most urgent first."""
    return await page(session, wanted.query(project_id), paging)


@router.post("", status_code=201, summary="Make a task by hand", responses=documented(400, 404), response_model=TaskOut)
async def post_task(session: WriteSession, body: TaskIn) -> Task:
    """It rests in the backlog until it is triggered."""
    values = body.model_dump(exclude={"project_id", "criteria"})
    criteria = [(criterion.text, criterion.check) for criterion in body.criteria]
    return await create_task(session, body.project_id, criteria=criteria, created_by=OWNER, **values)


@router.get("/{task_id}", summary="One task", responses=documented(404))
async def read_task(session: ReadSession, task_id: Id) -> TaskDetail:
    task = await one(session, Task, task_id, "task")
    query = sa.select(TaskDependency.blocked_by_id).where(TaskDependency.task_id == task.id)
    waits_for = list(await session.scalars(query.order_by(TaskDependency.blocked_by_id)))
    return TaskDetail(**TaskOut.model_validate(task).model_dump(), blocked_by=waits_for)


@router.patch(
    "/{task_id}", summary="Change some fields of a task", responses=documented(400, 404, 409), response_model=TaskOut
)
async def patch_task(session: WriteSession, task_id: Id, body: TaskPatch) -> Task:
    """A stale `version` answers 409 with the row as it is now."""
    return await edit_task(session, task_id, body.version, body.changes(), OWNER)


@router.post(
    "/{task_id}/trigger", status_code=202, summary="Start a task", responses=documented(400, 404, 409),
    response_model=TaskOut,
)  # fmt: skip
async def trigger_task(session: WriteSession, task_id: Id, body: TriggerIn | None = None) -> Task:
    """From its stage, or from the one named; with `merge` your approval is given beforehand."""
    wanted = body or TriggerIn(stage=None, merge=False)
    return await trigger(session, task_id, OWNER, stage=wanted.stage, merge=wanted.merge)

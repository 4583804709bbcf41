"""Projects over HTTP."""

from collections.abc import Sequence

import sqlalchemy as sa
from fastapi import APIRouter

from main_api.deps import OWNER, Hub, Page, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.rows import page
from main_api.schemas.project import ProjectIn, ProjectOut, ProjectPatch
from main_api.schemas.task import TaskOut
from services.projects.create import create_project
from services.projects.edit import delete_project, edit_project, get_project
from services.store.models import Project, Task

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("", summary="List the projects", responses=documented(), response_model=list[ProjectOut])
async def list_projects(session: ReadSession, paging: Page) -> Sequence[Project]:
    return await page(session, sa.select(Project).where(Project.deleted_at.is_(None)).order_by(Project.id), paging)


@router.post(
    "", status_code=201, summary="Make a project of a folder", responses=documented(400, 404, 409),
    response_model=ProjectOut,
)  # fmt: skip
async def post_project(hub: Hub, session: WriteSession, body: ProjectIn) -> Project:
    """A missing folder, or one without git, is made and initialised. Uncommitted changes are refused by name."""
    values = body.model_dump()
    return await create_project(session, hub.repos, workspaces_dir=hub.settings.workspaces_dir, actor=OWNER, **values)


@router.get("/{project_id}", summary="One project", responses=documented(404), response_model=ProjectOut)
async def read_project(session: ReadSession, project_id: int) -> Project:
    return await get_project(session, project_id)


@router.patch(
    "/{project_id}", summary="Change some fields of a project", responses=documented(400, 404, 409),
    response_model=ProjectOut,
)  # fmt: skip
async def patch_project(session: WriteSession, project_id: int, body: ProjectPatch) -> Project:
    """A stale `version` answers 409 with the row as it is now."""
    return await edit_project(session, project_id, body.version, body.changes(), OWNER)


@router.delete("/{project_id}", status_code=204, summary="Remove a project", responses=documented(404, 409))
async def remove_project(session: WriteSession, project_id: int) -> None:
    """The history and the workspace's files stay."""
    await delete_project(session, project_id, OWNER)


@router.get(
    "/{project_id}/tasks", summary="The tasks of a project", responses=documented(404), response_model=list[TaskOut]
)
async def list_project_tasks(session: ReadSession, project_id: int, paging: Page) -> Sequence[Task]:
    await get_project(session, project_id)
    query = sa.select(Task).where(Task.project_id == project_id, Task.deleted_at.is_(None)).order_by(Task.number)
    return await page(session, query, paging)

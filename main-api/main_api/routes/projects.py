"""Projects over HTTP."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.hub import HubParts
from main_api.model_choice import check_settings
from main_api.reads.findings import Filter, FindingPage
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import where
from main_api.reads.tasks import TaskPage, Wanted
from main_api.schemas.project import DiscoverIn, ProjectEdited, ProjectIn, ProjectOut, ProjectPatch
from main_api.schemas.shape import Id
from main_api.schemas.task import FindingOut, TaskOut
from services.projects.create import create_project, prepare
from services.projects.discovery import discover
from services.projects.edit import discover_again, edit_project, get_project, tell_workflow
from services.projects.remove import delete_project
from services.projects.workflow import read_file, told_of_change, usable_by
from services.roles.versions import put_text
from services.store.models import Finding, Project, Task, WorkflowRow

router = APIRouter(prefix="/projects", tags=["projects"])
WORKFLOW_FIELDS = ("workflow", "workflow_version", "workflow_file")
ProjectPage = Annotated[Paging, Depends(sorted_by("id", "name", "key", "created_at", "updated_at", first="id"))]
Archived = Annotated[bool, Query(description="The archived ones instead of those at work")]
Words = Annotated[str | None, Query(min_length=1, max_length=200, description="In the key or the name")]


@router.get("", summary="List the projects", responses=listed(), response_model=list[ProjectOut])
async def list_projects(
    session: ReadSession,
    paging: ProjectPage,
    paused: bool | None = None,
    text: Words = None,
    archived: Archived = False,
) -> Sequence[Project]:
    wanted = Project.archived_at.is_not(None) if archived else Project.archived_at.is_(None)
    query = where(sa.select(Project).where(Project.deleted_at.is_(None), wanted), Project, paused=paused)
    if text is not None:
        query = query.where(
            Project.name.icontains(text, autoescape=True) | Project.key.icontains(text, autoescape=True)
        )
    return await page(session, query, paging)


@router.post(
    "", status_code=201, summary="Make a project of a folder", responses=documented(400, 404, 409),
    response_model=ProjectOut,
)  # fmt: skip
async def post_project(hub: Hub, body: ProjectIn) -> Project:
    """A missing folder, or one without git, is made and initialised. Uncommitted changes are refused by name."""
    check_settings(hub, body.settings)
    place = {"workspace_path", "default_branch", "allow_dirty"}
    where = body.model_dump(include=place)
    prepared = await prepare(hub.repos, workspaces_dir=hub.settings.workspaces_dir, **where)
    async with hub.db.write() as session:
        return await create_project(session, prepared, actor=OWNER, **body.model_dump(exclude=place))


@router.get("/{project_id}", summary="One project", responses=documented(404), response_model=ProjectOut)
async def read_project(session: ReadSession, project_id: Id) -> Project:
    return await get_project(session, project_id)


@router.patch(
    "/{project_id}", summary="Change some fields of a project", responses=documented(400, 404, 409),
    response_model=ProjectEdited,
)  # fmt: skip
async def patch_project(hub: Hub, project_id: Id, body: ProjectPatch) -> ProjectEdited:
    """A stale `version` answers 409 with the row as it is now. `workflow` or `workflow_file` says what new tasks go
    through; `notice` tells what that means for the open ones."""
    check_settings(hub, body.settings)
    changes = body.changes()
    wanted = {name: changes.pop(name) for name in WORKFLOW_FIELDS if name in changes}
    text = await _own_text(hub, project_id, body.workflow_file) if "workflow_file" in wanted else None
    async with hub.db.write() as session:
        row = await _wanted_workflow(session, project_id, body, text) if wanted else None
        if row is not None:
            changes["workflow_id"] = row.id
        project = await edit_project(session, project_id, body.version, changes, OWNER, hub.settings.budgets)
        notice = None
        if row is not None:
            await tell_workflow(session, project, row, OWNER)
            notice = await told_of_change(session, project, row)
        return ProjectEdited(**ProjectOut.model_validate(project).model_dump(), notice=notice)


async def _own_text(hub: HubParts, project_id: int, file: str) -> str:
    async with hub.db.read() as session:
        workspace = (await get_project(session, project_id)).workspace_path
    return await read_file(workspace, file)


async def _wanted_workflow(session: AsyncSession, project_id: int, body: ProjectPatch, text: str | None) -> WorkflowRow:
    project = await get_project(session, project_id)
    if text is None:
        return await usable_by(session, project, body.workflow, body.workflow_version)
    return (await put_text(session, text, body.workflow_file, actor=OWNER, project=project)).row


@router.post(
    "/{project_id}/discover", summary="Look at the workspace's files again", responses=documented(400, 404, 409),
    response_model=ProjectOut,
)  # fmt: skip
async def discover_project(hub: Hub, project_id: Id, body: DiscoverIn) -> Project:
    """Languages, packages, frameworks, tests, entry points and size go to `settings.discovered`. Nothing is run."""
    async with hub.db.read() as session:
        workspace = (await get_project(session, project_id)).workspace_path
    found = (await asyncio.to_thread(discover, Path(workspace))).settings()
    async with hub.db.write() as session:
        return await discover_again(session, project_id, body.version, found, recipe=body.recipe, actor=OWNER)


@router.delete("/{project_id}", status_code=204, summary="Remove a project", responses=documented(404, 409))
async def remove_project(
    session: WriteSession, project_id: Id, force: Annotated[bool, Query(description="Kill its live runs")] = False
) -> None:
    """The history stays readable by its ids; the workspace's files are not touched."""
    await delete_project(session, project_id, OWNER, force=force)


@router.get(
    "/{project_id}/tasks", summary="The tasks of a project", responses=listed(404), response_model=list[TaskOut]
)
async def list_project_tasks(session: ReadSession, project_id: Id, paging: TaskPage, wanted: Wanted) -> Sequence[Task]:
    await get_project(session, project_id)
    return await page(session, wanted.query(session, project_id), paging)


@router.get(
    "/{project_id}/findings", summary="What runs found wrong in a project, newest first", responses=listed(404),
    response_model=list[FindingOut],
)  # fmt: skip
async def list_project_findings(
    session: ReadSession, project_id: Id, paging: FindingPage, wanted: Annotated[Filter, Depends()]
) -> Sequence[Finding]:
    """With `on_base=true` what stands in its main branch already, which no task has made."""
    await get_project(session, project_id)
    return await page(session, wanted.query(project_id=project_id), paging)

"""A project's folder and its going: looked at before it is made, switched, archived, and what deleting means."""

from typing import Annotated

from fastapi import APIRouter, Query

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.hub import HubParts
from main_api.reads.removal import read_removal
from main_api.schemas.place import NeighbourOut, PreviewIn, PreviewOut, RemovalOut, SwitchIn, SwitchNowIn, SwitchOut
from main_api.schemas.project import ProjectOut
from main_api.schemas.shape import Id
from services.projects.archive import archive_project, unarchive_project
from services.projects.edit import get_project
from services.projects.preview import preview, standing_on
from services.projects.switch import Switch, begun_keys, foresee, switch
from services.store.models import Project

router = APIRouter(prefix="/projects", tags=["projects"])
Force = Annotated[bool, Query(description="Kill its live runs")]


@router.post("/preview", summary="What a project of a folder would be", responses=documented(400, 404, 409))
async def preview_project(hub: Hub, body: PreviewIn) -> PreviewOut:
    """Nothing is made or changed. What is found can be corrected in the `settings` of `POST /projects`."""
    found = await preview(hub.repos, body.workspace_path, hub.settings.workspaces_dir)
    async with hub.db.read() as session:
        there = await standing_on(session, found.workspace_path)
    told = PreviewOut.model_validate(found)
    return told.model_copy(update={"projects": [NeighbourOut.model_validate(one) for one in there]})


@router.post(
    "/{project_id}/archive", summary="Archive a project", responses=documented(404, 409), response_model=ProjectOut
)
async def post_archive(session: WriteSession, project_id: Id, force: Force = False) -> Project:
    """Out of sight and paused; nothing of it is lost. Said twice, it counts once."""
    return await archive_project(session, project_id, OWNER, force=force)


@router.post(
    "/{project_id}/unarchive", summary="Bring an archived project back", responses=documented(404),
    response_model=ProjectOut,
)  # fmt: skip
async def post_unarchive(session: WriteSession, project_id: Id) -> Project:
    """It comes back paused: `POST /projects/{id}/resume` lets it go on."""
    return await unarchive_project(session, project_id, OWNER)


@router.get("/{project_id}/removal", summary="What archiving or deleting would mean", responses=documented(404))
async def read_what_goes(hub: Hub, session: ReadSession, project_id: Id) -> RemovalOut:
    project = await get_project(session, project_id)
    return await read_removal(session, hub.repos, project, hub.settings.budgets)


@router.post(
    "/{project_id}/workspace/foresee", summary="What another workspace would mean", responses=documented(404, 409)
)
async def foresee_switch(hub: Hub, project_id: Id, body: SwitchIn) -> SwitchOut:
    """Whether the folder holds the same repository, and what changes. Nothing is changed."""
    return SwitchOut.model_validate(await _foreseen(hub, project_id, body))


@router.post(
    "/{project_id}/workspace", summary="Let a project stand on another folder", responses=documented(404, 409),
    response_model=ProjectOut,
)  # fmt: skip
async def post_switch(hub: Hub, project_id: Id, body: SwitchNowIn) -> Project:
    """Tasks, history and evidence stay. Neither folder's files are touched. Refused while runs are live."""
    wanted = await _foreseen(hub, project_id, body)
    async with hub.db.write() as session:
        return await switch(
            session, project_id, body.version, wanted, other=body.other_repository, allow_dirty=body.allow_dirty,
            actor=OWNER,
        )  # fmt: skip


async def _foreseen(hub: HubParts, project_id: int, body: SwitchIn) -> Switch:
    async with hub.db.read() as session:
        project, begun = await get_project(session, project_id), await begun_keys(session, project_id)
    place = body.workspace_path, hub.settings.workspaces_dir, body.default_branch
    return await foresee(hub.repos, project, *place, begun)

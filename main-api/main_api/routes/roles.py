"""Roles over HTTP: what they are told, which models they use, and how both changed."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.model_choice import as_kept
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.role_diff import read_role_diff
from main_api.schemas.role import FieldDiff, RevertIn, RoleIn, RoleModelsIn, RoleOut, RolePatch, RoleVersionOut
from main_api.schemas.shape import Id
from services.roles.edit import create_role, edit_role, revert_role, role_versions
from services.roles.read import active_role
from services.store.models import Role

router = APIRouter(prefix="/roles", tags=["roles"])
RolePage = Annotated[Paging, Depends(sorted_by("id", "name", first="id"))]
Old = Annotated[Id | None, Query(alias="from")]
New = Annotated[Id | None, Query(alias="to")]
RoleName = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["dev"])]


@router.get("", summary="The roles as new runs use them", responses=listed(), response_model=list[RoleOut])
async def list_roles(session: ReadSession, paging: RolePage) -> Sequence[Role]:
    return await page(session, sa.select(Role).where(Role.active), paging)


@router.post(
    "", status_code=201, summary="Make a role of your own", responses=documented(400, 409), response_model=RoleOut
)
async def post_role(hub: Hub, session: WriteSession, body: RoleIn) -> Role:
    """A workflow of your own names it in its stages."""
    fields = body.model_dump(mode="json", exclude={"name"}) | {"models": as_kept(hub, body.models)}
    return await create_role(session, body.name, fields, OWNER)


@router.get("/{name}", summary="One role", responses=documented(404), response_model=RoleOut)
async def read_role(session: ReadSession, name: RoleName) -> Role:
    return await active_role(session, name)


@router.patch("/{name}", summary="Edit a role", responses=documented(400, 404, 409), response_model=RoleOut)
async def patch_role(hub: Hub, session: WriteSession, name: RoleName, body: RolePatch) -> Role:
    """What is named becomes its next version, for runs that begin from now on."""
    changes = body.model_dump(mode="json", include=body.model_fields_set - {"version"})
    if "models" in changes:
        changes["models"] = as_kept(hub, body.models)
    return await edit_role(session, name, body.version, changes, OWNER)


@router.put(
    "/{name}/models", summary="Choose a role's models, in their order", responses=documented(400, 404, 409),
    response_model=RoleOut,
)  # fmt: skip
async def put_models(hub: Hub, session: WriteSession, name: RoleName, body: RoleModelsIn) -> Role:
    """Holds for runs that begin from now on. A request, a task and a project may have a choice of their own."""
    return await edit_role(session, name, body.version, {"models": as_kept(hub, body.models)}, OWNER)


@router.get(
    "/{name}/versions", summary="How a role changed, the newest version first", responses=documented(404),
    response_model=list[RoleVersionOut],
)  # fmt: skip
async def list_versions(session: ReadSession, name: RoleName) -> Sequence[Role]:
    return await role_versions(session, name)


@router.get("/{name}/diff", summary="What differs between two versions of a role", responses=documented(404))
async def read_diff(session: ReadSession, name: RoleName, old: Old = None, new: New = None) -> list[FieldDiff]:
    """A unified diff for each field that differs; empty where they say the same. Left out: the newest and the one
    before it."""
    return await read_role_diff(session, name, old, new)


@router.post(
    "/{name}/revert", summary="Go back to what a role said", responses=documented(400, 404, 409),
    response_model=RoleOut,
)  # fmt: skip
async def revert(session: WriteSession, name: RoleName, body: RevertIn) -> Role:
    """What version `to` said becomes the next version; nothing is taken away."""
    return await revert_role(session, name, body.version, body.to, OWNER)

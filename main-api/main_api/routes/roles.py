"""Roles over HTTP: what they are told, and which models they use."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.model_choice import as_kept
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.schemas.model_choice import RoleModelsIn, RoleOut
from services.roles.edit import set_models
from services.roles.read import active_role
from services.store.models import Role

router = APIRouter(prefix="/roles", tags=["roles"])
RolePage = Annotated[Paging, Depends(sorted_by("id", "name", first="id"))]
RoleName = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["dev"])]


@router.get("", summary="The roles as new runs use them", responses=listed(), response_model=list[RoleOut])
async def list_roles(session: ReadSession, paging: RolePage) -> Sequence[Role]:
    return await page(session, sa.select(Role).where(Role.active), paging)


@router.get("/{name}", summary="One role", responses=documented(404), response_model=RoleOut)
async def read_role(session: ReadSession, name: RoleName) -> Role:
    return await active_role(session, name)


@router.put(
    "/{name}/models", summary="Choose a role's models, in their order", responses=documented(400, 404, 409),
    response_model=RoleOut,
)  # fmt: skip
async def put_models(hub: Hub, name: RoleName, body: RoleModelsIn) -> Role:
    """Holds for runs that begin from now on. A request, a task and a project may have a choice of their own."""
    models = as_kept(hub, body.models)
    async with hub.db.write() as session:
        return await set_models(session, name, body.version, models, OWNER)

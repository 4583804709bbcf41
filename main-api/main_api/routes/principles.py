"""The principles of all roles over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.role_diff import read_principles_diff
from main_api.schemas.role import FieldDiff, PrinciplesIn, PrinciplesOut
from main_api.schemas.shape import Id
from services.roles.principles import newest_principles, principles_versions, put_principles
from services.store.models import Principles

router = APIRouter(prefix="/principles", tags=["roles"])
Old = Annotated[Id | None, Query(alias="from")]
New = Annotated[Id | None, Query(alias="to")]


@router.get(
    "", summary="The principles that every role is told", responses=documented(404), response_model=PrinciplesOut
)
async def read_principles(session: ReadSession) -> Principles:
    """A role has its own besides, and so may a project: its `settings.principles`."""
    return await newest_principles(session)


@router.put(
    "", summary="Edit the principles of all roles", responses=documented(400, 409), response_model=PrinciplesOut
)
async def edit_principles(session: WriteSession, body: PrinciplesIn) -> Principles:
    """They become the next version, for runs that begin from now on."""
    return await put_principles(session, body.version, body.text, OWNER)


@router.get(
    "/versions",
    summary="How the principles changed, the newest first",
    responses=documented(),
    response_model=list[PrinciplesOut],
)
async def list_principles(session: ReadSession) -> Sequence[Principles]:
    return await principles_versions(session)


@router.get("/diff", summary="What differs between two versions of the principles", responses=documented(404))
async def read_diff(session: ReadSession, old: Old = None, new: New = None) -> list[FieldDiff]:
    """A unified diff; empty where they say the same. Left out: the newest and the one before it."""
    return await read_principles_diff(session, old, new)

"""What is known of models over what the hub brings: stored by `wf models probe` or by a person."""

from dataclasses import asdict
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.hub import HubParts
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.schemas.model_profile import KnownProfile, ModelProfileIn, ModelProfileOut
from main_api.schemas.shape import Word
from services.choices.profiles import drop_profile, put_profile
from services.store.models import ModelProfile

router = APIRouter(prefix="/model-profiles", tags=["models"])
ProfilePage = Annotated[Paging, Depends(sorted_by("name", "updated_at", first="name"))]


@router.get("", summary="What is stored of models", responses=listed())
async def list_profiles(hub: Hub, session: ReadSession, paging: ProfilePage) -> list[ModelProfileOut]:
    """Only models of which something is stored; of the others the hub knows what it brings."""
    return [await _shown(hub, row) for row in await page(session, sa.select(ModelProfile), paging)]


@router.post("", summary="Store what a model can do and take", responses=documented())
async def store_profile(hub: Hub, body: ModelProfileIn) -> ModelProfileOut:
    """Holds from the next call on; in another main-api on the same database within five seconds."""
    async with hub.db.write() as session:
        row = await put_profile(session, body.name, body.fields, body.source, actor=OWNER)
    hub.gateway.known.forget()
    return await _shown(hub, row)


@router.delete("/{name:path}", status_code=204, summary="Forget what is stored of a model", responses=documented(404))
async def forget(hub: Hub, name: Word) -> None:
    async with hub.db.write() as session:
        await drop_profile(session, name, actor=OWNER)
    hub.gateway.known.forget()


async def _shown(hub: HubParts, row: ModelProfile) -> ModelProfileOut:
    profile = KnownProfile(**asdict(await hub.gateway.known.profile(row.name)))
    return ModelProfileOut.model_validate(
        {"name": row.name, "fields": row.fields, "source": row.source, "updated_at": row.updated_at, "profile": profile}
    )

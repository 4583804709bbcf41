"""Whether main-api can work, open to everyone; and for the owner, how each part of the hub is."""

import asyncio
from typing import Literal

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from main_api import VERSION
from main_api.deps import Hub
from main_api.errors import documented
from main_api.schemas.health import FullHealthOut
from services.store.types import now

router = APIRouter(tags=["health"])
log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 3.0


class Health(BaseModel):
    """`status` is ok, or degraded with `sentence` saying what is not well."""

    status: Literal["ok", "degraded"]
    version: str
    database: bool
    sentence: str = ""


@router.get("/health", summary="Whether the hub is up", responses={503: {"model": Health}})
async def health(hub: Hub, response: Response) -> Health:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), hub.db.read() as session:
            await session.execute(sa.text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("health.database", error=str(error))
        response.status_code = 503
        return Health(status="degraded", version=VERSION, database=False, sentence="The database does not answer.")
    return Health(status="ok", version=VERSION, database=True)


@router.get("/health/full", summary="How each part of the hub is", responses=documented(), response_model=FullHealthOut)
async def full_health(hub: Hub) -> dict[str, object]:
    """Answers 200 within two seconds whatever hangs: `status` says how the hub is, each part what to do."""
    whole = await hub.health.look()
    return {
        "status": whole.status, "sentence": whole.sentence, "version": VERSION, "checked_at": now(),
        "parts": whole.parts,
    }  # fmt: skip

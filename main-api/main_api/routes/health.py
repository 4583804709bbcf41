"""Whether main-api can work: open to everyone, and says nothing else."""

import asyncio
from typing import Literal

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from main_api import VERSION
from main_api.deps import Hub

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

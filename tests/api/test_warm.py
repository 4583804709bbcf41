"""main-api rehearses what a person does first, and leaves no trace of it."""

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from main_api.hub import HubParts
from main_api.warm import warm
from services.plans.rehearsal import rehearse
from services.store.models import Criterion, Event, Plan, Project, Request, Task

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WRITTEN = (Project, Request, Plan, Task, Criterion, Event)


async def _counts(session: AsyncSession) -> list[int]:
    return [await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in WRITTEN]


async def test_a_rehearsed_approval_leaves_nothing(app: FastAPI, hub: HubParts) -> None:
    seen: list[list[int]] = []

    async def look(session: AsyncSession) -> None:
        seen.append(await _counts(session))

    async with hub.db.read() as session:
        before = await _counts(session)
    await rehearse(hub.db, look)
    assert [made - was for made, was in zip(seen[0][:5], before, strict=False)] == [1, 1, 1, 2, 2]
    with capture_logs() as logs:
        await warm(app, hub)
    assert [line for line in logs if line["event"].startswith(("warm", "rehearsal"))] == []
    async with hub.db.read() as session:
        assert await _counts(session) == before


async def test_what_goes_wrong_in_it_is_told_and_stops_nothing(hub: HubParts) -> None:
    async def broken(session: AsyncSession) -> None:
        await session.execute(sa.text("SELECT * FROM nothing_of_that_name"))

    with capture_logs() as logs:
        await rehearse(hub.db, broken)
    told = [line for line in logs if line["event"].startswith("rehearsal")]
    assert [(line["event"], line["log_level"]) for line in told] == [("rehearsal.failed", "warning")]

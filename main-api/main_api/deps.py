"""What a route may ask for: the hub, and a session that commits before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts

OWNER = "person"  # the actor of everything that comes through the door: a hub has one owner


def get_hub(connection: HTTPConnection) -> HubParts:
    return connection.app.state.hub


Hub = Annotated[HubParts, Depends(get_hub)]


async def write_session(hub: Hub) -> AsyncIterator[AsyncSession]:
    async with hub.db.write() as session:
        yield session


async def read_session(hub: Hub) -> AsyncIterator[AsyncSession]:
    async with hub.db.read() as session:
        yield session


# scope="function": a yield dependency otherwise ends after the response was sent, so a failed commit would answer 200
WriteSession = Annotated[AsyncSession, Depends(write_session, scope="function")]
ReadSession = Annotated[AsyncSession, Depends(read_session, scope="function")]

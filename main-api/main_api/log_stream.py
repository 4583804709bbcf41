"""A log over a WebSocket: its newest lines, then what is written, as fast as the reader asks and no faster."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from main_api.errors import problem_of
from main_api.hub import HubParts
from main_api.log_books import Asked
from main_api.one_way import tell
from services.domain.errors import NotFound
from services.log_files.folder import signature
from services.log_files.line import Level
from services.log_files.position import PATTERN
from services.log_files.reading import Page
from services.log_files.wanted import Wanted

LOOK_SECONDS = 0.1  # how soon a new line is seen, and the shortest time between two frames
HURRIED_SECONDS = 0.3  # that time where more comes than is sent: nobody reads it, and each frame costs both sides

router = APIRouter()


@router.websocket("/ws/logs/{name}")
async def follow_log(
    websocket: WebSocket,
    name: str,
    after: Annotated[str | None, Query(pattern=PATTERN)] = None,
    level: Annotated[list[Level] | None, Query()] = None,
    text: Annotated[str, Query(max_length=200)] = "",
) -> None:
    """Each frame is a page as `GET /logs/{name}` answers it. After each the hub waits until the reader says anything:
    what was written meanwhile comes in one page, its middle as `skipped` where that is more than LOG_BATCH_LINES."""
    hub: HubParts = websocket.app.state.hub
    try:
        hub.logs.folders.path(name)
    except NotFound as unknown:
        await websocket.send_denial_response(problem_of(unknown))
        return
    asked = Asked(Wanted(frozenset(level or ()), text), after, limit=hub.settings.log_batch_lines)
    ready = asyncio.Event()
    await tell(websocket, _send(websocket, hub, name, asked, ready), ready.set)


async def _send(websocket: WebSocket, hub: HubParts, name: str, asked: Asked, ready: asyncio.Event) -> None:
    """The first page always comes, so that the reader knows where it stands."""
    position, first = asked.after, True
    seen: tuple[int, int] | None = None
    while True:
        path = hub.logs.folders.path(name)
        now = signature(path)
        if not first and now == seen:
            await asyncio.sleep(LOOK_SECONDS)
            continue
        page, text = await hub.logs.news(name, _from(asked, position))
        seen = now
        position = page.last or position
        if first or _is_news(page):
            first = False
            ready.clear()
            await websocket.send_text(text)
            await ready.wait()
        await asyncio.sleep(LOOK_SECONDS if page.skipped is None else HURRIED_SECONDS)


def _from(asked: Asked, position: str | None) -> Asked:
    return Asked(asked.wanted, position, limit=asked.limit)


def _is_news(page: Page) -> bool:
    return bool(page.lines) or page.lost or page.skipped is not None

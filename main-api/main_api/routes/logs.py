"""The hub's logs over HTTP: read, searched, downloaded, cleared."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from main_api.deps import OWNER, Hub
from main_api.downloads import SAFE
from main_api.errors import documented
from main_api.log_books import Asked
from main_api.schemas.log import ClearedOut, LogLineOut, LogOut, LogPageOut
from main_api.schemas.shape import Time
from services.domain.changes import gone
from services.domain.errors import NotFound
from services.events import log as events
from services.log_files.folder import NAME
from services.log_files.line import Level
from services.log_files.position import PATTERN
from services.log_files.wanted import Wanted

router = APIRouter(prefix="/logs", tags=["logs"])
Name = Annotated[str, Path(pattern=NAME, examples=["main-api"])]
Levels = Annotated[list[Level] | None, Query(description="Any of these; all where none is named")]
Text = Annotated[str, Query(max_length=200, description="Found whatever its case", examples=["request.answered"])]
Where = Annotated[str | None, Query(pattern=PATTERN, examples=["9f86d081884c7d65:4096"])]
Bytes = {200: {"description": "The log", "content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("", summary="The logs that there are", responses=documented())
async def list_logs(hub: Hub) -> list[LogOut]:
    """Of each process of the hub; `ollama_http` has the calls of models."""
    return [LogOut.model_validate(facts) for facts in await asyncio.to_thread(hub.logs.folders.all_facts)]


@router.get("/{name}", summary="Lines of a log", responses=documented(404))
async def read_log(
    hub: Hub,
    request: Request,
    name: Name,
    after: Where = None,
    before: Where = None,
    level: Levels = None,
    text: Text = "",
    since: Time | None = None,
    until: Time | None = None,
    order: Annotated[
        Literal["newest", "oldest"], Query(description="From which end until there are `limit`")
    ] = "newest",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> LogPageOut:
    """Over all its files, those that rotated too. A search that takes too long (LOG_SEARCH_SECONDS) or whose asker goes
    away stops; the page says where to go on. To follow a log, ask again with `last` as `after`."""
    asked = Asked(Wanted(frozenset(level or ()), text), after, before, since, until, order == "newest", limit)
    return LogPageOut.model_validate(await hub.logs.read(name, asked, request.is_disconnected))


@router.get("/{name}/lines/{position}", summary="One line, whole", responses=documented(404))
async def read_line(
    hub: Hub, name: Name, position: Annotated[str, Path(max_length=40, examples=["9f86d081884c7d65:4096"])]
) -> LogLineOut:
    line = await hub.logs.line(name, position)
    if line is None:
        raise NotFound(
            "This line is no more.", "The log was cleared, or its file was dropped. Look at the newest lines."
        )
    return LogLineOut.model_validate(line)


@router.get(
    "/{name}/download", summary="A whole log as a file", response_class=StreamingResponse,
    responses={**Bytes, **documented(404)},
)  # fmt: skip
async def download_log(hub: Hub, name: Name) -> StreamingResponse:
    """All its files one after the other, the oldest first, without secrets."""
    headers = {**SAFE, "Content-Disposition": f'attachment; filename="{name}.log"', "Cache-Control": "no-store"}
    headers["X-Content-Type-Options"] = "nosniff"
    return StreamingResponse(await hub.logs.download(name), media_type="text/plain; charset=utf-8", headers=headers)


@router.post("/{name}/clear", summary="Throw a log away", responses=documented(404))
async def clear_log(hub: Hub, name: Name) -> ClearedOut:
    """Its older files are deleted, and the one that is written to is emptied; the process writes on. It can't be
    undone: download it before."""
    async with hub.db.write() as session:
        before = await asyncio.to_thread(hub.logs.folders.clear, name)
        told = gone(bytes=before.bytes, files=before.files, written_at=before.written_at)
        await events.append(session, "log.cleared", actor=OWNER, name=name, **told)
    return ClearedOut(name=name, bytes=before.bytes, files=before.files)

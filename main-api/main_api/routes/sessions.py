"""The browsers that are signed in: listed, and signed out from elsewhere."""

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Request

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.schemas.session import BrowserSessionOut, EndedOut
from main_api.schemas.shape import Id
from services.sessions.browsers import in_words
from services.sessions.sessions import end_all, end_one, still_open
from services.store.models import WebSession

router = APIRouter(prefix="/sessions", tags=["session"])
SessionPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "expires_at", first="-id"))]


@router.get("", summary="The browsers that are signed in, the newest first", responses=listed())
async def list_sessions(hub: Hub, session: ReadSession, paging: SessionPage) -> list[BrowserSessionOut]:
    """`current` is the one that asks; with the owner's token none is."""
    own: str | None = paging.request.scope.get("wfhub.session")
    rows: Sequence[WebSession] = await page(session, still_open(), paging)
    return [
        BrowserSessionOut(
            id=row.id, since=row.created_at, expires_at=row.expires_at,
            opened_with=cast(Literal["link", "token"], row.opened_with),
            last_seen_at=hub.signed_in.last_seen(row.token_sha256, row.last_seen_at),
            browser=in_words(row.user_agent), user_agent=row.user_agent, current=row.token_sha256 == own,
        )
        for row in rows
    ]  # fmt: skip


@router.delete("/{session_id}", status_code=204, summary="Sign one browser out", responses=documented(404))
async def sign_one_out(hub: Hub, session_id: Id) -> None:
    """At once, its open connections too."""
    async with hub.db.write() as session:
        ended = await end_one(session, session_id)
    hub.signed_in.forget([ended])


@router.delete("", summary="Sign all other browsers out", responses=documented())
async def sign_others_out(hub: Hub, request: Request) -> EndedOut:
    """All but the one that asks, and with the owner's token all. Sign-in links that nobody used yet open no more."""
    async with hub.db.write() as session:
        ended = await end_all(session, but=request.scope.get("wfhub.session"))
    hub.signed_in.forget(ended)
    return EndedOut(ended=len(ended))

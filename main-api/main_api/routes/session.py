"""Signing a browser in and out. `/login` is open; a link's code opens once, and the token is compared in full."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from main_api import VERSION
from main_api.deps import Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.hub import HubParts
from main_api.reads.summary import plays_a_script
from main_api.refusals import Unauthorized
from main_api.schemas.session import HubFacts, LoginIn, LoginLinkOut, SessionOut
from main_api.settings import MainSettings
from services.sessions.errors import LinkExpired
from services.sessions.links import make_code, may_open, use_code
from services.sessions.sessions import Opened, end_session, find_session, open_session

router = APIRouter(tags=["session"])
PAGE = "/chat.html"
Place = Annotated[
    str,
    Query(
        max_length=500, pattern=r"^[A-Za-z0-9_.:%+&=-]*$", examples=["project=1&task=12"],
        description="Where in the page it leads: the page's own query",
    ),
]  # fmt: skip
NEVER_STORED = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get(
    "/login", status_code=303, summary="Sign a browser in with a link", response_class=RedirectResponse,
    responses={
        303: {"description": "To the page: signed in, or with `login=expired`."},
        **{status: documented(429)[status] for status in (422, 429)},
    },
)  # fmt: skip
async def follow_link(
    hub: Hub, request: Request, code: Annotated[str, Query(max_length=200)] = "", place: Place = ""
) -> RedirectResponse:
    """The code works once. A used, old or wrong one leads to the page, which asks to sign in; too many get 429."""
    hub.callers.check_may_try(request.scope)
    try:
        opened = await _follow(hub, request, code)
    except LinkExpired:
        if code:
            hub.callers.failed(request.scope)
        return RedirectResponse(f"{PAGE}?login=expired", 303, NEVER_STORED)
    answer = RedirectResponse(f"{PAGE}?{place}" if place else PAGE, 303, NEVER_STORED)
    _set_cookie(answer, request, hub.settings, opened)
    return answer


@router.post("/login", status_code=204, summary="Sign a browser in with the owner's token", responses=documented(429))
async def sign_in(hub: Hub, session: WriteSession, request: Request, response: Response, body: LoginIn) -> None:
    hub.callers.check_may_try(request.scope)
    if not hub.callers.is_owner(body.token):
        hub.callers.failed(request.scope)
        raise Unauthorized("That is not this hub's token.", "It is WFHUB_TOKEN in .env; or run: wf login.")
    response.headers.update(NEVER_STORED)
    _set_cookie(response, request, hub.settings, await _open(hub.settings, session, request, "token"))


@router.post("/login/links", status_code=201, summary="A fresh sign-in link", responses=documented())
async def make_link(hub: Hub, session: WriteSession, request: Request, response: Response) -> LoginLinkOut:
    """For another browser, or for who lost theirs. It opens once, within ten minutes."""
    code, expires_at = await make_code(session, hub.settings.login_link_seconds)
    response.headers.update(NEVER_STORED)
    address = hub.settings.public_url or f"{'https' if _is_secure(request) else 'http'}://{request.headers['host']}"
    return LoginLinkOut(url=f"{address}/login?code={code}", expires_at=expires_at)


@router.get("/session", summary="Whether you are signed in, and to what", responses=documented())
async def read_session_facts(hub: Hub, session: ReadSession, request: Request, response: Response) -> SessionOut:
    digest: str | None = request.scope.get("wfhub.session")
    row = await find_session(session, digest) if digest else None
    response.headers["Cache-Control"] = "no-store"
    return SessionOut(
        since=row.created_at if row else None,
        expires_at=row.expires_at if row else None,
        hub=HubFacts(version=VERSION, scripted_model=await plays_a_script(session, hub.settings.default_model)),
    )


@router.delete("/session", status_code=204, summary="Sign this browser out", responses=documented())
async def sign_out(hub: Hub, request: Request, response: Response) -> None:
    """With the owner's token there is no session to end, and nothing happens."""
    if digest := request.scope.get("wfhub.session"):
        async with hub.db.write() as session:  # committed before it is forgotten: a request between would find it open
            await end_session(session, digest)
        hub.signed_in.forget([digest])
    response.delete_cookie(hub.settings.cookie, httponly=True, samesite="strict", secure=_is_secure(request))


async def _follow(hub: HubParts, request: Request, code: str) -> Opened:
    """Raises LinkExpired; a code that can't open takes no place among those who write."""
    async with hub.db.read() as session:
        if not await may_open(session, code):
            raise LinkExpired("This sign-in link was used before or is too old.", "Ask for a fresh one: wf login.")
    async with hub.db.write() as session:
        await use_code(session, code)
        return await _open(hub.settings, session, request, "link")


async def _open(
    settings: MainSettings, session: AsyncSession, request: Request, way: Literal["link", "token"]
) -> Opened:
    return await open_session(session, settings.session_seconds, request.headers.get("user-agent", ""), way)


def _set_cookie(response: Response, request: Request, settings: MainSettings, opened: Opened) -> None:
    """Strict: no page of another site can make a browser send it. Not Secure on plain http, as it would get lost."""
    response.set_cookie(
        settings.cookie, opened.token, max_age=int(settings.session_seconds), path="/", httponly=True,
        samesite="strict", secure=_is_secure(request),
    )  # fmt: skip


def _is_secure(request: Request) -> bool:
    """Caddy speaks https outside and http to us; who lies about it only changes their own cookie."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))

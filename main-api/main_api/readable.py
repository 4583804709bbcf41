"""What no route can use is refused before any of them: a NUL in the address, which no database keeps."""

from fastapi.exceptions import RequestValidationError
from fastapi.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from main_api.denial import answer_or_deny
from main_api.errors import answer_to


class Readable:
    """Inside the door, so that only who is let in is told what is wrong with their address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = _unreadable(HTTPConnection(scope)) if scope["type"] in ("http", "websocket") else None
        if place is None:
            await self.app(scope, receive, send)
        else:
            answer = await answer_to(HTTPConnection(scope), _refusal(place))
            await answer_or_deny(answer, scope, receive, send)


def _unreadable(request: HTTPConnection) -> tuple[str, ...] | None:
    if "\0" in request.scope["path"]:
        return ("path",)
    if b"%00" in request.scope["query_string"]:
        for name, value in request.query_params.multi_items():
            if "\0" in name or "\0" in value:
                return ("query", name.replace("\0", ""))
    return None


def _refusal(place: tuple[str, ...]) -> RequestValidationError:
    return RequestValidationError([{"loc": place, "msg": "it holds a NUL character: leave it out", "type": "nul"}])

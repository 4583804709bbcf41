"""What no route can use is refused before any of them: a NUL in the address, which no database keeps."""

from fastapi.exceptions import RequestValidationError
from fastapi.requests import HTTPConnection


async def readable(connection: HTTPConnection) -> None:
    if connection.scope["type"] != "http":
        return
    if "\0" in connection.scope["path"]:
        raise _refusal(("path",))
    if b"%00" in connection.scope["query_string"]:
        for name, value in connection.query_params.multi_items():
            if "\0" in name or "\0" in value:
                raise _refusal(("query", name.replace("\0", "")))


def _refusal(place: tuple[str, ...]) -> RequestValidationError:
    return RequestValidationError([{"loc": place, "msg": "it holds a NUL character: leave it out", "type": "nul"}])

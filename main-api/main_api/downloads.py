"""Downloads: always as attachments, never as a page of the hub's own; in ranges, and not at all when unchanged."""

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, Response
from starlette.responses import MalformedRangeHeader, RangeNotSatisfiable

from main_api.errors import MEDIA_TYPE, documented
from main_api.refusals import RangeRefused
from services.files.names import UNKNOWN, file_name

SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # kept, and asked about with its ETag before it is shown again
}


class Ranged(FileResponse):
    """Starlette's own, with ranges that can't be served refused as a problem."""

    def check(self, asked: str | None, size: int) -> None:
        if asked is None or not asked.strip().lower().startswith("bytes="):
            return
        try:
            self._parse_range_header(asked, size)
        except (RangeNotSatisfiable, MalformedRangeHeader) as error:
            raise RangeRefused(
                f"The file has {size} bytes, and the range {asked[:100]} is none of it.",
                "Ask for a range that begins within the file, or for all of it.", size=size,
            ) from error  # fmt: skip


def send(request: Request, path: Path, *, name: str, sha256: str, at: datetime, media_type: str = UNKNOWN) -> Response:
    """The file's bytes. Its ETag is its hash: `If-None-Match` gets 304, `Range` 206 or RangeRefused."""
    tag = f'"{sha256}"'
    headers = {**SAFE, "ETag": tag, "Last-Modified": format_datetime(at, usegmt=True)}
    known = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    found = path.stat()
    response = Ranged(path, media_type=media_type, filename=file_name(name), headers=headers, stat_result=found)
    if request.headers.get("if-range", tag) == tag:
        response.check(request.headers.get("range"), found.st_size)
    return response


def sent(*statuses: int, media_type: str = UNKNOWN, ranges: bool = True) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a download."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    found: dict[int | str, dict[str, Any]] = {200: {"description": "The bytes", "content": content}}
    found[304] = {"description": "Unchanged since the ETag in If-None-Match."}
    if ranges:
        found[206] = {"description": "The bytes of the range", "content": content}
        problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        found[416] = {"description": "The range lies outside the file.", "content": problem}
    return {**documented(*statuses), **found}

"""Logs on the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from main_api.schemas.shape import Out
from services.log_files.line import Level


class LogOut(Out):
    """A log that there is: of a process of the hub, or `ollama_http`, the calls of models. `bytes` and `files` count
    those that rotated away too; `written_at` is null where nothing was ever written."""

    name: str = Field(examples=["main-api"])
    bytes: int
    files: int
    written_at: datetime | None


class LogLineOut(Out):
    """One line, without secrets and with control characters spelt out. `position` is where it begins, `after` where it
    ends. `level` is `other`, and `at` null, where the line tells none. `fields` is all that it tells besides.
    `cut`: something long was left out, `GET /logs/{name}/lines/{position}` has it whole."""

    position: str = Field(examples=["9f86d081884c7d65:4096"])
    after: str
    at: datetime | None
    level: Level
    event: str
    fields: dict[str, Any]
    cut: bool


class SkippedOut(Out):
    """Lines that were written between `after` and `before` and are not among these: ask with both for them."""

    after: str
    before: str
    lines: int


class LogPageOut(Out):
    """The oldest first. Send `first` as `before` for older lines, `last` as `after` for newer ones; both are empty as
    long as nothing was written.

    `complete`: all that was asked for was looked through; else `left` bytes are not. `lost`: the position to go on from
    is no more, as its file was cleared or dropped; the lines are those that follow. `skipped`: with `after` and the
    newest first, what lies between it and the first of these lines.
    """

    lines: list[LogLineOut]
    first: str
    last: str
    complete: bool
    left: int
    lost: bool
    skipped: SkippedOut | None


class ClearedOut(Out):
    """What was thrown away."""

    name: str
    bytes: int
    files: int

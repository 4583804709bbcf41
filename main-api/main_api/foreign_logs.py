"""What containers say that keep no log file of the hub's: the database, Ollama, Caddy, the stack's API.

The stack's API tells it; here it becomes log files as those of the hub's own processes are, so that it is read,
searched and followed in the one way.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import structlog

from main_api.settings import MainSettings
from services.log_files.line import time_of
from services.logs.append import append
from services.logs.rotation import VARIABLE, Rotation
from services.redaction import KNOWN
from services.trusted import trusted_for

log = structlog.get_logger(__name__)
SERVICES = ("db", "ollama", "caddy", "stack")
AGAIN_SECONDS, ABSENT_SECONDS = 3.0, 60.0  # after an end of the stream; where there is no such container
GATHER_SECONDS = 0.2
MOST_TOGETHER, MOST_AGAIN = 2_000, 100_000  # lines that wait to be written; that are asked for after a break
LAST_BYTES = 65_536  # of a file, in which its last line begins
LONGEST = 64_000  # characters of a line
WORDS = re.compile(
    r"\b(DEBUG|INFO|WARN|WARNING|ERROR|FATAL|PANIC|LOG|NOTICE|HINT|DETAIL|STATEMENT):|\blevel=(\w+)", re.ASCII
)
LEVELS = {
    "debug": "debug", "warn": "warning", "warning": "warning", "error": "error", "fatal": "error", "panic": "error",
}  # fmt: skip


class ForeignLogs:
    """Does nothing for a hub of local processes. Several main-apis must not: each would write every line."""

    def __init__(self, settings: MainSettings, environment: Mapping[str, str] = os.environ) -> None:
        token = settings.stack_api_token.get_secret_value() if settings.stack_api_token else ""
        self._url = settings.stack_api_url.rstrip("/") if settings.stack_api_url else ""
        self._headers = {"Authorization": f"Bearer {token}"}
        told = Rotation.told(environment.get(VARIABLE, "")) or Rotation(settings.home / "logs" / "main-api.log")
        self._rotation, self._folder = told, settings.home / "logs"
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        if self._url:
            self._tasks = [asyncio.create_task(self._keep(name), name=f"log-of-{name}") for name in SERVICES]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, service: str) -> None:
        rotation = replace(self._rotation, path=self._folder / f"{service}.log")
        last = await asyncio.to_thread(lambda: last_time(rotation.path) or last_time(rotation.numbered(1)))
        verify, timeout = trusted_for(self._url), httpx.Timeout(10, read=None)
        async with httpx.AsyncClient(verify=verify, timeout=timeout, trust_env=False) as http:
            while True:
                rest = AGAIN_SECONDS
                with _broken(service):
                    last, rest = await self._read(http, service, rotation, last)
                await asyncio.sleep(rest)

    async def _read(
        self, http: httpx.AsyncClient, service: str, rotation: Rotation, last: float
    ) -> tuple[float, float]:
        """One stream, to its end. Answers the time of the last line, and how long to wait for the next stream."""
        url = f"{self._url}/containers/{service}/logs"
        begun, most = last, MOST_AGAIN if last else MOST_TOGETHER
        wanted: dict[str, str] = {"follow": "true", "since": f"{last:.6f}", "tail": str(most)}
        async with http.stream("GET", url, params=wanted, headers=self._headers) as answer:
            if answer.status_code == 404:
                return last, ABSENT_SECONDS
            answer.raise_for_status()
            gathered: asyncio.Queue[str] = asyncio.Queue(MOST_TOGETHER)
            writing = asyncio.create_task(_write(service, rotation, gathered))
            try:
                with _broken(service):  # what came before the break is written, and is not asked for again
                    async for line in answer.aiter_lines():
                        at = _seconds(line)
                        if at is not None and at > begun:  # `since` counts to the second with some engines
                            last = at
                            await gathered.put(line)
                await gathered.join()
            finally:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)  # to suppress would also drop our own cancelling
        return last, AGAIN_SECONDS


@contextmanager
def _broken(service: str) -> Iterator[None]:
    """A line to the stack's API that breaks: it is asked again a little later."""
    try:
        yield
    except (httpx.HTTPError, OSError) as error:
        log.debug("foreign_log.broken", service=service, error=str(error)[:300])


async def _write(service: str, rotation: Rotation, gathered: "asyncio.Queue[str]") -> None:
    """A few times a second at the most, however many lines there are. A disk that takes none loses them."""
    while True:
        lines = [await gathered.get()]
        await asyncio.sleep(GATHER_SECONDS)
        while not gathered.empty():
            lines.append(gathered.get_nowait())
        try:
            await asyncio.to_thread(append, rotation, [shaped(service, line) for line in lines])
        except OSError as error:
            log.warning("foreign_log.unwritable", service=service, lines=len(lines), error=str(error)[:300])
        for _ in lines:
            gathered.task_done()


def shaped(service: str, line: str) -> str:
    """The line as the hub's own are: JSON with a time, a level and what was said, without secrets. What is JSON already
    keeps its other fields."""
    at, _, text = line.partition(" ")
    text = KNOWN(text[:LONGEST].rstrip())
    told: dict[str, Any] = {"timestamp": _iso(at), "service": service}
    own = _json(text)
    if own is None:
        return json.dumps(told | {"level": _level(text), "event": text}, ensure_ascii=False)
    event = own.pop("msg", None) or own.pop("message", None) or own.pop("event", "")
    level = own.pop("level", "")
    rest = {name: value for name, value in own.items() if name not in ("ts", "time", "timestamp")}
    return json.dumps(told | {"level": str(level), "event": str(event)} | rest, ensure_ascii=False)


def last_time(path: Path) -> float:
    """When the newest line of a log file was said, in seconds since 1970; 0 where there is no file.

    One that was cleared is as old as its clearing: what went does not come back."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_BYTES))
            lines = file.read().splitlines()
            written = os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return 0.0
    at = next((at for line in reversed(lines) if (at := time_of(line)) is not None), None)
    return at.timestamp() if at is not None else written


def _json(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    with suppress(ValueError, RecursionError):
        found = json.loads(text)
        return found if isinstance(found, dict) else None
    return None


def _level(text: str) -> str:
    """PostgreSQL's and Ollama's words; what tells none is ordinary."""
    found = WORDS.search(text[:300])
    word = (found[1] or found[2]).lower() if found else ""
    return LEVELS.get(word, "info")


def _iso(at: str) -> str:
    """The engine tells nanoseconds; the hub's logs have microseconds."""
    whole, dot, fraction = at.rstrip("Z").partition(".")
    return f"{whole}{dot}{fraction[:6]}Z"


def _seconds(line: str) -> float | None:
    try:
        return datetime.fromisoformat(_iso(line.partition(" ")[0])).astimezone(UTC).timestamp()
    except ValueError:
        return None

"""The log of what was asked of models and what they answered: JSON lines, without secrets, in files that rotate.

A thread of its own redacts and writes, so that no call waits for a disk. When it can't keep up, calls are left out and
the next line says how many.
"""

import json
import os
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from services.redaction import KNOWN
from services.store.types import now

FILE = "ollama_http.log"
FILE_BYTES = 10_000_000
FILES = 4  # the one written to and three before it
BODY_BYTES = 16_384
AROUND = 4_096  # looked through for secrets beyond what is kept: one may lie across the cut
WAITING = 500
GATHER_SECONDS = 0.05
TOGETHER = 50  # lines for one opening of the file
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. `facts` are numbers and short words for the line; the bodies are as they went over the wire."""

    facts: dict[str, Any]
    request: bytes = b""
    response: bytes = b""
    at: datetime = field(default_factory=now)


class TrafficLog:
    """Of one process. `folder` None writes nothing; `body_bytes` is the most that is kept of a body, 0 for none."""

    def __init__(self, folder: Path | None, body_bytes: int = BODY_BYTES, file_bytes: int = FILE_BYTES) -> None:
        self._path = folder / FILE if folder else None
        self._body_bytes, self._file_bytes = body_bytes, file_bytes
        self._waiting: deque[tuple[Exchange, int, int]] = deque()
        self._rung, self._stopping = threading.Event(), threading.Event()
        self._left_out = 0  # only grows, by who notes
        self._told = 0  # how many of them a line has told, by who writes
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._path and self._thread is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="traffic-log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Writes what waits."""
        if self._thread:
            self._stopping.set()
            self._rung.set()
            self._thread.join()
            self._thread = None

    def note(self, exchange: Exchange) -> None:
        """At once; long bodies are cut here, so that what waits stays small."""
        if self._thread is None:
            return
        if len(self._waiting) >= WAITING:
            self._left_out += 1
            return
        cut = Exchange(exchange.facts, self._near(exchange.request), self._near(exchange.response), exchange.at)
        self._waiting.append((cut, len(exchange.request), len(exchange.response)))
        if not self._rung.is_set():  # a thread that is woken takes the processor from the next call
            self._rung.set()

    def _near(self, body: bytes) -> bytes:
        """The body, or its beginning and its end with what is looked through around the cuts."""
        if len(body) <= self._body_bytes + 2 * AROUND:
            return body
        half = self._body_bytes // 2 + AROUND
        return body[:half] + body[-half:]

    def _run(self) -> None:
        while not self._stopping.is_set() or self._waiting:
            self._rung.wait()
            self._stopping.wait(GATHER_SECONDS)
            self._rung.clear()
            while self._waiting:
                self._write_some()

    def _write_some(self) -> None:
        left_out, lines = self._left_out - self._told, list[bytes]()
        while self._waiting and len(lines) < TOGETHER:
            lines += self._told_line(self._waiting.popleft(), 0 if lines else left_out)
        try:
            self._write(lines)
            self._told += left_out if lines else 0
        except OSError as error:
            log.error("traffic_log.not_written", error=str(error), file=str(self._path))

    def _told_line(self, one: tuple[Exchange, int, int], left_out: int) -> list[bytes]:
        try:
            return [_line(*one, self._body_bytes, left_out)]
        except (ValueError, TypeError, RecursionError) as error:
            log.error("traffic_log.not_written", error=str(error), file=str(self._path))
            return []

    def _write(self, lines: list[bytes]) -> None:
        """One opening for as many as the file still takes."""
        assert self._path is not None
        while lines:
            size = self._path.stat().st_size if self._path.exists() else 0
            fitting = 0
            while fitting < len(lines) and (not size or size + len(lines[fitting]) <= self._file_bytes):
                size += len(lines[fitting])
                fitting += 1
            if fitting:
                with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
                    file.write(b"".join(lines[:fitting]))
                lines = lines[fitting:]
            else:
                self._rotate()

    def _rotate(self) -> None:
        for number in range(FILES - 1, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        assert self._path is not None
        return self._path.with_name(f"{FILE}.{number}") if number else self._path


def _line(exchange: Exchange, asked: int, answered: int, body_bytes: int, left_out: int) -> bytes:
    entry: dict[str, Any] = {"at": exchange.at.isoformat(), **KNOWN.value(exchange.facts)}
    entry |= {"request_bytes": asked, "request": _kept(exchange.request, asked, body_bytes)}
    entry |= {"response_bytes": answered, "response": _kept(exchange.response, answered, body_bytes)}
    if left_out:
        entry["calls_left_out_before"] = left_out
    return json.dumps(entry, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"


def _kept(body: bytes, whole: int, most: int) -> str:
    """As text, redacted before it is cut, so that no piece of a secret stays at an edge."""
    if len(body) == whole:
        clean = KNOWN.data(body)
        if len(clean) <= most:
            return clean.decode("utf-8", "replace")
        first, last = clean[: most // 2], clean[len(clean) - most // 2 :]
    else:
        middle = len(body) // 2
        first, last = KNOWN.data(body[:middle])[: most // 2], KNOWN.data(body[middle:])
        last = last[max(0, len(last) - most // 2) :]
    gap = f" … {whole - len(first) - len(last)} bytes left out … "
    return first.decode("utf-8", "replace") + gap + last.decode("utf-8", "replace")

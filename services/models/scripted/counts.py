"""Counts requests by the hash of their body, in memory and, if asked, in a file that outlives a killed server."""

import json
from pathlib import Path
from typing import Any, TextIO

from services.models.scripted.errors import CountFileUnreadable
from services.models.scripted.request import Seen


class Counts:
    """How often each request came. With a file, one JSON line is appended for each request before it is answered."""

    def __init__(self, path: Path | None = None) -> None:
        self._entries: dict[str, dict[str, Any]] = {}
        self._file: TextIO | None = None
        if path is None:
            return
        try:
            whole = _read(path)
            for entry in whole:
                self._add(entry)
            self._file = path.open("a", encoding="utf-8")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CountFileUnreadable(
                f"The count file {path} can't be used: {error}.", "Move it away or name another one."
            ) from error

    def record(self, seen: Seen) -> None:
        headers = seen.headers
        entry: dict[str, Any] = {
            "sha256": seen.sha256,
            "role": headers.get("role"),
            "stage": headers.get("stage"),
            "task": headers.get("task"),
            "round": seen.round,
            "turn": seen.turn,
        }
        self._add(entry)
        if self._file:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def listed(self) -> list[dict[str, Any]]:
        return list(self._entries.values())

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _add(self, entry: dict[str, Any]) -> None:
        known = self._entries.setdefault(entry["sha256"], {"sha256": entry["sha256"], "count": 0, **entry})
        known["count"] += 1


def _read(path: Path) -> list[dict[str, Any]]:
    """The file's entries. A last line without its newline was cut by a kill and is taken off the file."""
    if not path.exists():
        return []
    data = path.read_bytes()
    complete = data[: data.rfind(b"\n") + 1]
    entries = [json.loads(line) for line in complete.splitlines()]
    if len(complete) < len(data):
        with path.open("r+b") as file:
            file.truncate(len(complete))
    return entries

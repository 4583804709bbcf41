"""What the tools of a run answered, kept beside the job: a run that goes on later does not do them a second time."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from services.redaction import KNOWN

log = structlog.get_logger(__name__)

INTERRUPTED = (
    "Error: the run was interrupted during this call. It may have happened in part, wholly or not at all: "
    "look at the workspace before you make it again."
)
LOOKING = frozenset({"read", "grep", "glob"})  # what only looks may simply be done again


@dataclass(frozen=True, slots=True)
class Kept:
    """A call's answer as the model read it."""

    text: str
    ok: bool


class ToolSteps:
    """One file of JSON lines, a line before a call and one after it. Without a path nothing is kept.

    Calls are known by their order and what was asked: from the first that differs on, what is kept is of another
    conversation and is dropped.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._number = 0
        self._kept = _read(path) if path is not None else []

    def begin(self, name: str, arguments: dict[str, Any]) -> Kept | None:
        """The answer that is kept of this call; None when it has to be made. Call `end` then."""
        call = _digest(name, arguments)
        before = self._kept[self._number] if self._number < len(self._kept) else None
        if before is not None and before["call"] != call:
            log.info("tool_steps.diverged", at=self._number, path=str(self._path))
            self._kept, before = self._kept[: self._number], None
        if before is not None and before["text"] is not None:
            self._number += 1
            return Kept(before["text"], before["ok"])
        if before is not None and name not in LOOKING:
            self.end(INTERRUPTED, False)
            return Kept(INTERRUPTED, False)
        self._append({"n": self._number, "call": call})
        return None

    def end(self, text: str, ok: bool) -> None:
        self._append({"n": self._number, "text": text, "ok": ok})
        self._number += 1

    def _append(self, line: dict[str, Any]) -> None:
        if self._path is not None:
            # Secrets stay out of the file; an answer that held one is then another question to the model, asked anew.
            data = KNOWN(json.dumps(line, ensure_ascii=False)).encode("utf-8", "surrogatepass") + b"\n"
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                file.write(data)


def _read(path: Path) -> list[dict[str, Any]]:
    """The calls in order, each with `call`, and `text` None when it was begun and not ended."""
    found: list[dict[str, Any]] = []
    if not path.is_file():
        return found
    whole = path.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        os.truncate(path, end)  # torn by the kill
    for raw in whole[:end].splitlines():
        try:
            line = json.loads(raw.decode("utf-8", "surrogatepass"))
        except ValueError:
            log.warning("tool_steps.unreadable", path=str(path), kept=len(found))
            break
        if "call" in line:
            found = [*found[: line["n"]], {"call": line["call"], "text": None, "ok": False}]
        elif line["n"] == len(found) - 1:
            found[-1] |= {"text": line["text"], "ok": line["ok"]}
    return found


def _digest(name: str, arguments: dict[str, Any]) -> str:
    canonical = json.dumps([name, arguments], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

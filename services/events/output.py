"""The output of runs: one JSON line an event, in a file a run and step, never a row a token."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.events.line_search import byte_before
from services.redaction import KNOWN

PIECE_BYTES = 256 * 1024


class RunOutput:
    """Appends and reads `WFHUB_HOME/runs/<run_id>/<step>.jsonl`. A line is a RunEvent as JSON; lines never change.

    An agent takes out what it knows of secrets; what only the hub knows is taken out here.

    `guard` is called before lines are added and may refuse by raising.
    """

    def __init__(self, home: Path, guard: Callable[[], None] = lambda: None) -> None:
        self.root = home / "runs"
        self._guard = guard

    def path(self, run_id: str, step: str) -> Path:
        return self.root / run_id / f"{step}.jsonl"

    def append(self, run_id: str, step: str, lines: list[str]) -> None:
        self._guard()
        path = self.path(run_id, step)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(KNOWN(line.rstrip("\n")) + "\n" for line in lines)

    def last_seq(self, run_id: str, step: str) -> int:
        """The number of the last complete line, so that a successor asks the agent only for what follows."""
        last = 0
        for event in self.read(run_id, step):
            last = max(last, int(event["seq"]))
        return last

    def steps(self, run_id: str) -> list[str]:
        """The steps that said anything, in the order they were begun: a step's id begins with its number."""
        folder = self.root / run_id
        return sorted((path.stem for path in folder.glob("*.jsonl")), key=_place) if folder.is_dir() else []

    def read_on(self, run_id: str, step: str, offset: int, most: int = PIECE_BYTES) -> tuple[list[dict[str, Any]], int]:
        """The complete lines from a byte on, at most about `most` bytes of them, and the byte to go on from.

        A line longer than `most` is read whole.
        """
        path = self.path(run_id, step)
        if not path.is_file():
            return [], offset
        with path.open("rb") as file:
            file.seek(offset)
            piece = file.read(most)
            while b"\n" not in piece and (more := file.read(most)):
                piece += more
        whole = piece[: piece.rfind(b"\n") + 1]
        return list(_events(whole)), offset + len(whole)

    def offset_of(self, run_id: str, step: str, after: int) -> int:
        """A byte to `read_on` from: no line with a number above `after` lies before it, and few others after it."""
        path = self.path(run_id, step)
        return byte_before(path, after) if after and path.is_file() else 0

    def read(self, run_id: str, step: str, after: int = 0, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Events with a number above `after`. A last line that a crash cut in two is passed over.

        Begins near that number, so a page at the end of a long file costs what one at its beginning does.
        """
        path = self.path(run_id, step)
        if not path.is_file():
            return
        given = 0
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            file.seek(byte_before(path, after))
            for line in file:
                if not line.endswith("\n"):
                    return
                try:
                    event = json.loads(line)
                except json.JSONDecodeError:
                    continue  # the cut line of a crash, followed by its successor's lines
                if int(event["seq"]) > after:
                    yield event
                    given += 1
                    if limit is not None and given >= limit:
                        return


def _place(step: str) -> tuple[int, str]:
    number = step.partition("-")[0]
    return (int(number) if number.isdecimal() else 0, step)


def _events(lines: bytes) -> Iterator[dict[str, Any]]:
    for line in lines.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue  # the cut line of a crash, followed by its successor's lines

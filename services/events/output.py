"""The output of runs: one JSON line an event, in a file a run and step, never a row a token."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class RunOutput:
    """Appends and reads `WFHUB_HOME/runs/<run_id>/<step>.jsonl`. A line is a RunEvent as JSON; lines never change."""

    def __init__(self, home: Path) -> None:
        self.root = home / "runs"

    def path(self, run_id: str, step: str) -> Path:
        return self.root / run_id / f"{step}.jsonl"

    def append(self, run_id: str, step: str, lines: list[str]) -> None:
        path = self.path(run_id, step)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(line.rstrip("\n") + "\n" for line in lines)

    def last_seq(self, run_id: str, step: str) -> int:
        """The number of the last complete line, so that a successor asks the agent only for what follows."""
        last = 0
        for event in self.read(run_id, step):
            last = max(last, int(event["seq"]))
        return last

    def steps(self, run_id: str) -> list[str]:
        folder = self.root / run_id
        return sorted(path.stem for path in folder.glob("*.jsonl")) if folder.is_dir() else []

    def read(self, run_id: str, step: str, after: int = 0, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Events with a number above `after`. A last line that a crash cut in two is passed over."""
        path = self.path(run_id, step)
        if not path.is_file():
            return
        given = 0
        with path.open(encoding="utf-8", errors="replace") as file:
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

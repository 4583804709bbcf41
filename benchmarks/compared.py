"""What was measured beside somebody else's in the same run, kept where `benchmarks.all` asks for it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RECORD = "WFHUB_BENCHMARK_RECORD"  # a file; without it nothing is kept


@dataclass(frozen=True)
class Compared:
    """`ours` and `theirs` are in `unit`; `more` is good where more of it is better, as answers a second."""

    what: str
    peer: str
    ours: float
    theirs: float
    unit: str
    more: bool = False

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def keep(what: str, peer: str, ours: float, theirs: float, unit: str, *, more: bool = False) -> None:
    """Adds a line to the record."""
    if target := os.environ.get(RECORD):
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Compared(what, peer, ours, theirs, unit, more))) + "\n")


def read(record: Path) -> list[Compared]:
    """All that was kept; nothing where there is no file."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    return [Compared(**json.loads(line)) for line in lines]

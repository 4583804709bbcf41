"""The whole kill matrix, or a part of it: `python -m tests.kill.matrix --victim orchestrator --database sqlite`.

Several blows are carried by one story; where that ends badly each of them is tried alone, on a fresh hub. Results are
added to results.json beside this file, and the table in docs/reliability.md is written from all that is there.
"""

import argparse
import fcntl
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.points import Point
from tests.kill.cells import KINDS, Cell, Told, Usual, all_cells, carry, stories, undisturbed
from tests.kill.hub import DATABASES, PROGRAMS, KillHub, temporary_hub
from tests.support.local_hub import CHECKOUT

RESULTS = Path(__file__).with_name("results.json")
DOCUMENT = CHECKOUT / "docs" / "reliability.md"
BEGIN, END = "<!-- the table: written by `just kill-matrix` -->", "<!-- the end of the table -->"
Results = dict[str, dict[str, Any]]


@contextmanager
def _ready(database: str) -> Iterator[tuple[KillHub, Usual]]:
    with temporary_hub(database) as hub:
        yield hub, undisturbed(hub)


def run(database: str, wanted: argparse.Namespace, until: float) -> Iterator[Told]:
    """The cells of one database, as they end. A hub in which something went wrong is not used again."""
    waiting: list[list[Cell]] | None = None
    number = 0
    while waiting is None or waiting:
        with _ready(database) as (hub, usual):
            if waiting is None:
                waiting = stories(_chosen(database, wanted, usual), usual, wanted.blows)
                print(f"{sum(map(len, waiting))} cells in {len(waiting)} stories", flush=True)
            while waiting and time.monotonic() < until:
                story, number = waiting.pop(0), number + 1
                told = carry(hub, story, f"story {number}", usual)
                if told[0].wrong and len(story) > 1:
                    print(f"✗ together, so alone: {', '.join(map(str, story))}\n  {told[0].wrong}", flush=True)
                    waiting = [*([cell] for cell in story), *waiting]
                    break
                yield from told
                if told[0].wrong:
                    break
            if time.monotonic() >= until:
                return


def _chosen(database: str, wanted: argparse.Namespace, usual: Usual) -> list[Cell]:
    programs = [name for name in PROGRAMS if name != "postgresql" or database == "postgresql"]
    cells = all_cells(
        usual, [name for name in programs if wanted.victim in (None, name)], wanted.seed, every=wanted.every
    )
    cells = [cell for cell in cells if wanted.kind in (None, cell.kind) and wanted.point in (None, cell.point)]
    if wanted.rest:
        known = _read()
        cells = [cell for cell in cells if not known.get(_name(database, cell), {}).get("well")]
    return cells


def _name(database: str, cell: Cell) -> str:
    return f"{database} {cell.victim} {cell.kind} {cell.point}"


def _read() -> Results:
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return json.loads(text) if text else {}


def note(database: str, told: Told, seed: int) -> None:
    """Adds one result, and writes the table anew. Two runs, of other parts, may do so at once."""
    with RESULTS.open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _note(database, told, seed)


def _note(database: str, told: Told, seed: int) -> None:
    results = _read()
    results[_name(database, told.cell)] = {
        "well": not told.wrong, "where": told.cell.where, "seconds": told.seconds, "seed": seed,
        "at": datetime.now(UTC).date().isoformat(), **({"wrong": told.wrong[0][:300]} if told.wrong else {}),
    }  # fmt: skip
    RESULTS.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n", encoding="utf-8")
    if DOCUMENT.exists():
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table(results)}\n{END}{after}", encoding="utf-8")


def table(results: Results) -> str:
    """One table for each database: a row for each point, a column for each victim."""
    lines: list[str] = []
    for database in DATABASES:
        own = {name: result for name, result in results.items() if name.startswith(f"{database} ")}
        if not own:
            continue
        victims = [name for name in PROGRAMS if name != "postgresql" or database == "postgresql"]
        well, days = sum(r["well"] for r in own.values()), sorted({r["at"] for r in own.values()})
        seeds = ", ".join(sorted({str(r["seed"]) for r in own.values()}))
        lines += [
            f"**{database}**: {well} of {len(own)} cells well, run {' and '.join(days)}, seed {seeds}; "
            f"{len(Point) * len(victims) * len(KINDS) - len(own)} not run.", "",
            f"| point | {' | '.join(victims)} |", "| --- |" + " --- |" * len(victims),
        ]  # fmt: skip
        for point in Point:
            cells = [" · ".join(_cell(own.get(f"{database} {victim} {kind} {point}"), kind) for kind in KINDS)
                     for victim in victims]  # fmt: skip
            lines.append(f"| `{point}` | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(result: dict[str, Any] | None, kind: str) -> str:
    if result is None:
        return f"{kind} –"
    return f"{kind} {'✓' if result['well'] else '✗'} {result['seconds']:.0f} s"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="just kill-matrix", description="Strikes each process at each point.")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--victim", choices=PROGRAMS)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--point", choices=[str(point) for point in Point])
    parser.add_argument("--seed", type=int, default=1, help="chooses the places where a point is met")
    parser.add_argument("--every", action="store_true", help="all places of a point instead of one")
    parser.add_argument("--blows", type=int, default=4, help="in one story, at the most")
    parser.add_argument("--rest", action="store_true", help="only what results.json does not know to be well")
    parser.add_argument("--minutes", type=float, default=600, help="then it ends, and what was not run is told")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the hub ends with it
    until, wrong, done = time.monotonic() + wanted.minutes * 60, 0, 0
    for database in DATABASES:
        if wanted.database not in (None, database) or (wanted.victim == "postgresql" and database == "sqlite"):
            continue
        for told in run(database, wanted, until):
            note(database, told, wanted.seed)
            done, wrong = done + 1, wrong + bool(told.wrong)
            print(f"{'✗' if told.wrong else '✓'} {database}: {told.cell} ({told.seconds} s)", flush=True)
            for line in told.wrong:
                print(f"    {line[:6000]}", flush=True)
    print(f"{done} cells, {wrong} of them ✗")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How long each figure of the metrics page takes on a hub with 100,000 runs: `python -m benchmarks.metrics`.

A real main-api on each database, asked over HTTP on one connection. The runs, 300,000 model calls, 20,000 done tasks
and waits lie in `--days` days (90), so that the longest ready span has all of them. Prints the median and the 95th
percentile of each figure in milliseconds, and the CPU time of main-api and of PostgreSQL for one; the exit code says
whether the bound of 200 ms holds. PostgreSQL runs with its usual durability.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.board import Hub, Measured, ask_often, database, report, running
from benchmarks.worked import fill
from services.store.migrate import upgrade

BOUND = 200.0  # ms, the 95th percentile
FIGURES = (
    "throughput", "rounds", "pass-rate?by=role", "pass-rate?by=model", "stages", "waiting", "usage?by=day",
    "usage?by=project", "usage?by=stage", "usage?by=role", "usage?by=model",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=40, help="How often each figure is asked for")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    held = True
    for kind in options.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="wfhub-bench-") as folder, database(kind, Path(folder)) as url:
            upgrade(url)
            fill(url, options.runs, options.days)
            with running(url, Path(folder)) as hub:
                held = report(f"{kind}, {options.runs:,} runs", measure(hub, options.times)) and held
    return 0 if held else 1


def measure(hub: Hub, times: int) -> list[Measured]:
    """Each figure of all projects over 90 days, and the slowest of one project and of a week."""
    asked = [(name, f"{name}{'&' if '?' in name else '?'}days=90&zone=Europe/Berlin") for name in FIGURES]
    asked += [("stages, one project", "stages?days=90&project_id=3"), ("stages, 7 days", "stages?days=7")]
    return [
        ask_often(hub, name, lambda path=path: hub.ask("GET", f"/metrics/{path}"), BOUND, times) for name, path in asked
    ]


if __name__ == "__main__":
    sys.exit(main())

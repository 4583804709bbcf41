"""What a stage costs that does nothing: `python -m benchmarks.pipeline`, on both databases unless told.

A task of seven stages without a step, carried by the orchestrator as `./start.sh` runs it: admission, run row, events,
workflow, gate and settle are real. Prints the time of a stage of one task alone, the stages a second of fifty at once,
and where the time goes. The exit code says whether the bounds hold. `--only` takes one part of it.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import bare, beside_engines, many_tasks, own_stages
from benchmarks.peers.beside import PEERS, NotRun
from benchmarks.peers.beside import measure as measure_peer
from benchmarks.stage_hub import DURABLE, STAGES, StageHub, stage_hub

STAGE_MS, STAGES_A_SECOND = 15.0, 100.0
PARKED_BYTES, ADMIT_MS = 4096.0, 20.0


@dataclass(frozen=True)
class Effort:
    """`tasks` carried one after the other, `rounds` of fifty at once; how many are parked, and queued at once."""

    tasks: int = 20
    rounds: int = 3
    parked: int = many_tasks.PARKED
    idle_seconds: float = 20.0
    queued: int = many_tasks.QUEUED


class Report:
    """A table of what was measured against its bound; `held` says whether all bounds did."""

    def __init__(self, title: str) -> None:
        self.held = True
        self._table = Table("measured", "value", "bound", "ratio", title=title, title_justify="left")

    def at_most(self, what: str, value: float, bound: float | None = None, unit: str = "ms") -> None:
        self._add(what, f"{value:.1f} {unit}", bound, value / bound if bound else 0.0)

    def at_least(self, what: str, value: float, bound: float | None = None, unit: str = "/s") -> None:
        self._add(what, f"{value:.0f} {unit}", bound, bound / value if bound else 0.0)

    def _add(self, what: str, value: str, bound: float | None, ratio: float) -> None:
        told = f"{ratio:.2f}" + (" MISSED" if ratio > 1 else "")
        self._table.add_row(what, value, f"{bound:g}" if bound else "", told if bound else "")
        self.held &= ratio <= 1

    def print(self) -> bool:
        Console(width=120).print(self._table)
        return self.held


async def stages(hub: StageHub, effort: Effort) -> bool:
    report = Report(f"{hub.kind}: a stage that does nothing\n{DURABLE[hub.kind]}")
    for workflow, what in (("noop", "no step"), ("step", "one command, by an agent that answers at once")):
        bound = workflow == "noop"
        one = await own_stages.alone(hub, workflow, effort.tasks)
        report.at_most(f"a stage with {what}: median of {len(one.later)}", one.median, STAGE_MS if bound else None)
        report.at_most("  95th percentile", one.p95)
        report.at_most("  the first of a task, its worktree and a person's word included", statistics.median(one.first))
        report.at_most("  processor's time for each, all of the hub's processes", one.cpu)
        for number in (1, 2) if hub.kind == "postgresql" else (1,):
            many = await own_stages.crowd(hub, workflow, effort.rounds, number)
            told = f"  {own_stages.AT_ONCE} tasks at once, {number} orchestrator{'s' * (number > 1)}"
            report.at_least(told, statistics.median(many.rates), STAGES_A_SECOND if bound else None)
            report.at_most("    processor's time of a stage: orchestrators", many.cpu)
            if many.database_cpu:
                report.at_most("    of the database's server", many.database_cpu)
    return report.print()


async def parts(hub: StageHub, effort: Effort) -> bool:
    """Where the time goes, beside a bare commit and a step of LangGraph's, which is a commit and little else."""
    beside = [("a bare commit", bare.measure(hub.kind)["alone"])]
    try:
        theirs = await asyncio.to_thread(measure_peer, f"langgraph-{hub.kind}", effort.tasks, 1)
        beside.append(("a step of LangGraph's, its checkpoint on disk", theirs["alone"]))
    except NotRun as error:
        Console().print(f"LangGraph: not run: {error}")
    for workflow in ("noop", "step"):
        measured, told = await own_stages.parts(hub, workflow, effort.tasks)
        _print_parts(f"{hub.kind}: parts of a stage of `{workflow}`, one task alone, ms", measured, told, beside)
    return True


def _print_parts(
    title: str, measured: own_stages.Alone, told: dict[str, Any], beside: list[tuple[str, list[float]]]
) -> None:
    table = Table("part, without the parts inside it", "times a stage", "ms a stage", "ms a call", title=title)
    number = len(measured.later) + len(measured.first) + own_stages.WARMING * STAGES
    for part, one in sorted(told.items(), key=lambda item: -item[1]["own"]):
        times, own = len(one["calls"]) / number, one["own"] * 1000
        table.add_row(part, f"{times:.1f}", f"{own / number:.2f}", f"{own / len(one['calls']):.2f}")
    table.add_row("all of these", "", f"{sum(one['own'] for one in told.values()) * 1000 / number:.2f}", "")
    table.add_row("a stage, from end to end, median", "", f"{measured.median:.2f}", "")
    for name, taken in beside:
        table.add_row(f"{name}, median", "", f"{statistics.median(taken):.2f}", "")
    Console(width=120).print(table)


async def parked(hub: StageHub, effort: Effort) -> bool:
    report = Report(f"{hub.kind}: {effort.parked} tasks parked on a person, and an orchestrator with nothing to do")
    found = await many_tasks.parked(hub, effort.parked, effort.idle_seconds)
    report.at_most("database of a parked task", found.bytes_each, PARKED_BYTES, "bytes")
    grown = found.after.megabytes - found.before.megabytes
    report.at_most(f"orchestrator's memory: {found.before.megabytes:.0f} MB without them, grown by", grown, 5.0, "MB")
    more = found.after.cpu - found.before.cpu
    report.at_most(f"its processor, idle: {found.before.cpu:.2f} % of a core without them, more by", more, 0.5, "%")
    if hub.kind == "postgresql":
        more = found.after.server_cpu - found.before.server_cpu
        report.at_most(f"PostgreSQL's: {found.before.server_cpu:.2f} % without them, more by", more, 0.5, "%")
    return report.print()


async def fair(hub: StageHub, effort: Effort) -> bool:
    count, projects = effort.queued, many_tasks.PROJECTS
    report = Report(f"{hub.kind}: {count} tasks of {projects} projects; half of them are the first one's, queued first")
    found = await many_tasks.fair(hub, count)
    report.at_most(f"an admission, 95th percentile of {len(found.admit)}", found.p95, ADMIT_MS)
    report.at_most("  median", statistics.median(found.admit))
    even = many_tasks.WINDOW / projects
    told = (
        f"share of a project in {many_tasks.WINDOW} admissions, {even:g} if all get the same: the least {found.least}"
    )
    report.at_most(f"{told}, the most", found.most, 2 * even, "")
    report.at_least("stages", found.rate)
    return report.print()


PARTS: dict[str, Callable[[StageHub, Effort], Awaitable[bool]]] = {
    "stages": stages,
    "parts": parts,
    "parked": parked,
    "fair": fair,
}


async def measure(kinds: list[str], only: list[str], effort: Effort) -> bool:
    held = True
    for kind in kinds if only else []:
        for name in only:
            async with stage_hub(kind) as hub:
                held = await PARTS[name](hub, effort) and held
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="One part; may be given more than once")
    parser.add_argument("--quick", action="store_true", help="Fewer tasks and rounds")
    parser.add_argument("--peer", choices=list(PEERS), action="append", help="Beside this one alone; more than once")
    options = parser.parse_args()
    effort = Effort(tasks=5, rounds=1, parked=2_000, idle_seconds=10.0, queued=200) if options.quick else Effort()
    kinds = options.database or ["sqlite", "postgresql"]
    own = options.only or ([] if options.peer else list(PARTS))
    held = asyncio.run(measure(kinds, own, effort))
    names = options.peer or ([] if options.only else list(PEERS))
    for kind in kinds:
        if fitting := [name for name in names if PEERS[name].kind == kind]:
            held = beside_engines.compare(kind, fitting, effort.tasks, effort.rounds) and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())

"""The hub's own stages, measured: one task alone, fifty at once, parts of a stage, tasks parked, many projects."""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.spine import tree
from benchmarks.stage_hub import STAGES, TRACED, WORKER, StageHub, orchestrator
from benchmarks.traced_worker import FILE
from services.store.models import Run

AT_ONCE = 50
PROJECTS = 5
WARMING = 2  # tasks


@dataclass
class Alone:
    """Milliseconds: `first` from a person's word to the end of the first stage, `later` of each stage after it, and
    `cpu` of all the hub's processes for one stage."""

    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.later)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.later, n=20)[-1]


@dataclass
class Crowd:
    """Stages a second of each round; milliseconds of CPU for one stage, of orchestrators and of the database's."""

    rates: list[float] = field(default_factory=list)
    cpu: float = 0.0
    database_cpu: float = 0.0


async def alone(hub: StageHub, workflow: str, count: int, **settings: str) -> Alone:
    """One task after the other, by an orchestrator that could carry more."""
    project, measured = await hub.project(workflow), Alone()
    module = TRACED if workflow == "step" or settings else WORKER
    settings = {FILE: os.devnull, **settings}
    with orchestrator(hub, AT_ONCE, module, **settings) as pid:
        for number in range(-WARMING, count):
            tasks = await hub.tasks([project], 1)
            before = cpu_of(pid)
            begun = time.time()
            await hub.start(tasks)
            await hub.done(tasks)
            if number >= 0:
                ends = [run.finished_at.timestamp() for run in await hub.runs(tasks) if run.finished_at]
                assert len(ends) == STAGES
                measured.first.append((ends[0] - begun) * 1000)
                measured.later += [(b - a) * 1000 for a, b in pairwise(ends)]
                measured.cpu += cpu_of(pid) - before
    measured.cpu *= 1000 / (count * STAGES)
    return measured


async def crowd(hub: StageHub, workflow: str, rounds: int, orchestrators: int = 1) -> Crowd:
    """Fifty tasks of five projects queued at the same moment, until all are done."""
    projects = [await hub.project(workflow) for _ in range(PROJECTS)]
    measured, server = Crowd(), server_pid(hub.url)
    module = TRACED if workflow == "step" else WORKER
    with ExitStack() as stack:
        share = AT_ONCE // orchestrators
        settings = {FILE: os.devnull, "PROJECT_CONCURRENCY": str(AT_ONCE)}
        pids = [stack.enter_context(orchestrator(hub, share, module, **settings)) for _ in range(orchestrators)]
        await _done(hub, await hub.tasks(projects, 1))
        for _ in range(rounds):
            tasks = await hub.tasks(projects, AT_ONCE // PROJECTS)
            before, server_before = sum(map(cpu_of, pids)), cpu_of(server)
            begun = time.time()
            await _done(hub, tasks)
            runs = await hub.runs(tasks)
            assert len(runs) == len(tasks) * STAGES
            measured.rates.append(len(runs) / (_ended(runs) - begun))
            measured.cpu += (sum(map(cpu_of, pids)) - before) / len(runs) * 1000 / rounds
            measured.database_cpu += (cpu_of(server) - server_before) / len(runs) * 1000 / rounds
    return measured


async def _done(hub: StageHub, tasks: Sequence[int]) -> None:
    await hub.start(tasks)
    await hub.done(tasks)


def _ended(runs: Sequence[Run]) -> float:
    return max(run.finished_at.timestamp() for run in runs if run.finished_at)


async def parts(hub: StageHub, workflow: str, count: int) -> tuple[Alone, dict[str, Any]]:
    """The stopwatch's words on each part of a stage, one task alone."""
    told = hub.folder / "stopwatch.json"
    measured = await alone(hub, workflow, count, STOPWATCH_FILE=str(told))
    return measured, json.loads(await asyncio.to_thread(told.read_text))


def cpu_of(pid: int | None) -> float:
    """Seconds of CPU of a process, of its children, and of those it has had."""
    return 0.0 if pid is None else sum(map(_ticks, tree(pid))) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:  # it ended meanwhile: its parent has its time
        return 0
    return sum(map(int, fields[11:15]))


def server_pid(url: str) -> int | None:
    """Of the PostgreSQL server at a socket in a folder beside its data; None on SQLite."""
    if url.startswith("sqlite"):
        return None
    return int((Path(url.rpartition("host=")[2]) / "data" / "postmaster.pid").read_text().split()[0])

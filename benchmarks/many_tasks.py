"""Tasks in great numbers: ten thousand parked on a person, and a thousand of twenty projects that want to start."""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.own_stages import cpu_of, server_pid
from benchmarks.spine import pss
from benchmarks.stage_hub import TRACED, StageHub, orchestrator
from services.store.models import Run
from services.tasks.change import Change

PARKED, BATCH = 10_000, 500
PROJECTS, QUEUED = 20, 1_000
AT_ONCE = 20
WINDOW = 100  # admissions
WARM_SECONDS = 8.0
ADMIT = "admit"


@dataclass
class Idle:
    """Of the orchestrator: megabytes and per cent of a core; of PostgreSQL's server: per cent of a core."""

    megabytes: float
    cpu: float
    server_cpu: float


@dataclass
class Parked:
    """`bytes_each` of database, indexes, events and approvals included; idle without tasks, and with all of them."""

    bytes_each: float
    before: Idle
    after: Idle


@dataclass
class Fair:
    """`admit` milliseconds of each admission; `share` the least and the most that a project got of a window in which
    all of them wanted more; `rate` stages a second."""

    admit: list[float]
    least: int
    most: int
    rate: float

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.admit, n=20)[-1]


async def parked(hub: StageHub, count: int, seconds: float) -> Parked:
    """Tasks that wait for an approval, made as the product makes them; an orchestrator that has nothing to do."""
    before = await idle(hub, seconds)
    project = await hub.project("parked")
    size = await _bytes(hub)
    for _ in range(0, count, BATCH):
        await hub.start(await hub.tasks([project], BATCH), change=Change("0" * 40, "1" * 40, "2" * 40, {"files": 1}))
    each = (await _bytes(hub) - size) / count
    return Parked(each, before, await idle(hub, seconds))


async def idle(hub: StageHub, seconds: float) -> Idle:
    server = server_pid(hub.url)
    with orchestrator(hub, 4) as pid:
        await asyncio.sleep(WARM_SECONDS)
        before, server_before = cpu_of(pid), cpu_of(server)
        await asyncio.sleep(seconds)
        spent, server_spent = cpu_of(pid) - before, cpu_of(server) - server_before
        return Idle(pss(pid), spent / seconds * 100, server_spent / seconds * 100)


async def _bytes(hub: StageHub) -> int:
    async with hub.db.read() as session:
        if hub.kind == "postgresql":
            return (await session.execute(sa.text("SELECT pg_database_size(current_database())"))).scalar_one()
        pages = (await session.execute(sa.text("PRAGMA page_count"))).scalar_one()
        free = (await session.execute(sa.text("PRAGMA freelist_count"))).scalar_one()
        return (pages - free) * (await session.execute(sa.text("PRAGMA page_size"))).scalar_one()


async def fair(hub: StageHub, count: int) -> Fair:
    """The first project has half of all tasks and is in the queue before the others; each task has one stage."""
    projects = [await hub.project("single") for _ in range(PROJECTS)]
    each = count // 2 // (PROJECTS - 1)
    tasks = await hub.tasks(projects[:1], count - each * (PROJECTS - 1))
    tasks += await hub.tasks(projects[1:], each)
    await hub.start(tasks)
    told = hub.folder / "stopwatch.json"
    begun = time.time()
    with orchestrator(hub, AT_ONCE, TRACED, STOPWATCH_FILE=str(told)):
        await hub.done(tasks)
    runs = sorted(await hub.runs(tasks), key=lambda run: run.id)  # ids are by time: the order of admission
    least, most = _shares(runs, each)
    parts = json.loads(await asyncio.to_thread(told.read_text))
    admit = [seconds * 1000 for seconds in parts[ADMIT]["calls"]]
    return Fair(admit, least, most, len(runs) / (time.time() - begun))


def _shares(runs: Sequence[Run], each: int) -> tuple[int, int]:
    """The least and the most of a window, as long as every project still has tasks in the queue if all get the same."""
    projects = {run.project_id for run in runs}
    windows = [
        Counter(run.project_id for run in runs[start : start + WINDOW])
        for start in range(0, max(1, each * PROJECTS - WINDOW + 1), WINDOW)
    ]
    return min(one[project] for one in windows for project in projects), max(max(one.values()) for one in windows)

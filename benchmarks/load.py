"""A hub under load: `python -m benchmarks.load`, on both databases unless told.

200 clients for 60 s against a real main-api: 150 that read and write over HTTP, and 50 WebSockets, of which some are
slow, some go away and come back, and some follow one project. Beside them another process's writes, as the
orchestrator's, go into the same database. Prints the median and the 95th percentile of each question and main-api's
memory; fails when any answer was an error, when a WebSocket missed an event or had one twice or out of order, or when
memory grew. A client thinks for a second between two questions, as people and pages do: with `--pause 0` the processor
is the limit, and the times only tell how many wait for it.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from benchmarks.board import TOKEN, Hub, cpu, database, running
from benchmarks.visitors import Reader, Score, Visitor, reader_kind
from services.events import log as events
from services.store.database import Database
from services.store.migrate import upgrade
from services.store.models import Event

PROJECTS = 8
CATCH_UP_SECONDS = 30.0
GROWTH_SHARE, GROWTH_BYTES = 0.10, 8_000_000  # what main-api may grow by once it is warm


@dataclass(frozen=True)
class Plan:
    """`clients` in all, `sockets` of them WebSockets; `pause` is the seconds a client thinks, on average."""

    clients: int = 200
    sockets: int = 50
    seconds: float = 60.0
    pause: float = 1.0


@dataclass
class Result:
    """`lost` names each reader whose events are not exactly those of the log. `memory` is bytes, each second."""

    score: Score
    events: int = 0
    delivered: int = 0
    lost: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def requests(self) -> int:
        return sum(map(len, self.score.taken.values()))

    def grew(self) -> int:
        """Bytes from the second quarter of the time, when caches are filled, to the last."""
        quarter = max(1, len(self.memory) // 4)
        warm, late = self.memory[quarter : 2 * quarter], self.memory[-quarter:]
        return int(statistics.median(late) - statistics.median(warm)) if warm else 0

    def is_flat(self) -> bool:
        return self.grew() <= GROWTH_BYTES + GROWTH_SHARE * self.memory[0]


async def load(hub: Hub, url: str, folder: Path, plan: Plan) -> Result:
    """Loads the hub that runs on the database at `url`, whose workspaces are under `folder`."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(_client(hub)) for _ in range(plan.clients)]
        projects = [await _project(clients[0], f"load-{number}") for number in range(PROJECTS)]
        db = Database(url)
        stack.push_async_callback(db.close)
        async with db.read() as session:
            start = await events.last_seq(session)
        readers = [_reader(one, number, start, projects) for number, one in enumerate(clients[: plan.sockets])]
        following = [asyncio.create_task(reader.read()) for reader in readers]
        result = Result(Score())
        beside = [asyncio.create_task(_watch(hub, result)), asyncio.create_task(_write(db))]
        before, begun = cpu(hub.pid), time.monotonic()
        until = begun + plan.seconds
        visitors = [
            Visitor(one, result.score, projects, plan.pause, random.Random(number))
            for number, one in enumerate(clients[plan.sockets :])
        ]
        await asyncio.gather(*(visitor.visit(until) for visitor in visitors))
        result.seconds, result.cpu = time.monotonic() - begun, cpu(hub.pid) - before
        await _end(beside)
        await _compare(db, start, readers, following, result)
        await _end(following)
    return result


def _client(hub: Hub) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        f"http://127.0.0.1:{hub.port}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=aiohttp.ClientTimeout(total=60),
    )


async def _project(client: aiohttp.ClientSession, folder: str) -> int:
    async with client.post("/projects", json={"name": folder, "workspace_path": folder}) as answer:
        body = await answer.json()
        if answer.status != 201:
            raise SystemExit(f"POST /projects: {answer.status} {body}")
        return body["id"]


def _reader(client: aiohttp.ClientSession, number: int, start: int, projects: list[int]) -> Reader:
    kind = reader_kind(number)
    return Reader(client, kind, start, projects[number % len(projects)] if kind == "project" else None)


async def _watch(hub: Hub, result: Result) -> None:
    while True:
        pages = int(Path(f"/proc/{hub.pid}/statm").read_text().split()[1])  # noqa: ASYNC240 - no disk is read
        result.memory.append(pages * os.sysconf("SC_PAGE_SIZE"))
        await asyncio.sleep(1)


async def _write(db: Database) -> None:
    """As an orchestrator does: short transactions, one of them now and then longer."""
    number = 0
    while True:
        async with db.write() as session:
            await events.append(session, "load.tick", actor="load", number=number)
            if number % 10 == 0:
                await asyncio.sleep(0.05)
        number += 1
        await asyncio.sleep(0.05)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def _compare(
    db: Database, start: int, readers: list[Reader], following: list[asyncio.Task[None]], result: Result
) -> None:
    """Gives the readers time to catch up, then holds what each saw against the log."""
    async with db.read() as session:
        query = sa.select(Event.seq, Event.project_id).where(Event.seq > start).order_by(Event.seq)
        log: list[Any] = list((await session.execute(query)).all())
    wanted = {id(one): [seq for seq, of in log if one.project_id in (None, of)] for one in readers}
    for reader in readers:
        reader.over.set()
    until = time.monotonic() + CATCH_UP_SECONDS
    while time.monotonic() < until and any(len(one.seen) < len(wanted[id(one)]) for one in readers):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    result.events, result.delivered = len(log), sum(len(one.seen) for one in readers)
    for number, (reader, task) in enumerate(zip(readers, following, strict=True)):
        result.score.errors += reader.errors
        if task.done() and (error := task.exception()):
            result.score.errors.append(f"{reader.kind} reader: {type(error).__name__} {error}")
        if reader.seen != wanted[id(reader)]:
            twice = len(reader.seen) - len(set(reader.seen))
            missing = len(set(wanted[id(reader)]) - set(reader.seen))
            result.lost.append(f"{reader.kind} reader {number}: {missing} missing, {twice} twice, of {len(log)}")


def report(kind: str, plan: Plan, result: Result) -> bool:
    """Prints the numbers; whether all that has to hold did."""
    console = Console(width=110)
    table = Table(
        "question", "asked", "median", "p95", "slowest", title=f"{kind}, {plan.clients} clients, milliseconds"
    )
    everything = [taken for one in result.score.taken.values() for taken in one]
    for name, taken in [*sorted(result.score.taken.items()), ("all", everything)]:
        p95 = statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
        middle = statistics.median(taken)
        table.add_row(name, str(len(taken)), *(f"{value * 1000:.1f}" for value in (middle, p95, max(taken))))
    console.print(table)
    megabytes = [value / 1e6 for value in result.memory]
    console.print(
        f"{result.requests / result.seconds:.0f} requests/s, {result.events} events, {result.delivered} delivered; "
        f"main-api's CPU {result.cpu / result.seconds * 100:.0f} %, load of the machine {os.getloadavg()[0]:.1f}"
    )
    console.print(
        f"memory {megabytes[0]:.0f} → {megabytes[-1]:.0f} MB, at most {max(megabytes):.0f}; "
        f"{result.grew() / 1e6:+.1f} MB once warm: {'flat' if result.is_flat() else 'IT GREW'}"
    )
    for what, found in (("errors", result.score.errors), ("readers with lost events", result.lost)):
        console.print(f"{what}: {len(found)}", *found[:5], sep="\n  ")
    return not result.score.errors and not result.lost and result.is_flat()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    for name, kind, value in (
        ("clients", int, 200),
        ("sockets", int, 50),
        ("seconds", float, 60),
        ("pause", float, 1),
    ):
        parser.add_argument(f"--{name}", type=kind, default=value)
    options = parser.parse_args()
    plan = Plan(options.clients, options.sockets, options.seconds, options.pause)
    held = True
    for kind in options.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="wfhub-load-") as folder, database(kind, Path(folder)) as url:
            upgrade(url)
            with running(url, Path(folder)) as hub:
                held = report(kind, plan, asyncio.run(load(hub, url, Path(folder), plan))) and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())

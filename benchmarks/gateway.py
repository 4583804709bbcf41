"""What the gateway costs a model call: `python -m benchmarks.gateway`, on SQLite unless told.

A real main-api, with a run's token, three budgets, the store and the traffic log in the way, in front of a model that
answers at once; beside it a direct connection to that model and LiteLLM's proxy with nothing in its way, each asked in
turn, so that a machine that is busy is busy for all three. Prints what is added to the first byte of a stream for one
caller, the requests a second of ten, and main-api's memory under a hundred slow streams. The exit code says whether the
bounds hold.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.beside import litellm
from benchmarks.board import SECRET_KEY, cpu, database, running
from benchmarks.caller import Caller, Door
from benchmarks.compared import keep
from benchmarks.instant import DRIPS
from benchmarks.streams import measure_streams
from services.domain.states import RunState
from services.models.run_tokens import issue
from services.store.database import Database
from services.store.migrate import upgrade
from services.store.models import ModelAnswer, ModelCall
from tests.support.factories import make_project, make_run, make_task

LITELLM = "LiteLLM's proxy"
ADDED_MS, TIMES_LITELLM, STREAMS_MB = 1.5, 7.0, 150.0
CALLERS, STREAMS, WARMING = 10, 100, 30
LIMIT = 1_000_000.0  # US dollars: budgets that are looked at by each call, and never reached
PROMPT = "Round each amount to five cents, as the shops do, and say what was rounded. " * 16  # 1.2 kB


@dataclass(frozen=True)
class Plan:
    """`rounds` times each door is asked: by one caller `calls` times, by ten callers ten times as often in all."""

    rounds: int = 12
    calls: int = 50


@dataclass
class Score:
    """Of one door: milliseconds to the first byte; requests a second of each round, by whether they are streams.

    Its processor's time for a call tells most where the machine does other things, too: it waits for nobody.
    """

    first: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)  # the median of each round
    rate: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    asked: int = 0
    cpu: float = 0.0  # seconds of the one who answers

    @property
    def cpu_ms(self) -> float:
        return self.cpu / self.asked * 1000

    @property
    def median(self) -> float:
        return statistics.median(self.first)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.first, n=20)[-1]


async def measure(doors: list[Door], plan: Plan) -> dict[str, Score]:
    scores = {door.name: Score() for door in doors}
    for door in doors:  # what is loaded, compiled or connected on the first calls
        await _alone(door, Score(), WARMING)
    for number in range(plan.rounds):
        for door in doors:
            before = cpu(door.pid)
            await _alone(door, scores[door.name], plan.calls)
            await _together(door, scores[door.name], plan.calls, stream=number % 2 == 0)
            scores[door.name].cpu += cpu(door.pid) - before
    return scores


async def _alone(door: Door, score: Score, calls: int) -> None:
    async with _connected(door, 1) as callers:
        taken = [(await callers[0].ask(door.request(PROMPT, stream=True))).first for _ in range(calls)]
    score.first += taken
    score.rounds.append(statistics.median(taken))
    score.asked += calls


async def _together(door: Door, score: Score, calls: int, stream: bool) -> None:
    async def work(caller: Caller) -> None:
        for _ in range(calls):
            await caller.ask(door.request(PROMPT, stream))

    loop = asyncio.get_running_loop()
    async with _connected(door, CALLERS) as callers:
        begun = loop.time()
        await asyncio.gather(*map(work, callers))
        score.rate[stream].append(CALLERS * calls / (loop.time() - begun))
    score.asked += CALLERS * calls


@asynccontextmanager
async def _connected(door: Door, number: int) -> AsyncIterator[list[Caller]]:
    callers = [await Caller.connect(door) for _ in range(number)]
    try:
        yield callers
    finally:
        for caller in callers:
            caller.close()


async def running_run(url: str) -> str:
    """The id of a run that may ask, in a project with budgets."""
    db = Database(url)
    async with db.write() as session:
        project = await make_project(session, budget_usd=LIMIT, run_budget_usd=LIMIT)
        run = await make_run(session, await make_task(session, project), state=RunState.RUNNING)
    await db.close()
    return run.id


async def check_kept(url: str, asked: int) -> None:
    """Raises SystemExit unless each call is in the book, paid from a reservation, with its answer stored."""
    db = Database(url)
    async with db.read() as session:
        paid = sa.and_(ModelCall.outcome == "answered", ModelCall.reserved_cost >= ModelCall.cost, ModelCall.cost > 0)
        kept = await session.scalar(sa.select(sa.func.count()).where(paid))
        answers = await session.scalar(sa.select(sa.func.count()).select_from(ModelAnswer))
    await db.close()
    if not kept == answers == asked:
        raise SystemExit(f"{asked} calls were answered; {kept} are settled in the book, and {answers} answers kept.")


def report(kind: str, scores: dict[str, Score]) -> bool:
    direct, ours, theirs = scores["direct"], scores["gateway"], scores["LiteLLM"]
    console = Console()
    table = Table("door", "first byte: median", "p95", "added: median", "p95", title=f"{kind}, one caller, ms")
    for name, score in scores.items():
        told = [score.median, score.p95, score.median - direct.median, score.p95 - direct.p95]
        table.add_row(name, *(f"{value:.2f}" for value in told))
    console.print(table)
    added = ours.median - direct.median
    quietest = min(mine - bare for mine, bare in zip(ours.rounds, direct.rounds, strict=True))
    told = f"added to the first byte: {added:.2f} ms, in the quietest round {quietest:.2f} ms"
    held = _tell(told, added <= ADDED_MS, f"at most {ADDED_MS}")
    table = Table("door", "whole answers/s: median", "best", "streams/s: median", "best", title=f"{CALLERS} callers")
    for name, score in scores.items():
        rates = [score.rate[stream] for stream in (False, True)]
        table.add_row(name, *(f"{value:.0f}" for rate in rates for value in (statistics.median(rate), max(rate))))
    console.print(table)
    for stream, what in ((False, "whole answers"), (True, "streams")):
        times = statistics.median(ours.rate[stream]) / statistics.median(theirs.rate[stream])
        held &= _tell(
            f"{what}: {times:.1f} times LiteLLM's a second", times >= TIMES_LITELLM, f"at least {TIMES_LITELLM:.0f}"
        )
    told = (
        f"{ours.cpu_ms:.2f} ms of CPU for a call, LiteLLM {theirs.cpu_ms:.2f}: {theirs.cpu_ms / ours.cpu_ms:.1f} times"
    )
    console.print(f"main-api takes {told}")
    _keep(kind, scores)
    return held


def _keep(kind: str, scores: dict[str, Score]) -> None:
    direct, ours, theirs = scores["direct"], scores["gateway"], scores["LiteLLM"]
    added = [one.median - direct.median for one in (ours, theirs)]
    keep(f"a model call on {kind}: added to the first byte", LITELLM, *added, "ms")
    for stream, what in ((False, "whole answers"), (True, "streams")):
        rates = [statistics.median(one.rate[stream]) for one in (ours, theirs)]
        keep(f"{what} for {CALLERS} callers on {kind}", LITELLM, *rates, "/s", more=True)
    keep(f"processor's time of a call on {kind}", LITELLM, ours.cpu_ms, theirs.cpu_ms, "ms")


def _tell(what: str, holds: bool, bound: str) -> bool:
    Console().print(f"{what} (bound: {bound}){'' if holds else ' MISSED'}")
    return holds


@contextmanager
def instant_model() -> Iterator[tuple[int, int]]:
    """Its process and its port."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.instant"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def run(kind: str, url: str, folder: Path, plan: Plan) -> bool:
    upgrade(url)
    token = issue(SECRET_KEY, asyncio.run(running_run(url)), "edit")
    with instant_model() as (pid, port):
        upstream = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "DAILY_BUDGET_USD": str(LIMIT)}
        with running(url, folder, "benchmarks.priced", **upstream) as hub, litellm(port) as theirs:
            direct = Door("direct", pid, port, "/v1/chat/completions", "m")
            ours = Door(
                "gateway", hub.pid, hub.port, "/gateway/openai/v1/chat/completions", "openai/gpt-4o-mini", token
            )
            scores = uvloop.run(measure([direct, ours, theirs], plan))
            held = report(kind, scores)
            grown = uvloop.run(measure_streams(hub, ours, STREAMS))
    asyncio.run(check_kept(url, WARMING + scores[ours.name].asked + STREAMS))
    if not (folder / "home" / "logs" / "ollama_http.log").stat().st_size:
        raise SystemExit("The traffic log is empty.")
    told = f"{STREAMS} streams of {DRIPS} words at once: main-api grew by {grown:.0f} MB"
    return _tell(told, grown <= STREAMS_MB, f"at most {STREAMS_MB:.0f}") and held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="How often each is asked in turn; at least 2")
    parser.add_argument("--calls", type=int, default=Plan.calls, help="Calls of each caller in a round")
    options = parser.parse_args()
    held = True
    for kind in options.database or ["sqlite"]:
        with tempfile.TemporaryDirectory(prefix="wfhub-bench-") as folder, database(kind, Path(folder)) as url:
            held = run(kind, url, Path(folder), Plan(options.rounds, options.calls)) and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())

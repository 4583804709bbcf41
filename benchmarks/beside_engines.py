"""The hub's stages beside other engines' and a bare commit, in one run, as a table of ratios."""

import asyncio
import statistics
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import bare, own_stages
from benchmarks.compared import keep
from benchmarks.peers import beside
from benchmarks.stage_hub import DURABLE, stage_hub

OF_DBOS = 0.15  # of its queue's time for a stage


def compare(kind: str, names: list[str], tasks: int, rounds: int) -> bool:
    """Whether the bounds hold: a stage in 0.15 of the time that DBOS's queue takes, and ahead of Prefect."""
    ours = asyncio.run(_own(kind, tasks, rounds))
    commit = (f"a bare commit, {kind}, one by one", DURABLE[kind], bare.measure(kind))
    rows = [(f"the hub, {kind}", DURABLE[kind], ours), commit]
    held = True
    for name in names:
        peer = beside.PEERS[name]
        try:
            theirs = beside.measure(name, tasks, rounds)
        except beside.NotRun as error:
            Console().print(f"{peer.name}: not run: {error}")
            continue
        rows.append((peer.name, peer.durable, theirs))
        _keep(kind, peer.name, ours, theirs)
        held &= _holds(name, ours, theirs)
    _print(rows)
    return held


async def _own(kind: str, tasks: int, rounds: int) -> dict[str, Any]:
    async with stage_hub(kind) as hub:
        one = await own_stages.alone(hub, "noop", tasks)
        many = await own_stages.crowd(hub, "noop", rounds)
        return {"alone": one.later, "rates": many.rates, "cpu": many.cpu + many.database_cpu}


def _keep(kind: str, peer: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    alone, rates = ([statistics.median(one[name]) for one in (ours, theirs)] for name in ("alone", "rates"))
    keep(f"a stage that does nothing, alone, on {kind}", peer, *alone, "ms")
    keep(f"such stages, fifty at once, on {kind}", peer, *rates, "/s", more=True)


def _holds(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    times = statistics.median(ours["alone"]) / statistics.median(theirs["alone"])
    rates = statistics.median(ours["rates"]) / statistics.median(theirs["rates"])
    if name.startswith("dbos"):
        return times <= OF_DBOS
    return not name.startswith("prefect") or (times < 1 and rates > 1)


def _print(rows: list[tuple[str, str, dict[str, Any]]]) -> None:
    table = Table("", "a stage, ms", "p95", "ours over it", "fifty at once, /s", "ours over it", "CPU of a stage, ms")
    ours, our_rate = (statistics.median(rows[0][2][name]) for name in ("alone", "rates"))
    for name, _, told in rows:
        alone, rate = statistics.median(told["alone"]), statistics.median(told["rates"])
        p95 = statistics.quantiles(told["alone"], n=20)[-1]
        numbers = [f"{alone:.2f}", f"{p95:.2f}", f"{ours / alone:.2f}", f"{rate:.0f}", f"{our_rate / rate:.3f}"]
        table.add_row(name, *numbers, f"{told['cpu']:.2f}")
    Console(width=130).print(table)
    Console(width=130).print("Where a stage is done when it is told to be:")
    for name, durable, _ in rows:
        Console(width=130).print(f"  {name}: {durable}")

"""`wf watch` under a flood of events: `python -m benchmarks.watch`.

A server of the hub's protocol in a process of its own answers a board of 100 cards and sends 1,000 events a second
for 20 s: half of them say what a run does, half that a task changed. Beside it the screen is drawn in this process, at
120x40, without a terminal. Measured, in one run:

- from a key to the screen that shows what it does (the sheet of keys, opened and closed): the 95th percentile, quiet
  and in the flood: by the clock, which tells of the machine too, and by this process's own processor time; the one
  over the other is a redraw that the key waits for;
- from an event's sending to its being taken in: the 95th percentile; how many are behind when the last is sent;
- events that were sent and not taken in, and looks at the board's tables a second;
- the processor's time that this process took, as a share of one core.

The exit code says whether each bound holds.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import aiohttp.web as web
from rich.console import Console
from rich.table import Table
from textual.pilot import Pilot

from services.cli.watch.app import Watch
from services.cli.watch.dialogs import Help
from services.demo.hub_client import HubClient

A_SECOND, SECONDS, CARDS, STAGES = 1_000, 20, 100, 8
RATIO, BEHIND, LOOKS = 2.5, 1_000.0, 2.5
TICK = 0.01
Json = dict[str, Any]
Took = tuple[float, float]  # milliseconds: by the clock, by the processor


def card(number: int) -> Json:
    stage = f"stage{number % STAGES}"
    empty = ("activity", "assignee_role", "current_run_id", "paused_at", "running_since", "waiting_since", "head_sha")
    return {
        **dict.fromkeys(empty), "id": number, "key": f"WEB-{number}", "title": f"Count the coins of till {number}",
        "state": "running", "stage": stage, "held": False, "criteria_met": 1, "criteria_total": 3, "description": "",
        "waiting_sentence": "", "waiting_reason": None, "blocked_by_keys": [], "project_id": 1,
    }  # fmt: skip


def board() -> Json:
    cards = [card(number) for number in range(1, CARDS + 1)]
    columns = []
    for number in range(STAGES):
        tasks = [one for one in cards if one["stage"] == f"stage{number}"]
        columns.append({"stage": f"stage{number}", "title": f"Stage {number}", "wip": 50, "count": len(tasks),
                        "total": len(tasks), "over": False, "tasks": tasks})  # fmt: skip
    return {"seq": 0, "columns": columns}


class Flood:
    """The hub's side: what it answers, and its events once somebody says so."""

    def __init__(self, told: Connection, seconds: int) -> None:
        self.told, self.looks, self.board, self.events_wanted = told, 0, board(), A_SECOND * seconds

    def app(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/board", self.answer_board)
        made.router.add_get("/inbox", lambda _: self.json({"items": [], "count": 0}))
        made.router.add_get("/summary", lambda _: self.json(SUMMARY))
        made.router.add_get("/session", lambda _: self.json({"hub": {"scripted_model": True}}))
        made.router.add_get("/runs", lambda _: self.json([]))
        made.router.add_get("/ws/events", self.events)
        return made

    async def json(self, value: Any) -> web.Response:
        return web.json_response(value)

    async def answer_board(self, _: web.Request) -> web.Response:
        self.looks += 1
        return web.json_response(self.board)

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        await until(self.told.poll)
        self.told.recv()
        self.looks, sent, begun = 0, 0, time.monotonic()
        while sent < self.events_wanted:
            due = int((time.monotonic() - begun) * A_SECOND)
            while sent < min(due, self.events_wanted):
                sent += 1
                await stream.send_json(event(sent))
            await asyncio.sleep(TICK)
        self.told.send((sent, self.looks))
        await stream.close()
        return stream


def event(seq: int) -> Json:
    """`at` is the sender's clock, which is this machine's."""
    task = seq % CARDS + 1
    said = seq % 2 == 0
    data = {"run_id": "r", "task_id": task, "sentence": f"editing money.py · turn {seq}"} if said else {"key": "WEB-1"}
    return {"seq": seq, "at": time.time(), "actor": "hub", "kind": "run.activity" if said else "task.edited",
            "project_id": 1, "task_id": task, "run_id": None, "data": data}  # fmt: skip


SUMMARY: Json = {"working": 100, "waiting": 0, "cost_today_usd": "0.5", "projects": [], "model": "m"}


def served(told: Connection, seconds: int) -> None:
    async def run() -> None:
        runner = web.AppRunner(Flood(told, seconds).app())
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


class Timed(Watch):
    """Notes how old each event is when it is taken in."""

    lags: list[float]

    def on_load(self) -> None:
        self.lags = []
        take = self.news.take

        def timed(one: Json) -> None:
            self.lags.append(time.time() - one["at"])
            take(one)

        self.news.take = timed  # type: ignore[method-assign]


async def until(holds: Callable[[], bool], pause: float = TICK) -> None:
    while not holds():  # noqa: ASYNC110 - another process, and a screen, tell nobody
        await asyncio.sleep(pause)


async def press(pilot: Pilot[None], key: str, shown: bool) -> Took:
    """Until the sheet of keys is on the screen, or away from it, and drawn."""
    begun, cpu = time.perf_counter(), time.process_time()
    pilot.app.simulate_key(key)
    screen = pilot.app
    await until(lambda: isinstance(screen.screen, Help) == shown and not screen.screen._dirty_widgets, 0.001)
    return (time.perf_counter() - begun) * 1_000, (time.process_time() - cpu) * 1_000


async def keys(pilot: Pilot[None], seconds: float) -> list[Took]:
    last, took = time.monotonic() + seconds, []
    while time.monotonic() < last:
        took.append(await press(pilot, "question_mark", True))
        await asyncio.sleep(0.1)
        took.append(await press(pilot, "escape", False))
        await asyncio.sleep(0.1)
    return took


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


async def measured(port: int, told: Connection, seconds: int) -> list[tuple[str, float, float | None]]:
    app = Timed(HubClient(f"http://127.0.0.1:{port}", "x" * 32), None)
    async with app.run_test(size=(120, 40)) as pilot:
        while app.standing != "live" or not app.board["columns"]:
            await pilot.pause(0.05)
        quiet = await keys(pilot, 5)
        told.send("go")
        cpu, begun = time.process_time(), time.monotonic()
        busy = await keys(pilot, seconds - 1)
        await until(told.poll)
        sent, looks = told.recv()
        behind = sent - app.news.seq
        share = (time.process_time() - cpu) / (time.monotonic() - begun)
        late = time.monotonic() + 5
        await until(lambda: app.news.seq >= sent or time.monotonic() > late)
        return [
            ("from a key to the screen, quiet, p95 ms", p95([wall for wall, _ in quiet]), None),
            ("from a key to the screen in the flood, p95 ms", p95([wall for wall, _ in busy]), None),
            ("the same by processor time, quiet, p95 ms", p95([cpu for _, cpu in quiet]), None),
            ("the same by processor time in the flood, p95 ms", p95([cpu for _, cpu in busy]), None),
            ("the one over the other", p95([cpu for _, cpu in busy]) / p95([cpu for _, cpu in quiet]), RATIO),
            ("from an event's sending to its being taken in, p95 ms", p95(app.lags) * 1_000, None),
            ("events behind when the last is sent", float(behind), BEHIND),
            ("events not taken in", float(sent - len(app.lags)), 0.0),
            ("looks at the board a second", looks / seconds, LOOKS),
            ("processor, share of a core", share, None),
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    seconds: int = parser.parse_args().seconds
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=served, args=(theirs, seconds), daemon=True)
    server.start()
    try:
        rows = asyncio.run(measured(ours.recv(), ours, seconds))
    finally:
        server.terminate()
    table = Table(box=None, header_style="dim", title=f"wf watch, {A_SECOND} events a second for {seconds} s")
    for column in ("", "measured", "bound"):
        table.add_column(column, justify="right" if column else "left")
    for name, value, bound in rows:
        table.add_row(name, f"{value:.2f}", "" if bound is None else f"{bound:g}")
    Console().print(table)
    return 0 if all(bound is None or value <= bound for _, value, bound in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

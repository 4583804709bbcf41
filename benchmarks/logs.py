"""A log that is flooded, and the page that follows it: `python -m benchmarks.logs`; the page has to be built.

A real main-api on SQLite with a thousand tasks. A process of its own writes 20,000 lines a second for 30 s by
services/logs, in files that rotate, while a Chromium follows that log. Measured, in one run:

- frames a second that the page draws while its rows run, by its own count of animation frames;
- its heap at the end, before garbage is collected, and the most that it had;
- the 95th percentile of other requests to the hub (a board, its tasks, the summary), asked on one connection: of the
  quiet time before, with the page open on the log, and of the flood, over it;
- that every line is on the disk once, and that the newest of them is what the page shows in the end.

The exit code says whether each bound holds. The writer, the browser and the hub share the machine's processors: on two
of them the ratio of the requests tells of that too, so the same flood is measured with nobody following it.
"""

import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.board import Hub, cpu, running
from benchmarks.live import fill, signed_in
from services.logs.rotation import VARIABLE, Rotation
from services.store.migrate import upgrade

A_SECOND, SECONDS = 20_000, 30
FRAMES, HEAP_MB, RATIO = 30.0, 300.0, 1.5
QUESTIONS = ("/board?project_id=1", "/tasks?project_id=1&limit=50", "/summary")
PAUSE = 0.02
WRITER = """
import json, os, sys, time
from services.logs.kept import stream_of
log = stream_of(os.environ)
rate, seconds, burst = int(sys.argv[1]), int(sys.argv[2]), 200
begun = time.monotonic()
for number in range(rate * seconds):
    line = {"event": "sale.rung_up", "number": number, "till": number % 7, "total": "3.00", "level": "info"}
    log.write(json.dumps(line | {"service": "till", "timestamp": "2026-01-01T00:00:00.000000Z"}) + "\\n")
    if number % burst == 0 and (ahead := number / rate - (time.monotonic() - begun)) > 0:
        time.sleep(ahead)
print(json.dumps(time.monotonic() - begun), flush=True)
"""
COUNT_FRAMES = """() => {
  window.frames_ = [];
  window.heap_ = 0;
  const look = (at) => {
    window.frames_.push(at);
    window.heap_ = Math.max(window.heap_, performance.memory?.usedJSHeapSize ?? 0);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@dataclass(frozen=True)
class Asked:
    """Milliseconds of each request, and the processor's seconds that the hub used meanwhile for each second."""

    taken: list[float]
    busy: float

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.taken, n=20)[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    seconds = parser.parse_args().seconds
    table = Table("measured", "value", "bound", "")
    with tempfile.TemporaryDirectory(prefix="wfhub-logs-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/hub.sqlite"
        upgrade(url)
        fill(url)
        with running(url, folder) as hub, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or "/usr/bin/chromium"
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--enable-precise-memory-info"]
            )
            with signed_in(hub, browser) as context:
                held = [_row(table, *one) for one in measure(hub, context.new_page(), folder, seconds)]
            browser.close()
    Console().print(table)
    return 0 if all(held) else 1


def measure(hub: Hub, page: Page, folder: Path, seconds: int) -> Iterator[tuple[str, float, float, bool]]:
    home = folder / "home" / "logs"
    ask(hub, 3)
    yield "requests with the machine at rest: p95, ms", (rest := ask(hub, seconds / 3)).p95, 0, True
    with flood(home / "alone.log", seconds / 3) as writer:
        alone = ask(hub, seconds / 3, writer)
    yield "the same beside the flood that nobody follows: over rest", alone.p95 / rest.p95, 0, True

    rotation = Rotation(home / "till.log")
    rotation.path.write_text(json.dumps({"event": "the till opens", "level": "info", "number": -1}) + "\n")
    page.goto(f"http://127.0.0.1:{hub.port}/chat.html?view=logs&log=till")
    page.get_by_text("the till opens").wait_for()
    page.wait_for_timeout(2_000)
    idle = ask(hub, seconds / 3)
    page.evaluate(COUNT_FRAMES)
    with flood(rotation.path, seconds) as writer:
        busy = ask(hub, seconds, writer)
        frames = [float(at) for at in page.evaluate("() => window.frames_")]
        heap = float(page.evaluate("() => window.heap_")) / 1e6
        told = json.loads(writer.communicate(timeout=60)[0] or b"0")
    written = A_SECOND * seconds
    yield "lines written a second", written / told, A_SECOND * 0.95, written / told >= A_SECOND * 0.95
    drawn = (len(frames) - 1) / ((frames[-1] - frames[0]) / 1000)
    yield "frames a second of the page", drawn, FRAMES, drawn >= FRAMES
    worst = max(later - sooner for sooner, later in itertools.pairwise(frames))
    yield "its longest time between two frames, ms", worst, 0, True
    yield "its heap at most, MB", heap, HEAP_MB, heap < HEAP_MB
    yield "requests with the page open on the quiet log: p95, ms", idle.p95, 0, True
    yield (
        "the same in the flood: median over it",
        statistics.median(busy.taken) / statistics.median(idle.taken),
        0,
        True,
    )
    yield "the same, p95 over it", busy.p95 / idle.p95, RATIO, busy.p95 / idle.p95 <= RATIO
    yield "the same, p95 over that of the flood that nobody follows", busy.p95 / alone.p95, 0, True
    yield "processor of the hub, quiet, of a core", idle.busy, 0, True
    yield "the same in the flood", busy.busy, 0, True
    missing = written - len(on_disk(rotation))
    yield "lines that are not on the disk", missing, 0, missing == 0
    page.get_by_text(f"number={written - 1}", exact=False).first.wait_for(timeout=10_000)
    text = page.get_by_role("log").inner_text()
    yield "the page shows the last line", float(f"number={written - 1}" in text), 1, f"number={written - 1}" in text


@contextmanager
def flood(path: Path, seconds: float) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that writes the lines, its standard error in the log as the stack has it."""
    rotation = Rotation(path)
    with os.fdopen(rotation.open(), "ab") as log:
        command = [sys.executable, "-c", WRITER, str(A_SECOND), str(int(seconds))]
        environment = {**os.environ, VARIABLE: str(rotation)}
        writer = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
    try:
        yield writer
    finally:
        writer.kill()
        writer.wait()


def ask(hub: Hub, seconds: float, beside: "subprocess.Popen[bytes] | None" = None) -> Asked:
    """One question after the other for so long; with `beside`, until that process ends."""
    begun, used = time.monotonic(), cpu(hub.pid)
    taken: list[float] = []
    while time.monotonic() - begun < seconds or (beside is not None and beside.poll() is None):
        start = time.perf_counter()
        hub.ask("GET", QUESTIONS[len(taken) % len(QUESTIONS)])
        taken.append((time.perf_counter() - start) * 1000)
        time.sleep(PAUSE)
    return Asked(taken, (cpu(hub.pid) - used) / (time.monotonic() - begun))


def on_disk(rotation: Rotation) -> set[int]:
    """The numbers of the lines in all files. A number that stands there twice ends the benchmark."""
    found: list[int] = []
    for number in range(rotation.files):
        if rotation.numbered(number).exists():
            found += [json.loads(line)["number"] for line in rotation.numbered(number).read_text().splitlines()]
    numbers = {each for each in found if each >= 0}
    if len([each for each in found if each >= 0]) != len(numbers):
        raise SystemExit("some lines are on the disk twice")
    return numbers


def _row(table: Table, name: str, value: float, bound: float, holds: bool) -> bool:
    Console().print(f"{name}: {value:.2f}")
    table.add_row(name, f"{value:.2f}", f"{bound:g}" if bound else "", "" if holds else "MISSED")
    return holds


if __name__ == "__main__":
    sys.exit(main())

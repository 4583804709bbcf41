"""How long people wait on a hub with 10,000 tasks and 100,000 events: `python -m benchmarks.board`.

A real main-api on each database, asked over HTTP on one connection, as a page does. Prints, for each question, the
median and the 95th percentile in milliseconds, its bound, and whether the bound holds; the exit code says so too.
Before each board one of its cards is changed, which is not measured: cards without news are kept in memory. On a
machine that does other things at the same time, compare with main-api's own CPU time for each question. PostgreSQL
runs with its usual durability. `--upload` also sends one gigabyte and reads it back.
"""

import argparse
import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.crowd import NOUNS, PROJECTS, VERBS, fill
from benchmarks.gigabyte import send_and_read
from benchmarks.processes import end
from services.store.migrate import upgrade
from tests.support import postgres

CHECKOUT = Path(__file__).resolve().parents[1]
TOKEN, SECRET_KEY = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
FAST, WRITE = 50.0, 20.0  # ms, the 95th percentile
REST_SECONDS = 2.0


@dataclass
class Hub:
    """A main-api that runs, and one connection to it."""

    port: int
    pid: int
    database: str
    connection: http.client.HTTPConnection = field(init=False)
    asked: float = 0.0  # when, by the monotonic clock

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def processor(self) -> float:
        """Seconds of CPU that it has used, and its connections to PostgreSQL there."""
        return cpu(self.pid) + sum(map(cpu, self._backends()))

    def _backends(self) -> list[int]:
        if not self.database.startswith("postgresql"):
            return []
        with psycopg.connect(self.database) as connection:
            asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            return [pid for (pid,) in connection.execute(asked)]

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        if time.monotonic() - self.asked > REST_SECONDS:
            self.connection.close()  # the hub may just be closing it as idle; the request opens another
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.asked = time.monotonic()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60, help="How often each question is asked")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--upload", action="store_true", help="Send a gigabyte, too")
    options = parser.parse_args()
    held = True
    for kind in options.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="wfhub-bench-") as folder, database(kind, Path(folder)) as url:
            upgrade(url)
            fill(url)
            with running(url, Path(folder)) as hub:
                if options.upload:  # first: memory is counted at its highest, and a large board needs some
                    held = send_and_read(hub.port, hub.pid, TOKEN) and held
                held = report(kind, measure(hub, options.times)) and held
    return 0 if held else 1


@dataclass(frozen=True)
class Measured:
    """Times in milliseconds; `cpu` is main-api's, for one question."""

    name: str
    taken: list[float]
    cpu: float
    bound: float

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.taken, n=20)[-1]


def measure(hub: Hub, times: int) -> list[Measured]:
    """Each question, asked so often."""
    turn = iter(range(1_000_000))

    def project() -> int:
        return next(turn) % PROJECTS + 1

    def new_task() -> bytes:
        body = {"project_id": project(), "title": "Round the total", "description": "To five cents.", "criteria": []}
        return hub.ask("POST", "/tasks", body)

    def find(words: Callable[[int], str]) -> Callable[[], bytes]:
        return lambda: hub.ask("GET", f"/search?q={quote(words(next(turn)))}")

    def change() -> None:
        """One of the cards on the board is another one than before."""
        open_tasks = json.loads(hub.ask("GET", f"/tasks?project_id={project()}&state=queued&state=waiting&limit=20"))
        task = open_tasks[next(turn) % len(open_tasks)]
        patch = {"version": task["version"], "title": f"Round the total {next(turn)}"}
        hub.ask("PATCH", f"/tasks/{task['id']}", patch)

    asked: list[tuple[str, Callable[[], bytes], float]] = [
        ("the board of a project", lambda: hub.ask("GET", f"/board?project_id={project()}"), FAST),
        ("the board of all projects", lambda: hub.ask("GET", "/board"), FAST),
        ("the inbox of all projects", lambda: hub.ask("GET", "/inbox"), FAST),
        ("100 tasks", lambda: hub.ask("GET", "/tasks"), FAST),
        ("a project's open tasks by priority",
         lambda: hub.ask("GET", f"/tasks?project_id={project()}&state=queued&state=waiting&sort=-priority"), FAST),
        ("tasks with a text in the title", lambda: hub.ask("GET", "/tasks?text=refund&sort=-updated_at"), FAST),
        ("the newest runs", lambda: hub.ask("GET", "/runs"), FAST),
        ("a new task", new_task, WRITE),
        ("search: one common word", find(lambda n: NOUNS[n % len(NOUNS)]), FAST),
        ("search: three words", find(lambda n: f"{VERBS[n % 15]} {NOUNS[n % 14]} {VERBS[n % 13]}"), FAST),
        ("search: the beginning of a word", find(lambda n: NOUNS[n % len(NOUNS)][:2]), FAST),
        ("search: a key", find(lambda n: f"P1-{n % 1000 * 10}"), FAST),
        ("search: what is nowhere", find(lambda n: f"zebra{n} 🚀"), FAST),
    ]  # fmt: skip
    first = ask_often(hub, "the first board", lambda: hub.ask("GET", "/board"), FAST, 1, warm=0)
    Console().print(f"The first board of all projects, right after the start: {first.taken[0]:.0f} ms")
    return [ask_often(hub, *one, times, before=change if "board" in one[0] else None) for one in asked]


def ask_often(
    hub: Hub,
    name: str,
    question: Callable[[], bytes],
    bound: float,
    times: int,
    *,
    warm: int = 3,
    before: Callable[[], None] | None = None,
) -> Measured:
    """`before` is done, and not measured, before each question: else only what is kept in memory would be asked."""
    for _ in range(warm):
        question()
    taken, spent = [], 0.0
    for _ in range(times):
        if before is not None:
            before()
        begun, start = hub.processor(), time.perf_counter()
        question()
        taken.append((time.perf_counter() - start) * 1000)
        spent += hub.processor() - begun
    return Measured(name, taken, spent / times * 1000, bound)


def cpu(pid: int) -> float:
    """Seconds of CPU that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(kind: str, measured: list[Measured]) -> bool:
    table = Table("question", "median", "p95", "bound", "", "CPU", title=f"{kind}, milliseconds")
    for one in measured:
        told = "" if one.p95 <= one.bound else "MISSED"
        median = statistics.median(one.taken)
        table.add_row(one.name, f"{median:.1f}", f"{one.p95:.1f}", f"{one.bound:.0f}", told, f"{one.cpu:.1f}")
    Console().print(table)
    return all(one.p95 <= one.bound for one in measured)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/hub.sqlite"
        return
    programs = postgres.find_programs()
    if programs is None:
        raise SystemExit("PostgreSQL's server program is not here: apt-get install postgresql")
    with postgres.server(programs, durable=True) as url:
        with psycopg.connect(url.format(name="postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench_test")
        yield url.format(name="bench_test")


@contextmanager
def running(url: str, folder: Path, module: str = "main_api.app", **settings: str) -> Iterator[Hub]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT}/main-api",
        "WFHUB_HOME": str(folder / "home"), "WORKSPACES_DIR": str(folder), "DATABASE_URL": url,
        "MAIN_API_PORT": str(port), "WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": SECRET_KEY, **settings,
    }  # fmt: skip
    with (folder / "main-api.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=2).request("GET", "/health")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit((folder / "main-api.log").read_text()[-2000:]) from None
                time.sleep(0.05)
        yield Hub(port, process.pid, url)
    finally:
        end(process)


if __name__ == "__main__":
    sys.exit(main())

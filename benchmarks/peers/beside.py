"""The other ways to carry a task through seven stages that do nothing: each program, what it needs, what it keeps."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.board import database
from benchmarks.own_stages import server_pid
from benchmarks.peers.environment import environment
from benchmarks.processes import end

FOLDER = Path(__file__).parent
SECONDS = 300
FSYNC = "each commit is on disk (fsync)"


@dataclass(frozen=True)
class Peer:
    """`run` starts what it needs in a folder and answers the program's words; `durable` is what a done stage leaves.
    It is measured beside the hub on the database `kind`."""

    name: str
    kind: str
    durable: str
    run: Callable[[Path, list[str]], dict[str, Any]]


class NotRun(Exception):
    """Why it could not be measured here."""


def langgraph(kind: str) -> Callable[[Path, list[str]], dict[str, Any]]:
    def run(folder: Path, effort: list[str]) -> dict[str, Any]:
        with database(kind, folder) as url:
            given = ["--url", url, "--server", str(server_pid(url) or 0)]
            return _ask(environment("langgraph") / "python", "langgraph_tasks.py", [*given, *effort])

    return run


def dbos(kind: str, poll: float) -> Callable[[Path, list[str]], dict[str, Any]]:
    def run(folder: Path, effort: list[str]) -> dict[str, Any]:
        with database(kind, folder) as url:
            given = ["--url", url, "--server", str(server_pid(url) or 0), "--poll", str(poll)]
            return _ask(Path(sys.executable), "dbos_tasks.py", [*given, *effort])

    return run


def celery(folder: Path, effort: list[str]) -> dict[str, Any]:
    program = shutil.which("redis-server")
    if program is None:
        raise NotRun("Redis is not here: apt-get install redis-server")
    command = [program, "--port", "0", "--unixsocket", f"{folder}/redis", "--dir", folder, "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "everysec"]
    with _served(folder, command, os.environ, lambda: (folder / "redis").exists()) as pid:
        address = f"redis+socket://{folder}/redis"
        given = ["--server", str(pid), *effort]
        return _ask(environment("celery") / "python", "celery_tasks.py", given, REDIS_URL=address)


def prefect(folder: Path, effort: list[str]) -> dict[str, Any]:
    """On PostgreSQL: on SQLite its server refuses fifty flows at once with 503."""
    programs = environment("prefect")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with database("postgresql", folder) as url:
        return _prefect(folder, programs, port, url, effort)


def _prefect(folder: Path, programs: Path, port: int, url: str, effort: list[str]) -> dict[str, Any]:
    own = {
        "PREFECT_API_DATABASE_CONNECTION_URL": url.replace("postgresql://", "postgresql+asyncpg://"),
        "HOME": str(folder), "PREFECT_HOME": str(folder), "PREFECT_LOGGING_LEVEL": "ERROR", "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }  # fmt: skip
    command = [programs / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with _served(folder, command, {**os.environ, **own}, lambda: _answers(port)) as pid:
        return _ask(programs / "python", "prefect_tasks.py", ["--server", str(pid), *effort], **own)


PEERS = {
    "langgraph-sqlite": Peer("LangGraph, SQLite", "sqlite", FSYNC, langgraph("sqlite")),
    "langgraph-postgresql": Peer("LangGraph, PostgreSQL", "postgresql", FSYNC, langgraph("postgresql")),
    "celery": Peer(
        "Celery, Redis", "sqlite", "Redis' append-only file, on disk within a second; results in Redis", celery
    ),
    "dbos-sqlite": Peer("DBOS's queue, SQLite, asked each 0.1 s", "sqlite", FSYNC, dbos("sqlite", 0.1)),
    "dbos-postgresql": Peer("DBOS's queue, PostgreSQL, asked each 0.1 s", "postgresql", FSYNC, dbos("postgresql", 0.1)),
    "prefect": Peer(
        "Prefect, its server on PostgreSQL",
        "postgresql",
        "results as files, not synced; the server hears of states later",
        prefect,
    ),
}


def measure(name: str, tasks: int, rounds: int) -> dict[str, Any]:
    """`alone` (ms a stage, by task), `rates` (stages a second, by round), `cpu` (ms a stage). Raises NotRun."""
    with tempfile.TemporaryDirectory(prefix="wfhub-peer-") as folder:
        return PEERS[name].run(Path(folder), ["--tasks", str(tasks), "--rounds", str(rounds)])


def _ask(python: Path, program: str, given: list[str], **own: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, FOLDER / program, *given],
        cwd=FOLDER, env={**os.environ, "PYTHONPATH": "", **own}, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise NotRun(done.stderr[-1500:])
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"alone"')))


@contextmanager
def _served(folder: Path, command: list[Any], own: Any, ready: Callable[[], bool]) -> Iterator[int]:
    with ExitStack() as stack:
        log = stack.enter_context((folder / "server.log").open("wb"))
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + SECONDS
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotRun((folder / "server.log").read_text()[-1500:])
                time.sleep(0.1)
            yield process.pid
        finally:
            end(process, ours=False)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False

"""A hub whose processes are struck: on SQLite with one orchestrator, or on a PostgreSQL of its own with two."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.logs.rotation import Rotation
from services.roles.seed import seed
from services.roles.versions import put_text
from services.stack.processes import spawn
from services.stack.secrets import ensure_env_file
from services.stack.settings import StackSettings
from services.stack.table import Service, table
from services.store.database import Database
from services.store.migrate import sync_url, upgrade
from services.workflows.migrate import upgrade as upgrade_engine
from tests.support import postgres
from tests.support.local_hub import CHECKOUT, KEPT
from tests.support.ports import free_port

T = TypeVar("T")
STORY = Path(__file__).with_name("story")
TTL = 4.0
TIMES = {
    "WORKER_TTL_SECONDS": str(TTL), "WORKER_BEAT_SECONDS": "0.4", "SWEEP_SECONDS": "0.4", "RUN_MAX_DEATHS": "50",
    "AGENT_SILENCE_SECONDS": "1.5", "MODEL_SILENCE_SECONDS": "1.5", "PAUSE_ANSWER_SECONDS": "30",
}  # fmt: skip
PATIENCE = 120.0  # seconds after which a wait is hopeless, also on a machine that has a lot else to do
DATABASES = ("sqlite", "postgresql")
PROGRAMS = ("main-api", "orchestrator", "agent-api", "scripted-model", "postgresql")


def until(look: Callable[[], T], otherwise: str | Callable[[], str], seconds: float = PATIENCE) -> T:
    """What `look` answers once that is true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.01)
    return found


@dataclass
class KillHub:
    """The running hub. `processes` are those that shall live, by name; a struck one is put there anew.

    `spoilt`: a story ended badly in it."""

    settings: StackSettings
    services: dict[str, Service]
    server: Path | None
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    spoilt: bool = False

    @property
    def points(self) -> Path:
        return self.settings.home / "points"

    @property
    def database(self) -> str:
        return "sqlite" if self.server is None else "postgresql"

    def start(self, name: str) -> None:
        service = self.services[name]
        log = self.settings.logs / f"{name}.log"
        self.processes[name] = spawn(service.command, service.environment, self.settings.home, Rotation(log))

    def pids(self, name: str) -> list[int]:
        """All processes of one program; PostgreSQL has one for each connection."""
        if name == "postgresql":
            assert self.server is not None
            return postgres.family(self.server)
        return [self.processes[name].pid]

    def named(self, pid: int) -> str | None:
        return next((name for name, process in self.processes.items() if process.pid == pid), None)

    def kill(self, name: str) -> None:
        if name == "postgresql":
            assert self.server is not None
            postgres.stop(self.server, signal.SIGKILL)
            return
        self.processes[name].kill()
        self.processes[name].wait(PATIENCE)

    def again(self, name: str) -> None:
        """Starts what was killed, as a supervisor would."""
        if name == "postgresql":
            programs = postgres.find_programs()
            assert self.server is not None and programs is not None
            postgres.start(programs, self.server)
        else:
            self.start(name)

    def stands(self) -> None:
        """Nothing ends by itself, also where the database is away while it starts."""
        ended = {name: process.poll() for name, process in self.processes.items() if process.poll() is not None}
        assert not ended, f"ended by themselves: {ended}: {self.tell()}"

    def send(self, name: str, number: signal.Signals) -> None:
        for pid in self.pids(name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(sync_url(self.settings.database_url))
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query), values)]
        finally:
            engine.dispose()

    def change(self, statement: str, **values: Any) -> None:
        """Spoils rows, for a test of the looks."""
        engine = sa.create_engine(sync_url(self.settings.database_url))
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(statement), values)
        finally:
            engine.dispose()

    def asked(self) -> int:
        """How many requests the scripted model was asked, over all its lives."""
        file = self.settings.home / "scripted-requests.jsonl"
        return file.read_bytes().count(b"\n") if file.exists() else 0

    def reached(self) -> list[tuple[str, str, int]]:
        """Point, where, pid: all that the processes reported."""
        file = self.points / "reached"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(point, where, int(pid)) for point, where, pid in map(str.split, lines)]

    def hold(self, point: str, where: str = "-") -> None:
        (self.points / (f"hold-{point}" if where == "-" else f"hold-{point}@{where}")).touch()

    def held(self, otherwise: Callable[[], str], seconds: float = 2 * PATIENCE) -> int:
        """The pid of who stands at the point."""
        found = until(lambda: [*self.points.glob("held-*")], otherwise, seconds)
        return int(found[0].name.removeprefix("held-"))

    def let_go(self) -> None:
        for file in self.points.glob("held-*"):
            file.unlink(missing_ok=True)

    def hold_nowhere(self) -> None:
        for file in self.points.glob("hold-*"):
            file.unlink(missing_ok=True)
        self.let_go()

    def tell(self) -> str:
        """The last of what is known, for a failed test."""
        last: list[str] = [f"reached: {self.reached()[-8:]}"]
        with suppress(SQLAlchemyError):
            last += map(str, self.rows("SELECT seq, kind, run_id, data FROM events ORDER BY seq DESC LIMIT 8"))
            tasks = "SELECT id, key, state, stage, waiting_sentence FROM tasks ORDER BY id DESC LIMIT 3"
            last += map(
                str, [*self.rows(tasks), *self.rows("SELECT id, state, sentence FROM requests ORDER BY id DESC")]
            )
        last += [f"{log.name}: {log.read_text()[-1200:]}" for log in self.settings.logs.glob("*.log")]
        return "\n".join(last)


@contextmanager
def kill_hub(root: Path, database: str, **environment: str) -> Iterator[KillHub]:
    """Brings a hub up under `root`; in the end each process of it is gone, struck or not."""
    if database == "sqlite":
        with _hub(root, "", None, environment) as hub:
            yield hub
        return
    programs = postgres.find_programs()
    assert programs is not None
    with (
        postgres.server(programs) as url,
        _hub(root, url.format(name="postgres"), postgres.folder_of(url), environment) as hub,
    ):
        yield hub


@contextmanager
def _hub(root: Path, url: str, server: Path | None, environment: dict[str, str]) -> Iterator[KillHub]:
    root.mkdir(parents=True, exist_ok=True)
    names = ("MAIN_API_PORT", "AGENT_API_PORT", "SCRIPTED_MODEL_PORT")
    own = {name: os.environ[name] for name in KEPT if name in os.environ} | {name: str(free_port()) for name in names}
    parts = [str(CHECKOUT), str(CHECKOUT / "main-api"), str(CHECKOUT / "agent-api")]
    own |= {
        "AIDER_PYTHON": os.environ.get("AIDER_PYTHON", str(CHECKOUT / ".venv-aider" / "bin" / "python")),
        "PYTHONPATH": os.pathsep.join(parts), "WFHUB_POINTS": str(root / ".wfhub" / "points"),
        "DEFAULT_MODEL": "scripted/cell",
        **({"DATABASE_URL": url} if url else {}), **TIMES, **environment,
    }  # fmt: skip
    ensure_env_file(root / ".env", own)
    settings = StackSettings.load(root, own)
    for folder in (settings.home, settings.logs, settings.run, settings.workspaces, settings.home / "points"):
        folder.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    upgrade_engine(settings.database_url)
    services = {service.name: service for service in table(settings, STORY / "scenario.yaml")}
    if server is not None:
        services["orchestrator-2"] = services["orchestrator"]
    hub = KillHub(settings, services, server)
    try:
        for name in services:
            hub.start(name)
        until(lambda: all(_answers(port) for port in (settings.main_api_port, settings.agent_api_port)), hub.tell)
        _workflow(settings.database_url)
        yield hub
    finally:
        for process in hub.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _workflow(url: str) -> None:
    async def put() -> None:
        database = Database(url)
        async with database.write() as session:
            await seed(session)
            await put_text(session, (STORY / "workflow.yaml").read_text(), "workflow.yaml", actor="test")
        await database.close()

    asyncio.run(put())


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def temporary_hub(database: str) -> Iterator[KillHub]:
    """For the program, which has no fixtures. `sys.exit` and Ctrl-C end it all the same."""
    with tempfile.TemporaryDirectory(prefix="wfhub-kill-") as folder, kill_hub(Path(folder) / "a hub", database) as hub:
        print(f"a hub on {database} in {folder}", file=sys.stderr)
        yield hub

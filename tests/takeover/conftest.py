"""Several real orchestrators on one database, a real agent-api, real git, and a person who signals processes."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from services.domain.states import TaskState
from services.reviews import decide
from services.roles.read import newest_workflow
from services.roles.seed import seed
from services.store.database import Database
from services.store.models import Event, Project, Proof, Run
from services.store.types import now
from services.workflows.migrate import upgrade
from tests.support.factories import make_task
from tests.support.local_hub import CHECKOUT
from tests.support.ports import free_port

T = TypeVar("T")
TOKEN = "0f" * 20
TTL = 4.0
PATIENCE = 120.0  # seconds after which a wait is hopeless, also on a machine that has a lot else to do
TIMES = {"WORKER_TTL_SECONDS": str(TTL), "WORKER_BEAT_SECONDS": "0.4", "SWEEP_SECONDS": "0.5", "RUN_MAX_DEATHS": "20"}
# Who wrote each row: the boot's name stands in its connections, so a write after its end shows.
AUDIT = """
CREATE TABLE audit (at timestamptz, boot text, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit VALUES (clock_timestamp(), current_setting('application_name'), TG_TABLE_NAME); RETURN NULL; END $$;
"""
AUDITED = ("runs", "tasks", "events", "proofs", "handoffs", "comments", "findings", "workers")


@dataclass
class Boot:
    """An orchestrator's process. A fenced one begins anew with the same pid and another name."""

    process: subprocess.Popen[bytes]
    log: Path

    def send(self, number: signal.Signals) -> float:
        """Sends the signal and answers when, on the clock the rows are written by."""
        os.kill(self.process.pid, number)
        return time.time()

    def said(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self._lines() if line.get("event") == event]

    def works(self) -> bool:
        """Whether its present life has begun to work: after a fence that takes a process's start again."""
        told = [line["event"] for line in self._lines() if line.get("event") in ("boot", "worker.started")]
        return told[-1:] == ["worker.started"]

    def _lines(self) -> list[dict[str, Any]]:
        whole = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{") and line.endswith("}")]


@dataclass
class Crew:
    """The hub of a test: its database, its agent, its orchestrators, and the person's workspace."""

    url: str
    home: Path
    workspace: Path
    agent_port: int
    settings: dict[str, str]
    boots: list[Boot] = field(default_factory=list)

    @property
    def gates(self) -> Path:
        return self.home / "gates"

    def environment(self, **more: str) -> dict[str, str]:
        parts = [str(CHECKOUT), str(CHECKOUT / "main-api"), str(CHECKOUT / "agent-api")]
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": os.pathsep.join(parts),
            "WFHUB_HOME": str(self.home), "DATABASE_URL": self.url, "WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": "5a" * 20,
            "AGENT_API_URL": f"http://127.0.0.1:{self.agent_port}", "DEFAULT_MODEL": "scripted/demo",
            "GATES": str(self.gates), "REPORTS": str(self.gates), **self.settings, **more,
        }  # fmt: skip

    def boot(self, wait: bool = True, **environment: str) -> Boot:
        """Starts an orchestrator; with `wait`, returns when it has said that it works."""
        log = self.home / f"worker-{len(list(self.home.glob('worker-*.log')))}.log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", "tests.takeover.worker"]
            process = subprocess.Popen(
                command, env=self.environment(**environment), cwd=self.home, stdout=output, stderr=output
            )
        boot = Boot(process, log)
        self.boots.append(boot)
        if wait:
            until(lambda: boot.said("worker.started"), f"{log}: {log.read_text()[-2000:]}")
        return boot

    def names(self, boot: Boot) -> list[str]:
        """What the process called itself, in each of its lives."""
        return [line["owner"] for line in boot.said("worker.started")]

    def carrier(self, run_id: str) -> Boot:
        """Who has the run in hand; found by its pid, as a log may lag behind."""
        query = "SELECT w.pid FROM runs r JOIN workers w ON w.id = r.owner WHERE r.id = :id"
        [(pid,)] = until(lambda: self.rows(query, id=run_id), self.story)
        return next(boot for boot in self.boots if boot.process.pid == pid)

    def do(self, work: Callable[[Any], Any]) -> Any:
        """One writing transaction, as main-api would make it."""

        async def transaction() -> Any:
            database = Database(self.url)
            try:
                async with database.write() as session:
                    return await work(session)
            finally:
                await database.close()

        return asyncio.run(transaction())

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query), values)]
        finally:
            engine.dispose()

    def hold(self, name: str) -> None:
        (self.gates / f"hold-{name}").touch()

    def release(self, name: str) -> None:
        (self.gates / f"hold-{name}").unlink()

    def task(self, stage: str = "dev") -> int:
        """A queued task of the project. Answers its id."""

        async def make(session: Any) -> int:
            project = await session.get_one(Project, 1)
            return (await make_task(session, project, stage=stage, state=TaskState.QUEUED, queued_at=now())).id

        return self.do(make)

    def working(self, stage: str) -> str:
        """The run of the stage whose job has begun at the agent."""
        query = "SELECT id FROM runs WHERE stage = :stage AND state = 'running' ORDER BY queued_at DESC LIMIT 1"
        run_id = until(lambda: self.rows(query, stage=stage), f"no run of {stage}")[0][0]
        until(lambda: [one for one in self.started() if one[0] == run_id], f"no job of {stage}")
        return run_id

    def started(self) -> list[tuple[str, str, int]]:
        file = self.gates / "started.jsonl"
        return [tuple(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    def approve(self, task_id: int) -> None:
        query = "SELECT id FROM approvals WHERE task_id = :id AND state = 'asked'"
        found = until(lambda: self.rows(query, id=task_id), self.story)
        self.do(lambda session: decide.approve(session, found[0][0], "person"))

    def finished(self, task_id: int, state: str = "done") -> None:
        query = "SELECT state FROM tasks WHERE id = :id"
        until(lambda: self.rows(query, id=task_id) == [(state,)], lambda: f"not {state}: {self.story()}")

    def story(self) -> str:
        events = self.rows("SELECT seq, kind, run_id, data FROM events ORDER BY seq DESC LIMIT 12")
        logs = [boot.log.read_text()[-1500:] for boot in self.boots]
        return "\n".join([*map(str, reversed(events)), *logs])

    def taken_over(self, run_id: str) -> float:
        """When another made the run its own (seconds since the epoch), once it has."""
        query = "SELECT at FROM events WHERE run_id = :id AND kind = 'run.taken_over' ORDER BY seq"
        return until(lambda: self.rows(query, id=run_id), lambda: f"not taken over: {self.story()}")[-1][0].timestamp()

    def writes_of(self, boot: Boot, life: int, since: float) -> list[str]:
        """The tables that the process wrote to in one of its lives, from a time on."""
        name = boot.said("boot")[life]["name"]
        query = "SELECT what FROM audit WHERE boot = :name AND at > to_timestamp(:since)"
        return [row[0] for row in self.rows(query, name=name, since=since)]

    def merges(self) -> list[str]:
        command = ["git", "-C", str(self.workspace), "log", "--first-parent", "--merges", "--format=%s", "main"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def until(look: Callable[[], T], otherwise: str | Callable[[], str], seconds: float = PATIENCE) -> T:
    """What `look` answers once that is true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.02)
    return found


def nothing_was_done_twice(crew: Crew) -> None:
    """Events, handoffs, proofs and output lines are there once; every job was begun once; nothing is still going on."""

    async def look(session: Any) -> None:
        runs = (await session.scalars(sa.select(Run))).all()
        assert not [run.id for run in runs if run.state in ("queued", "running")]
        assert {run.state for run in runs} <= {"passed"}
        told: list[tuple[Any, ...]] = []
        for event in (await session.scalars(sa.select(Event).where(Event.run_id.is_not(None)))).all():
            if event.kind != "run.taken_over":
                told.append((event.run_id, event.kind, event.data.get("step")))
        assert sorted(map(str, told)) == sorted(map(str, set(told)))
        proofs = [(p.run_id, p.step, p.name) for p in (await session.scalars(sa.select(Proof))).all()]
        assert len(proofs) == len(set(proofs))
        assert proofs

    crew.do(look)
    assert crew.rows("SELECT from_run_id FROM handoffs GROUP BY from_run_id HAVING count(*) > 1") == []
    assert crew.rows("SELECT run_id FROM comments GROUP BY run_id HAVING count(*) > 1") == []
    assert {incarnation for _, _, incarnation in crew.started()} == {1}
    assert len(crew.started()) == len(set(crew.started()))
    for output in (crew.home / "runs").glob("*/*.jsonl"):
        numbers = [json.loads(line)["seq"] for line in output.read_text().splitlines()]
        assert numbers == sorted(set(numbers))
    tasks = crew.rows("SELECT key, title, merged_sha FROM tasks ORDER BY id")
    assert sorted(crew.merges()) == sorted(f"Merge {key}: {title}" for key, title, sha in tasks if sha)


def _git(folder: Path, *args: str) -> None:
    subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True)


def _project(crew: Crew) -> None:
    crew.workspace.mkdir()
    _git(crew.workspace, "init", "-q", "-b", "main")
    (crew.workspace / "README.md").write_text("hello\n")
    _git(crew.workspace, "add", ".")
    _git(crew.workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "first")

    async def make(session: Any) -> None:
        await seed(session)
        workflow = await newest_workflow(session, "software")
        session.add(
            Project(
                name="poc", key="POC", workspace_path=str(crew.workspace), workflow_id=workflow.id,
                settings={"commands": {"test": "run-tests"}, "junit": ".workflow/junit.xml"},
            )
        )  # fmt: skip

    crew.do(make)


@contextmanager
def crew_on(url: str, root: Path, **settings: str) -> Iterator[Crew]:
    """A hub without orchestrators yet; every process that is started is ended."""
    upgrade(url)
    home = root / "a home"
    (home / "gates").mkdir(parents=True)
    crew = Crew(url, home, root / "work space", free_port(), TIMES | settings)
    _project(crew)
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(AUDIT)
            for table in AUDITED:
                when = "AFTER INSERT OR UPDATE OR DELETE"
                connection.execute(f"CREATE TRIGGER audited {when} ON {table} FOR EACH ROW EXECUTE FUNCTION note()")
    told = crew.environment(
        AGENT_API_PORT=str(crew.agent_port), CAGE_ALLOW_NONE="true", CAGE_BACKEND="none", AGENT_CAPACITY="20",
        WFHUB_TOKEN_SHA256=hashlib.sha256(TOKEN.encode()).hexdigest(),
    )  # fmt: skip
    with (home / "agent.log").open("wb") as output:
        agent = subprocess.Popen(
            [sys.executable, "-m", "tests.takeover.agent"], env=told, cwd=home, stdout=output, stderr=output
        )
    try:
        until(lambda: _answers(crew.agent_port), lambda: (home / "agent.log").read_text()[-2000:])
        yield crew
    finally:
        for process in [agent, *(boot.process for boot in crew.boots)]:
            process.kill()
            process.wait(10)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def crew(postgres_url: str, tmp_path: Path) -> Iterator[Crew]:
    with crew_on(postgres_url, tmp_path) as made:
        yield made

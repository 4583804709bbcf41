"""A hub for measuring stages: its database, projects on real repositories, and orchestrators as `./start.sh` runs them.

Its workflows do nothing: `noop` has seven stages without a step, so that what is left of a stage is the hub's own work;
in `step` each stage has one command, for an agent in the orchestrator's process that answers at once; `single` is one
stage, and `parked` leads straight to a person.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.board import CHECKOUT, database
from benchmarks.processes import end
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.roles.read import newest_workflow, workflow_by_id
from services.roles.seed import seed
from services.roles.versions import put_shipped
from services.store.database import Database
from services.store.migrate import upgrade
from services.store.models import Project, Run, Task
from services.tasks.change import Change
from services.tasks.create import create_task
from services.tasks.stages import enter_stage
from services.workflows import migrate as engine_tables

STAGES = 7
PLACES = 100_000  # nothing waits for a column's limit here
WORKER, TRACED = "services.workflows.worker", "benchmarks.traced_worker"
COMMAND = "steps: [{executor: command, command: test}]"
PERSON = "steps: [{executor: human}]"
DURABLE = {
    "sqlite": "write-ahead log, synchronous=NORMAL: kept when a process dies; a power cut may take the last moments",
    "postgresql": "each commit is on disk (fsync, synchronous_commit=on)",
}
TOKEN, SECRET_KEY = secrets.token_urlsafe(32), secrets.token_urlsafe(32)


def _workflow(name: str, stages: Sequence[str]) -> str:
    """YAML; each stage is what it has beside its name."""
    lines = [f"name: {name}", "start: stage-1", "stages:", f"  - {{name: backlog, title: Backlog, wip: {PLACES}}}"]
    for number, has in enumerate(stages, start=1):
        lines.append(f"  - {{name: stage-{number}, title: Stage {number}, wip: {PLACES}{has and ', ' + has}}}")
    return "\n".join([*lines, f"  - {{name: done, title: Done, wip: {PLACES}}}"])


WORKFLOWS = {
    "noop": _workflow("noop", [""] * STAGES),
    "step": _workflow("step", [COMMAND] * STAGES),
    "single": _workflow("single", [""]),
    "parked": _workflow("parked", [PERSON, ""]),
}


@dataclass
class StageHub:
    """`kind` is the database's; `folder` holds WFHUB_HOME as `home`."""

    kind: str
    url: str
    folder: Path
    db: Database
    workflows: dict[str, int]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    async def project(self, workflow: str) -> int:
        """A new one, on a repository with one commit."""
        async with self.db.write() as session:
            number = (await session.scalar(sa.select(sa.func.coalesce(sa.func.max(Project.id), 0))) or 0) + 1
            path = self.folder / f"project-{number}"
            await Repos(self.home, Identity("Hub", "hub@wfhub.localhost")).prepare_workspace(path, "main")
            project = Project(
                name=f"Project {number}", key=f"P{number}", workspace_path=str(path), default_branch="main",
                workflow_id=self.workflows[workflow], settings={"commands": {"test": "true"}},
            )  # fmt: skip
            session.add(project)
            await session.flush()
            return project.id

    async def tasks(self, projects: Sequence[int], each: int) -> list[int]:
        """New ones in their backlogs, `each` in each project, in turn."""
        async with self.db.write() as session:
            made = [
                await create_task(session, project, title=f"Round the total {number}", description="To five cents.")
                for number in range(each)
                for project in projects
            ]
            await session.flush()
            return [task.id for task in made]

    async def start(self, tasks: Sequence[int], change: Change | None = None) -> None:
        """As a person's word: all of them are queued in one transaction. `change` is what a person is asked about."""
        async with self.db.write() as session:
            for task_id in tasks:
                task = await session.get_one(Task, task_id)
                workflow = await workflow_by_id(session, task.workflow_id)
                stage = workflow.stage(workflow.start)
                await enter_stage(session, task, workflow, stage, actor="person", auto_trigger=True, change=change)

    async def done(self, tasks: Sequence[int], seconds: float = 300.0) -> None:
        """Returns when none of them is open. Raises TimeoutError."""
        query = sa.select(sa.func.count()).where(Task.id.between(min(tasks), max(tasks)), Task.state != "done")
        async with asyncio.timeout(seconds):
            while True:
                async with self.db.read() as session:
                    if not await session.scalar(query):
                        return
                await asyncio.sleep(0.02)

    async def runs(self, tasks: Sequence[int]) -> list[Run]:
        """Of these tasks, in the order in which they ended."""
        query = sa.select(Run).where(Run.task_id.between(min(tasks), max(tasks))).order_by(Run.finished_at)
        async with self.db.read() as session:
            return list((await session.scalars(query)).all())


@asynccontextmanager
async def stage_hub(kind: str) -> AsyncIterator[StageHub]:
    """An empty one on a database of that kind, gone at the end. PostgreSQL has its usual durability."""
    with tempfile.TemporaryDirectory(prefix="wfhub-bench-") as name, database(kind, Path(name)) as url:
        await asyncio.to_thread(upgrade, url)
        await asyncio.to_thread(engine_tables.upgrade, url)
        db = Database(url)
        try:
            async with db.write() as session:
                await seed(session)
                for called, source in WORKFLOWS.items():
                    await put_shipped(session, source, f"{called}.yaml")
                await session.flush()
                workflows = {key: (await newest_workflow(session, key)).id for key in WORKFLOWS}
            yield StageHub(kind, url, Path(name), db, workflows)
        finally:
            await db.close()


@contextmanager
def orchestrator(hub: StageHub, at_once: int, module: str = WORKER, **settings: str) -> Iterator[int]:
    """Its process id. It carries `at_once` runs, be they of one project or of many."""
    health = hub.home / "run" / "orchestrator.health"
    health.unlink(missing_ok=True)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT), "WFHUB_HOME": str(hub.home),
        "DATABASE_URL": hub.url, "WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": SECRET_KEY,
        "WORKER_CONCURRENCY": str(at_once), "PROJECT_CONCURRENCY": str(at_once), "AGENT_CAPACITY": str(at_once),
        **settings,
    }  # fmt: skip
    told = hub.folder / "orchestrator.log"
    with told.open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not health.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(told.read_text()[-2000:])
            time.sleep(0.05)
        yield process.pid
    finally:
        end(process)

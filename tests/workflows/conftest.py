"""A hub in this process: real database, real git, real engine, and an agent whose answers the test decides."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_asyncio
import sqlalchemy as sa
from dbos import DBOS
from dbos._dbos import _get_dbos_instance  # pyright: ignore[reportPrivateUsage]

from main_api.reads.kept_cards import KeptCards
from services.agents.fake import FakeAgent
from services.contract.run_result import RunResult, TestCase, TestReport
from services.contract.run_spec import RunSpec
from services.events.output import RunOutput
from services.plans import decide as plans
from services.proofs.files import ProofStore
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.reviews import decide as reviews
from services.roles.read import newest_workflow
from services.roles.seed import seed
from services.store.database import Database
from services.store.models import Approval, Event, Plan, Project, Request, Task
from services.workflows import engine, takeover
from services.workflows.admission import Admission
from services.workflows.bench import Bench, set_bench
from services.workflows.migrate import upgrade
from services.workflows.settings import OrchestratorSettings
from services.workflows.sweep import sweep, sweep_forever
from tests.support.boards import compare_boards

SECONDS = 120.0  # after which a wait is hopeless, also on a machine that has a lot else to do
Answer = RunResult | Awaitable[RunResult]
PLAN: dict[str, Any] = {
    "summary": "Two small tasks.",
    "tasks": [
        {"id": "one", "title": "Write one", "description": "", "files": ["one.txt"],
         "criteria": [{"text": "one is there", "check": "t::one"}]},
        {"id": "two", "title": "Write two", "description": "", "files": ["two.txt"], "depends_on": ["one"],
         "criteria": [{"text": "two is there", "check": "t::two"}]},
    ],
}  # fmt: skip


def report_of(*names: str, failing: tuple[str, ...] = ()) -> RunResult:
    """The result of a test command: exit code and report agree."""
    cases = [TestCase(id=f"t::{name}", outcome="passed") for name in names]
    cases += [TestCase(id=f"t::{name}", outcome="failed", message="assert 1 == 2") for name in failing]
    report = TestReport(passed=len(names), failed=len(failing), errors=0, skipped=0, seconds=0.1, cases=tuple(cases))
    return RunResult(outcome="completed", exit_code=1 if failing else 0, tests=report)


@dataclass
class Script:
    """What the agent does, by executor; a test replaces the parts it is about. `specs` are all jobs started."""

    plan: dict[str, Any] = field(default_factory=lambda: PLAN)
    on_aider: Callable[[RunSpec], Answer] | None = None
    on_command: Callable[[RunSpec], Answer] | None = None
    on_tools: Callable[[RunSpec], Answer] | None = None
    specs: list[RunSpec] = field(default_factory=list)

    def __call__(self, spec: RunSpec) -> Answer:
        self.specs.append(spec)
        match spec.settings.executor:
            case "aider":
                return self.on_aider(spec) if self.on_aider else self.write(spec)
            case "command":
                return self.on_command(spec) if self.on_command else report_of("old", "one", "two")
            case "tools" if self.on_tools:
                return self.on_tools(spec)
            case "tools" if spec.settings.output_name == "plan":
                return RunResult(outcome="completed", answer=self.plan)
            case "tools":
                name = "one" if "Write one" in spec.settings.prompt else "two"
                checks = [{"criterion": 1, "met": True, "test": f"t::{name}"}]
                return RunResult(outcome="completed", answer={"checks": checks})
            case _:
                return RunResult(outcome="completed")

    def write(self, spec: RunSpec) -> RunResult:
        """Edits like Aider would: a file of the task's own in each stage."""
        name = f"{spec.task_key}-{spec.role}.txt"
        (Path(spec.worktree) / name).write_text(f"by {spec.role}\n")
        return RunResult(outcome="completed", files_touched=(name,))


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass
class Hub:
    """The running hub and a person's hands on it."""

    bench: Bench
    agent: FakeAgent
    script: Script
    admission: Admission
    workspace: Path
    project_id: int
    cards: KeptCards = field(default_factory=KeptCards)

    async def ask(self, text: str = "Write two files") -> int:
        async with self.bench.db.write() as session:
            request = Request(project_id=self.project_id, text=text, kind="idea", state="new")
            session.add(request)
            await session.flush()
            return request.id

    async def plan(self, state: str = "waiting") -> Plan:
        return await self.until(lambda s: s.scalar(sa.select(Plan).where(Plan.state == state)))

    async def approve_plan(self) -> None:
        plan = await self.plan()
        async with self.bench.db.write() as session:
            await plans.approve(session, plan.id, "person")

    async def approval(self, task_key: str) -> Approval:
        query = sa.select(Approval).join(Task).where(Task.key == task_key, Approval.state == "asked")
        return await self.until(lambda s: s.scalar(query))

    async def approve(self, task_key: str) -> None:
        approval = await self.approval(task_key)
        async with self.bench.db.write() as session:
            await reviews.approve(session, approval.id, "person")

    async def task(self, key: str, **values: Any) -> Task:
        """The task, once its columns have these values."""
        query = sa.select(Task).where(Task.key == key, *[getattr(Task, n) == v for n, v in values.items()])
        try:
            return await self.until(lambda s: s.scalar(query))
        except TimeoutError:
            async with self.bench.db.read() as session:
                task = await session.scalar(sa.select(Task).where(Task.key == key))
                events = await self.events()
            assert task is not None
            raise AssertionError(
                f"{key} is {task.stage}/{task.state}/{task.waiting_reason} {task.waiting_sentence}; {events[-12:]}"
            ) from None

    async def until(self, look: Callable[[Any], Awaitable[Any]]) -> Any:
        async with asyncio.timeout(SECONDS):
            while True:
                async with self.bench.db.read() as session:
                    if self.bench.db.is_sqlite:
                        await compare_boards(session, self.cards)
                    found = await look(session)
                if found is not None:
                    return found
                await asyncio.sleep(0.02)

    async def events(self, *kinds: str) -> list[str]:
        async with self.bench.db.read() as session:
            rows = (await session.scalars(sa.select(Event).order_by(Event.seq))).all()
        return [f"{row.kind}:{row.data.get('stage', '')}" for row in rows if not kinds or row.kind in kinds]

    async def sweep(self) -> None:
        await sweep(self.bench, self.admission)


@pytest_asyncio.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    """A project on a real repository, an orchestrator at work, an agent that does as the script says."""
    script = Script()
    bench = make_bench(database_url, tmp_path / "home", FakeAgent(script))
    workspace = tmp_path / "work space"
    project_id = await begin(bench, workspace)
    async with at_work(bench, script, workspace, project_id) as running:
        yield running


async def begin(bench: Bench, workspace: Path) -> int:
    """The engine's tables, what every hub is seeded with, and a project on a new repository."""
    await asyncio.to_thread(upgrade, bench.db.url)
    workspace.mkdir()  # noqa: ASYNC240 - one folder
    git(workspace, "init", "-q", "-b", "main")
    (workspace / "README.md").write_text("hello\n")
    git(workspace, "add", ".")
    git(workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "first")
    async with bench.db.write() as session:
        await seed(session)
        workflow = await newest_workflow(session, "software")
        project = Project(
            name="poc", key="POC", workspace_path=str(workspace), workflow_id=workflow.id,
            settings={"commands": {"test": "run-tests"}, "junit": ".workflow/junit.xml"},
        )  # fmt: skip
        session.add(project)
        await session.flush()
        return project.id


@asynccontextmanager
async def at_work(bench: Bench, script: Script, workspace: Path, project_id: int) -> AsyncIterator[Hub]:
    """An orchestrator of this process at work on the bench, ended as if it were killed."""
    set_bench(bench)
    await takeover.enlist(bench)
    engine.configure(bench.db.url, bench.owner)
    DBOS.launch()
    admission = Admission(bench)
    loops = [admission.listen(), admission.run(), sweep_forever(bench, admission)]
    tasks = [asyncio.create_task(loop) for loop in loops]
    assert isinstance(bench.agent, FakeAgent)
    try:
        yield Hub(bench, bench.agent, script, admission, workspace, project_id)
    finally:
        for task in [*tasks, *admission.carried.values()]:
            task.cancel()
        await asyncio.gather(*tasks, *admission.carried.values(), return_exceptions=True)
        # A dead one waits for no database: a thread that still notes a workflow's end would try until it is back.
        _get_dbos_instance()._sys_db._retry_connection_errors = False  # pyright: ignore[reportPrivateUsage]
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
        # The engine took asyncio's threads with it; another hub in this process needs its own.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
        await bench.db.close()


def make_bench(database_url: str, home: Path, agent: FakeAgent, owner: str = "test-owner") -> Bench:
    settings = OrchestratorSettings(
        WFHUB_HOME=home, DATABASE_URL=database_url, WFHUB_TOKEN="t" * 40, WFHUB_SECRET_KEY="k" * 40,
        WORKER_BEAT_SECONDS=0.5, SWEEP_SECONDS=0.5, AGENT_WAIT_SECONDS=SECONDS, DEFAULT_MODEL="scripted/demo",
    )  # type: ignore[call-arg]  # fmt: skip
    return Bench(
        settings=settings, db=Database(database_url), repos=Repos(home, Identity("Hub", "hub@wfhub.localhost")),
        agent=agent, output=RunOutput(home), proofs=ProofStore(home), owner=owner,
    )  # fmt: skip

"""What `old_hub` left is finished by the present version: each task once, in the workflow it began in."""

import asyncio
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import sqlalchemy as sa

from services.agents.fake import FakeAgent
from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.store.models import Approval, Plan, Run, Task, Worker
from tests.workflows.conftest import Hub, Script, at_work, git, make_bench, report_of

LIVE = ("queued", "running")
MERGED = ("POC-6", "POC-7")
DONE = [f"POC-{number}" for number in (*range(1, 10), 11)]


class Finishing(Script):
    """All is well from here on."""

    def __call__(self, spec: RunSpec) -> RunResult:
        self.specs.append(spec)
        match spec.settings.executor:
            case "command":
                return report_of("old")
            case "tools" if spec.role == "qa":
                return RunResult(
                    outcome="completed", answer={"checks": [{"criterion": 1, "met": True, "test": "t::old"}]}
                )
            case _:
                answer = super().__call__(spec)
                assert isinstance(answer, RunResult)
                return answer


async def finish(database_url: str, home: Path, workspace: Path, approving: Collection[str] = DONE) -> None:
    """Starts the orchestrator on what is there, approves these merges, and looks at how it all ended.

    Where not all are approved, the others end waiting for that, and POC-9 for them.
    """
    script = Finishing()
    script.plan = {"summary": "One.", "tasks": [{"id": "a", "title": "A", "description": "", "files": [],
                   "criteria": [{"text": "x", "check": "t::old"}]}]}  # fmt: skip
    bench = make_bench(database_url, home, FakeAgent(script), owner="the present one")
    async with bench.db.read() as session:
        before = {task.key: task for task in (await session.scalars(sa.select(Task))).all()}
        live = set(
            (await session.scalars(sa.select(Run.id).where(Run.state.in_(LIVE), Run.task_id.is_not(None)))).all()
        )
    assert len(live) >= 7, "the older hub was not in the middle of enough"
    async with at_work(bench, script, workspace, 1) as hub:
        await _approve(hub, approving)
        await hub.until(
            lambda s: s.scalar(
                sa.select(Run.id)
                .join(Plan, Plan.run_id == Run.id)
                .where(Run.state == "passed")
                .order_by(Plan.id)
                .offset(2)
            )
        )
        async with bench.db.read() as session:
            tasks = {task.key: task for task in (await session.scalars(sa.select(Task))).all()}
            runs = (await session.scalars(sa.select(Run))).all()
            plans = (await session.scalars(sa.select(Plan.state).order_by(Plan.id))).all()
            workers = (await session.scalars(sa.select(Worker.id))).all()
    assert {key: task.workflow_id for key, task in tasks.items()} == {
        key: task.workflow_id for key, task in before.items()
    }
    whole = set(approving) >= set(DONE)
    states = dict.fromkeys(DONE, "waiting") | dict.fromkeys((*MERGED, *approving), "done") | {"POC-10": "idle"}
    assert {key: task.state for key, task in tasks.items()} == states | ({} if whole else {"POC-9": "blocked"})
    assert {key: task.round for key, task in tasks.items() if task.round != 1} == {"POC-8": 2}
    assert {run.id: run.state for run in runs if run.id in live} == dict.fromkeys(live, "passed")
    # each merge moves the target, and the tasks behind it are proven again: nothing else was done again
    others = [(run.stage, run.state, run.reason) for run in runs if run.state not in ("passed", "failed")]
    assert {reason for _, _, reason in others} <= {"target_moved"}, others
    coded = [run.task_id for run in runs if run.stage == "dev"]
    begun = [tasks[key].id for key in DONE if tasks[key].state != "blocked"]
    assert Counter(coded) == Counter([*begun, tasks["POC-8"].id])
    assert plans == ["done" if whole else "approved", "waiting", "waiting"]
    assert workers == ["the present one"]
    log = git(workspace, "log", "--first-parent", "--merges", "--format=%s", "main").splitlines()
    assert sorted(log) == sorted(f"Merge {key}: {tasks[key].title}" for key in {*MERGED, *approving})
    assert not git(workspace, "ls-tree", "-r", "--name-only", "main").count("half.txt")


async def _approve(hub: Hub, keys: Collection[str]) -> None:
    """Until these are done and nothing else moves. One after the other: each merge moves the target for the next."""
    undone = sa.select(Task.key).where(Task.key.in_(keys), Task.state != "done")
    moving = sa.select(Task.key).where(Task.state.in_(("queued", "running")))
    asked = sa.select(Task.key).join(Approval, Approval.task_id == Task.id).where(Approval.state == "asked")
    async with asyncio.timeout(180):
        while True:
            async with hub.bench.db.read() as session:
                left = [*(await session.scalars(undone)).all(), *(await session.scalars(moving)).all()]
                ready = [key for key in (await session.scalars(asked)).all() if key in keys]
                waiting = (await session.scalars(sa.select(Task).where(Task.state == "waiting"))).all()
            wrong = {task.key: (task.stage, task.waiting_reason, task.waiting_sentence) for task in waiting}
            wrong = {key: told for key, told in wrong.items() if told[1] != "approval"}
            assert not wrong, wrong
            if not left:
                return
            for key in ready[:1]:
                await hub.approve(key)
            await asyncio.sleep(0.05)

"""A hub with tasks at every stage, left in the middle of it all; run with the code of an older version.

`python old_hub.py HOME WORKSPACE DATABASE_URL [BACKUP]` with the older version on PYTHONPATH and in its folder. Says
`ready` when all stand where they should, and then waits to be killed. With BACKUP it leaves one before. It uses what
the older version's own `tests.workflows.conftest` offers: an orchestrator in this process, an agent by script.

| task | stands |
| --- | --- |
| POC-1 | in DEV, half an edit in its worktree |
| POC-2, 3, 4 | in QA, SEC, DOCS, in the middle of the first step |
| POC-5 | waits for the approval of its merge |
| POC-6 | merged, in the middle of TESTING |
| POC-7 | done |
| POC-8 | sent back by QA, in the middle of DEV's second round |
| POC-9 | in the backlog until POC-1 is done |
| POC-10 | in the backlog, nobody asked for it |
| POC-11 | in the middle of PM, by a person's hand |

and one plan waits for its approval, another is being made.
"""

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.agents.fake import FakeAgent, _Job
from services.backup.make import make_backup
from services.backup.place import HubPlace
from services.contract.run_result import JobState, RunResult
from services.contract.run_spec import RunSpec
from services.store.migrate import upgrade
from services.store.models import Plan, Project
from services.store.types import now
from services.tasks.control import trigger
from services.tasks.create import create_task
from tests.workflows import conftest
from tests.workflows.conftest import Hub, Script, at_work, begin, make_bench, report_of

STUCK = {
    ("POC-1", "dev"), ("POC-2", "qa"), ("POC-3", "security"), ("POC-4", "docs"), ("POC-6", "testing"),
    ("POC-8", "dev"), ("POC-11", "pm"),
}  # fmt: skip


def plan_of(*numbers: int) -> dict[str, Any]:
    tasks = [
        {"id": f"t{number}", "title": f"Write {number}", "description": "", "files": [f"{number}.txt"],
         "depends_on": ["t1"] if number == 9 else [],
         "criteria": [{"text": f"{number} is there", "check": "t::old"}]}
        for number in numbers
    ]  # fmt: skip
    return {"summary": "Some small tasks.", "tasks": tasks}


class Everywhere(Script):
    """Passes everything but the first tests of POC-8."""

    def __init__(self) -> None:
        super().__init__(plan=plan_of(*range(1, 10)))
        self.failed = False

    def __call__(self, spec: RunSpec) -> Any:
        if spec.settings.executor == "tools" and spec.role == "qa":
            return RunResult(outcome="completed", answer={"checks": [{"criterion": 1, "met": True, "test": "t::old"}]})
        if spec.settings.executor == "command" and spec.task_key == "POC-8" and not spec.step.endswith("-base"):
            first, self.failed = not self.failed, True
            return report_of("other", failing=("old",)) if first else report_of("old")
        if spec.settings.executor == "command":
            return report_of("old")
        return super().__call__(spec)


class HalfWay(FakeAgent):
    """Is for good in the middle of the jobs of STUCK, and of the plan of the third request."""

    def __init__(self, script: Everywhere) -> None:
        super().__init__(script)
        self._script, self._held, self.all_held = script, set[tuple[str, str]](), asyncio.Event()

    async def start(self, spec: RunSpec) -> JobState:
        key = (spec.task_key or spec.run_id, spec.role)
        stuck = key in STUCK and (key != ("POC-8", "dev") or self._script.failed)
        if not stuck and "stuck request" not in str(getattr(spec.settings, "prompt", "")):
            return await super().start(spec)
        if spec.settings.executor == "aider":
            (Path(spec.worktree) / "half.txt").write_text("half an edit")
        at = now()
        state = JobState(run_id=spec.run_id, step=spec.step, state="running", incarnation=1, last_seq=0, started_at=at)
        self._jobs[spec.run_id, spec.step] = _Job(spec, state)
        self._held.add(key)
        if len(self._held) == len(STUCK) + 1:
            self.all_held.set()
        return state


async def build(hub: Hub, agent: HalfWay) -> None:
    await hub.ask("Write nine files")
    await hub.approve_plan()
    for key in ("POC-6", "POC-7"):
        await hub.approve(key)
    await hub.task("POC-7", state="done")
    async with hub.bench.db.write() as session:
        await create_task(session, hub.project_id, title="Nobody asked")
        mine = await create_task(session, hub.project_id, title="By hand", criteria=[("it is there", "t::old")])
        await session.flush()
        await trigger(session, mine.id, "person", stage="pm")
    hub.script.plan = plan_of(20)
    await hub.ask("A second request")
    await hub.until(lambda s: s.scalar(sa.select(Plan).where(Plan.state == "waiting")))
    await hub.ask("A stuck request")
    await asyncio.wait_for(agent.all_held.wait(), conftest.SECONDS)
    await hub.task("POC-5", state="waiting", waiting_reason="approval")
    await hub.task("POC-9", state="blocked")
    await hub.task("POC-10", state="idle")


conftest.SECONDS = 120.0  # a busy machine


socket.gethostname = lambda: "an-older-host"  # of a backup that is kept, nothing tells where it was made


async def main(home: Path, workspace: Path, url: str, backup: Path | None) -> None:
    script = Everywhere()
    agent = HalfWay(script)
    await asyncio.to_thread(upgrade, url)
    bench = make_bench(url, home, agent, owner="an older one")
    project_id = await begin(bench, workspace)
    async with at_work(bench, script, workspace, project_id) as hub:
        async with bench.db.write() as session:
            project = await session.get_one(Project, project_id)
            project.settings = {**project.settings, "commands": {"test": "run-tests", "e2e": "run-tests"}}
        await build(hub, agent)
        if backup is not None:
            await asyncio.to_thread(make_backup, HubPlace(home, url, home / ".env"), backup)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(Path(given[0]), Path(given[1]), given[2], Path(given[3]) if given[3:] else None))

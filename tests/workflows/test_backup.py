"""A backup made while tasks are in flight is brought back to another hub, which finishes them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.agents.fake import FakeAgent, _Job
from services.backup.make import make_backup
from services.backup.place import HubPlace
from services.backup.restore import Wish, restore
from services.contract.run_result import JobState
from services.contract.run_spec import RunSpec
from services.store.models import Event, Run, Task
from services.store.types import now
from services.workflows.migrate import upgrade as upgrade_engine
from tests.workflows.conftest import PLAN, SECONDS, Hub, Script, at_work, begin, git, make_bench


class HalfWay(FakeAgent):
    """An agent that is in the middle of some jobs for good: half an edit is in the worktree."""

    def __init__(self, script: Script, stuck: Callable[[RunSpec], bool]) -> None:
        super().__init__(script)
        self._stuck, self.held = stuck, asyncio.Event()

    async def start(self, spec: RunSpec) -> JobState:
        if not self._stuck(spec):
            return await super().start(spec)
        (Path(spec.worktree) / "half.txt").write_text("half an edit")
        state = JobState(
            run_id=spec.run_id, step=spec.step, state="running", incarnation=1, last_seq=0, started_at=now()
        )
        self._jobs[spec.run_id, spec.step] = _Job(spec, state)
        self.held.set()
        return state


@dataclass
class Story:
    """A hub with one task before its approval and one whose DEV is half done, and its backup."""

    workspace: Path
    file: Path
    seen: dict[str, Any] = field(default_factory=dict)


async def two_in_flight(database_url: str, tmp_path: Path) -> Story:
    script, workspace = Script(), tmp_path / "work space"
    script.plan = {**PLAN, "tasks": [{**task, "depends_on": []} for task in PLAN["tasks"]]}
    agent = HalfWay(script, lambda spec: spec.task_key == "POC-2" and spec.role == "dev")
    bench = make_bench(database_url, tmp_path / "home", agent)
    project_id = await begin(bench, workspace)
    async with at_work(bench, script, workspace, project_id) as hub:
        await hub.ask()
        await hub.approve_plan()
        await hub.approval("POC-1")
        await hub.task("POC-2", state="running", stage="dev")
        await asyncio.wait_for(agent.held.wait(), SECONDS)
        place = HubPlace(tmp_path / "home", database_url, tmp_path / ".env")
        made = await asyncio.to_thread(make_backup, place, tmp_path / "one.wfbackup")
        assert (made.notes, made.live_runs, made.repositories) == ([], 1, 1)
        # The world goes on after the backup: of this the workspace alone knows.
        await hub.approve("POC-1")
        await hub.task("POC-1", merged_sha=await _merged(hub, "POC-1"))
    return Story(workspace, made.file)


async def _merged(hub: Hub, key: str) -> str:
    return await hub.until(lambda s: s.scalar(sa.select(Task.merged_sha).where(Task.key == key)))


async def test_tasks_in_flight_are_finished_by_another_hub(database_url: str, empty_url: str, tmp_path: Path) -> None:
    story = await two_in_flight(database_url, tmp_path)
    moved = tmp_path / "moved here" / "work"
    moved.parent.mkdir()
    story.workspace.rename(moved)
    home = tmp_path / "another"
    place = HubPlace(home, empty_url, tmp_path / "fresh.env")
    wish = Wish(workspaces={str(story.workspace): str(moved)})
    back = await asyncio.to_thread(restore, place, story.file, wish, upgrade_engine)
    assert (back.live_runs, back.repositories, back.aside, back.notes) == (1, 1, None, [])
    assert back.workspaces == [("POC", str(moved), "there")]
    assert sorted(path.name for path in place.backups.iterdir()) == []

    script = Script()
    bench = make_bench(empty_url, home, FakeAgent(script), owner="another")
    async with at_work(bench, script, moved, 1) as hub:
        first = await hub.task("POC-1", state="waiting", waiting_reason="approval")
        await hub.approve("POC-1")
        await hub.task("POC-1", state="done")
        await hub.approve("POC-2")
        second = await hub.task("POC-2", state="done")
        async with bench.db.read() as session:
            runs = (await session.scalars(sa.select(Run).where(Run.task_id == second.id, Run.stage == "dev"))).all()
            told = (await session.scalars(sa.select(Event.kind).where(Event.kind == "hub.restored"))).all()
    assert [(run.state, run.attempt) for run in runs] == [("passed", 1)]  # the same run, carried on
    assert told == ["hub.restored"]
    assert all(str(home) in spec.worktree for spec in script.specs)
    assert not any((moved / name).exists() for name in ("half.txt",))
    log = git(moved, "log", "--first-parent", "--format=%s", "main").splitlines()
    assert log == ["Merge POC-2: Write two", "Merge POC-1: Write one", "first"]
    assert first.round == second.round == 1

"""A card is moved while an agent works: its job is ended before anything else of the task begins."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from services.contract.run_event import RunEvent
from services.contract.run_result import JobState
from services.contract.run_spec import RunSpec
from services.store.models import Run
from services.tasks.change import change_of_task
from services.tasks.control import trigger
from services.tasks.moves import set_stage
from tests.workflows.conftest import PLAN, Hub, git

SLOW_SECONDS = 0.4


class SlowToStop:
    """The agent's DEV job never ends by itself, and takes its time to end when it is told. `told` is what happened."""

    def __init__(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[str] = []
        self._hub, self._start, self._events, self._cancel = hub, hub.agent.start, hub.agent.events, hub.agent.cancel
        self._hold = True
        for name in ("start", "events", "cancel"):
            monkeypatch.setattr(hub.agent, name, getattr(self, name))

    async def start(self, spec: RunSpec) -> JobState:
        self.told.append(f"start {spec.role} {spec.run_id}")
        return await self._start(spec)

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]:
        if self._hold and any(told == f"start dev {run_id}" for told in self.told):
            await asyncio.Event().wait()
        async for event in self._events(run_id, step, after):
            yield event

    async def cancel(self, run_id: str, step: str) -> None:
        await asyncio.sleep(SLOW_SECONDS)
        await self._cancel(run_id, step)
        self._hold = False
        self.told.append(f"ended {run_id}")


async def working(hub: Hub) -> str:
    """The id of the DEV run whose job is under way."""
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    query = sa.select(Run.id).where(Run.stage == "dev", Run.state == "running", Run.job_started_at.is_not(None))
    return await hub.until(lambda session: session.scalar(query))


async def move(hub: Hub, stage: str) -> None:
    task = await hub.task("POC-1")
    async with hub.bench.db.write() as session:
        await set_stage(session, task.id, stage, actor="person")


@pytest.mark.parametrize("stage", ["pm", "qa"])
async def test_the_old_job_is_ended_before_the_new_one_begins(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    agent = SlowToStop(hub, monkeypatch)
    run_id = await working(hub)
    await move(hub, stage)
    await hub.until(lambda s: s.scalar(sa.select(Run.id).where(Run.stage == stage, Run.state == "passed")))
    begun = agent.told.index(f"start dev {run_id}")
    of_task = [told for told in agent.told[begun:] if run_id in told or told.startswith(f"start {stage} ")]
    assert of_task[:2] == [f"start dev {run_id}", f"ended {run_id}"], of_task
    later = [told for told in of_task[2:] if told != f"ended {run_id}"]  # on a busy machine it is told twice
    assert later and all(told.startswith(f"start {stage} ") for told in later), of_task
    async with hub.bench.db.read() as session:
        old = await session.get_one(Run, run_id)
    assert (old.state, old.stopping) == ("cancelled", False)


async def test_nothing_begins_while_nobody_knows_whether_the_old_job_ended(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = SlowToStop(hub, monkeypatch)
    run_id = await working(hub)
    hub.agent.reachable = False
    await move(hub, "qa")
    await asyncio.sleep(1.5)  # several sweeps
    task = await hub.task("POC-1")
    assert (task.stage, task.state) == ("qa", "queued")
    hub.agent.reachable = True
    await hub.until(lambda s: s.scalar(sa.select(Run.id).where(Run.stage == "qa", Run.state != "queued")))
    assert f"ended {run_id}" in agent.told


async def test_the_word_to_merge_given_with_a_stage_merges_after_it(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    await hub.approval("POC-1")
    await move(hub, "backlog")
    task = await hub.task("POC-1", state="idle")
    async with hub.bench.db.write() as session:
        run = await trigger(session, task.id, "person", stage="sec", merge=True)
    done = await hub.task("POC-1", state="done")
    assert done.merge_after is None and done.merged_sha == git(hub.workspace, "rev-parse", "main")
    async with hub.bench.db.read() as session:
        query = sa.select(Run).where(Run.queued_at >= run.queued_at).order_by(Run.queued_at)
        stages = [row.stage for row in (await session.scalars(query)).all()]
    assert stages == ["sec", "deploy", "testing"]


async def test_a_card_dropped_on_deploy_asks_and_merges_what_was_asked(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    first = await hub.approval("POC-1")
    await move(hub, "backlog")
    task = await hub.task("POC-1", state="idle")
    change = await change_of_task(hub.bench.repos, task)
    assert change is not None
    async with hub.bench.db.write() as session:
        await set_stage(session, task.id, "deploy", actor="person", change=change)
    second = await hub.approval("POC-1")
    assert second.id != first.id and second.patch_id == first.patch_id
    await hub.approve("POC-1")
    await hub.task("POC-1", state="done")
    assert len(git(hub.workspace, "rev-list", "--merges", "main").splitlines()) == 1


async def test_what_a_dead_orchestrator_was_stopping_is_stopped_by_another(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    await hub.approval("POC-1")
    async with hub.bench.db.write() as session:
        run = await session.scalar(sa.select(Run).where(Run.stage == "docs"))
        assert run is not None
        run.state, run.stopping, run.owner = "cancelled", True, "gone"
    await move(hub, "qa")
    await hub.sweep()
    await hub.approval("POC-1")
    async with hub.bench.db.read() as session:
        assert (await session.get_one(Run, run.id)).stopping is False

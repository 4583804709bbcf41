"""Pauses: nothing begins after the answer, a run that stands still goes on where it was, and pauses nest."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal

import pytest
import sqlalchemy as sa

from services.agents.errors import AgentUnreachable
from services.contract.run_event import RunEvent
from services.contract.run_result import JobState
from services.domain.errors import Conflict
from services.pauses import everything, task
from services.pauses.errors import NothingToPause, NotPaused
from services.pauses.standing import read_standing
from services.pauses.word import Word
from services.store.models import Event, Run, Task
from services.store.types import now
from services.tasks.control import kill_run, trigger
from tests.workflows.conftest import PLAN, SECONDS, Hub, git

TASKS, PAUSES, MOST_PAUSES = 3, 12, 200


async def say(hub: Hub, word: Callable[..., Awaitable[Word]], *what: Any) -> Word:
    async with hub.bench.db.write() as session:
        return await word(session, *what, "person")


async def stands(hub: Hub) -> list[str]:
    """How the runs under a pause stand, once all of them do."""
    async with asyncio.timeout(SECONDS):
        while True:
            async with hub.bench.db.read() as session:
                runs = await read_standing(session)
            if all(run.stands for run in runs):
                return [run.held for run in runs]
            await asyncio.sleep(0.005)


async def begun(hub: Hub) -> tuple[int, int]:
    """Runs that were admitted, and jobs that were started."""
    async with hub.bench.db.read() as session:
        runs = await session.scalar(sa.select(sa.func.count()).where(Run.owner.is_not(None)).select_from(Run))
    return int(runs or 0), sum(hub.agent.starts.values())


async def test_nothing_begins_after_the_answer(hub: Hub) -> None:
    """Admission, head starts and steps race against a pause of everything, again and again."""
    rng, one = random.Random(7), PLAN["tasks"][0]
    hub.script.plan = {**PLAN, "tasks": [{**one, "id": f"t{n}", "title": f"Write one {n}"} for n in range(TASKS)]}
    await hub.ask()
    raced = number = 0
    while number < PAUSES or raced < 2:
        assert number < MOST_PAUSES, "no run was under way in the pauses"
        if number == 1:
            await hub.approve_plan()
        await asyncio.sleep(rng.random() * 0.08 * max(1.0, number / PAUSES))  # longer where a run takes longer to begin
        await say(hub, everything.pause_everything)
        held = await stands(hub)
        before = await begun(hub)
        await asyncio.sleep(0.05)
        assert await begun(hub) == before, f"something began after pause {number}: {held}"
        raced += bool(held)
        await say(hub, everything.resume_everything)
        if number == 0:
            await hub.plan()
        number += 1
    for number in range(TASKS):
        await hub.task(f"POC-{number + 1}", state="waiting", waiting_reason="approval")
    assert max(hub.agent.starts.values()) == 1, "a step was done twice"


class Lasting:
    """The DEV job lasts until `over`, and tells what was asked of it."""

    def __init__(self, hub: Hub, monkeypatch: pytest.MonkeyPatch, held: Literal["stopped", "ending_turn"]) -> None:
        self.told: list[str] = []
        self.over, self.away = asyncio.Event(), False
        self._agent, self._events, self._state = hub.agent, hub.agent.events, hub.agent.state
        self._held: Literal["stopped", "ending_turn"] = held
        for name in ("events", "state", "pause", "resume", "cancel"):
            monkeypatch.setattr(hub.agent, name, getattr(self, name))

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]:
        if step.endswith("edit"):
            await self.over.wait()
        async for event in self._events(run_id, step, after):
            yield event

    async def state(self, run_id: str, step: str) -> JobState | None:
        return await self._state(run_id, step)

    async def pause(self, run_id: str, step: str) -> JobState | None:
        if self.away:
            raise AgentUnreachable("The agent does not answer.")
        state = await self._state(run_id, step)
        if state is None or self.over.is_set():
            return state
        self.told.append("pause")
        return state.model_copy(update={"state": "running", "held": self._held})

    async def resume(self, run_id: str, step: str) -> JobState | None:
        if await self._state(run_id, step) is not None:
            self.told.append("resume")
        return await self._state(run_id, step)

    async def cancel(self, run_id: str, step: str) -> None:
        self.told.append("cancel")


async def working(hub: Hub) -> Task:
    """POC-1, with its DEV job under way."""
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    query = sa.select(Run.id).where(Run.stage == "dev", Run.state == "running", Run.job_started_at.is_not(None))
    await hub.until(lambda session: session.scalar(query))
    return await hub.task("POC-1")


async def test_pauses_nest_and_a_run_goes_on_where_it_was(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = Lasting(hub, monkeypatch, "stopped")
    one = await working(hub)
    assert (await say(hub, task.pause_task, one.id)).changed
    assert await stands(hub) == ["stopped"]
    again = await say(hub, task.pause_task, one.id)
    assert not again.changed and "already" in again.sentence
    paused = await hub.task("POC-1", state="paused")
    assert paused.current_run_id == one.current_run_id, "it keeps its run, and so its branch"
    with pytest.raises(Conflict, match="paused"):
        async with hub.bench.db.write() as session:
            await trigger(session, one.id, "person")
    await say(hub, everything.pause_everything)
    await say(hub, everything.resume_everything)
    await hub.sweep()
    assert (await hub.task("POC-1")).state == "paused", "what was paused by itself stays so"
    await say(hub, task.pause_run, one.current_run_id)
    agent.over.set()  # what ends meanwhile is not judged, and nothing follows
    await asyncio.sleep(0.3)
    assert agent.told == ["pause"] and (await begun(hub))[0] == 2
    await say(hub, task.resume_task, one.id)
    await hub.task("POC-1", waiting_reason="approval")
    assert agent.told[:1] == ["pause"] and "pause" not in agent.told[1:] and max(hub.agent.starts.values()) == 1
    with pytest.raises(NotPaused):
        await say(hub, task.resume_task, one.id)
    with pytest.raises(NothingToPause, match="is over: passed"):
        await say(hub, task.pause_run, one.current_run_id)
    async with hub.bench.db.read() as session:
        run = await session.get_one(Run, one.current_run_id)
        told = (await session.scalars(sa.select(Event).where(Event.kind.like("pause.%")).order_by(Event.seq))).all()
    assert run.paused_seconds >= 0.3 and run.held is None
    assert [(e.kind, e.data["scope"]) for e in told] == [
        ("pause.set", "task"), ("pause.set", "everything"), ("pause.ended", "everything"), ("pause.set", "run"),
        ("pause.ended", "task"),
    ]  # fmt: skip
    assert (told[0].actor, told[0].data["before"], told[0].data["after"]) == (
        "person", {"paused": False, "state": "running"}, {"paused": True, "state": "paused"},
    )  # fmt: skip


async def test_one_that_waits_does_not_go_on_from_there(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await say(hub, everything.pause_project, hub.project_id)
    await hub.ask()
    await asyncio.sleep(0.2)
    assert await begun(hub) == (0, 0), "no plan is made meanwhile"
    await say(hub, everything.resume_project, hub.project_id)
    await hub.approve_plan()
    one = await hub.task("POC-1", waiting_reason="approval")
    word = await say(hub, task.pause_task, one.id)
    assert "stays waiting" in word.sentence
    await hub.approve("POC-1")
    assert (await hub.task("POC-1", state="paused")).stage == "deploy"
    await hub.sweep()
    assert git(hub.workspace, "log", "--merges", "--oneline") == ""
    await say(hub, task.resume_task, one.id)
    done = await hub.task("POC-1", state="done")
    assert done.paused_at is None and len(git(hub.workspace, "log", "--merges", "--oneline").splitlines()) == 1
    with pytest.raises(NothingToPause):
        await say(hub, task.pause_task, one.id)


async def test_kill_ends_a_paused_run_and_an_agent_that_is_away_is_told_later(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Lasting(hub, monkeypatch, "ending_turn")
    one = await working(hub)
    agent.away = True
    await say(hub, task.pause_run, one.current_run_id)
    await asyncio.sleep(0.2)
    async with hub.bench.db.read() as session:
        assert [run.held for run in await read_standing(session)] == ["not_yet"]
    agent.away = False
    assert await stands(hub) == ["ending_turn"]
    begun_at = now()
    async with hub.bench.db.write() as session:
        await kill_run(session, one.current_run_id or "", "person")
    query = sa.select(Run).where(Run.id == one.current_run_id, Run.state == "cancelled", ~Run.stopping)
    run = await hub.until(lambda session: session.scalar(query))
    assert (now() - begun_at).total_seconds() < 1.5 and (run.held, run.paused_at) == (None, None)
    assert agent.told == ["pause", "cancel"]
    agent.over.set()
    await say(hub, task.resume_task, one.id)  # its run was killed: it begins anew
    await hub.task("POC-1", waiting_reason="approval")

"""The fake agent and the real one keep the same promises to the orchestrator."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from services.agents.client import Agent, AgentClient
from services.agents.errors import AgentRefused, AgentUnreachable
from services.agents.fake import FakeAgent
from services.contract.run_result import Artifact, JobState, RunResult
from services.contract.run_spec import CommandSettings, RunSpec
from tests.integration.agent.conftest import RUN, TOKEN, RunningAgent

STEP = "0-tests"


@dataclass
class Side:
    """An agent, and how to make it die in the middle of a job, and go away for good."""

    agent: Agent
    interrupt: Callable[[], None]
    away: Callable[[], None]


@pytest_asyncio.fixture(params=["fake", "real"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if request.param == "fake":
        log = b"hello\n"
        fake = FakeAgent(lambda _: RunResult(outcome="completed", exit_code=3, artifacts=(artifact,)))
        digest = fake.put_artifact(log)
        artifact = Artifact(name="tests.log", kind="log", sha256=digest, size=len(log), media_type="text/plain")
        yield Side(fake, lambda: fake.interrupt(RUN, STEP), lambda: setattr(fake, "reachable", False))
        return
    running: RunningAgent = request.getfixturevalue("agent")
    client = AgentClient(f"http://127.0.0.1:{running.port}", TOKEN)

    def interrupt() -> None:
        running.kill()
        running.start()

    yield Side(client, interrupt, running.kill)
    await client.close()


def spec(worktree: Path, command: str = "echo hello; exit 3") -> RunSpec:
    settings = CommandSettings(command=command, name="tests")
    return RunSpec(run_id=RUN, step=STEP, worktree=str(worktree), settings=settings)


def wait_for(path: Path) -> None:
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not come"
        time.sleep(0.02)


async def ended(agent: Agent) -> JobState:
    async with asyncio.timeout(30):
        while True:
            state = await agent.state(RUN, STEP)
            if state is not None and state.state == "finished":
                return state
            await asyncio.sleep(0.05)


async def test_a_job_whose_end_is_known_is_begun_anew_and_only_once(side: Side, worktree: Path) -> None:
    """What stopped it was mended: the same spec, and the incarnation that its caller has seen the end of."""
    await side.agent.start(spec(worktree))
    assert (await ended(side.agent)).incarnation == 1
    anew = spec(worktree).model_copy(update={"after_incarnation": 1})
    for _ in range(2):
        await side.agent.start(anew)
        assert (await ended(side.agent)).incarnation == 2
    assert [event async for event in side.agent.events(RUN, STEP, 0)][-1].kind == "finished"


async def test_a_job_nobody_started_is_none(side: Side) -> None:
    assert await side.agent.state(RUN, STEP) is None


async def test_a_job_from_start_to_artifact_and_twice_the_same(side: Side, worktree: Path) -> None:
    first = await side.agent.start(spec(worktree))
    assert (first.run_id, first.step, first.incarnation) == (RUN, STEP, 1)
    events = [event async for event in side.agent.events(RUN, STEP, 0)]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].kind == "finished"
    state = await ended(side.agent)
    assert state.result is not None
    assert (state.result.outcome, state.result.exit_code, state.result.incarnation) == ("completed", 3, 1)
    assert await side.agent.start(spec(worktree)) == state
    assert [event.seq async for event in side.agent.events(RUN, STEP, events[-2].seq if len(events) > 1 else 0)] == [
        events[-1].seq
    ]
    log = next(artifact for artifact in state.result.artifacts if artifact.name == "tests.log")
    assert await side.agent.artifact(RUN, STEP, log.sha256) == b"hello\n"
    with pytest.raises(AgentRefused):
        await side.agent.artifact(RUN, STEP, "0" * 64)


async def test_an_interrupted_job_is_started_again_by_the_same_call(side: Side, worktree: Path) -> None:
    await side.agent.start(spec(worktree, "[ -e been ] || { touch been; sleep 60; }; exit 3"))
    if isinstance(side.agent, AgentClient):
        await asyncio.to_thread(wait_for, worktree / "been")
    side.interrupt()
    state = await side.agent.state(RUN, STEP)
    assert state is not None
    assert (state.state, state.result) == ("interrupted", None)
    again = await side.agent.start(spec(worktree, "[ -e been ] || { touch been; sleep 60; }; exit 3"))
    assert again.incarnation == 2
    state = await ended(side.agent)
    assert state.result is not None
    assert (state.result.exit_code, state.result.incarnation) == (3, 2)


async def test_an_agent_that_is_away_is_unreachable_whatever_is_asked(side: Side, worktree: Path) -> None:
    side.away()
    with pytest.raises(AgentUnreachable):
        await side.agent.state(RUN, STEP)
    with pytest.raises(AgentUnreachable):
        await side.agent.start(spec(worktree))
    with pytest.raises(AgentUnreachable):
        _ = [event async for event in side.agent.events(RUN, STEP, 0)]
    with pytest.raises(AgentUnreachable):
        await side.agent.cancel(RUN, STEP)

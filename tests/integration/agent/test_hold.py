"""A job that stands still by a person's word: its processes are stopped, no clock of it runs, it can be ended."""

import asyncio
import time
from pathlib import Path

import pytest

from agent_api.cage.process_tree import descendants, state_of
from agent_api.hold import Hold, holding, next_step, question, within
from tests.integration.agent.conftest import RUN, RunningAgent, command, wait_for

# A child of its own session, one that is busy, and the command itself; each line is a sign of life.
BUSY = "setsid sh -c 'while :; do echo a >> a; sleep 0.02; done' & while :; do echo b >> b; sleep 0.02; done"
JOB = f"/jobs/{RUN}/qa"
ENOUGH = 5.5


def states(agent: RunningAgent) -> list[str]:
    """Of what runs below the one that watches over a cage, which stays awake to end it."""
    assert agent.process is not None
    launchers = [pid for pid in descendants(agent.process.pid) if "launch.py" in _words(pid)]
    return [state_of(pid) for pid in descendants(*launchers) if "launch.py" not in _words(pid)]


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def sizes(worktree: Path) -> tuple[int, ...]:
    return tuple((worktree / name).stat().st_size if (worktree / name).exists() else 0 for name in "ab")


def test_it_stands_still_beyond_the_stall_limit_and_goes_on(agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, BUSY, cage={"backend": "bubblewrap"}, limits={"stall_seconds": 5})
    agent.put(spec)
    wait_for("both write", 40, lambda: all(sizes(worktree)))
    assert agent.http.post(f"{JOB}/pause").json()["held"] == "stopped"
    wait_for("all stand", 40, lambda: len(now := states(agent)) >= 3 and set(now) == {"T"})
    still = sizes(worktree)
    time.sleep(ENOUGH)
    assert agent.http.post(f"{JOB}/pause").json()["held"] == "stopped"
    assert sizes(worktree) == still
    assert agent.http.get(JOB).json()["state"] == "running"
    assert agent.http.post(f"{JOB}/resume").json()["held"] is None
    wait_for("both go on", 40, lambda: all(now > then for now, then in zip(sizes(worktree), still, strict=True)))
    assert agent.http.delete(JOB).json()["result"]["outcome"] == "cancelled"


async def test_a_time_limit_rests_meanwhile() -> None:
    hold = Hold()
    loop = asyncio.get_running_loop()
    with holding(hold):
        begun = loop.time()
        with pytest.raises(TimeoutError):
            async with within(0.3):
                await hold.begin()
                loop.call_later(0.6, hold.end)
                await asyncio.Event().wait()
        assert loop.time() - begun > 0.8
        await hold.begin()
        begun = loop.time()
        loop.call_later(0.3, hold.end)
        with pytest.raises(TimeoutError):  # a limit that begins meanwhile, too
            async with within(0.2):
                await asyncio.Event().wait()
        assert loop.time() - begun > 0.45


async def test_an_answer_under_way_is_awaited_and_nothing_follows() -> None:
    hold, done, asked, answered = Hold(), list[int](), asyncio.Event(), asyncio.Event()

    async def loop() -> None:
        for turn in range(3):
            async with question():
                asked.set()
                await answered.wait()
            done.append(turn)
            await next_step()

    with holding(hold):
        at_work = asyncio.create_task(loop())
    await asked.wait()
    await hold.begin()
    assert hold.how == "ending_turn"
    answered.set()
    async with asyncio.timeout(20):
        while hold.how != "stopped":  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert (hold.how, done) == ("stopped", [0])
    hold.end()
    await asyncio.wait_for(at_work, 20)
    assert done == [0, 1, 2]


@pytest.mark.parametrize(("end", "backend"), [("cancel", "bubblewrap"), ("kill -9", "landlock")])
def test_what_stands_still_can_be_ended(agent: RunningAgent, worktree: Path, end: str, backend: str) -> None:
    spec = command(worktree, BUSY, cage={"backend": backend})
    agent.put(spec)
    wait_for("both write", 40, lambda: all(sizes(worktree)))
    assert agent.http.post(f"{JOB}/pause").json()["held"] == "stopped"
    assert agent.process is not None
    own = descendants(agent.process.pid)
    if end == "cancel":
        assert agent.http.delete(JOB).json()["result"]["outcome"] == "cancelled"
    else:
        agent.kill()
    wait_for("all are gone", 40, lambda: not any(state_of(pid) not in ("", "Z") for pid in own))
    if end == "kill -9":
        agent.start()
        assert agent.http.get(JOB).json()["state"] == "interrupted"
        assert agent.http.post(f"{JOB}/resume").json()["state"] == "interrupted"  # nothing begins by itself


def test_a_job_that_is_over_or_unknown(shared_agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, "true")
    shared_agent.put(spec)
    shared_agent.finished(spec)
    answer = shared_agent.http.post(f"{JOB}/pause").json()
    assert (answer["state"], answer["held"]) == ("finished", None)
    assert shared_agent.http.post(f"/jobs/{RUN}/other/pause").json()["code"] == "job_not_found"

"""The real Aider when the model, the gateway or the machine is wrong: one clear sentence, nothing half done."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent_api.cage.host import probe
from agent_api.errors import StepLost
from agent_api.executors.aider import AiderExecutor
from services.contract.run_spec import AiderSettings
from tests.integration.agent_executors.test_aider_edits import CALC, FIXED, whole
from tests.support.agent_jobs import Watched, agent_settings, make_job, make_repository
from tests.support.openai_server import Cut, Refusal, Reply

pytestmark = pytest.mark.aider

UNMATCHED = "calc.py\n```\n<<<<<<< SEARCH\ndef subtract(x):\n    pass\n=======\ny\n>>>>>>> REPLACE\n```\n"


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", {"calc.py": CALC})


@pytest.fixture
async def executor(tmp_path: Path, aider_python: Path) -> AsyncIterator[AiderExecutor]:
    executor = AiderExecutor(agent_settings(tmp_path, aider_python=aider_python))
    yield executor
    await executor.close()


def job(executor: AiderExecutor, tmp_path: Path, worktree: Path, url: str, **overrides: Any) -> Watched:
    spec = AiderSettings(message="Make add() add.", files=("calc.py",))
    return make_job(tmp_path, worktree, spec, url, agent=executor._settings, **overrides)


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie that nobody has waited for yet does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(*pids: int, seconds: float = 20) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while any(alive(pid) for pid in pids):  # noqa: ASYNC110 - processes of others tell nobody when they end
                await asyncio.sleep(0.02)
    return not any(alive(pid) for pid in pids)


async def test_a_cut_answer_is_not_applied(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(calc__py="def add(a, b):\n"), finish="length"))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason) == ("failed", "model_truncated")
    assert (worktree / "calc.py").read_text() == CALC and len(server.bodies) == 1


async def test_edits_that_never_fit_fail_within_the_turns(executor, tmp_path, worktree, serve):
    server = await serve(Reply(UNMATCHED))
    watched = job(executor, tmp_path, worktree, server.gateway_url, edit_format="diff", model_turns=3)
    result = await executor.run(watched.job)
    assert (result.outcome, result.reason) == ("failed", "edit_failed")
    assert "after 3 answers" in result.sentence and result.usage.model_calls == len(server.bodies) == 3
    assert (worktree / "calc.py").read_text() == CALC


async def test_an_empty_answer_is_nonsense(executor, tmp_path, worktree, serve):
    server = await serve(Reply(""))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason) == ("failed", "model_nonsense")


@pytest.mark.parametrize("reasoning", [["thought"], {"summary": "thought"}])
async def test_reasoning_that_is_no_text_does_not_break_the_edit(executor, tmp_path, worktree, serve, reasoning):
    server = await serve(Reply(whole(calc__py=FIXED), reasoning=reasoning))
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    result = await asyncio.wait_for(executor.run(watched.job), 20)
    assert result.outcome == "completed" and (worktree / "calc.py").read_text() == FIXED
    assert [data for _, data in watched.of("thought")] == [{}]


async def test_a_model_that_dies_midway_is_waited_for(executor, tmp_path, worktree, serve):
    server = await serve(Cut(), Refusal(502, "upstream_failed"), Refusal(503, ""), Reply(whole(calc__py=FIXED)))
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    result = await executor.run(watched.job)
    assert result.outcome == "completed" and (worktree / "calc.py").read_text() == FIXED
    assert len(set(server.bodies)) == 1 and len(server.bodies) == 4
    assert len(watched.of("notice")) == 2


async def test_a_gateway_that_restarts_is_waited_for(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(calc__py=FIXED)))
    await server.stop()
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    running = asyncio.create_task(executor.run(watched.job))
    await watched.noticed.wait()
    await server.start()
    assert (await running).outcome == "completed"


async def test_a_gateway_that_stays_away_loses_the_step(executor, tmp_path, worktree, serve):
    server = await serve(Reply("ok"))
    await server.stop()
    with pytest.raises(StepLost) as lost:
        await executor.run(job(executor, tmp_path, worktree, server.gateway_url, gateway_wait_seconds=0.4).job)
    assert lost.value.reason == "gateway_unreachable" and "safe to do again" in lost.value.sentence


@pytest.mark.parametrize(
    ("status", "code", "ending"),
    [
        (404, "model_missing", ("failed", "model_missing")),
        (413, "context_exceeded", ("failed", "context_exceeded")),
        (403, "model_refused", ("failed", "model_refused")),
        (402, "budget_exceeded", ("failed", "budget_exceeded")),
        (409, "run_not_active", ("cancelled", "run_not_active")),
        (401, "unauthorized", ("failed", "model_refused")),
    ],
)
async def test_the_gateways_refusals(executor, tmp_path, worktree, serve, status, code, ending):
    server = await serve(Refusal(status, code, "The gateway's own sentence."))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason) == ending and "The gateway's own sentence." in result.sentence
    assert len(server.bodies) == 1


async def test_too_much_for_the_context_is_not_even_sent(executor, tmp_path, worktree, serve):
    (worktree / "calc.py").write_text("# long\n" * 20_000)
    server = await serve(Reply("ok"))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason, server.bodies) == ("failed", "context_exceeded", [])


@pytest.mark.parametrize("answer", [whole(calc__py=FIXED), "new/mod.py\n```\nx = 1\n```\n"])
async def test_a_file_that_cannot_be_written_is_said_once(executor, tmp_path, worktree, serve, answer):
    """Files of more than one byte are refused by the limit: an error of the machine, and no more model turns."""
    server = await serve(Reply(answer))
    watched = job(executor, tmp_path, worktree, server.gateway_url, file_bytes=1)
    result = await executor.run(watched.job)
    assert (result.outcome, result.reason, len(server.bodies)) == ("failed", "crashed", 1)
    assert "cannot be written" in result.sentence


async def test_cancelling_ends_the_edit_and_leaves_the_parent(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(calc__py=FIXED), seconds=600))
    watched = job(executor, tmp_path, worktree, server.gateway_url, run_seconds=600)
    running = asyncio.create_task(executor.run(watched.job))
    await server.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 20)  # the answer is not waited for
    assert await gone(*watched.groups) and (worktree / "calc.py").read_text() == CALC
    assert executor.parent.pid is not None and alive(executor.parent.pid)


async def test_a_killed_parent_loses_its_edits_and_comes_back(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(calc__py=FIXED), seconds=20), Reply(whole(calc__py=FIXED)))
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    running = asyncio.create_task(executor.run(watched.job))
    await server.asked.wait()
    first = executor.parent.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with pytest.raises(StepLost) as lost:
        await running
    assert lost.value.reason == "crashed" and await gone(first, *watched.groups)
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert result.outcome == "completed" and executor.parent.pid != first


async def test_a_killed_child_is_told_as_crashed(executor, tmp_path, worktree, serve):
    server = await serve(Reply("ok", seconds=20))
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    running = asyncio.create_task(executor.run(watched.job))
    await server.asked.wait()
    os.kill(watched.groups[0], signal.SIGKILL)
    result = await running
    assert (result.outcome, result.reason) == ("failed", "crashed") and "SIGKILL" in result.sentence


async def test_an_idle_parent_ends_and_comes_back(tmp_path, worktree, serve, aider_python):
    executor = AiderExecutor(agent_settings(tmp_path, aider_python=aider_python, aider_idle_seconds=0.3))
    server = await serve(Reply(whole(calc__py=FIXED)))
    await executor.warm()
    first = executor.parent.pid
    assert first is not None and await gone(first) and executor.parent.pid is None
    assert (await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)).outcome == "completed"
    await executor.close()


AGENT = """
import asyncio, sys
from pathlib import Path
from agent_api.executors.aider import AiderExecutor
from services.contract.run_spec import AiderSettings
from tests.support.agent_jobs import agent_settings, make_job

async def main(python, tmp, work, url):
    agent = agent_settings(Path(tmp), aider_python=Path(python))
    executor = AiderExecutor(agent)
    watched = make_job(Path(tmp), Path(work), AiderSettings(message="x"), url, agent=agent)
    task = asyncio.create_task(executor.run(watched.job))
    while not watched.groups:
        await asyncio.sleep(0.02)
    print(executor.parent.pid, watched.groups[0], flush=True)
    await task

asyncio.run(main(*sys.argv[1:]))
"""


async def test_nothing_outlives_agent_api(tmp_path, worktree, serve, aider_python):
    server = await serve(Reply("ok", seconds=30))
    agent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", AGENT, str(aider_python), str(tmp_path), str(worktree), server.gateway_url,
        stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert agent.stdout is not None
    pids = [int(pid) for pid in (await agent.stdout.readline()).split()]
    assert len(pids) == 2 and all(alive(pid) for pid in pids)
    agent.kill()
    await agent.wait()
    assert await gone(*pids)


@pytest.mark.cage
@pytest.mark.skipif(probe().bwrap is None, reason="needs bubblewrap: apt-get install bubblewrap")
async def test_cold_under_bubblewrap_where_it_is_asked_for(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(calc__py=FIXED)))
    watched = job(executor, tmp_path, worktree, server.gateway_url, backend="bubblewrap")
    result = await executor.run(watched.job)
    assert (result.outcome, result.cage) == ("completed", "bubblewrap"), watched.events
    assert (worktree / "calc.py").read_text() == FIXED and executor.parent.pid is None
    assert await gone(*watched.groups)

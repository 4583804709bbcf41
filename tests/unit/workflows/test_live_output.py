"""What a job says is there to be watched at once, whatever it says next and whenever."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.agents.errors import AgentUnreachable
from services.contract.run_event import RunEvent
from services.events.output import RunOutput
from services.store.types import now
from services.workflows import carry
from services.workflows.bench import set_bench

RUN, STEP = "0190-run", "0-tests"
SPEC = cast("Any", SimpleNamespace(step=STEP))


def line(number: int) -> RunEvent:
    return RunEvent(seq=number, at=now(), kind="output", text=f"line {number}")


class Agent:
    """Says what the test puts in its hand; None is the end."""

    def __init__(self) -> None:
        self.says: asyncio.Queue[RunEvent | Exception | None] = asyncio.Queue()

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]:
        while (said := await self.says.get()) is not None:
            if isinstance(said, Exception):
                raise said
            yield said

    async def state(self, run_id: str, step: str) -> Any:
        return SimpleNamespace(state="finished")


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    made = Agent()
    set_bench(cast("Any", SimpleNamespace(agent=made, output=RunOutput(tmp_path))))
    return made


def shown(tmp_path: Path) -> list[int]:
    return [event["seq"] for event in RunOutput(tmp_path).read(RUN, STEP)]


async def until_shown(tmp_path: Path, *numbers: int) -> None:
    async with asyncio.timeout(30):
        while shown(tmp_path) != list(numbers):  # noqa: ASYNC110  (the file tells nobody)
            await asyncio.sleep(0.01)


async def test_the_last_line_before_a_silence_is_shown_in_the_silence(agent: Agent, tmp_path: Path) -> None:
    following = asyncio.create_task(carry._follow(RUN, SPEC))  # pyright: ignore[reportPrivateUsage]
    for number in (1, 2, 3):
        agent.says.put_nowait(line(number))
    await until_shown(tmp_path, 1, 2, 3)
    agent.says.put_nowait(line(4))
    await until_shown(tmp_path, 1, 2, 3, 4)
    agent.says.put_nowait(line(5))
    agent.says.put_nowait(None)
    await following
    assert shown(tmp_path) == [1, 2, 3, 4, 5]


async def test_what_came_before_the_agent_broke_off_is_kept(agent: Agent, tmp_path: Path) -> None:
    agent.says.put_nowait(line(1))
    agent.says.put_nowait(AgentUnreachable("It is gone."))
    with pytest.raises(AgentUnreachable):
        await carry._follow(RUN, SPEC)  # pyright: ignore[reportPrivateUsage]
    assert shown(tmp_path) == [1]


async def test_lines_that_cannot_be_kept_end_the_following(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever carries the step waits for room then, and follows the job anew from the last line that was kept."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RunOutput, "append", full)
    following = asyncio.create_task(carry._follow(RUN, SPEC))  # pyright: ignore[reportPrivateUsage]
    agent.says.put_nowait(line(1))
    await asyncio.sleep(0.3)
    agent.says.put_nowait(line(2))
    with pytest.raises(OSError, match="No space left"):
        await asyncio.wait_for(following, 30)

"""A start that is cancelled at any point ends, and so does what it started."""

import asyncio
import os
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.processes.start import start

SLEEPER = ("sleep", "60")
CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Each process that was begun has been waited for, which asyncio's thread does in its own time."""
    before = set(CHILDREN.read_text().split())
    yield
    until = time.monotonic() + 30
    while left := set(CHILDREN.read_text().split()) - before:
        assert time.monotonic() < until, left
        time.sleep(0.01)


async def kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("times", [1, 2])
async def test_a_cancelled_start_leaves_no_process(turns: int, times: int) -> None:
    ended: list[Process] = []

    async def end(process: Process) -> None:
        ended.append(process)
        await kill(process)

    caller = asyncio.create_task(start(end, *SLEEPER, stdin=PIPE, stdout=PIPE, stderr=PIPE))
    for _ in range(turns):
        await asyncio.sleep(0)
    for _ in range(times):
        caller.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([caller])
    if not caller.cancelled():  # it was quicker
        await kill(caller.result())
    assert all(process.returncode is not None for process in ended)


@pytest.mark.parametrize("turns", range(8))
def test_the_end_of_the_loops_run_waits_for_no_pipe(turns: int) -> None:
    """`asyncio.run` cancels all tasks that are left, those of the start too."""

    async def main() -> None:
        left = asyncio.create_task(start(kill, *SLEEPER, stdin=PIPE, stdout=PIPE, stderr=PIPE))
        for _ in range(turns):
            await asyncio.sleep(0)
        if left.done():
            await kill(left.result())

    asyncio.run(main())


async def test_what_can_not_be_started_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        await start(kill, "/no/such/program")

"""Many slow streams through the gateway at once, and what they cost main-api in memory."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from benchmarks.board import Hub
from benchmarks.caller import Caller, Door
from benchmarks.instant import SLOWLY


async def measure_streams(hub: Hub, door: Door, number: int) -> float:
    """MB by which main-api grew at the most, while that many callers read a word each quarter of a second."""
    before = resident(hub.pid)
    sizes = [before]
    watching = asyncio.create_task(_watch(hub.pid, sizes))
    callers = [await Caller.connect(door) for _ in range(number)]
    try:
        await asyncio.gather(*(caller.ask(door.request(SLOWLY.decode(), stream=True)) for caller in callers))
    finally:
        for caller in callers:
            caller.close()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return (max(sizes) - before) / 1e6


async def _watch(pid: int, sizes: list[int]) -> None:
    while True:
        sizes.append(resident(pid))
        await asyncio.sleep(0.1)


def resident(pid: int) -> int:
    """Bytes of memory that the process has now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

"""What a job says, written down for whoever watches: several lines at once, and none waits for the next one."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from services.contract.run_event import RunEvent
from services.workflows.bench import bench
from services.workflows.passing_on import note_heard

BATCH_SECONDS = 0.1
MOST_WAITING = 1_000  # events; who says more waits until these are written


class WriteDown:
    """Of one job: `async with WriteDown(run_id, step) as lines`. Each event is in the output within BATCH_SECONDS.

    After the block all are. What keeps them from being written is raised by the next `add`, or at the block's end.
    """

    def __init__(self, run_id: str, step: str) -> None:
        self._run_id, self._step = run_id, step
        self._waiting: list[RunEvent] = []
        self._turn = asyncio.Lock()
        self._over = asyncio.Event()
        self._later: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._over.set()
        if self._later is not None and isinstance(error, asyncio.CancelledError):
            self._later.cancel()
        elif self._later is not None:
            await self._later
        if error is None:
            await self._write()

    async def add(self, event: RunEvent) -> None:
        if self._later is not None and self._later.done():
            later, self._later = self._later, None
            later.result()
        self._waiting.append(event)
        if event.kind == "heard" or len(self._waiting) >= MOST_WAITING:
            await self._write()
        elif self._later is None:
            self._later = asyncio.create_task(self._write_later(), name=f"output of {self._run_id}")

    async def _write_later(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), BATCH_SECONDS)
        await self._write()

    async def _write(self) -> None:
        async with self._turn:
            events, self._waiting = self._waiting, []
            if events:
                await note_heard(self._run_id, events)
                lines = [event.model_dump_json() for event in events]
                await asyncio.to_thread(bench().output.append, self._run_id, self._step, lines)

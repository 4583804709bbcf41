"""What of this process's runs is just beginning, and a bell for those that stand still."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Generator
from contextlib import contextmanager, suppress
from typing import Any

LOOK_SECONDS = 0.5  # a story that stands still asks again; it is woken where this process hears of it


class Holds:
    """One for the process. Nothing here is the truth about what is paused: the rows are."""

    def __init__(self) -> None:
        self._beginning: Counter[str] = Counter()
        self._news = asyncio.Event()
        self._seen_to: dict[str, asyncio.Task[None]] = {}

    @contextmanager
    def beginning(self, run_id: str) -> Generator[None]:
        """Around the look at the rows, and what begins after it: a job, a merge."""
        self._beginning[run_id] += 1
        try:
            yield
        finally:
            self._beginning[run_id] -= 1
            if not self._beginning[run_id]:
                del self._beginning[run_id]
                self.ring()

    async def begun(self, run_id: str) -> None:
        """Returns when nothing of the run is just beginning."""
        while self._beginning[run_id]:
            await self.news()

    def ring(self) -> None:
        """Something changed for those that stand still."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def news(self) -> None:
        """Returns at the next ring, or after LOOK_SECONDS."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)

    def see_to(self, run_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Does it beside the caller, unless that is done for the run already."""
        if run_id in self._seen_to:
            work.close()
            return
        task = self._seen_to[run_id] = asyncio.create_task(work, name=f"hold {run_id}")
        task.add_done_callback(lambda _: self._seen_to.pop(run_id, None))

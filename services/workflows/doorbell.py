"""Wakes the admission loop of this process at once, and hands it what was admitted where a run settled."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from services.scheduling.admit import Admitted


class Doorbell:
    """`wait` answers the runs that were handed in since the last wait, and whether somebody rang as well.

    From `hand` to `begun` a run is on its way to its first job; whatever can wait, waits for `calm` meanwhile.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._admitted: list[Admitted] = []
        self._under_way: set[str] = set()
        self._places: dict[str, dict[str, Any]] = {}
        self._rung = False

    def ring(self) -> None:
        """Something changed: look what may start."""
        self._rung = True
        self._event.set()

    def hand(self, admitted: Sequence[Admitted], places: Mapping[str, dict[str, Any] | None] | None = None) -> None:
        """These are admitted already; whoever admitted them has looked at everything else too. `places` are those of
        runs that were prepared with it."""
        if admitted:
            self._places |= {run_id: place for run_id, place in (places or {}).items() if place is not None}
            self._admitted += admitted
            self._under_way |= {one.run_id for one in admitted}
            self._calm.clear()
            self._event.set()

    def place_of(self, run_id: str) -> dict[str, Any] | None:
        """Where a run that was handed in works, if it was prepared; told once."""
        return self._places.pop(run_id, None)

    def begun(self, run_id: str) -> None:
        """The run's first job was started, or will be by the run's story."""
        self._under_way.discard(run_id)
        if not self._under_way:
            self._calm.set()

    async def calm(self, seconds: float) -> None:
        """Returns when no run is on its way to its first job, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._calm.wait()

    async def wait(self) -> tuple[list[Admitted], bool]:
        await self._event.wait()
        self._event.clear()
        answer = (self._admitted, self._rung)
        self._admitted, self._rung = [], False
        return answer

"""Wakes the admission loop of this process at once, and hands it what was admitted where a run settled."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from services.scheduling.admit import Admitted


class Doorbell:
    """`wait` answers what came since the last wait: runs that were handed in, runs whose merge is to be foreseen, runs
    whose task's handoffs may be put in short, and whether somebody rang as well.

    From `hand` to `begun` a run is on its way to its first job, and `settling` comes before; whatever can wait, waits
    for `calm` meanwhile.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._admitted: list[Admitted] = []
        self._to_foresee: list[str] = []
        self._to_fold: list[str] = []
        self._under_way: set[str] = set()
        self._settling = 0
        self._places: dict[str, dict[str, Any]] = {}
        self._begun: dict[str, dict[str, Any]] = {}
        self._rung = False

    def ring(self) -> None:
        """Something changed: look what may start."""
        self._rung = True
        self._event.set()

    def ring_at(self, moment: datetime) -> None:
        """Rings then too; what comes of it if this process is gone by then, the next sweep sees."""
        seconds = (moment - datetime.now(UTC)).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, seconds), self.ring)

    def hand(self, admitted: Sequence[Admitted], places: Mapping[str, dict[str, Any]]) -> None:
        """These are admitted already; whoever admitted them has looked at everything else too. `places` are those of
        runs that were prepared with it."""
        if admitted:
            self._places |= places
            self._admitted += admitted
            self._under_way |= {one.run_id for one in admitted}
            self._calm.clear()
            self._event.set()

    def foresee(self, run_id: str) -> None:
        """A person is asked about this run's work: their answer can be made ready for."""
        self._to_foresee.append(run_id)
        self._event.set()

    def fold(self, run_id: str) -> None:
        """This run handed a task on that was handed on often: its older handoffs may be put in short."""
        self._to_fold.append(run_id)
        self._event.set()

    def place_of(self, run_id: str) -> dict[str, Any] | None:
        """Where a run that was handed in works, if it was prepared; told once."""
        return self._places.pop(run_id, None)

    def keep(self, story_id: str, place: dict[str, Any] | None) -> None:
        """For the story that begins now: its run was claimed in this process, and works there."""
        if place is not None:
            self._begun[story_id] = place

    def take(self, story_id: str | None) -> dict[str, Any] | None:
        """What was kept for the story; told once."""
        return self._begun.pop(story_id, None) if story_id is not None else None

    def begun(self, run_id: str) -> None:
        """The run's first job was started, or will be by the run's story."""
        self._under_way.discard(run_id)
        self._calm_down()

    @contextmanager
    def settling(self) -> Generator[None]:
        """While a run settles, which may give its place away: its commit is nothing to look at before it has."""
        self._settling += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._settling -= 1
            self._calm_down()

    def _calm_down(self) -> None:
        if not self._under_way and not self._settling:
            self._calm.set()

    async def calm(self, seconds: float) -> None:
        """Returns when no run is on its way to its first job, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._calm.wait()

    async def wait(self) -> tuple[list[Admitted], list[str], list[str], bool]:
        await self._event.wait()
        self._event.clear()
        answer = (self._admitted, self._to_foresee, self._to_fold, self._rung)
        self._admitted, self._to_foresee, self._to_fold, self._rung = [], [], [], False
        return answer

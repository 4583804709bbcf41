"""Wakes the admission loop of this process at once, and hands it what was admitted where a run settled."""

import asyncio
from collections.abc import Iterable

from services.scheduling.admit import Admitted


class Doorbell:
    """`wait` answers when it was rung since the last wait, with the runs that were handed in."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._admitted: list[Admitted] = []

    def ring(self, admitted: Iterable[Admitted] = ()) -> None:
        self._admitted += admitted
        self._event.set()

    async def wait(self) -> list[Admitted]:
        await self._event.wait()
        self._event.clear()
        handed, self._admitted = self._admitted, []
        return handed

"""Wakes the admission loop of this process at once, and hands it what was admitted where a run settled."""

import asyncio
from collections.abc import Sequence

from services.scheduling.admit import Admitted


class Doorbell:
    """`wait` answers the runs that were handed in since the last wait, and whether somebody rang as well."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._admitted: list[Admitted] = []
        self._rung = False

    def ring(self) -> None:
        """Something changed: look what may start."""
        self._rung = True
        self._event.set()

    def hand(self, admitted: Sequence[Admitted]) -> None:
        """These are admitted already; whoever admitted them has looked at everything else too."""
        self._admitted += admitted
        self._event.set()

    async def wait(self) -> tuple[list[Admitted], bool]:
        await self._event.wait()
        self._event.clear()
        answer = (self._admitted, self._rung)
        self._admitted, self._rung = [], False
        return answer

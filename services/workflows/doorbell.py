"""Wakes the admission loop of this process at once, without waiting for the database to be polled."""

import asyncio


class Doorbell:
    """Rung after a run settled; `wait` answers when it was rung since the last wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        await self._event.wait()
        self._event.clear()

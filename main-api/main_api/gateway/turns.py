"""One at a time for each question of a run: the same one asked twice at once is paid once."""

import asyncio
from collections.abc import Hashable


class Turns:
    """Locks by key, kept only while somebody holds or waits."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    def take(self, key: Hashable) -> "_Turn":
        """To be held in `async with`."""
        return _Turn(self._locks, key)


class _Turn:
    def __init__(self, locks: dict[Hashable, tuple[asyncio.Lock, int]], key: Hashable) -> None:
        self._locks, self._key = locks, key

    async def __aenter__(self) -> None:
        lock, users = self._locks.get(self._key) or (asyncio.Lock(), 0)
        self._locks[self._key] = (lock, users + 1)
        try:
            await lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._locks[self._key][0].release()
        self._leave()

    def _leave(self) -> None:
        lock, users = self._locks.pop(self._key)
        if users > 1:
            self._locks[self._key] = (lock, users - 1)

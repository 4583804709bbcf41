"""A job that stands still by a person's word: its processes are stopped, its loop begins nothing, its clocks rest.

What starts processes, asks a model or keeps a time limit finds the hold of its job here; outside of jobs there is none.
"""

import asyncio
import contextvars
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Literal

from agent_api.cage.process_tree import descendants, start_time, state_of

Held = Literal["stopped", "ending_turn"]
_AGAIN_SECONDS, _CALM_SECONDS = 0.02, 0.5  # between two looks for processes that are new
_SETTLE_SECONDS = 0.5  # for a stopped process to stand: one that is not on a processor stops when it gets there
_FIRST_LOOKS = 25
_STANDING = ("T", "Z", "X", "")  # states of a process that does nothing any more; the last one is gone


class Hold:
    """`now` is a clock that rests while the job is held, in seconds. Use from one event loop."""

    def __init__(self) -> None:
        self._going = asyncio.Event()
        self._going.set()
        self._asking = 0
        self._since, self._rested = 0.0, 0.0
        self._limits: dict[asyncio.Timeout, float | None] = {}  # with the seconds left of each, while held
        self._roots: dict[int, tuple[bool, int | None]] = {}  # by pid: to be stopped itself; when it started
        self._stopped: dict[int, int | None] = {}
        self._signalling = threading.Lock()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def how(self) -> Held | None:
        """None while the job goes on. `ending_turn`: a model's answer is still awaited, and nothing follows it."""
        if self._going.is_set():
            return None
        return "ending_turn" if self._asking else "stopped"

    def now(self) -> float:
        return (time.monotonic() if self._going.is_set() else self._since) - self._rested

    def watch(self, pid: int, *, itself: bool) -> None:
        """What is below the process is stopped in a hold; `itself`: it too. The first word on a process counts: who
        ends a cage's processes stays awake, so that it can."""
        if pid not in self._roots or start_time(pid) != self._roots[pid][1]:
            self._roots[pid] = itself, start_time(pid)

    async def going_on(self) -> None:
        """Before each new step of a loop: returns when the job is not held."""
        await self._going.wait()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Around a question to a model. It begins when the job is not held; begun, its answer is waited for."""
        await self._going.wait()
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """As asyncio.timeout, by this clock."""
        async with asyncio.timeout(seconds if self._going.is_set() else None) as limit:
            self._limits[limit] = None if self._going.is_set() else seconds
            try:
                yield
            finally:
                del self._limits[limit]

    async def begin(self) -> None:
        """Returns when all processes known so far are stopped; what they start in between is stopped, too."""
        if self._going.is_set():
            self._going.clear()
            self._since = time.monotonic()
            at = asyncio.get_running_loop().time()
            for limit in self._limits:
                due = limit.when()
                self._limits[limit] = None if due is None else due - at
                limit.reschedule(None)
        await asyncio.to_thread(self._stop_all)
        if self._keeper is None and not self._going.is_set():
            self._keeper = asyncio.create_task(self._keep())

    def end(self) -> None:
        """Goes on where it stood."""
        if self._going.is_set():
            return
        self._drop_keeper()
        with self._signalling:
            self._going.set()
            self._signal(signal.SIGCONT)
        self._rested += time.monotonic() - self._since
        at = asyncio.get_running_loop().time()
        for limit, left in self._limits.items():
            limit.reschedule(None if left is None else at + left)

    def kill(self) -> None:
        """For a job that is ended while it is held: what is stopped can't end by itself. A no-op else."""
        self._drop_keeper()
        with self._signalling:
            self._signal(signal.SIGKILL)

    async def _keep(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(_AGAIN_SECONDS if looks < _FIRST_LOOKS else _CALM_SECONDS)
            looks = 0 if await asyncio.to_thread(self._stop_all) else looks + 1

    def _drop_keeper(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            self._keeper = None

    def _stop_all(self) -> bool:
        """Whether any was running. Again until none is new: one may have forked just before it was stopped."""
        found, until = False, time.monotonic() + _SETTLE_SECONDS
        with self._signalling:
            while not self._going.is_set() and (fresh := self._running()):
                found = True
                for pid in fresh:
                    self._stopped[pid] = start_time(pid)
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGSTOP)
                while any(state_of(pid) not in _STANDING for pid in fresh) and time.monotonic() < until:
                    time.sleep(0.002)
        return found

    def _running(self) -> list[int]:
        living = {pid: itself for pid, (itself, start) in self._roots.items() if start and start_time(pid) == start}
        own = [*(pid for pid, itself in living.items() if itself), *descendants(*living)]
        return [pid for pid in own if pid not in self._stopped and state_of(pid) not in _STANDING]

    def _signal(self, number: signal.Signals) -> None:
        for pid, started in self._stopped.items():
            if started is not None and start_time(pid) == started:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        self._stopped.clear()


_current: contextvars.ContextVar[Hold | None] = contextvars.ContextVar("hold", default=None)


def current() -> Hold | None:
    """That of the job in whose name this runs."""
    return _current.get()


@contextmanager
def holding(hold: Hold) -> Generator[None]:
    """What begins in here belongs to the job."""
    token = _current.set(hold)
    try:
        yield
    finally:
        _current.reset(token)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """A time limit that does not count what a person's pause takes. Raises TimeoutError."""
    hold = current()
    async with hold.timeout(seconds) if hold is not None else asyncio.timeout(seconds):
        yield


@asynccontextmanager
async def question() -> AsyncIterator[None]:
    """Around a question to a model."""
    hold = current()
    if hold is None:
        yield
        return
    async with hold.asking():
        yield


async def next_step() -> None:
    """Before a loop's next step: waits while the job is held."""
    if (hold := current()) is not None:
        await hold.going_on()

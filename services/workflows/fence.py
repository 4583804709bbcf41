"""The fence: a worker that others may have declared dead ends itself before it does anything more.

Every effect passes `check`: the begin and the commit of a transaction, the start of a git process, a request to an
agent, a line of a run's output. So it does not matter which piece of a frozen worker wakes first.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

import structlog

log = structlog.get_logger()
SHARE = 0.8  # of the time to live: a worker stops trusting itself before the others stop trusting it


def elapsed() -> float:
    """Seconds that also pass while the machine sleeps; `time.monotonic` stands still then."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Fenced(BaseException):
    """Ends what a process does that is not a worker's own, and so is not replaced by a fresh one."""


def refuse() -> NoReturn:
    raise Fenced


class Fence:
    """Stands from the first beat that it is told of. `alone`: nobody else can take over (this process has the lock of
    the SQLite file), so it never closes.

    `leave` ends what the process does and does not return; a worker gives `begin_anew`.
    """

    def __init__(
        self, owner: str = "", ttl_seconds: float = 0.0, *, alone: bool = True, leave: Callable[[], NoReturn] = refuse
    ) -> None:
        self._owner = owner
        self._limit = ttl_seconds * SHARE
        self._alone = alone
        self._leave = leave
        self._beaten: float | None = None
        self._clock: tuple[datetime, float] | None = None
        self._steady_since: float | None = 0.0

    def check(self) -> None:
        """Ends the process when its last good beat is too old. Costs a microsecond."""
        if self._alone or self._beaten is None:
            return
        silent = elapsed() - self._beaten
        if silent > self._limit:
            log.error("worker.fenced", owner=self._owner, silent_seconds=round(silent, 2))
            self._leave()

    def taken(self, run_id: str, by: str | None) -> NoReturn:
        """Another worker has a run of this one: it was declared dead, whatever its clock says."""
        log.error("worker.fenced", owner=self._owner, run_id=run_id, taken_by=by)
        self._leave()

    def declared_dead(self) -> NoReturn:
        """The row of this worker is gone: it was swept up as dead."""
        log.error("worker.fenced", owner=self._owner, row="gone")
        self._leave()

    def cut_off(self, error: Exception) -> NoReturn:
        """The engine lost its database in the middle of a run."""
        log.error("worker.cut_off", owner=self._owner, error=str(error)[:300])
        self._leave()

    def beaten(self, begun: float) -> None:
        """A beat that began at `begun` (see `elapsed`) was stored: nobody takes over before that plus the limit."""
        self._beaten = begun
        if self._steady_since is None:
            self._steady_since = begun

    def told(self, at: datetime) -> None:
        """The clock that beats are stamped with says `at`. Where it jumped since it was last asked, the others' last
        beats look older or newer than they are: they get the time to beat again, as after an outage."""
        now = elapsed()
        if self._clock is not None:
            before, then = self._clock
            jumped = (at - before).total_seconds() - (now - then)
            if self._limit and abs(jumped) > self._limit / 2:
                log.warning("worker.clock_jumped", owner=self._owner, seconds=round(jumped, 1))
                self.missed()
        self._clock = (at, now)

    def missed(self) -> None:
        """A beat failed: the database was away, for the others too."""
        self._steady_since = None

    def steady(self, seconds: float) -> bool:
        """Whether beats have gone well for so long, or always: the others have had their time to beat again."""
        return self._steady_since is not None and elapsed() - self._steady_since >= seconds

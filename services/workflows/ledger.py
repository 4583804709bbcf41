"""What the engine's threads write at the same moment goes in one transaction: beginnings and ends of workflows.

Each of them would take a connection, begin, and wait for a commit of its own. Who comes while another writes waits in a
row; then one of these writes for all. Nobody goes on before what it wrote is committed, and one that fails takes nobody
along: all is taken back, and each is written alone.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
AT_ONCE = 32


@dataclass(eq=False)
class _Line:
    work: Callable[[sa.Connection], Any]
    turn: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answer: Any = None
    error: BaseException | None = None


class Ledger:
    """Of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Line] = []
        self._writing = False

    def write(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        """What `work` answers, once it is committed. Raises what it raised, or what the database says."""
        mine = _Line(work)
        with self._lock:
            self._waiting.append(mine)
            mine.leads, self._writing = not self._writing, True
        if not mine.leads:
            mine.turn.wait()
        if mine.leads:
            self._lead(engine)
        if mine.error is not None:
            raise mine.error
        return cast(T, mine.answer)

    def _lead(self, engine: sa.Engine) -> None:
        """Writes for those who wait, itself among them as the first of the row, and names who leads next."""
        with self._lock:
            lines, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        try:
            _write_all(engine, lines)
        except BaseException as error:  # noqa: BLE001  (the process ends: nobody may take what was not kept for kept)
            for line in lines:
                line.error = error
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._writing = following is not None
                if following is not None:
                    following.leads = True
            for line in lines:
                line.turn.set()
            if following is not None:
                following.turn.set()


def _write_all(engine: sa.Engine, lines: list[_Line]) -> None:
    try:
        _write(engine, lines)
    except Exception as error:  # noqa: BLE001  (told to whom it belongs)
        if len(lines) == 1 or (isinstance(error, DBAPIError) and error.connection_invalidated):
            for line in lines:
                line.error = error
            return
        for line in lines:
            _write_all(engine, [line])


def _write(engine: sa.Engine, lines: list[_Line]) -> None:
    with engine.begin() as connection:
        for line in lines:
            line.answer = line.work(connection)

"""Whether a pooled connection still stands: asked where it was idle for a moment, not each time, as a pool would."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError

IDLE_SECONDS = 0.25  # a question is a way to the server and back, and a run asks for a connection again and again
_USED = "wfhub_used"


def ask_after_idle(engine: sa.Engine) -> None:
    """In place of `pool_pre_ping`. A connection that is lost within the moment tells it by its first statement, as one
    that is lost during a transaction does."""

    @event.listens_for(engine, "checkin")
    def _given_back(_connection: Any, record: Any) -> None:
        record.info[_USED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: Any, _proxy: Any) -> None:
        used = record.info.get(_USED)
        if used is None or time.monotonic() - used < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:  # pyright: ignore[reportAttributeAccessIssue]
            raise InvalidatePoolError("It was closed while nobody used it.") from error

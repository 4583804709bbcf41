"""A step meets a database that is away, or a full disk: it waits and is done again from its beginning, as after a
crash."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.domain.errors import HubError
from services.workflows.bench import bench
from services.workflows.room import is_full

log = structlog.get_logger()
P = ParamSpec("P")
T = TypeVar("T")
LONGEST_PAUSE = 2.0


def patient(step: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Wraps a step that may be done again at any point. A worker without its database for too long is fenced."""

    @functools.wraps(step)
    async def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
        pause = 0.1
        while True:
            try:
                return await step(*args, **kwargs)
            except (DBAPIError, PoolTimeout) as error:
                if not _is_away(error):
                    raise
                log.warning("step.database", step=step.__name__, error=str(error)[:300])
            except (HubError, OSError) as error:  # what was paid for is kept once there is room; /health/full says it
                if not is_full(error):
                    raise
                log.warning("step.disk_full", step=step.__name__, error=str(error)[:300])
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.7)

    return waiting


def or_anew(story: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Wraps a whole story: where the engine gave up on a database that is away, the process begins anew, and the next
    life takes the run up where it was. Told to the engine as an error, it would be the end of the run."""

    @functools.wraps(story)
    async def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await story(*args, **kwargs)
        except DBAPIError as error:
            if not _is_away(error):
                raise
            bench().fence.cut_off(error)

    return telling


def _is_away(error: DBAPIError | PoolTimeout) -> bool:
    """Gone, restarting, locked, or the session was ended: not a fault of the statement."""
    if isinstance(error, PoolTimeout):
        return True
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError, InternalError))

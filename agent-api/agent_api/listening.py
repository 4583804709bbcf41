"""Work for a caller who may go away before it is done: then nobody works on."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request
from starlette.types import Receive

from agent_api.errors import CallerGone

Done = TypeVar("Done")


async def while_listening(request: Request, work: Coroutine[Any, Any, Done], seconds: float) -> Done:
    """What `work` answers. It is cancelled when the caller goes away (CallerGone) and after `seconds` (TimeoutError).

    The request's body must have been read.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.create_task(until_gone(request.receive))
    try:
        await asyncio.wait({task, watch}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if watch.done():
            raise CallerGone("The caller went away before the answer was there.")
        raise TimeoutError
    finally:
        for each in (task, watch):
            each.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def until_gone(receive: Receive) -> None:
    """Waits until the caller has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass

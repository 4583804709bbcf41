"""Starts a program from asyncio so that a start which is cancelled neither waits for ever nor leaves a process behind.

A cancelled `asyncio.create_subprocess_exec` kills its process, and then waits for pipes that nobody connects any more
(python/cpython#103847, seen with 3.11) until it is cancelled once more. The end of `asyncio.run` cancels every task
there is, shielded ones and asyncio's own that connects the pipes too.
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

CONNECT_SECONDS = 0.5  # a start that still waits after so long, of a caller who does not, waits for nothing


async def start(end: Callable[[Process], Awaitable[None]], *argv: str, **options: Any) -> Process:
    """The process of `argv`, with the options of `asyncio.create_subprocess_exec`, and what that raises.

    A caller that is cancelled meanwhile gets its CancelledError once the process is ended: by `end` where it has
    begun, so that it can be asked first.
    """
    starting = asyncio.ensure_future(asyncio.create_subprocess_exec(*argv, **options))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        while not starting.done():
            with suppress(asyncio.CancelledError):  # the caller's first one is raised below
                await asyncio.wait([starting], timeout=CONNECT_SECONDS)
                starting.cancel()
        if not starting.cancelled() and starting.exception() is None:
            await end(starting.result())
        raise

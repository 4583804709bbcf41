"""Two questions to git at once: a process starts on one core while another one works on the other."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")


async def together(one: Awaitable[One], other: Awaitable[Other]) -> tuple[One, Other]:
    """Both answers. Both are over before a failure is raised, the first one's first: no process is left behind."""
    first, second = await asyncio.gather(one, other, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second

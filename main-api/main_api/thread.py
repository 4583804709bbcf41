"""A blocking call in a thread of its own, which a stopping process does not wait for."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T], name: str) -> T:
    """What it returns or raises. Unlike asyncio.to_thread's the thread is a daemon: it ends with the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(outcome: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if done.done() else outcome())

    def run() -> None:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            failed = error
            tell(lambda: done.set_exception(failed))
        else:
            tell(lambda: done.set_result(value))

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done

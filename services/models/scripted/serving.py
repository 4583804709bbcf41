"""Serves one of our small aiohttp applications until it is told to end."""

import asyncio
import errno
import signal
import sys

from aiohttp import web

from services.models.scripted.errors import ScriptedPortTaken

LOOPBACK = "127.0.0.1"
_WHY = {errno.EADDRINUSE: "is taken by another program", errno.EACCES: "may not be used by this user"}


async def serve(app: web.Application, host: str, port: int, sentence: str) -> None:
    """Serves until SIGTERM or SIGINT. Raises ScriptedPortTaken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except (OSError, OverflowError) as error:  # overflow: no computer has such a port
            number = error.errno if isinstance(error, OSError) else None
            why = _WHY.get(number or 0, f"can't be listened on: {str(error).rstrip('.')}")
            raise ScriptedPortTaken(f"Port {port} on {host} {why}.", "Give another one with --port.") from error
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
        await ended.wait()
    finally:
        await runner.cleanup()

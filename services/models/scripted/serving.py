"""Serves one of our small aiohttp applications until it is told to end."""

import asyncio
import errno
import signal
import sys

from aiohttp import web

from services.models.scripted.errors import ScriptedPortTaken

LOOPBACK = "127.0.0.1"


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
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            why = "is taken by another program" if error.errno == errno.EADDRINUSE else "may not be used by this user"
            raise ScriptedPortTaken(f"Port {port} on {host} {why}.", "Give another one with --port.") from error
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
        await ended.wait()
    finally:
        await runner.cleanup()

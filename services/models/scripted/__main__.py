"""Starts the scripted model: `python -m services.models.scripted --port N --scenario FILE`."""

import argparse
import asyncio
import errno
import signal
import sys
from pathlib import Path

from aiohttp import web

from services.domain.errors import HubError
from services.models.scripted.counts import Counts
from services.models.scripted.errors import ScriptedPortTaken
from services.models.scripted.load import load_scenario
from services.models.scripted.server import ScriptedModel

LOOPBACK = "127.0.0.1"


def main() -> int:
    arguments = _arguments()
    try:
        scenario = load_scenario(arguments.scenario)
        counts = Counts(arguments.count_file)
        app = ScriptedModel(scenario, counts, arguments.delay_ms).app()
        sentence = (
            f"This is the scripted model, not a language model: it plays the scenario {scenario.name} "
            f"as the model {scenario.model} on http://{arguments.host}:{arguments.port}."
        )
        asyncio.run(_serve(app, arguments.host, arguments.port, sentence))
    except HubError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    counts.close()
    return 0


async def _serve(app: web.Application, host: str, port: int, sentence: str) -> None:
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripted", description="A model server that plays a scenario file.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default=LOOPBACK, help="In a container: 0.0.0.0")
    parser.add_argument("--scenario", type=Path, required=True)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--count-file", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""The agent's door: agent-api's network can't publish a port, so main-api listens for it and hands bytes on."""

import asyncio

from main_api.passages.streams import close, join
from main_api.refusals import BadSettings


class AgentDoor:
    """`spec` is `PORT=HOST:PORT`: where to listen, and whom to hand what comes. Who calls is checked by agent-api."""

    def __init__(self, host: str, spec: str) -> None:
        self._host = host
        own, _, target = spec.partition("=")
        name, _, port = target.rpartition(":")
        if not (own.isdecimal() and name and port.isdecimal()):
            raise BadSettings(f"AGENT_DOOR is {spec!r}.", "Write it as 8001=agent-api:8001.")
        self._port, self._target = int(own), (name, int(port))
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._host, self._port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection(*self._target)
        except OSError:
            await close(writer)  # as a port that nobody listens on
            return
        await join((reader, writer), there)

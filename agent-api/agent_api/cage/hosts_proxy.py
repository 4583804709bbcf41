"""Named hosts for a caged command that has no network: a proxy outside the cage, and the one way to it.

Under bubblewrap the command has an empty network of its own: what it sends to a port of its loopback is carried over a
UNIX socket in its /tmp, by a few lines that run beside it (`relay.py`). Under Landlock it may connect to the proxy's
port and no other. Programs find the proxy by the usual variables (HTTPS_PROXY, ...). HTTP/1.1: RFC 9110 and 9112.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from agent_api.cage.policy import ResolvedCage

_RELAY = Path(__file__).with_name("relay.py")
_PORT_INSIDE = 18080
_LONGEST_HEAD = 65_536
_CONNECT_SECONDS = 30.0
_CHUNK = 65_536
_NAMES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class WayOut:
    """What a command is run with to reach its hosts: its cage, its variables, and what stands before its argv."""

    cage: ResolvedCage
    env: dict[str, str]
    before: tuple[str, ...] = ()


@asynccontextmanager
async def way_out(cage: ResolvedCage, hosts: Sequence[str], tell: Callable[[str], None]) -> AsyncIterator[WayOut]:
    """`hosts` are `host` (any port) or `host:port`. `tell` is given a sentence for each host that was refused."""
    if not hosts or cage.network:
        yield WayOut(cage, {})
        return
    proxy = _Proxy(hosts, tell, "" if cage.backend == "bubblewrap" else secrets.token_urlsafe(24))
    if cage.backend == "bubblewrap":
        folder = cage.tmp / "slash-tmp"
        folder.mkdir(exist_ok=True)
        with _socket_in(folder) as listening:
            server = await asyncio.start_unix_server(proxy.serve, sock=listening, limit=_LONGEST_HEAD)
        relay = (sys.executable, "-S", "-E", "-c", _RELAY.read_text(encoding="utf-8"))
        way = WayOut(cage, _variables(_PORT_INSIDE), (*relay, "/tmp/.hosts", str(_PORT_INSIDE)))
    else:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        port = server.sockets[0].getsockname()[1]
        way = WayOut(replace(cage, tcp_ports=(*cage.tcp_ports, port)), _variables(port, proxy.password))
    try:
        yield way
    finally:
        server.close()
        await proxy.close()


@contextlib.contextmanager
def _socket_in(folder: Path):
    """A UNIX socket there: its path may be longer than the 108 bytes that an address holds."""
    (folder / ".hosts").unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(f"/proc/self/fd/{descriptor}/.hosts")
        yield listening
    finally:
        os.close(descriptor)


def _variables(port: int, password: str = "") -> dict[str, str]:
    who = f"wfhub:{password}@" if password else ""
    return dict.fromkeys(_NAMES, f"http://{who}127.0.0.1:{port}") | {"NO_PROXY": "", "no_proxy": ""}


class _Proxy:
    """`password` keeps other programs of the machine out, where it listens on a port of theirs too."""

    def __init__(self, hosts: Sequence[str], tell: Callable[[str], None], password: str) -> None:
        self.password = password
        self._hosts = frozenset(host.lower() for host in hosts)
        self._tell = tell
        self._refused: set[str] = set()
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._carry(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # one side went away or spoke nonsense: the other sees the connection end
        finally:
            self._open.discard(task)
            writer.close()

    async def close(self) -> None:
        """Ends what is still open: the command is over."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.split("\r\n")[:-2]
        method, target, version = line.split(" ")
        if self.password and not self._knows(fields):
            await _answer(writer, "407 Proxy Authentication Required", "This proxy is for one command of the hub.")
            return
        tunnel = method == "CONNECT"
        host, port = _place(target, tunnel)
        if not {host, f"{host}:{port}"} & self._hosts:
            self._refuse(host, port)
            await _answer(writer, "403 Forbidden", f"{host}:{port} is not among the hosts that were granted.")
            return
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                far_reader, far = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError) as error:
            await _answer(writer, "502 Bad Gateway", f"{host}:{port} can't be reached: {error or 'no answer'}.")
            return
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                far.write(_passed_on(method, target, version, fields))
            await asyncio.gather(_pump(reader, far), _pump(far_reader, writer))
        finally:
            far.close()

    def _knows(self, fields: Sequence[str]) -> bool:
        wanted = b"Basic " + b64encode(f"wfhub:{self.password}".encode())
        given = [f.partition(":")[2].strip() for f in fields if f.lower().startswith("proxy-authorization:")]
        return any(secrets.compare_digest(value.encode("latin-1"), wanted) for value in given)

    def _refuse(self, host: str, port: int) -> None:
        place = f"{host}:{port}"
        if place not in self._refused and len(self._refused) < 50:
            self._refused.add(place)
            self._tell(f"It tried to reach {place}, which was not granted.")


def _place(target: str, tunnel: bool) -> tuple[str, int]:
    """Host in small letters, and port. Raises ValueError."""
    parts = urlsplit(f"//{target}" if tunnel else target)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    if not parts.hostname or port is None:
        raise ValueError(target)
    return parts.hostname.lower(), port


def _passed_on(method: str, target: str, version: str, fields: Sequence[str]) -> bytes:
    """The request as its server wants it. It ends with its answer: a second one could be for another host."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [f for f in fields if not f.lower().startswith(("proxy-", "connection:"))]
    return "\r\n".join([f"{method} {path} {version}", *kept, "Connection: close", "", ""]).encode("latin-1")


async def _answer(writer: asyncio.StreamWriter, status: str, sentence: str) -> None:
    body = f"{sentence}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _pump(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    while chunk := await source.read(_CHUNK):
        to.write(chunk)
        await to.drain()
    if to.can_write_eof():
        to.write_eof()

"""The doors that main-api keeps for agent-api: bytes in, setups' downloads out, nothing of our own networks."""

import asyncio
import base64
import socket
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import pytest

from main_api.passages import AgentDoor, SetupProxy
from main_api.passages.setup_proxy import is_public
from main_api.refusals import BadSettings
from tests.support.ports import free_port

SECRET = "a secret of the containers"


@asynccontextmanager
async def shouting() -> AsyncIterator[int]:
    """A server that answers each line in capitals."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def proxy(allowed: Iterable[str] = ()) -> AsyncIterator[SetupProxy]:
    opened = SetupProxy("127.0.0.1", 0, SECRET, allowed)
    await opened.start()
    try:
        yield opened
    finally:
        await opened.stop()


async def connect(port: int, target: str, secret: str | None = SECRET) -> tuple[str, str]:
    """The proxy's first line, and what the server behind it makes of `hello`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    given = base64.b64encode(f"setup:{secret}".encode()).decode()
    header = f"Proxy-Authorization: Basic {given}\r\n" if secret is not None else ""
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{header}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.write(b"hello\n")
    said = await reader.readline() if " 200 " in head else b""
    writer.close()
    return head.split("\r\n")[0], said.decode()


async def test_a_download_of_a_setup_passes() -> None:
    async with shouting() as there, proxy([f"127.0.0.1:{there}"]) as opened:
        assert await connect(opened.port, f"127.0.0.1:{there}") == ("HTTP/1.1 200 Connected", "HELLO\n")


async def test_who_breaks_off_leaves_no_connection_behind() -> None:
    """The server waits for a word that never comes, and would be held for ever."""
    heard, over = asyncio.Event(), asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            assert await reader.readline() == b"hello\n"
            heard.set()
            await reader.read()
        over.set()
        writer.close()

    server = await asyncio.start_server(waits, "127.0.0.1", 0)
    there = server.sockets[0].getsockname()[1]
    async with server, proxy([f"127.0.0.1:{there}"]) as opened:
        reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
        given = base64.b64encode(f"setup:{SECRET}".encode()).decode()
        writer.write(
            f"CONNECT 127.0.0.1:{there} HTTP/1.1\r\nProxy-Authorization: Basic {given}\r\n\r\nhello\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.wait_for(heard.wait(), 20)
        made: socket.socket = writer.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, and no end
        writer.transport.abort()
        async with asyncio.timeout(20):
            await over.wait()


@pytest.mark.parametrize("secret", [None, "", "another", SECRET + "x"])
async def test_only_with_the_secret(secret: str | None) -> None:
    async with shouting() as there, proxy([f"127.0.0.1:{there}"]) as opened:
        assert "407" in (await connect(opened.port, f"127.0.0.1:{there}", secret))[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "a" * 64])
async def test_this_machine_is_refused_under_every_name(host: str) -> None:
    """The very server that passes when it is allowed: what refuses is the look at the address."""
    async with shouting() as there, proxy() as opened:
        assert "403" in (await connect(opened.port, f"{host}:{there}"))[0]
        assert "403" in (await connect(opened.port, f"{host}:443"))[0]


@pytest.mark.parametrize(
    "line", ["GET http://127.0.0.1/ HTTP/1.1", "CONNECT nowhere HTTP/1.1", "CONNECT a:443:1 HTTP/1.1"]
)
async def test_it_is_no_other_proxy(line: str) -> None:
    async with proxy() as opened:
        reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
        given = base64.b64encode(f"setup:{SECRET}".encode()).decode()
        writer.write(f"{line}\r\nProxy-Authorization: Basic {given}\r\n\r\n".encode())
        assert b" 405 " in await reader.readline()
        writer.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.18.0.2", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"],
)  # fmt: skip
def test_own_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.0.113.80", "172.32.0.1", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


async def test_the_agents_door_hands_on_and_shuts_when_nobody_is_there() -> None:
    async with shouting() as there:
        port = free_port()
        door = AgentDoor("127.0.0.1", f"{port}=127.0.0.1:{there}")
        await door.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello\n")
        assert await reader.readline() == b"HELLO\n"
        writer.close()
        await door.stop()
    closed, port = free_port(), free_port()
    door = AgentDoor("127.0.0.1", f"{port}=127.0.0.1:{closed}")
    await door.start()
    reader, _writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    await door.stop()


@pytest.mark.parametrize("spec", ["8001", "8001=agent-api", "x=agent-api:8001", "=:1"])
def test_a_door_that_leads_nowhere_is_refused(spec: str) -> None:
    with pytest.raises(BadSettings, match="AGENT_DOOR"):
        AgentDoor("127.0.0.1", spec)

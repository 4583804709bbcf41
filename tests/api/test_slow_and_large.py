"""Callers that are too slow, too large or too many: real connections, and each holds one for ever without its limit."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from main_api.app import create_app
from main_api.door.connections import LimitedHttp
from main_api.door.headers import ALWAYS
from main_api.settings import MainSettings
from services.events import log
from tests.api.conftest import AUTH, TOKEN, Served, serve

SOON = 15.0  # seconds in which what is over must have been closed
QUICK = {"header_timeout_seconds": 0.3, "body_timeout_seconds": 0.3, "reader_timeout_seconds": 0.3, "ping_seconds": 0.3}
HEAD = f"Host: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
JSON = f"{HEAD}Content-Type: application/json\r\n"
SHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
)
FOREVER = 600.0
ASK = "/gateway/openai/v1/chat/completions"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The same on any database."""
    return sqlite_url


@asynccontextmanager
async def impatient(settings: MainSettings, **more: Any) -> AsyncIterator[Served]:
    async with serve(settings.model_copy(update=QUICK | more)) as hub:
        yield hub


@asynccontextmanager
async def wire(hub: Served, text: str = "") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    try:
        writer.write(text.encode())
        yield reader, writer
    finally:
        writer.transport.abort()


async def all_of(reader: asyncio.StreamReader) -> str:
    """What comes until the hub closes the connection."""
    return (await asyncio.wait_for(reader.read(), SOON)).decode()


async def stays_open(reader: asyncio.StreamReader) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(), 0.6)


SLOW = {
    "nothing at all": "",
    "half a request line": "GET /heal",
    "headers without an end": f"GET /projects HTTP/1.1\r\n{HEAD}X-A: 1\r\n",
    "a body that stops": f"POST /projects HTTP/1.1\r\n{JSON}Content-Length: 9\r\n\r\n{{",
    "a chunk that never comes": "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "the rest of what was refused": "POST /projects HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{",
}


@pytest.mark.parametrize("kind", SLOW)
async def test_who_is_slow_is_closed(settings: MainSettings, kind: str) -> None:
    async with impatient(settings) as hub, wire(hub, SLOW[kind]) as (reader, _):
        said = await all_of(reader)
    if said:
        assert said.split()[1] in ("401", "408") and '"way_out"' in said
    patient = dict.fromkeys(QUICK, FOREVER)
    async with serve(settings.model_copy(update=patient)) as hub, wire(hub, SLOW[kind]) as (reader, _):
        if kind == "the rest of what was refused":
            await asyncio.wait_for(reader.readuntil(b"}"), SOON)
        await stays_open(reader)


async def test_a_body_that_trickles_is_closed(settings: MainSettings) -> None:
    """It never pauses for long, and would take hours."""
    length = 90_000
    start = f"POST /projects HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    async with impatient(settings, body_timeout_seconds=1.0) as hub, wire(hub, start) as (reader, writer):

        async def trickle() -> None:
            for _ in range(length):
                writer.write(b" ")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(trickle())
        assert (await all_of(reader)).startswith("HTTP/1.1 408")
        dripping.cancel()


async def test_headers_that_trickle_are_closed(settings: MainSettings) -> None:
    async with (
        impatient(settings, header_timeout_seconds=1.0) as hub,
        wire(hub, "GET / HTTP/1.1\r\n") as (reader, writer),
    ):

        async def trickle() -> None:
            for number in range(10_000):
                writer.write(f"X-{number}: 1\r\n".encode())
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(trickle())
        assert (await all_of(reader)).startswith("HTTP/1.1 408")
        dripping.cancel()


TOO_SLOW = {
    "headers": ({"header_timeout_seconds": 0.3}, "GET / HTTP/1.1\r\nX-A: 1"),
    "body": ({"body_timeout_seconds": 0.3}, f"POST /projects HTTP/1.1\r\n{JSON}Content-Length: 90000\r\n\r\n "),
}


@pytest.mark.parametrize("kind", TOO_SLOW)
async def test_who_goes_on_sending_gets_the_whole_answer(settings: MainSettings, kind: str) -> None:
    """What comes after the last word is taken and dropped: a reset would cost the answer."""
    limits, start = TOO_SLOW[kind]
    async with impatient(settings, **limits) as hub, wire(hub, start) as (reader, writer):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SOON)
        assert head.startswith(b"HTTP/1.1 408") and b"connection: close" in head.lower()
        for _ in range(40):  # more than the hub would hold of a body that it reads
            writer.write(b" " * 65_536)
            await asyncio.wait_for(writer.drain(), SOON)
        assert '"way_out"' in await all_of(reader)
        writer.close()
        await until(lambda: not hub.server.server_state.connections)


async def test_who_never_stops_sending_is_cut_off_in_the_end(settings: MainSettings) -> None:
    async with impatient(settings) as hub, wire(hub, "GET / HTTP/1.1\r\nX-A: 1") as (reader, _):
        assert (await all_of(reader)).startswith("HTTP/1.1 408")
        await until(lambda: not hub.server.server_state.connections)


async def test_headers_above_the_limit_are_refused(settings: MainSettings) -> None:
    long = f"GET /projects HTTP/1.1\r\n{HEAD}X-A: {'a' * 5_000}\r\n"
    async with serve(settings.model_copy(update={"max_header_bytes": 4_096})) as hub:
        async with wire(hub, long) as (reader, _):
            said = await all_of(reader)
        assert said.startswith("HTTP/1.1 431") and "headers_too_large" in said
        assert all(f"{name.decode()}: {value.decode()}" in said for name, value in ALWAYS.items())
    async with serve(settings) as hub, wire(hub, long + "\r\n") as (reader, _):
        assert (await asyncio.wait_for(reader.readline(), SOON)).startswith(b"HTTP/1.1 200")


async def test_one_connection_serves_many_requests(settings: MainSettings) -> None:
    """With and without a body, one after the other and at once: no limit of one request is counted on the next."""
    body = '{"title": "x"}'
    post = (
        f"POST /requests HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    get = f"GET /session HTTP/1.1\r\n{HEAD}X-A: {'a' * 600}\r\n\r\n"
    async with serve(settings.model_copy(update={"max_header_bytes": 1_024})) as hub, wire(hub) as (reader, writer):
        for text in (get, post, get, get + get, post + get):
            writer.write(text.encode())
            for _ in range(text.count("HTTP/1.1")):
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SOON)).decode().lower()
                assert head.split()[1] in ("200", "422"), head
                length = int(head.partition("content-length: ")[2].split()[0])
                await reader.readexactly(length)


async def test_a_reader_that_stops_is_cut_off(settings: MainSettings) -> None:
    """It asks for megabytes and takes none of them."""
    async with impatient(settings, reader_timeout_seconds=1.5) as hub:
        await events(hub, 200, "x" * 40_000)
        asked = f"GET /events?after=0&limit=200 HTTP/1.1\r\n{HEAD}\r\n"
        with _small_window(hub) as stuck:
            stuck.sendall(asked.encode())
            await until(lambda: any(_is_writing(c) for c in hub.server.server_state.connections))
            await until(lambda: not hub.server.server_state.connections)
        async with httpx.AsyncClient(base_url=hub.http, headers=AUTH) as client:  # who reads gets all of it
            assert len((await client.get("/events?after=0&limit=200")).json()) == 200


async def test_a_socket_that_stops_reading_is_cut_off(settings: MainSettings) -> None:
    """It answers no ping, either."""
    async with impatient(settings) as hub:
        await events(hub, 200, "x" * 40_000)
        with _small_window(hub) as stuck:
            stuck.sendall(f"GET /ws/events?after=0 HTTP/1.1\r\n{HEAD}{SHAKE}\r\n".encode())
            await until(lambda: bool(hub.server.server_state.connections))
            await until(lambda: not hub.server.server_state.connections)
            await until(lambda: not hub.server.server_state.tasks)


async def test_connections_are_limited_and_idle_ones_make_room(settings: MainSettings) -> None:
    """Who only holds connections keeps nobody out."""
    async with serve(settings.model_copy(update={"max_connections": 12})) as hub:
        held = [await asyncio.open_connection("127.0.0.1", hub.port) for _ in range(40)]
        async with httpx.AsyncClient(base_url=hub.http, headers=AUTH) as client:
            for _ in range(5):
                assert (await client.get("/projects")).status_code == 200
        assert len(hub.server.server_state.connections) <= 12
        for _, writer in held:
            writer.transport.abort()


async def test_when_all_connections_work_the_next_is_told(settings: MainSettings) -> None:
    async with serve(settings.model_copy(update={"max_connections": 10})) as hub:
        waiting = f"POST /projects HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
        busy = [await asyncio.open_connection("127.0.0.1", hub.port) for _ in range(10)]
        for _, writer in busy:
            writer.write(waiting.encode())
        await until(lambda: sum(not c._idle() for c in _ours(hub)) == 10)
        async with wire(hub) as (reader, _):
            said = await all_of(reader)
        assert said.startswith("HTTP/1.1 503") and "too_many_connections" in said and "retry-after: 5" in said
        for _, writer in busy:
            writer.transport.abort()
        async with httpx.AsyncClient(base_url=hub.http, headers=AUTH) as client:
            await until(lambda: not hub.server.server_state.connections)
            assert (await client.get("/projects")).status_code == 200


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/login", 5_000, 413), ("/projects", 1_100_000, 413), ("/bugs", 1_100_000, 422), ("/bugs", 11_000_000, 413),
        (ASK, 1_100_000, 401), (ASK, 33_000_000, 413),
    ],
)  # fmt: skip
async def test_what_may_be_sent_is_as_large_as_its_kind(
    client: httpx.AsyncClient, app: FastAPI, settings: MainSettings, path: str, length: int, status: int
) -> None:
    most = MainSettings.model_fields["max_body_bytes"].default
    usual = create_app(settings.model_copy(update={"max_body_bytes": most}))
    usual.state.hub, usual.state.gateway = app.state.hub, app.state.gateway
    transport = httpx.ASGITransport(usual, raise_app_exceptions=False)
    body = b'{"x": "' + b"a" * (length - 9) + b'"}'
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as asking:
        answer = await asking.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text[:300]


async def events(hub: Served, count: int, padding: str) -> None:
    async with hub.hub.db.write() as session:
        for _ in range(count):
            await log.append(session, "test.fact", actor="test", padding=padding)


async def until(true: Any) -> None:
    async with asyncio.timeout(SOON):
        while not true():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.02)


def _ours(hub: Served) -> list[LimitedHttp]:
    return [c for c in hub.server.server_state.connections if isinstance(c, LimitedHttp)]


def _is_writing(connection: Any) -> bool:
    return connection.flow is not None and connection.flow.write_paused


def _small_window(hub: Served) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    made.connect(("127.0.0.1", hub.port))
    return made

"""Live events over a real WebSocket: replay, follow, reconnect, and readers that are slow."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from main_api import follower, live
from main_api.follower import Follower
from main_api.settings import MainSettings
from services.events import log
from services.store.database import Database
from services.store.models import Event
from tests.api.conftest import AUTH, TOKEN, Served, serve

PATIENCE = 30.0


async def put(db: Database, count: int, kind: str = "test.fact", **data: Any) -> list[int]:
    """Facts, each committed by itself, as another process would."""
    seqs: list[int] = []
    for number in range(count):
        async with db.write() as session:
            await log.append(session, kind, actor="test", number=number, **data)
            seqs.append(await session.scalar(sa.select(sa.func.max(Event.seq))) or 0)
    return seqs


async def frames(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    while True:
        yield json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))


async def collect(socket: ClientConnection, count: int) -> list[int]:
    """The numbers of the next events, notices left out."""
    seqs: list[int] = []
    async for frame in frames(socket):
        if not frame["kind"].startswith("hub."):
            seqs.append(frame["seq"])
        if len(seqs) == count:
            return seqs
    raise AssertionError("closed")


async def until_caught_up(socket: ClientConnection) -> list[int]:
    seqs: list[int] = []
    async for frame in frames(socket):
        if frame["kind"] == "hub.caught_up":
            return seqs
        seqs.append(frame["seq"])
    raise AssertionError("closed")


async def test_it_replays_then_follows(served: Served) -> None:
    before = await put(served.hub.db, 5)
    async with connect(f"{served.ws}?after={before[1]}", additional_headers=AUTH) as socket:
        assert await until_caught_up(socket) == before[2:]
        after = await put(served.hub.db, 3)
        assert await collect(socket, 3) == after


async def test_without_a_number_only_news_come(served: Served) -> None:
    await put(served.hub.db, 2)
    async with connect(served.ws, additional_headers=AUTH) as socket:
        assert await until_caught_up(socket) == []
        news = await put(served.hub.db, 1)
        assert await collect(socket, 1) == news


async def test_a_project_is_followed_alone(served: Served) -> None:
    async with connect(f"{served.ws}?after=0&project_id=7", additional_headers=AUTH) as socket:
        await until_caught_up(socket)
        async with served.hub.db.write() as session:
            for project in (6, 7, 8, 7):
                await log.append(session, "test.fact", actor="test", project_id=project)
        seen = [frame async for frame in _take(socket, 2)]
        assert [frame["project_id"] for frame in seen] == [7, 7]


async def _take(socket: ClientConnection, count: int) -> AsyncIterator[dict[str, Any]]:
    async for frame in frames(socket):
        if frame["kind"].startswith("hub."):
            continue
        yield frame
        count -= 1
        if not count:
            return


async def test_a_reader_whose_replay_fails_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away for a moment: the page comes again, and does not wait for ever on a line that is dead."""

    async def away(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the database is away"))

    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        await until_caught_up(socket)
        monkeypatch.setattr(served.hub.follower, "batch", away)
        await put(served.hub.db, 1)
        async with asyncio.timeout(PATIENCE):
            await socket.wait_closed()
    monkeypatch.undo()
    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        assert len(await until_caught_up(socket)) >= 1


async def test_who_reconnects_misses_nothing_and_sees_nothing_twice(served: Served) -> None:
    """A writer that never pauses, and a reader that is cut off again and again."""
    total = 150
    writing = asyncio.create_task(put(served.hub.db, total))
    seen: list[int] = []
    connections = 0
    while len(seen) < total:
        connections += 1
        async with connect(f"{served.ws}?after={seen[-1] if seen else 0}", additional_headers=AUTH) as socket:
            seen += await collect(socket, min(20, total - len(seen)))
            socket.transport.abort()
    assert seen == await writing
    assert connections >= 8


async def test_events_by_two_writers_at_once_all_arrive_in_order(served: Served) -> None:
    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        one, two = await asyncio.gather(put(served.hub.db, 60), put(served.hub.db, 60))
        assert await collect(socket, 120) == sorted(one + two)


async def test_news_come_by_the_doorbell_and_not_by_the_timer(
    settings: MainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How quick that is, benchmarks/ says."""
    monkeypatch.setattr(follower, "TIMER_SECONDS", 3_600.0)
    async with serve(settings) as served, connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        await until_caught_up(socket)
        for _ in range(15):
            await asyncio.sleep(0.03)
            news = await put(served.hub.db, 1)
            assert await collect(socket, 1) == news


async def test_a_slow_reader_costs_no_memory_and_stops_no_one(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops reading; far more events than are kept, and than its socket holds, go by; then it reads on."""
    follower = served.hub.follower
    monkeypatch.setattr(follower, "_kept", 50)
    slow_socket = socket.socket()
    slow_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    slow_socket.connect(("127.0.0.1", served.port))
    slow_socket.setblocking(False)
    small = {"max_queue": 1, "additional_headers": AUTH, "ping_interval": None}
    total, padding = 400, "x" * 20_000  # 8 MB
    async with connect(f"{served.ws}?after=0", sock=slow_socket, **small) as slow:
        async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as quick:
            await until_caught_up(quick)
            writing = asyncio.create_task(put(served.hub.db, total, padding=padding))
            assert await collect(quick, total) == await writing
        held = [len(line.text) for line in follower._lines]
        assert len(held) <= 50
        batches = follower.from_database
        assert await collect(slow, total) == await writing
        assert follower.from_database > batches, "it was served from memory: the test never made it slow"


async def test_a_number_beyond_the_last_is_brought_back(served: Served) -> None:
    """A client that remembers a database which is gone must not wait for its number."""
    async with connect(f"{served.ws}?after=999999", additional_headers=AUTH) as socket:
        await until_caught_up(socket)
        news = await put(served.hub.db, 1)
        assert await collect(socket, 1) == news


async def test_the_line_is_shown_to_be_alive(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 0.05)
    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        await until_caught_up(socket)
        frame = await anext(frames(socket))
        assert frame["kind"] == "hub.ping"


@pytest.mark.parametrize(
    ("headers", "protocols", "status"),
    [
        ({}, None, 401),
        ({"Authorization": "Bearer wrong"}, None, 401),
        ({}, ["wfhub.events", "bearer.wrong"], 401),
        ({**AUTH, "Origin": "https://evil.example"}, None, 403),
        ({**AUTH, "Origin": "null"}, None, 403),
    ],
)
async def test_the_socket_does_not_open(
    served: Served, headers: dict[str, str], protocols: list[Any] | None, status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(served.ws, additional_headers=headers, subprotocols=protocols):
            pass
    assert refused.value.response.status_code == status
    assert b'"way_out"' in (refused.value.response.body or b"")


async def test_the_token_in_the_address_opens_no_socket(served: Served) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(f"{served.ws}?token={TOKEN}"):
            pass


async def test_a_page_opens_it_with_subprotocols_and_its_token_is_not_echoed(served: Served) -> None:
    offered: list[Any] = ["wfhub.events", f"bearer.{TOKEN}"]
    own = {"Origin": served.http}
    async with connect(f"{served.ws}?after=0", subprotocols=offered, additional_headers=own) as socket:
        assert socket.subprotocol == "wfhub.events"
        assert socket.response is not None and TOKEN not in str(socket.response.headers)


async def test_the_follower_outlives_a_failing_database(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "RETRY_SECONDS", 0.05)
    whole, failures = Follower._read_on, 0

    async def broken(self: Follower) -> bool:
        nonlocal failures
        failures += 1
        if failures <= 3:
            raise OSError("the database is away")
        return await whole(self)

    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        await until_caught_up(socket)
        monkeypatch.setattr(Follower, "_read_on", broken)
        news = await put(served.hub.db, 2)
        assert await collect(socket, 2) == news
        assert failures > 3


async def test_events_page_over_http(served: Served) -> None:
    seqs = await put(served.hub.db, 5)
    async with httpx.AsyncClient(base_url=served.http, headers=AUTH) as client:
        first = (await client.get("/events", params={"after": seqs[0] - 1, "limit": 2})).json()
        rest = (await client.get("/events", params={"after": first[-1]["seq"]})).json()
    assert [event["seq"] for event in first + rest] == seqs


async def test_a_restart_of_the_hub_loses_nothing(settings: MainSettings) -> None:
    """Events that are committed while main-api is away come after the reconnect, once."""
    async with serve(settings) as first, connect(f"{first.ws}?after=0", additional_headers=AUTH) as socket:
        before = await put(first.hub.db, 3)
        seen = await collect(socket, 3)
    away = Database(settings.database)
    between = await put(away, 4)
    await away.close()
    async with serve(settings) as second, connect(f"{second.ws}?after={seen[-1]}", additional_headers=AUTH) as socket:
        seen += await until_caught_up(socket)
        after = await put(second.hub.db, 2)
        seen += await collect(socket, 2)
    assert seen == before + between + after


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("/ws/runs/a%00b/output", "path"), ("/ws/events%00", "path"), ("/ws/logs/main-api?text=%00", "query.text"),
        ("/ws/events?after=soon", "query.after"), ("/ws/runs/x/output?step=%0A", "query.step"),
        ("/ws/logs/main-api?level=loud", "query.level.0"), ("/ws/chat/messages/-1", "path.message_id"),
    ],
)  # fmt: skip
async def test_an_address_that_can_not_be_read_is_refused_with_a_sentence(
    served: Served, caplog: pytest.LogCaptureFixture, place: str, where: str
) -> None:
    root = served.ws.removesuffix("/ws/events")
    with pytest.raises(InvalidStatus) as refused:
        await asyncio.wait_for(connect(root + place, additional_headers=AUTH), PATIENCE)
    response = refused.value.response
    problem = json.loads(response.body or b"{}")
    assert (response.status_code, problem["code"], problem["errors"][0]["where"]) == (422, "validation", where)
    assert problem["way_out"] and "Traceback" not in caplog.text

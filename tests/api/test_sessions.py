"""The browsers that are signed in: listed, and signed out from elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from main_api import signed_in
from main_api.app import create_app
from main_api.door import sockets
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.events import log
from services.store.models import WebSession
from services.store.types import now
from tests.api.conftest import AUTH, TOKEN, Served

OWN = {"Origin": "http://127.0.0.1:8002"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@asynccontextmanager
async def browser(app: FastAPI, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    headers = {"User-Agent": FIREFOX, **OWN}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=headers) as made:
        yield made


async def sign_in(client: httpx.AsyncClient) -> None:
    assert (await client.post("/login", json={"token": TOKEN})).status_code == 204


async def test_they_are_listed_with_when_and_what(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with browser(app) as first, browser(app) as second:
        await sign_in(first)
        url = (await client.post("/login/links")).json()["url"]
        await second.get(url)
        answer = await first.get("/sessions")
        newest, oldest = answer.json()
        assert answer.headers["x-total-count"] == "2"
        assert [one["opened_with"] for one in (newest, oldest)] == ["link", "token"]
        assert [one["current"] for one in (newest, oldest)] == [False, True]
        assert newest["browser"] == "Firefox on Linux" and newest["user_agent"] == FIREFOX
        assert oldest["since"] <= oldest["last_seen_at"] < oldest["expires_at"]
        later = [one["last_seen_at"] for one in (await first.get("/sessions")).json() if one["current"]]
        assert later[0] > oldest["last_seen_at"]
        assert [one["current"] for one in (await client.get("/sessions", params={"limit": 1})).json()] == [False]


async def test_when_one_was_seen_outlives_a_restart(settings: MainSettings) -> None:
    app = create_app(settings)
    async with app.router.lifespan_context(app), browser(app) as one:
        await sign_in(one)
        since = (await one.get("/sessions")).json()[0]["since"]
    async with app.state.hub.db.read() as session:
        row = (await session.scalars(sa.select(WebSession))).one()
    assert row.last_seen_at is not None and row.last_seen_at.isoformat() > since.replace("Z", "")


async def test_one_is_signed_out_from_elsewhere(app: FastAPI) -> None:
    async with browser(app) as mine, browser(app) as lost:
        await sign_in(lost)
        await sign_in(mine)
        other = next(one["id"] for one in (await mine.get("/sessions")).json() if not one["current"])
        assert (await lost.get("/projects")).status_code == 200
        assert (await mine.delete(f"/sessions/{other}")).status_code == 204
        assert (await lost.get("/projects")).status_code == 401
        assert (await mine.get("/projects")).status_code == 200
        again = await mine.delete(f"/sessions/{other}")
        assert (again.status_code, again.json()["code"]) == (404, "not_found")


async def test_all_others_are_signed_out_and_their_links_open_no_more(app: FastAPI, client: httpx.AsyncClient) -> None:
    url = (await client.post("/login/links")).json()["url"]
    async with browser(app) as mine, browser(app) as one, browser(app) as two, browser(app) as late:
        for each in (one, two, mine):
            await sign_in(each)
        assert (await mine.delete("/sessions")).json() == {"ended": 2}
        assert [(await each.get("/projects")).status_code for each in (one, two, mine)] == [401, 401, 200]
        assert (await late.get(url)).headers["location"] == "/chat.html?login=expired"
        assert (await client.delete("/sessions")).json() == {"ended": 1}, "with the token it is all of them"
        assert (await mine.get("/projects")).status_code == 401


async def test_who_is_not_in_ends_nobody(app: FastAPI) -> None:
    async with browser(app) as stranger, browser(app) as mine:
        await sign_in(mine)
        for method, path in (("GET", "/sessions"), ("DELETE", "/sessions"), ("DELETE", "/sessions/1")):
            assert (await stranger.request(method, path)).status_code == 401
        assert (await mine.get("/projects")).status_code == 200


async def test_who_was_just_being_let_in_is_not_remembered(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is ended between the moment its row was read and the moment that was noted."""
    hub: HubParts = app.state.hub
    read, go_on, whole = asyncio.Event(), asyncio.Event(), signed_in.find_session

    async def slowly(*arguments: Any) -> Any:
        row = await whole(*arguments)
        read.set()
        await go_on.wait()
        return row

    async with browser(app) as lost, browser(app) as owner:
        await sign_in(lost)
        monkeypatch.setattr(signed_in, "find_session", slowly)
        asking = asyncio.create_task(lost.get("/projects"))
        await read.wait()
        assert (await owner.delete("/sessions", headers=AUTH)).json() == {"ended": 1}
        go_on.set()
        assert (await asking).status_code == 401
        assert (await lost.get("/projects")).status_code == 401
        assert not hub.signed_in._known


async def cookie_of(hub: Served) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=hub.http) as client:
        answer = await client.post("/login", json={"token": TOKEN})
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0], "Origin": hub.http}


async def keep_talking(hub: HubParts) -> None:
    while True:
        async with hub.db.write() as session:
            await log.append(session, "test.fact", actor="test")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", ["by hand", "its time is over"])
async def test_an_open_socket_ends_with_its_session_while_it_is_told_things(
    served: Served, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Of two that listen to a hub that is never silent, the one whose session is ended hears no more."""
    monkeypatch.setattr(sockets, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(served.hub.signed_in, "_seconds", 0.0)
    lost, mine = await cookie_of(served), await cookie_of(served)
    talking = asyncio.create_task(keep_talking(served.hub))
    async with (
        connect(f"{served.ws}?after=0", additional_headers=lost) as theirs,
        connect(f"{served.ws}?after=0", additional_headers=mine) as ours,
        httpx.AsyncClient(base_url=served.http, headers=mine) as client,
    ):
        await asyncio.wait_for(theirs.recv(), 10)
        other = next(one["id"] for one in (await client.get("/sessions")).json() if not one["current"])
        if how == "by hand":
            assert (await client.delete(f"/sessions/{other}")).status_code == 204
        else:
            async with served.hub.db.write() as session:
                await session.execute(sa.update(WebSession).where(WebSession.id == other).values(expires_at=now()))
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(10):
                while True:
                    await theirs.recv()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
        for _ in range(20):
            await asyncio.wait_for(ours.recv(), 10)
    talking.cancel()
    async with asyncio.timeout(10):
        while served.hub.signed_in._connections:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_without_the_guard_the_socket_would_go_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_in.SignedIn, "forget", lambda *_: None)
    cookie = await cookie_of(served)
    async with connect(f"{served.ws}?after=0", additional_headers=cookie) as socket:
        await asyncio.wait_for(socket.recv(), 10)
        async with httpx.AsyncClient(base_url=served.http, headers=AUTH) as client:
            assert (await client.delete("/sessions")).json() == {"ended": 1}
        async with served.hub.db.write() as session:
            await log.append(session, "test.after", actor="test")
        async with asyncio.timeout(10):
            while b"test.after" not in (await socket.recv(decode=False)):
                pass

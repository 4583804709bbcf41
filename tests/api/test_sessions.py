"""The browsers that are signed in: listed, signed out from elsewhere, and how often signing in may fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from main_api import signed_in
from main_api.app import create_app
from main_api.door import sockets
from main_api.door.callers import Callers
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.events import log
from services.sessions.failures import FailedSignIns
from services.store.models import LoginCode, WebSession
from services.store.types import now
from tests.api.conftest import AUTH, TOKEN, Served, serve

OWN = {"Origin": "http://127.0.0.1:8002"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FEW = {"login_failures_per_client": 3, "login_failures_overall": 1000}


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
    assert not served.hub.signed_in._connections


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


@pytest.fixture
async def strict(settings: MainSettings) -> AsyncIterator[FastAPI]:
    """A hub where three wrong tries are enough."""
    app = create_app(settings.model_copy(update=FEW))
    async with app.router.lifespan_context(app):
        yield app


async def wrong(client: httpx.AsyncClient, way: str) -> httpx.Response:
    if way == "link":
        return await client.get("/login", params={"code": "wrong"})
    if way == "token":
        return await client.post("/login", json={"token": "wrong"})
    return await client.get("/projects", headers={"Authorization": "Bearer wrong"})


@pytest.mark.parametrize(("way", "usual"), [("link", 303), ("token", 401), ("bearer", 401)])
async def test_wrong_tries_are_limited(strict: FastAPI, monkeypatch: pytest.MonkeyPatch, way: str, usual: int) -> None:
    async with browser(strict) as attacker:
        answers = [await wrong(attacker, way) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [usual, usual, usual, 429, 429]
        last = answers[-1]
        assert (last.json()["code"], last.headers["content-type"]) == ("too_many_failures", "application/problem+json")
        assert 1 <= int(last.headers["retry-after"]) <= 60
        for other in ("link", "token", "bearer"):
            assert (await wrong(attacker, other)).status_code == 429, "the ways share one limit"
        monkeypatch.setattr(FailedSignIns, "failed", lambda *_: 0)
        assert (await wrong(attacker, way)).status_code == usual, "without the limit it goes on for ever"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.17.0.1"])
async def test_the_owner_on_the_same_machine_is_never_locked_out(strict: FastAPI, address: str) -> None:
    """All programs of a machine, and all behind Docker's gateway, have one address."""
    async with browser(strict, address) as attacker, browser(strict, address) as owner:
        for _ in range(10):
            await wrong(attacker, "bearer")
        assert (await attacker.get("/projects", headers={"Authorization": "Bearer wrong"})).status_code == 429
        made = await owner.post("/login/links", headers=AUTH)
        assert made.status_code == 201
        await sign_in(owner)
        assert (await owner.get("/projects")).status_code == 200
        opened = await attacker.get(made.json()["url"])
        assert opened.headers["location"] == "/chat.html", "a right link opens too"


async def test_a_public_address_is_shut_out_whole(strict: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a guess that is right helps nobody: it is not even looked at."""
    async with browser(strict, "8.8.8.8") as attacker, browser(strict, "9.9.9.9") as owner:
        for _ in range(4):
            await wrong(attacker, "bearer")
        assert (await attacker.get("/projects", headers=AUTH)).status_code == 429
        assert (await attacker.post("/login", json={"token": TOKEN})).status_code == 429
        assert (await owner.get("/projects", headers=AUTH)).status_code == 200
        monkeypatch.setattr(Callers, "check_may_try", lambda *_: None)
        assert (await attacker.get("/projects", headers=AUTH)).status_code == 200


async def test_a_forwarded_address_is_not_believed(settings: MainSettings) -> None:
    """Who connects is who asks: else every try could come from somebody else."""
    async with serve(settings.model_copy(update=FEW)) as hub, httpx.AsyncClient(base_url=hub.http) as client:
        answers = [
            await client.get("/projects", headers={"Authorization": "Bearer x", "X-Forwarded-For": f"8.8.8.{number}"})
            for number in range(5)
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
        assert (await client.get("/projects", headers=AUTH | {"X-Forwarded-For": "8.8.8.8"})).status_code == 200


async def test_guessed_links_write_nothing(strict: FastAPI, client: httpx.AsyncClient) -> None:
    hub: HubParts = strict.state.hub
    async with browser(strict) as attacker, hub.db.write() as busy:  # while somebody writes, a guess need not wait
        busy.add(LoginCode(sha256="0" * 64, expires_at=now()))
        await busy.flush()
        assert (await asyncio.wait_for(wrong(attacker, "link"), 10)).status_code == 303

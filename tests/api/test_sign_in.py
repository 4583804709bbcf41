"""Signing a browser in: links that open once, cookies that only the hub's own page can use, and the ways out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from main_api import signed_in
from main_api.app import create_app
from main_api.auth import Door
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.sessions.hashing import sha256
from services.store.models import Event, LoginCode, Project, WebSession
from services.store.types import now
from tests.api.conftest import TOKEN, Served

OWN = {"Origin": "http://127.0.0.1:8002"}
COOKIE = "wfhub_session_8002"
PROJECT = {"name": "till", "workspace_path": "till"}


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the token: it keeps cookies, as a browser does."""
    async with _browser(app) as made:
        yield made


@asynccontextmanager
async def _browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002") as made:
        yield made


async def link(client: httpx.AsyncClient) -> str:
    answer = await client.post("/login/links")
    assert answer.status_code == 201, answer.text
    return answer.json()["url"]


async def sign_in(browser: httpx.AsyncClient) -> str:
    """The session's secret, as the browser holds it."""
    answer = await browser.post("/login", json={"token": TOKEN}, headers=OWN)
    assert answer.status_code == 204, answer.text
    return browser.cookies[COOKIE]


def code_of(problem: httpx.Response) -> tuple[int, str]:
    return problem.status_code, problem.json()["code"]


async def test_a_link_opens_once(client: httpx.AsyncClient, browser: httpx.AsyncClient, app: FastAPI) -> None:
    url = await link(client)
    assert url.startswith("http://127.0.0.1:8002/login?code=")
    opened = await browser.get(url)
    assert (opened.status_code, opened.headers["location"]) == (303, "/chat.html")
    given = opened.headers["set-cookie"]
    assert given.startswith(f"{COOKIE}=")
    assert all(word in given for word in ("HttpOnly", "SameSite=strict", "Path=/")) and "Secure" not in given
    assert (opened.headers["cache-control"], opened.headers["referrer-policy"]) == ("no-store", "no-referrer")
    session = (await browser.get("/session")).json()
    assert session["since"] < session["expires_at"] and session["hub"]["scripted_model"] is False
    assert (await browser.get("/projects")).status_code == 200
    async with _browser(app) as second:
        again = await second.get(url)
        assert (again.status_code, again.headers["location"]) == (303, "/chat.html?login=expired")
        assert "set-cookie" not in again.headers
        assert code_of(await second.get("/session")) == (401, "unauthorized")


async def test_of_two_who_open_a_link_at_once_one_gets_in(client: httpx.AsyncClient, app: FastAPI) -> None:
    for _ in range(5):
        url = await link(client)
        async with _browser(app) as one, _browser(app) as two, _browser(app) as three:
            answers = await asyncio.gather(*(browser.get(url) for browser in (one, two, three)))
        assert sorted(answer.headers["location"] for answer in answers) == [
            "/chat.html", "/chat.html?login=expired", "/chat.html?login=expired",
        ]  # fmt: skip
        assert sum("set-cookie" in answer.headers for answer in answers) == 1


async def test_an_old_link_and_a_wrong_one_lead_to_the_page(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, hub: HubParts
) -> None:
    url = await link(client)
    async with hub.db.write() as session:
        await session.execute(sa.update(LoginCode).values(expires_at=now() - timedelta(seconds=1)))
    for address in (url, "/login?code=nonsense", "/login?code=", "/login"):
        answer = await browser.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat.html?login=expired")
    assert not browser.cookies
    async with hub.db.write() as session:  # the attack works where nothing looks at the time
        await session.execute(sa.update(LoginCode).values(expires_at=now() + timedelta(seconds=60)))
    assert (await browser.get(url)).headers["location"] == "/chat.html"


async def test_looking_at_a_link_does_not_use_it(client: httpx.AsyncClient, browser: httpx.AsyncClient) -> None:
    """Programs that preview links ask with HEAD."""
    url = await link(client)
    assert (await browser.head(url)).status_code == 405
    assert (await browser.get(url)).headers["location"] == "/chat.html"


async def test_only_the_token_signs_in(browser: httpx.AsyncClient) -> None:
    for token in ("wrong", TOKEN[:-1], TOKEN + "x", "ü"):
        answer = await browser.post("/login", json={"token": token}, headers=OWN)
        assert code_of(answer) == (401, "unauthorized")
        assert TOKEN not in answer.text and "set-cookie" not in answer.headers
    elsewhere = await browser.post("/login", json={"token": TOKEN}, headers={"Origin": "https://evil.example"})
    assert code_of(elsewhere) == (403, "origin_refused")
    await sign_in(browser)
    assert (await browser.get("/board")).status_code == 200


async def test_a_link_is_given_only_to_who_is_in(browser: httpx.AsyncClient) -> None:
    assert code_of(await browser.post("/login/links", headers=OWN)) == (401, "unauthorized")
    await sign_in(browser)
    assert (await browser.post("/login/links", headers=OWN)).status_code == 201


async def test_rows_hold_hashes_and_no_secret(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, hub: HubParts
) -> None:
    code = (await link(client)).partition("code=")[2]
    token = await sign_in(browser)
    async with hub.db.read() as session:
        codes = (await session.scalars(sa.select(LoginCode))).all()
        sessions = (await session.scalars(sa.select(WebSession))).all()
        events = (await session.scalars(sa.select(Event))).all()
    kept = str([vars(row) for row in [*codes, *sessions, *events]])
    assert code not in kept and token not in kept
    assert [row.sha256 for row in codes] == [sha256(code)]
    assert [row.token_sha256 for row in sessions] == [sha256(token)]


@pytest.mark.parametrize("cookie", ["", "x", "ü", "a" * 5000])
async def test_a_made_up_cookie_opens_nothing(client: httpx.AsyncClient, cookie: str) -> None:
    client.headers.pop("authorization")
    headers = {"Cookie": f"{COOKIE}={cookie}".encode(), **OWN}
    assert code_of(await client.get("/projects", headers=headers)) == (401, "unauthorized")
    assert code_of(await client.post("/projects", json=PROJECT, headers=headers)) == (401, "unauthorized")


async def projects(hub: HubParts) -> int:
    async with hub.db.read() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(Project)) or 0


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:9999"}]
)
async def test_a_page_elsewhere_changes_nothing_with_the_cookie(
    browser: httpx.AsyncClient, hub: HubParts, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """SameSite=Strict does not stop a page of another port of this host: the Origin does."""
    await sign_in(browser)
    for method, path in (("POST", "/projects"), ("PATCH", "/projects/1"), ("DELETE", "/session")):
        answer = await browser.request(method, path, json=PROJECT, headers=headers)
        assert code_of(answer) == (403, "origin_refused")
    assert await projects(hub) == 0
    monkeypatch.setattr(Door, "_check_own_page", lambda *_: None)
    monkeypatch.setattr(Door, "_check_origin", lambda *_: None)
    assert (await browser.post("/projects", json=PROJECT, headers=headers)).status_code == 201
    assert await projects(hub) == 1, "the attack works where the checks are off"


async def test_the_own_page_does_all_of_it(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    assert (await browser.post("/projects", json=PROJECT, headers=OWN)).status_code == 201
    assert (await browser.get("/projects", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


async def test_a_page_elsewhere_reads_nothing_with_the_cookie(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(browser)
    for site in ("same-site", "cross-site"):
        answer = await browser.get("/projects", headers={"Sec-Fetch-Site": site})
        assert code_of(answer) == (403, "origin_refused")
    monkeypatch.setattr(Door, "_check_fetch_site", lambda *_: None)
    answer = await browser.get("/projects", headers={"Sec-Fetch-Site": "same-site"})
    assert answer.status_code == 200, "the attack works where the check is off"


async def test_signing_out_ends_the_session_everywhere(browser: httpx.AsyncClient, app: FastAPI) -> None:
    token = await sign_in(browser)
    assert (await browser.get("/projects")).status_code == 200
    assert (await browser.delete("/session", headers=OWN)).status_code == 204
    assert COOKIE not in browser.cookies
    async with _browser(app) as thief:
        thief.cookies[COOKIE] = token
        assert code_of(await thief.get("/projects")) == (401, "unauthorized")


async def test_a_session_ends_with_its_time(
    browser: httpx.AsyncClient, hub: HubParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(browser)
    async with hub.db.write() as session:
        await session.execute(sa.update(WebSession).values(expires_at=now() - timedelta(seconds=1)))
    assert code_of(await browser.get("/projects")) == (401, "unauthorized")


async def test_an_open_session_is_remembered_for_seconds_only(
    browser: httpx.AsyncClient, hub: HubParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, whole = 0, signed_in.find_session

    async def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await whole(*arguments)

    monkeypatch.setattr(signed_in, "find_session", counted)
    monkeypatch.setattr(hub.signed_in, "_seconds", 600.0)  # as long as the requests may take here
    await sign_in(browser)
    for _ in range(10):
        assert (await browser.get("/projects")).status_code == 200
    assert asked == 1
    async with hub.db.write() as session:  # as another process would end it
        await session.execute(sa.update(WebSession).values(ended_at=now()))
    monkeypatch.setattr(hub.signed_in, "_known", dict.fromkeys(hub.signed_in._known, 0.0))  # the seconds are over
    assert code_of(await browser.get("/projects")) == (401, "unauthorized")


async def test_behind_https_the_cookie_is_secure_and_the_link_too(
    client: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    outside = {"Host": "wfhub.localhost", "X-Forwarded-Proto": "https", "Origin": "https://wfhub.localhost"}
    answer = await browser.post("/login", json={"token": TOKEN}, headers=outside)
    assert "Secure" in answer.headers["set-cookie"]
    made = await client.post("/login/links", headers=outside)
    assert made.json()["url"].startswith("https://wfhub.localhost/login?code=")


async def test_the_public_address_is_in_the_link(settings: MainSettings) -> None:
    named = settings.model_copy(update={"system_domain": "wfhub.localhost"})
    app = create_app(named)
    async with app.router.lifespan_context(app), _browser(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        assert (await link(client)).startswith("https://wfhub.localhost/login?code=")


async def test_two_hubs_on_one_host_keep_their_cookies_apart(settings: MainSettings) -> None:
    assert settings.cookie != settings.model_copy(update={"port": 8102}).cookie


async def _cookie_of(served: Served) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=served.http) as client:
        answer = await client.post("/login", json={"token": TOKEN})
    assert answer.status_code == 204
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:9999"}]
)
async def test_a_socket_with_the_cookie_needs_the_own_page(
    served: Served, monkeypatch: pytest.MonkeyPatch, origin: dict[str, str]
) -> None:
    cookie = await _cookie_of(served)
    async with connect(f"{served.ws}?after=0", additional_headers=cookie | {"Origin": served.http}) as socket:
        assert await asyncio.wait_for(socket.recv(), 5)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(served.ws, additional_headers=cookie | origin):
            pass
    assert refused.value.response.status_code == 403
    monkeypatch.setattr(Door, "_check_own_page", lambda *_: None)
    monkeypatch.setattr(Door, "_check_origin", lambda *_: None)
    async with connect(f"{served.ws}?after=0", additional_headers=cookie | origin) as socket:
        assert await asyncio.wait_for(socket.recv(), 5), "the attack works where the checks are off"


async def test_a_socket_closes_when_its_session_has_ended(served: Served) -> None:
    """At once, in the middle of what it is told, as no one else's does."""
    cookie = await _cookie_of(served)
    own = {"Origin": served.http}
    async with connect(f"{served.ws}?after=0", additional_headers=cookie | own) as socket:
        await asyncio.wait_for(socket.recv(), 5)
        async with httpx.AsyncClient(base_url=served.http) as client:
            assert (await client.delete("/session", headers=cookie | own)).status_code == 204
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await asyncio.wait_for(socket.recv(), 5)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008

"""How often signing in may fail, and that nobody is locked out by somebody else."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from main_api.app import create_app
from main_api.door.callers import Callers
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.sessions.failures import FailedSignIns
from services.store.models import LoginCode
from services.store.types import now
from tests.api.conftest import AUTH, TOKEN, serve
from tests.api.test_sessions import browser, sign_in

FEW = {"login_failures_per_client": 3, "login_failures_overall": 1000}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is counted is in memory: the same on any database."""
    return sqlite_url


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

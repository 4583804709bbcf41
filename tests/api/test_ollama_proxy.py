"""Other tools' Ollama: real clients through `/ollama`, with the owner's token, to the scripted model."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx
import ollama
import pytest
import sqlalchemy as sa
from aiohttp import web
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from main_api.settings import MainSettings
from services.models.run_tokens import issue
from services.models.scripted.counts import Counts
from services.models.scripted.load import load_scenario
from services.models.scripted.server import ScriptedModel
from services.store.models import ModelCall
from tests.api.conftest import AUTH, TOKEN, Served, serve

SCENARIO = """
model: m
rules:
  - when: {contains: slowly}
    answer: A long answer in several pieces that takes its time to be told, and is never waited for.
    fault: {drip_ms: 20}
  - when: {contains: break}
    answer: A long answer in several pieces of which only the first half is ever told.
    fault: {cut: true}
  - answer: A whole answer, in pieces.
"""
ASK: list[Any] = [{"role": "user", "content": "Say something."}]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The same on any database."""
    return sqlite_url


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@asynccontextmanager
async def proxied(settings: MainSettings, upstream: web.Application) -> AsyncIterator[Served]:
    async with listening(upstream) as url, serve(settings.model_copy(update={"ollama_url": url})) as served:
        yield served


@pytest.fixture
def scripted(tmp_path: Path) -> web.Application:
    (tmp_path / "story.yaml").write_text(SCENARIO, encoding="utf-8")
    return ScriptedModel(load_scenario(tmp_path / "story.yaml"), Counts()).app()


async def calls(served: Served) -> list[ModelCall]:
    async with served.hub.db.read() as session:
        return list(await session.scalars(sa.select(ModelCall).order_by(ModelCall.id)))


async def booked_in(served: Served, count: int) -> list[ModelCall]:
    """All calls, once there are so many: each is written down after its answer."""
    async with asyncio.timeout(20):
        while len(booked := await calls(served)) < count:  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.02)
    return booked


def lines(settings: MainSettings) -> list[dict[str, Any]]:
    path = settings.home / "logs" / "ollama_http.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_the_ollama_client_works_with_a_bearer_and_with_an_address_alone(
    settings: MainSettings, scripted: web.Application
) -> None:
    async with proxied(settings, scripted) as served:
        bearer = ollama.AsyncClient(f"{served.http}/ollama", headers=AUTH, trust_env=False)
        address = ollama.AsyncClient(f"{served.http}/ollama/as/{TOKEN}", trust_env=False)
        for client in (bearer, address):
            assert (await client.chat("m", ASK)).message.content == "A whole answer, in pieces."
            parts = [part async for part in await client.chat("m", ASK, stream=True)]
            assert "".join(part.message.content or "" for part in parts) == "A whole answer, in pieces."
            assert len(parts) > 2
        pulled = [step.status async for step in await address.pull("m", stream=True)]
        assert pulled[0] == "pulling manifest" and pulled[-1] == "success" and len(pulled) > 5
        assert len((await address.embed("m", ["one", "two"])).embeddings) == 2
        assert [model.model for model in (await address.list()).models] == ["m"]
        assert [model.model for model in (await address.ps()).models] == ["m"]
        assert (await address.show("m")).capabilities == ["completion", "tools"]
        async with httpx.AsyncClient(trust_env=False) as plain:  # what the ollama program asks first
            assert (await plain.head(f"{served.http}/ollama/as/{TOKEN}/")).status_code == 200
        claude = anthropic.AsyncAnthropic(
            base_url=f"{served.http}/ollama", auth_token=TOKEN, api_key=None, max_retries=0,
            http_client=anthropic.DefaultAsyncHttpxClient(trust_env=False),
        )  # fmt: skip
        answer = await claude.messages.create(model="m", max_tokens=9, messages=ASK)
        assert answer.content[0].text == "A whole answer, in pieces."  # type: ignore[union-attr]
        with pytest.raises(ollama.ResponseError, match="not found") as caught:
            await address.chat("unheard-of", ASK)
        assert caught.value.status_code == 404
        ai = AsyncOpenAI(base_url=f"{served.http}/ollama/v1", api_key=TOKEN, max_retries=0,
                         http_client=DefaultAsyncHttpx2Client(trust_env=False))  # fmt: skip
        said = await ai.chat.completions.create(model="m", messages=ASK)
        assert said.choices[0].message.content == "A whole answer, in pieces."
        booked = await booked_in(served, 8)
    assert {(call.run_id, call.provider, call.model, call.cost) for call in booked} == {
        (None, "ollama", "ollama/m", 0.0), (None, "ollama", "ollama/unheard-of", 0.0),
    }  # fmt: skip
    assert [call.outcome for call in booked] == ["answered"] * 6 + ["failed", "answered"]
    assert all(call.tokens_in and call.tokens_out and call.first_byte_ms for call in booked[:4])
    assert booked[0].tokens_per_second == 1000.0  # the scripted model's clock


async def test_each_call_is_a_line_of_the_log_without_secrets(
    settings: MainSettings, scripted: web.Application
) -> None:
    async with proxied(settings, scripted) as served:
        client = ollama.AsyncClient(f"{served.http}/ollama/as/{TOKEN}", trust_env=False)
        await client.chat("m", [{"role": "user", "content": f"my token is {TOKEN}, " + "x" * 40_000 + " the end"}])
        await client.list()
    first, second = lines(settings)
    assert (first["by"], first["path"], first["model"], first["outcome"]) == ("owner", "api/chat", "m", "answered")
    assert "A whole answer" in first["response"] and first["duration_ms"] >= first["first_byte_ms"] > 0
    assert first["request_bytes"] > 40_000 and "bytes left out" in first["request"]
    assert len(first["request"]) < 17_000 and "the end" in first["request"] and second["path"] == "api/tags"
    log = settings.home / "logs" / "ollama_http.log"
    assert TOKEN not in log.read_text() and "[redacted:WFHUB_TOKEN]" in first["request"]
    assert log.stat().st_mode & 0o777 == 0o600


async def test_nobody_without_the_owners_token(settings: MainSettings, scripted: web.Application) -> None:
    def basic(password: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"me:{password}".encode()).decode()}

    async with proxied(settings, scripted) as served, httpx.AsyncClient(trust_env=False) as client:
        for path, headers in (
            ("/ollama/api/tags", {}), ("/ollama/as/wrong/api/tags", {}), (f"/ollama/as/{TOKEN}x/api/tags", {}),
            ("/ollama/api/tags", basic("wrong")), ("/ollama/api/tags", {"Authorization": "Basic ###"}),
            ("/ollama/api/tags", {b"Authorization": b"Basic Z\xe9=="}),
            ("/projects", basic(TOKEN)), (f"/ollama/as/{TOKEN}", {}),
        ):  # fmt: skip
            assert (await client.get(f"{served.http}{path}", headers=headers)).status_code == 401, path
        assert (await client.get(f"{served.http}/ollama/api/tags", headers=basic(TOKEN))).status_code == 200
        url = f"http://me:{TOKEN}@127.0.0.1:{served.port}/ollama/api/tags"
        assert (await client.get(url)).status_code == 200  # curl and others send an address's password so
        up = await client.get(f"{served.http}/ollama/api/%2e%2e/%2e%2e/x", headers=AUTH)
        assert up.status_code == 404 and up.json()["code"] == "not_found"


async def test_what_the_owners_browser_and_token_are_stays_here(settings: MainSettings) -> None:
    seen: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return web.json_response({"models": []}, headers={"Set-Cookie": "a=b", "X-Mine": "1", "Server": "secret/1"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with proxied(settings, app) as served, httpx.AsyncClient(trust_env=False) as client:
        sent = {
            **AUTH,
            "anthropic-version": "2023-06-01",
            "Cookie": "mine=1",
            "X-Forwarded-For": "1.2.3.4",
            "Accept-Encoding": "gzip",
        }
        got = await client.get(f"{served.http}/ollama/api/tags", headers=sent)
    assert seen[0]["anthropic-version"] == "2023-06-01"
    assert not {"authorization", "cookie", "x-forwarded-for"} & seen[0].keys() and TOKEN not in str(seen)
    assert not {"set-cookie", "x-mine"} & got.headers.keys() and "secret" not in got.headers.get("server", "")


async def test_a_slow_reader_makes_ollama_wait(settings: MainSettings) -> None:
    """By the bytes that the provider could write: 64 MB would be there at once if somebody took them."""
    written = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1024):
            await response.write(b"x" * 65_535 + b"\n")
            written += 65_536
        return response

    app = web.Application()
    app.router.add_post("/api/pull", flood)
    async with proxied(settings, app) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=4096)
        head = f"POST /ollama/api/pull HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        writer.write(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        await reader.readexactly(10)
        before = -1
        while before != written:
            before = written
            await asyncio.sleep(0.3)
        assert written < 16_000_000  # the kernels' buffers of two connections, and ours
        async with asyncio.timeout(60):
            while written < 64 * 2**20:
                assert await reader.read(1 << 20)
        writer.close()


async def test_who_goes_away_cuts_ollama_off(settings: MainSettings) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        asked.set()
        try:
            await asyncio.sleep(30)
        finally:
            left.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/api/chat", never)
    async with proxied(settings, app) as served:
        async with httpx.AsyncClient(trust_env=False, headers=AUTH, timeout=30) as client:
            asking = asyncio.create_task(client.post(f"{served.http}/ollama/api/chat", json={"model": "m"}))
            await asyncio.wait_for(asked.wait(), 10)
            asking.cancel()
        await asyncio.wait_for(left.wait(), 20)
        booked = await booked_in(served, 1)
    assert [(call.outcome, call.model) for call in booked] == [("abandoned", "ollama/m")]


async def test_an_ollama_that_is_away_or_breaks_off_is_a_sentence(
    settings: MainSettings, scripted: web.Application
) -> None:
    async with proxied(settings, scripted) as served:
        client = ollama.AsyncClient(f"{served.http}/ollama/as/{TOKEN}", trust_env=False)
        with pytest.raises(ollama.ResponseError, match="broke off"):
            async for _ in await client.chat("m", [{"role": "user", "content": "break"}], stream=True):
                pass
        assert [call.outcome for call in await booked_in(served, 1)] == ["failed"]
    away = settings.model_copy(update={"ollama_url": "http://127.0.0.1:9"})
    async with serve(away) as served:
        client = ollama.AsyncClient(f"{served.http}/ollama", headers=AUTH, trust_env=False)
        with pytest.raises(ollama.ResponseError, match=r"can't be reached at 127\.0\.0\.1:9") as caught:
            await client.list()
    assert caught.value.status_code == 503 and ".env" in str(caught.value)


@pytest.mark.parametrize(
    "path", ["/ollama/api/chat", "/gateway/openai/v1/chat/completions", "/gateway/anthropic/v1/messages"]
)
@pytest.mark.parametrize("told", [True, False])
async def test_a_prompt_of_100_mb_is_refused_before_it_is_read(settings: MainSettings, path: str, told: bool) -> None:
    size, taken, answer = 100_000_000, 0, b""
    kind = f"Content-Length: {size}" if told else "Transfer-Encoding: chunked"
    token = issue(TOKEN[::-1], "run", "edit") if path.startswith("/gateway") else TOKEN
    async with serve(settings) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {token}\r\n{kind}\r\n\r\n"
        )
        writer.write(head.encode())
        piece = b"x" * 1_000_000
        answering = asyncio.create_task(reader.readuntil(b"\r\n"))
        while taken < size and not answering.done():
            try:
                writer.write(piece if told else b"f4240\r\n" + piece + b"\r\n")
                await writer.drain()
            except ConnectionError:
                break
            taken += len(piece)
            await asyncio.sleep(0)
        answer = await asyncio.wait_for(answering, 10)
        writer.transport.abort()
    assert b" 413 " in answer
    assert taken < (10_000_000 if told else 60_000_000)  # of which the kernel's buffers are a part


async def test_offline_ollama_answers_from_its_own_machine_only(
    settings: MainSettings, scripted: web.Application
) -> None:
    offline = settings.model_copy(update={"offline": True})
    async with proxied(offline, scripted) as served:
        client = ollama.AsyncClient(f"{served.http}/ollama", headers=AUTH, trust_env=False)
        assert (await client.chat("m", ASK)).message.content == "A whole answer, in pieces."
        for call in (client.pull("m"), client.chat("big:120b-cloud", ASK), client.generate("big:cloud", "x")):
            with pytest.raises(ollama.ResponseError, match="hub is offline"):
                await call
    async with serve(offline.model_copy(update={"ollama_url": "https://ollama.example"})) as served:
        client = ollama.AsyncClient(f"{served.http}/ollama", headers=AUTH, trust_env=False)
        with pytest.raises(ollama.ResponseError, match=r"ollama is at ollama\.example"):
            await client.chat("m", ASK)

"""A scripted model with every fault, behind the gateway: what a run is told, what is kept, what is paid."""

import asyncio
import fcntl
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import ollama
import openai
import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

from main_api.gateway import Gateway
from main_api.gateway.upstream import LONGEST_TOLD, retry_after
from services.domain.states import RunState
from services.models.providers import Provider
from services.models.scripted.counts import Counts
from services.models.scripted.load import load_scenario
from services.models.scripted.server import ScriptedModel
from services.models.traffic import FILES, TOGETHER, WAITING, Exchange, TrafficLog
from services.store.database import Database
from services.store.models import ModelAnswer
from tests.integration.gateway.conftest import SECRET, Hub, serving
from tests.integration.gateway.provider import CountingProvider
from tests.support.factories import make_project, make_run, make_task

LONG = "A long answer in several pieces, of which some arrive and others do not."
SCENARIO = f"""
model: m
rules:
  - when: {{contains: web page}}
    fault: {{html: true}}
  - when: {{contains: wait a second}}
    fault: {{status: 429, retry_after: "1"}}
  - when: {{contains: wait long}}
    fault: {{status: 429, retry_after: "90"}}
  - when: {{contains: wait untold}}
    fault: {{status: 429}}
  - when: {{contains: five hundred}}
    fault: {{status: 500}}
  - when: {{contains: reset}}
    fault: {{reset: true}}
  - when: {{contains: never starts}}
    fault: {{hang_ms: 30000}}
  - when: {{contains: stops}}
    answer: {LONG}
    fault: {{stop_ms: 30000}}
  - when: {{contains: garbage}}
    answer: {LONG}
    fault: {{garbage: true}}
  - when: {{contains: drips}}
    answer: {LONG}
    fault: {{drip_ms: 2}}
  - when: {{contains: wrong tool}}
    tool_calls: [{{name: read_file, broken: '{{"path": '}}]
  - answer: Well.
"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The same on any database."""
    return sqlite_url


@pytest_asyncio.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    (tmp_path / "story.yaml").write_text(SCENARIO, encoding="utf-8")
    counting = CountingProvider()

    @web.middleware
    async def count(request: web.Request, handler: Any) -> web.StreamResponse:
        counting.asked.append((request.path, {}, dict(request.headers)))
        return await handler(request)

    app = ScriptedModel(load_scenario(tmp_path / "story.yaml"), Counts()).app()
    app.middlewares.append(count)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    made = {
        "scripted": Provider("scripted", f"{root}/v1", root, local=True),
        "openai": Provider("openai", f"{root}/v1", key="sk-x", price_url="https://api.openai.com/v1"),
    }
    async with database.write() as session:
        project = await make_project(session)
        run = await make_run(session, await make_task(session, project), state=RunState.RUNNING)
    log = TrafficLog(tmp_path / "logs")
    gateway = Gateway(database, made, SECRET, silence_seconds=1.5, busy_pauses=(0.05, 0.1), traffic=log)
    async with serving(gateway) as port:
        yield Hub(database, gateway, counting, port, run.id, project.id)
    await runner.cleanup()


def said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


async def refused(hub: Hub, text: str, stream: bool = False) -> openai.APIError:
    with pytest.raises(openai.APIError) as caught:
        answer: Any = await hub.openai().chat.completions.create(  # type: ignore[call-overload]
            model="scripted/m", messages=said(text), stream=stream
        )
        async for _ in answer:
            pass
    return caught.value


async def stored(hub: Hub) -> int:
    async with hub.database.read() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(ModelAnswer)) or 0


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web page", "answered with a web page: Sign in"), ("five hundred", "answered 500"), ("reset", "broke off"),
        ("never starts", "sent nothing for 2 s"), ("stops", "sent nothing for 2 s"), ("garbage", "no answer"),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_a_sentence_and_not_kept(hub: Hub, text: str, words: str, stream: bool) -> None:
    error = await refused(hub, text, stream)
    assert words in str(error) and await stored(hub) == 0
    assert len(hub.provider.asked) == 1  # it may have been paid: never asked twice
    assert [call.outcome for call in await hub.calls()] == ["failed"]
    assert (await hub.openai().chat.completions.create(model="scripted/m", messages=said("and now?"))).choices


@pytest.mark.parametrize(
    ("text", "asked", "told"), [("wait untold", 3, None), ("wait long", 1, "90"), ("wait a second", 3, "1")]
)
async def test_who_is_turned_away_asks_again_unless_it_takes_long(
    hub: Hub, text: str, asked: int, told: str | None
) -> None:
    started = time.monotonic()
    error = await refused(hub, text)
    assert isinstance(error, openai.RateLimitError) and error.code == "upstream_busy"
    assert error.response.headers.get("retry-after") == told and len(hub.provider.asked) == asked
    assert time.monotonic() - started > 2 or text != "wait a second"
    assert [(call.outcome, call.cost) for call in await hub.calls()] == [("failed", 0.0)]


def test_when_to_come_back_is_read_in_seconds_and_dates_and_never_believed_too_far() -> None:
    assert retry_after({"Retry-After": "2.5"}) == 2.5
    assert retry_after({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}) == 0.0
    assert retry_after({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}) == LONGEST_TOLD
    assert retry_after({"Retry-After": "999999999"}) == LONGEST_TOLD
    for unreadable in ("", "soon", "-1", "1e9", "٣", "Thu, 1 Jan 99999999999999999999 00:00:00 GMT"):
        assert retry_after({"Retry-After": unreadable}) is None


async def test_a_slow_drip_arrives_whole_and_wrong_arguments_of_tools_go_through(hub: Hub) -> None:
    stream = await hub.openai().chat.completions.create(model="scripted/m", messages=said("drips"), stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]) == LONG
    asked = await hub.openai().chat.completions.create(model="scripted/m", messages=said("wrong tool"))
    (call,) = asked.choices[0].message.tool_calls or []
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(call.function.arguments)  # type: ignore[union-attr]
    assert await stored(hub) == 2


async def test_a_picture_is_not_sent_to_a_model_without_eyes(hub: Hub) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    ask: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]
    gateway = replace(hub.gateway, profiles={"scripted/m": {"vision": False}}, _sessions={})
    async with serving(gateway) as port:
        other = replace(hub, gateway=gateway, port=port)
        with pytest.raises(openai.BadRequestError, match="can't see pictures"):
            await other.openai().chat.completions.create(model="scripted/m", messages=ask)
        with pytest.raises(ollama.ResponseError, match="can't see pictures"):
            await other.ollama().generate("scripted/m", "What is it?", images=[b"\x89PNG"])
    assert hub.provider.asked == []
    assert (await hub.openai().chat.completions.create(model="scripted/m", messages=ask)).choices


async def test_a_slow_client_makes_the_provider_wait(hub: Hub) -> None:
    """Bytes in flight, by the provider's own count, beside a client that takes nothing."""
    written = 0
    event = b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": "x" * 60_000}}]}).encode() + b"\n\n"

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(500):
            await response.write(event)
            written += len(event)
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", flood)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    gateway = replace(hub.gateway, providers={"flood": Provider("flood", url, local=True)}, _sessions={})
    body = json.dumps({"model": "flood/m", "messages": said("all of it"), "stream": True}).encode()
    async with serving(gateway) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
        head = f"POST /gateway/openai/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        head += f"Authorization: Bearer {hub.token()}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await reader.readexactly(10)
        before = -1
        while before != written:
            before = written
            await asyncio.sleep(0.3)
        assert written < 16_000_000 < 500 * len(event)  # the kernels' buffers of two connections, and ours
        taken = bytearray()
        while not taken.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n"):
            taken = (taken + await asyncio.wait_for(reader.read(1 << 20), 10))[-64:]
        assert written == 500 * len(event)
        writer.close()
    await runner.cleanup()


async def test_runs_calls_are_in_the_log_with_what_they_took(hub: Hub, tmp_path: Path) -> None:
    secret = f"Bearer {hub.token()}"
    await hub.ollama().chat("scripted/m", said("Well?"))
    await refused(hub, "five hundred")
    async with httpx.AsyncClient(trust_env=False, headers={"Authorization": secret}) as client:
        await client.post(f"{hub.root}/openai/v1/chat/completions", json={"model": "nowhere/m", "messages": []})
    await asyncio.to_thread(hub.gateway.traffic.stop)
    answered, failed = [json.loads(line) for line in (tmp_path / "logs" / "ollama_http.log").read_text().splitlines()]
    assert (answered["run"], answered["step"], answered["model"]) == (hub.run_id, "edit", "scripted/m")
    assert answered["tokens_per_second"] == 1000.0 and answered["first_byte_ms"] and answered["duration_ms"]
    assert "Well?" in answered["request"] and "Well." in answered["response"]
    assert (failed["outcome"], failed["status"]) == ("failed", 503) and "answered 500" in failed["error"]
    (call, _) = await hub.calls()
    assert call.tokens_per_second == 1000.0


def test_the_log_rotates(tmp_path: Path) -> None:
    log = TrafficLog(tmp_path, body_bytes=100, file_bytes=5_000)
    log.start()
    for number in range(100):
        log.note(Exchange({"number": number}, b"q" * 90, b"a" * 90))
    log.stop()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["ollama_http.log", *(f"ollama_http.log.{n}" for n in range(1, FILES))]
    assert all(path.stat().st_size <= 5_000 for path in tmp_path.iterdir())
    assert json.loads((tmp_path / "ollama_http.log").read_text().splitlines()[-1])["number"] == 99


def test_a_disk_that_hangs_holds_up_no_call_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    pipe = tmp_path / "ollama_http.log"
    os.mkfifo(pipe)  # whoever opens it to write waits for a reader
    log = TrafficLog(tmp_path)
    log.start()
    noted = WAITING + TOGETHER + 50  # its thread has taken none, one, or as many as it writes together
    for number in range(noted):  # a call that waited for it would wait for ever: there is no reader yet
        log.note(Exchange({"number": number}))
    reader = os.open(pipe, os.O_RDWR)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 1 << 20)  # all that waits fits in: nobody reads before the log has stopped
    log.stop()
    written = os.read(reader, 1 << 20)
    while not written.endswith(b"}\n"):
        written += os.read(reader, 1 << 20)
    os.close(reader)
    lines = [json.loads(line) for line in written.splitlines()]
    left_out = sum(line.get("calls_left_out_before", 0) for line in lines)
    assert left_out >= 49 and left_out + len(lines) == noted

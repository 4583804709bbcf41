"""What other programs' containers say becomes lines like the hub's own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from main_api import foreign_logs
from main_api.foreign_logs import ForeignLogs, last_time, shaped
from main_api.log_books import Asked, LogBooks
from main_api.settings import MainSettings
from services.logs.rotation import Rotation
from services.redaction import KNOWN

AT = "2026-01-31T10:00:00.123456789Z"


@pytest.mark.parametrize(
    ("text", "level", "event"),
    [
        ("2026-01-31 10:00:00.123 UTC [1] LOG:  database system is ready", "info", "database system is ready"),
        ('2026-01-31 10:00:00.123 UTC [7] ERROR:  relation "x" does not exist', "error", "relation"),
        ("2026-01-31 10:00:00.123 UTC [7] FATAL:  password authentication failed", "error", "password"),
        ('time=2026-01-31T10:00:00Z level=WARN source=x.go:1 msg="low vram mode"', "warning", "low vram mode"),
        ("[GIN] 2026/01/31 - 10:00:00 | 200 | 1ms | 127.0.0.1 | GET /api/tags", "info", "GIN"),
        ('{"level":"error","ts":1769853600.1,"msg":"dial tcp","upstream":"main-api:8002"}', "error", "dial tcp"),
        ("{broken", "info", "{broken"),
        ("", "info", ""),
    ],
)
def test_a_line_of_another_program(text: str, level: str, event: str) -> None:
    told = json.loads(shaped("db", f"{AT} {text}"))
    assert told["timestamp"] == "2026-01-31T10:00:00.123456Z"
    assert (told["service"], told["level"]) == ("db", level)
    assert event in told["event"]


def test_fields_stay_and_secrets_go() -> None:
    KNOWN.learn("A_TOKEN", "a-secret-of-the-owner-0123456789")
    try:
        told = json.loads(shaped("caddy", f'{AT} {{"msg":"asked","uri":"/?t=a-secret-of-the-owner-0123456789","n":1}}'))
    finally:
        KNOWN.forget("A_TOKEN", "a-secret-of-the-owner-0123456789")
    assert told["n"] == 1
    assert "a-secret-of-the-owner" not in json.dumps(told)


def test_the_newest_time_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "db.log"
    assert last_time(path) == 0
    path.write_text(shaped("db", "2026-01-31T10:00:01.5Z one") + "\n" + shaped("db", f"{AT} older") + "\nhalf a li")
    assert last_time(path) == pytest.approx(1769853600.123456)
    path.write_text("")
    assert last_time(path) == pytest.approx(time.time(), abs=60)


class Lines(httpx.AsyncByteStream):
    """Says some lines, then nothing more, as a quiet program does."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield "".join(f"{line}\n" for line in self._lines).encode()
        await asyncio.sleep(60)


async def test_what_is_said_is_a_log_of_the_hub_and_is_gone_on_with_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [f"2026-01-31T10:00:0{second}.000000001Z line {second}" for second in range(3)]
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if "/db/" not in request.url.path:
            return httpx.Response(404)
        return httpx.Response(200, stream=Lines(said))

    real = httpx.AsyncClient
    monkeypatch.setattr(foreign_logs.httpx, "AsyncClient", lambda **_: real(transport=httpx.MockTransport(answer)))
    settings = MainSettings.model_construct(
        home=tmp_path, stack_api_url="http://stack:8005", stack_api_token=SecretStr("t" * 32)
    )
    books = LogBooks(tmp_path, 3)

    async def kept(count: int) -> list[str]:
        for _ in range(600):
            if "db" in books.folders.names():
                events = [line.event for line in (await books.read("db", Asked())).lines]
                if len(events) >= count:
                    return events
            await asyncio.sleep(0.05)
        raise AssertionError("too few lines came")

    first = ForeignLogs(settings, {})
    await first.start()
    assert await kept(3) == ["line 0", "line 1", "line 2"]
    await first.stop()
    said.append("2026-01-31T10:00:09.000000001Z line 9")
    Rotation(tmp_path / "logs/db.log").put_aside()  # it was full, and nothing was said since
    assert await kept(3) == ["line 0", "line 1", "line 2"]
    again = ForeignLogs(settings, {})
    await again.start()
    assert await kept(4) == ["line 0", "line 1", "line 2", "line 9"]
    await again.stop()
    assert {request.headers["authorization"] for request in asked} == {f"Bearer {'t' * 32}"}


class Broken(httpx.AsyncByteStream):
    """Says some lines; then the line breaks, as when the stack's API is started again."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield "".join(f"{line}\n" for line in self._lines).encode()
        await asyncio.sleep(0.01)
        raise httpx.RemoteProtocolError("peer closed the connection")


def of_stack(
    home: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response], again: float
) -> ForeignLogs:
    """A hub in containers whose stack answers so; a stream that ended is asked for `again` seconds later."""
    real = httpx.AsyncClient
    monkeypatch.setattr(foreign_logs.httpx, "AsyncClient", lambda **_: real(transport=httpx.MockTransport(answer)))
    monkeypatch.setattr(foreign_logs, "AGAIN_SECONDS", again)
    settings = MainSettings.model_construct(
        home=home, stack_api_url="http://stack:8005", stack_api_token=SecretStr("t" * 32)
    )
    return ForeignLogs(settings, {})


async def test_a_line_that_breaks_costs_no_line_and_doubles_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack's API tells the same lines again, as `since` counts to the second with some engines."""
    said = [f"2026-01-31T10:00:0{second}.000000001Z line {second}" for second in range(3)]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "/db/" not in request.url.path:
            return httpx.Response(404)
        asked.append(request.url.params["since"])
        return httpx.Response(200, stream=Broken(said))

    logs = of_stack(tmp_path, monkeypatch, answer, 0.05)
    await logs.start()
    async with asyncio.timeout(10):
        while len(asked) < 4:  # noqa: ASYNC110 - it tells nobody that it asks
            await asyncio.sleep(0.02)
    await logs.stop()
    kept = [json.loads(line)["event"] for line in (tmp_path / "logs/db.log").read_text().splitlines()]
    assert kept == ["line 0", "line 1", "line 2"]
    assert float(asked[-1]) == pytest.approx(1769853602)


async def test_it_stops_also_while_a_stream_is_just_put_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ending = asyncio.Event()

    async def write(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await asyncio.sleep(0.05)

    monkeypatch.setattr(foreign_logs, "_write", write)
    logs = of_stack(tmp_path, monkeypatch, lambda _: httpx.Response(200, stream=Broken([])), 0.0)
    await logs.start()
    async with asyncio.timeout(10):
        await ending.wait()
        await logs.stop()


async def test_a_hub_of_local_processes_asks_nobody(tmp_path: Path) -> None:
    logs = ForeignLogs(MainSettings.model_construct(home=tmp_path, stack_api_url=None, stack_api_token=None), {})
    await logs.start()
    await logs.stop()
    assert not any(Path.iterdir(tmp_path))

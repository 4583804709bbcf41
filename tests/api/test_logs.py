"""Logs over HTTP and over a WebSocket."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from main_api import log_books
from main_api.hub import HubParts
from main_api.log_books import Asked
from main_api.settings import MainSettings
from services.log_files.reading import Reading
from services.log_files.wanted import Wanted
from services.logs.kept import Kept
from services.logs.rotation import Rotation
from tests.api.conftest import AUTH, TOKEN, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no row is looked at
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def told(number: int, level: str = "info", **more: object) -> str:
    at = (BEGUN + timedelta(seconds=number)).isoformat()
    return json.dumps({"event": f"line {number}", "level": level, "timestamp": at, **more})


@pytest.fixture
def folder(settings: MainSettings) -> Path:
    made = settings.home / "logs"
    made.mkdir(parents=True)
    return made


def write(folder: Path, *lines: str, name: str = "agent-api") -> None:
    log = Kept(Rotation(folder / f"{name}.log", 4_000, 50))
    for line in lines:
        log.write(line + "\n")
    log.close()


async def read(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/logs/agent-api", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def events(page: dict[str, Any]) -> list[str]:
    return [line["event"] for line in page["lines"]]


async def test_all_logs_are_named_also_before_they_are_written(folder: Path, client: httpx.AsyncClient) -> None:
    write(folder, told(1), name="migrations")
    (folder / "Not One.log").touch()
    listed = {one["name"]: one for one in (await client.get("/logs")).json()}
    assert list(listed) == ["main-api", "orchestrator", "agent-api", "ollama_http", "migrations"]
    assert listed["orchestrator"]["bytes"] == 0 and listed["orchestrator"]["written_at"] is None
    assert listed["migrations"]["bytes"] > 50 and listed["migrations"]["files"] == 1


async def test_lines_are_read_searched_and_bounded_in_time(folder: Path, client: httpx.AsyncClient) -> None:
    write(folder, *(told(n, "error" if n % 100 == 0 else "info") for n in range(500)))
    page = await read(client, limit=2)
    assert events(page) == ["line 498", "line 499"] and not page["complete"] and page["left"] > 0
    older = await read(client, limit=2, before=page["first"])
    assert events(older) == ["line 496", "line 497"]
    assert events(await read(client, level="error")) == [f"line {n}" for n in range(0, 500, 100)]
    assert events(await read(client, text="LINE 7", since=(BEGUN + timedelta(seconds=70)).isoformat())) == [
        f"line {n}" for n in range(70, 80)
    ]
    until = (BEGUN + timedelta(seconds=3)).isoformat()
    assert events(await read(client, until=until, order="oldest")) == ["line 0", "line 1", "line 2"]
    first = page["lines"][0]
    assert (first["level"], first["fields"], first["cut"]) == ("info", {}, False)
    assert first["at"].startswith("2026-01-01T00:08:18")


async def test_a_search_ends_in_time_and_says_where_to_go_on(
    folder: Path, client: httpx.AsyncClient, hub: HubParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, *(told(n) for n in range(200)))
    monkeypatch.setattr(hub.logs, "_seconds", 0.0)
    page = await read(client, text="line 0")
    assert not page["complete"] and page["left"] > 1_000
    monkeypatch.setattr(hub.logs, "_seconds", 5.0)
    assert events(await read(client, text='"line 0"', before=page["first"])) == ["line 0"]


async def test_nobody_searches_for_who_went_away(folder: Path, hub: HubParts, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, *(told(n) for n in range(500)))
    monkeypatch.setattr(log_books, "STILL_HERE", -1.0)
    looks = 0

    async def gone() -> bool:
        nonlocal looks
        looks += 1
        return True

    page = await hub.logs.read("agent-api", Asked(Wanted(text="nowhere")), gone)
    assert looks == 1 and not page.complete


async def test_a_reading_that_is_cancelled_closes_its_files_after_its_last_look(
    folder: Path, hub: HubParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, *(told(n) for n in range(500)))
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    faults: list[OSError] = []
    whole = Reading.step

    def slow(reading: Reading) -> None:
        begun.set()
        go_on.wait(20)
        try:
            whole(reading)
        except OSError as error:
            faults.append(error)
        ended.set()

    monkeypatch.setattr(Reading, "step", slow)
    task = asyncio.create_task(hub.logs.read("agent-api", Asked(Wanted(text="nowhere"))))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.sleep(0.05)  # what is done at once when it is cancelled is done before the look goes on
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set() and faults == []


async def test_a_long_line_can_be_had_whole(folder: Path, client: httpx.AsyncClient) -> None:
    write(folder, told(1, body="y" * 5_000))
    (line,) = (await read(client))["lines"]
    assert line["cut"]
    whole = (await client.get(f"/logs/agent-api/lines/{line['position']}")).json()
    assert whole["fields"]["body"] == "y" * 5_000 and not whole["cut"]
    missing = await client.get(f"/logs/agent-api/lines/{'0' * 16}:0")
    assert missing.status_code == 404 and "no more" in missing.json()["detail"]


async def test_a_download_is_whole_and_without_secrets(folder: Path, client: httpx.AsyncClient) -> None:
    lines = [told(n, why="x" * (n % 200)) for n in range(600)]
    write(folder, *lines, told(1_000, token=TOKEN), "raw \udcff")
    with (folder / "agent-api.log").open("ab") as file:
        file.write(b"broken \xff line\n")
    answer = await client.get("/logs/agent-api/download")
    assert answer.headers["content-disposition"] == 'attachment; filename="agent-api.log"'
    assert answer.headers["content-type"].startswith("text/plain") and answer.headers["x-content-type-options"]
    got = answer.content.split(b"\n")
    assert [line.decode() for line in got[:600]] == lines
    assert TOKEN.encode() not in answer.content and b"[redacted:WFHUB_TOKEN]" in answer.content
    assert b"broken \xff line" in got


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.glob("agent-api.log*")]


async def test_clearing_is_told_and_leaves_the_writer_be(folder: Path, client: httpx.AsyncClient) -> None:
    log = Kept(Rotation(folder / "agent-api.log", 4_000, 50))
    for number in range(200):
        log.write(told(number) + "\n")
    position = (await read(client))["last"]
    cleared = (await client.post("/logs/agent-api/clear")).json()
    assert cleared["name"] == "agent-api" and cleared["files"] > 2 and cleared["bytes"] > 8_000
    log.write(told(999) + "\n")
    log.close()
    page = await read(client, after=position)
    assert events(page) == ["line 999"] and page["lost"]
    assert names_in(folder) == ["agent-api.log"]
    told_of = (await client.get("/history", params={"kind": "log"})).json()["items"][0]
    assert told_of["about"] == {"name": "agent-api"} and told_of["before"]["bytes"] == cleared["bytes"]
    assert told_of["after"] is None and told_of["who"] == "person"


async def test_what_is_no_log_is_refused(client: httpx.AsyncClient) -> None:
    for path in ("/logs/hub", "/logs/hub/download"):
        answer = await client.get(path)
        assert answer.status_code == 404 and answer.json()["way_out"] == "GET /logs tells which there are."
    assert (await client.post("/logs/hub/clear")).status_code == 404
    for name in ("..%2f..%2fhub.sqlite", "A", ".main-api.log.lock"):
        assert (await client.get(f"/logs/{name}")).status_code in (404, 422), name
    for query in ("after=12", "level=loud", f"text={'x' * 201}", "limit=1001", "since=yesterday"):
        assert (await client.get(f"/logs/main-api?{query}")).status_code == 422, query


def address(served: Served, query: str = "") -> str:
    return f"ws://127.0.0.1:{served.port}/ws/logs/agent-api{query}"


async def take(socket: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(socket.recv(), 20))


async def test_a_log_is_followed_as_fast_as_its_reader_asks(folder: Path, served: Served) -> None:
    write(folder, told(1))
    async with connect(address(served), additional_headers=AUTH) as socket:
        assert events(await take(socket)) == ["line 1"]
        write(folder, *(told(n) for n in range(2, 1_002)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.5)
        await socket.send("more")
        page = await take(socket)
        assert events(page) == [f"line {n}" for n in range(802, 1_002)]
        assert page["skipped"]["lines"] == 800
        await socket.send("more")
        write(folder, told(2_000))
        page = await take(socket)
        assert (events(page), page["skipped"]) == (["line 2000"], None)
    skipped = {"after": page["first"], "order": "oldest"}
    async with httpx.AsyncClient(base_url=served.http, headers=AUTH) as client:
        assert events((await client.get("/logs/agent-api", params=skipped)).json()) == ["line 2000"]


async def test_a_follower_that_comes_back_goes_on_where_it_was(folder: Path, served: Served) -> None:
    write(folder, told(1), told(2, "error"))
    async with connect(address(served, "?level=error&text=LINE"), additional_headers=AUTH) as socket:
        page = await take(socket)
        assert events(page) == ["line 2"]
    write(folder, told(3), told(4, "error"))
    async with connect(address(served, f"?level=error&after={page['last']}"), additional_headers=AUTH) as socket:
        page = await take(socket)
        assert (events(page), page["skipped"], page["lost"]) == (["line 4"], None, False)


async def test_a_log_that_is_empty_and_then_is_not(folder: Path, served: Served) -> None:
    async with connect(address(served), additional_headers=AUTH) as socket:
        page = await take(socket)
        assert (page["lines"], page["last"]) == ([], "")
        await socket.send("more")
        write(folder, told(1))
        assert events(await take(socket)) == ["line 1"]


async def test_the_door_holds(served: Served) -> None:
    for where, headers, status in (
        (address(served), {}, 401),
        (address(served), AUTH | {"Origin": "https://evil.example"}, 403),
        (f"ws://127.0.0.1:{served.port}/ws/logs/nothing", AUTH, 404),
        (address(served, "?after=x"), AUTH, 422),
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(where, additional_headers=headers):
                pass
        assert refused.value.response.status_code == status, where

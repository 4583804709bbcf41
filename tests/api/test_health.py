"""`GET /health/full`: each part's word, and an answer in time whatever hangs."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from main_api.app import create_app
from main_api.health.containers import look_at_containers
from main_api.health.disk import look_at_disk
from main_api.health.part import PartWatch, Report
from main_api.health.whole import judged
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.agents.named import NamedAgent
from services.store.models import Worker
from services.store.types import now
from tests.api.conftest import AUTH
from tests.support import factories as make
from tests.support.ports import free_port

MANY = 8  # agents that hang: one after the other, each part would be waited for in its own time


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """A server that accepts and never answers."""
    held: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in held:
        writer.close()


async def full(settings: MainSettings, prepare: Any = None) -> tuple[dict[str, Any], float]:
    """The whole health of a hub with these settings, and the seconds it took."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        if prepare is not None:
            await prepare(app.state.hub)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=AUTH) as client:
            begun = time.perf_counter()
            answer = await client.get("/health/full")
            taken = time.perf_counter() - begun
            assert answer.status_code == 200
            return answer.json(), taken


def with_(settings: MainSettings, **changed: Any) -> MainSettings:
    return settings.model_copy(update=changed)


def side_by_side(health: dict[str, Any], taken: float) -> bool:
    """The whole took as long as one part that hangs, or nearly so: how long that is, the parts themselves tell."""
    hung = [one["latency_ms"] / 1000 for one in health["parts"] if one["sentence"].startswith("No answer from")]
    return len(hung) > MANY and taken < sum(hung) / 2


def hanging_agents(url: str) -> tuple[NamedAgent, ...]:
    return tuple(NamedAgent(f"agent-{number}", url) for number in range(MANY))


def part(health: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in health["parts"] if one["name"] == name)


async def beat(hub: HubParts, seconds_ago: float = 0.0, name: str = "boot-1") -> None:
    async with hub.db.write() as session:
        at = now() - timedelta(seconds=seconds_ago)
        session.add(Worker(id=name, host="here", pid=1, capacity=4, started_at=at, seen_at=at))


def agent(cages: list[str], token: str) -> FastAPI:
    app = FastAPI()

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "jobs_running": 1, "capacity": 4}

    @app.get("/api/config")
    def config(request: Request) -> Any:
        if request.headers["authorization"] != f"Bearer {token}":
            return JSONResponse({"detail": "no"}, 401)
        return {"success": True, "cages": cages, "capacity": 4}

    return app


async def test_each_part_says_how_it_is(settings: MainSettings) -> None:
    health, _ = await full(settings, beat)
    assert {(one["kind"], one["name"]) for one in health["parts"]} == {
        ("database", "database"), ("engine", "engine"), ("agent", "agent-api"), ("model", "ollama"), ("disk", "home"),
        ("disk", "workspaces"), ("containers", "containers"), ("answers", "stored answers"),
        ("notices", "notifications"),
    }  # fmt: skip
    for one in health["parts"]:
        assert one["sentence"].endswith("."), one
        assert bool(one["way_out"]) == (one["status"] in ("unwell", "unknown")), one
        assert one["latency_ms"] >= 0, one
    assert part(health, "database")["status"] == part(health, "engine")["status"] == "well"
    assert part(health, "containers")["status"] == "off"
    assert part(health, "stored answers")["sentence"] == "0 stored answers of models, 0.0 MB of 512.0 MB."
    assert part(health, "agent-api")["status"] == "unwell"  # nobody is there
    assert health["status"] == "unwell" and "agent-api" in health["sentence"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_answers_in_time_when_all_others_hang(settings: MainSettings) -> None:
    async with silent() as agent_url, silent() as ollama, silent() as stack:
        hanging = with_(settings, agent_api_url=agent_url, ollama_url=ollama, stack_api_url=stack)
        many = hanging_agents(agent_url)
        health, taken = await full(with_(hanging, agents=many), beat)
    assert side_by_side(health, taken), (taken, health)
    assert {one["name"] for one in health["parts"] if one["status"] == "unwell"} == {
        "agent-api", "ollama", *(one.name for one in many)
    }  # fmt: skip
    assert part(health, "containers")["status"] == "unknown"
    assert "No answer from agent-api" in part(health, "agent-api")["sentence"]
    assert part(health, "engine")["status"] == "well"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_answers_in_time_when_the_database_hangs(settings: MainSettings) -> None:
    async def take_all_connections(hub: HubParts) -> None:
        for _ in range(15):
            session = hub.db._read()
            await session.connection()
            taken.append(session)

    taken: list[Any] = []
    async with silent() as url:
        health, seconds = await full(with_(settings, agents=hanging_agents(url)), take_all_connections)
    assert side_by_side(health, seconds), (seconds, health)
    assert part(health, "database")["status"] == "unwell"
    assert part(health, "engine")["status"] == "unknown"
    for session in taken:
        await session.close()


async def test_a_look_that_hangs_is_not_begun_again_and_is_done_when_it_ends() -> None:
    looks, end = 0, asyncio.Event()

    async def look() -> Report:
        nonlocal looks
        looks += 1
        await end.wait()
        return Report("well", "It answers.")

    watch = PartWatch("disk", "home", look, way_out="Wait.", patience=0.05)
    for _ in range(5):
        assert (await watch.part()).status == "unwell"
    assert looks == 1
    end.set()
    assert (await watch.part()).status == "well"
    assert (await watch.part()).status == "well" and looks == 2
    await watch.stop()


async def test_a_look_that_is_given_up_meanwhile_is_unknown() -> None:
    """The settings change while somebody waits for the answer: the other parts are told all the same."""
    begun = asyncio.Event()

    async def look() -> Report:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError("it was given up")

    watch = PartWatch("model", "ollama", look, patience=30)
    asked = asyncio.create_task(watch.part())
    await begun.wait()
    await watch.stop()
    found = await asked
    assert (found.status, found.way_out) == ("unknown", "Look again.")


async def test_a_look_that_breaks_is_unknown() -> None:
    async def look() -> Report:
        raise KeyError("surprise")

    found = await PartWatch("disk", "home", look).part()
    assert found.status == "unknown" and found.way_out
    assert judged([found]) == ("unknown", "Nobody can tell of: home.")


async def test_the_engine_tells_of_workers_and_of_what_nobody_has(settings: MainSettings) -> None:
    async def prepare(hub: HubParts) -> None:
        await beat(hub)
        await beat(hub, 60, "boot-0")
        async with hub.db.write() as session:
            project = await make.make_project(session, key="LOST")
            carried = await make.make_task(session, project, state="running", stage="dev")
            run = await make.make_run(session, carried, state="running", owner="boot-1")
            carried.current_run_id = run.id
            await make.make_task(session, project, state="running", stage="dev")
            await make.make_task(session, project, state="queued", stage="dev")

    health, _ = await full(settings, prepare)
    engine = part(health, "engine")
    assert engine["status"] == "unwell" and "LOST-2" in engine["sentence"]
    facts = engine["facts"]
    assert [(worker["id"], worker["runs"]) for worker in facts["workers"]] == [("boot-1", 1)]
    assert (facts["running"], facts["pending"], facts["orphans"]) == (1, 1, ["LOST-2"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seen", [None, 60.0])
async def test_without_a_living_orchestrator_nothing_moves(settings: MainSettings, seen: float | None) -> None:
    health, _ = await full(settings, None if seen is None else lambda hub: beat(hub, seen))
    engine = part(health, "engine")
    assert engine["status"] == "unwell" and "./start.sh" in engine["way_out"]
    assert re.search(r"\b[6-9]\d s ago" if seen else "none has ever run", engine["sentence"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("cages", "token", "status", "word"),
    [
        (["landlock"], AUTH["Authorization"].removeprefix("Bearer "), "well", "1 of 4 jobs"),
        ([], AUTH["Authorization"].removeprefix("Bearer "), "unwell", "no cage"),
        (["landlock"], "another", "unwell", "token"),
    ],
)
async def test_the_agent_is_asked_with_the_token(
    settings: MainSettings, cages: list[str], token: str, status: str, word: str
) -> None:
    async def speak_to_it(hub: HubParts) -> None:
        hub.health._http._transport = httpx.ASGITransport(agent(cages, token))

    health, _ = await full(settings, speak_to_it)
    assert part(health, "agent-api")["status"] == status
    assert word in part(health, "agent-api")["sentence"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_each_named_agent_is_a_part(settings: MainSettings) -> None:
    named = with_(settings, agents=(NamedAgent("second", "http://127.0.0.1:1"), NamedAgent("third", "http://here")))
    token = AUTH["Authorization"].removeprefix("Bearer ")

    class OnlyTheThird(httpx.ASGITransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.host != "here":
                raise httpx.ConnectError("nobody listens")
            return await super().handle_async_request(request)

    async def speak_to_the_third(hub: HubParts) -> None:
        hub.health._http._transport = OnlyTheThird(agent(["landlock"], token))

    health, _ = await full(named, speak_to_the_third)
    assert part(health, "third")["status"] == "well"
    assert part(health, "second")["status"] == "unwell"
    assert "second does not answer" in part(health, "second")["sentence"]
    assert "AGENTS" in part(health, "second")["way_out"] and "second" in health["sentence"]


@asynccontextmanager
async def ollama(*names: str) -> AsyncIterator[str]:
    """What speaks as Ollama does of the models it has."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"models": [{"name": name} for name in names]}).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_provider_counts_where_something_is_set_to_use_it(settings: MainSettings) -> None:
    async def with_own_model(hub: HubParts) -> None:
        async with hub.db.write() as session:
            await make.make_project(session, settings={"models": {"default": "scripted/software"}})

    async with ollama("other:1b", "qwen2.5-coder:1.5b") as url:
        health, _ = await full(with_(settings, ollama_url=url))
        assert part(health, "ollama")["status"] == "well"
        health, _ = await full(with_(settings, ollama_url=url, default_model="ollama/absent:7b"))
        assert part(health, "ollama")["status"] == "unwell"
        assert part(health, "ollama")["way_out"] == "Pull it: ollama pull absent:7b."
    nobody = with_(settings, ollama_url=f"http://127.0.0.1:{free_port()}")
    health, _ = await full(nobody)
    assert part(health, "ollama")["status"] == "unwell"
    assert "can't be reached" in part(health, "ollama")["sentence"]
    health, _ = await full(nobody, with_own_model)  # the hub has one project, and that plays a script
    assert part(health, "ollama")["status"] == "off"


async def test_a_full_disk(tmp_path: Path) -> None:
    assert (await look_at_disk(tmp_path / "made" / "later", 1)).status == "well"
    full_disk = await look_at_disk(tmp_path, 1 << 60)
    assert full_disk.status == "unwell" and "DISK_FREE_BYTES" in full_disk.sentence


async def test_a_disk_that_can_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may always
    found = await look_at_disk(tmp_path, 0)
    assert found.status == "unwell" and "can't be written" in found.sentence


@pytest.mark.parametrize(
    ("state", "health", "status"),
    [("running", "healthy", "well"), ("running", "unhealthy", "unwell"), ("exited", "", "unwell")],
)
async def test_containers_are_told_by_the_stack(state: str, health: str, status: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer stack"
        row = {"service": "db", "state": state, "health": health, "image": "x", "started_at": "", "restarts": 0}
        return httpx.Response(200, json=[row])

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        found = await look_at_containers(http, "http://stack:8005", "stack")
    assert found.status == status and ("db" in found.sentence) == (status != "well")


async def test_only_the_owner_is_told(client: httpx.AsyncClient) -> None:
    client.headers.pop("authorization")
    assert (await client.get("/health/full")).status_code == 401

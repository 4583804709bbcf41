"""Models over HTTP beside a server of Ollama's protocol: what is there, what fits, fetched, measured, removed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from main_api.app import create_app
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.models.fit import Card, fit
from services.models.shapes import shape_from_show
from services.models.tokens import estimate
from tests.api.conftest import AUTH
from tests.integration.models.test_measuring import INFO, able
from tests.support import factories as make
from tests.support.ollama_server import OllamaServer, serving

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAME, SIZE = "ollama/small:1b", 986_062_089


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with serving(OllamaServer("small:1b", INFO, SIZE, ["completion", "tools"])) as server:
        server.words, server.word_seconds = 4, 0.001
        yield server


@pytest.fixture
def settings(settings: MainSettings, ollama: OllamaServer) -> MainSettings:
    return settings.model_copy(update={"ollama_url": ollama.url, "model_jobs_max": 3})


async def done(client: httpx.AsyncClient, job: int, *states: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            told = (await client.get(f"/model-jobs/{job}")).json()
            if told["state"] in (states or ("done", "failed", "cancelled", "interrupted")):
                return told
            await asyncio.sleep(0.02)


async def begin(client: httpx.AsyncClient, kind: str, model: str = NAME, **more: Any) -> dict[str, Any]:
    answer = await client.post("/model-jobs", json={"kind": kind, "model": model, **more})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def kinds(client: httpx.AsyncClient) -> list[str]:
    return [one["kind"] for one in (await client.get("/events", params={"after": 0})).json()]


async def test_what_is_there_is_told_with_what_it_takes_on_the_card(client: httpx.AsyncClient, hub: HubParts) -> None:
    told = (await client.get("/models")).json()
    (provider,) = [one for one in told["providers"] if one["name"] == "ollama"]
    assert (provider["answers"], provider["fetches"], provider["own"]) == (True, True, True)
    (model,) = provider["models"]
    assert (model["name"], model["bytes"], model["quantization"]) == (NAME, SIZE, "Q4_K_M")
    assert (model["loaded"]["card_bytes"], model["loaded"]["context"]) == (SIZE, 8192)
    assert model["loaded"]["until"].startswith("2026-11-22T09:38:31")
    asked = model["fit"]
    assert asked["context"] == model["profile"]["context_tokens"] == 8192
    assert asked["weights"] == SIZE
    assert asked["total"] == asked["weights"] + asked["kv"] + asked["compute"] + asked["driver"]
    assert (asked["fits"], model["largest_context"], model["known_from"]) == (True, 16_384, "packaged")
    (wider,) = [
        one["models"][0]
        for one in (await client.get("/models", params={"context": 32_768})).json()["providers"]
        if one["name"] == "ollama"
    ]
    assert (wider["fit"]["context"], wider["fit"]["kv"]) == (32_768, 4 * asked["kv"])
    assert wider["fit"]["kv"] == fit_of(32_768)
    assert told["card"]["bytes"] == hub.gateway.card.bytes
    assert (await client.get("/models", params={"context": 3})).status_code == 422


def fit_of(context: int) -> int:
    return fit(shape_from_show(NAME, {"model_info": INFO}, SIZE), context, Card()).kv


async def test_a_provider_that_is_away_says_so_and_the_others_are_told(settings: MainSettings) -> None:
    away = settings.model_copy(update={"openai_base_url": "http://127.0.0.1:1/v1"})
    async with running(create_app(away)) as client:
        providers = {one["name"]: one for one in (await client.get("/models")).json()["providers"]}
    assert (providers["openai"]["answers"], providers["openai"]["models"]) == (False, [])
    assert "Nobody answers" in providers["openai"]["sentence"] and providers["openai"]["way_out"]
    assert [one["name"] for one in providers["ollama"]["models"]] == [NAME]


async def test_a_model_is_fetched_with_progress_and_goes_on_where_it_was_cancelled(
    client: httpx.AsyncClient, hub: HubParts, ollama: OllamaServer
) -> None:
    ollama.fetchable["large:7b"] = 40_000_000
    ollama.chunk_seconds = 0.25
    job = await begin(client, "pull", "ollama/large:7b")
    assert job["state"] in ("queued", "running")
    twice = await client.post("/model-jobs", json={"kind": "pull", "model": "ollama/large:7b"})
    assert (twice.status_code, twice.json()["code"], twice.json()["job_id"]) == (409, "model_busy", job["id"])
    async with asyncio.timeout(20):
        while not (told := await done(client, job["id"], "running"))["progress"].get("bytes"):
            pass
    assert (told["state"], told["progress"]["total"]) == ("running", 40_000_000)
    assert told["progress"]["words"].startswith("pulling ")
    cancelled = (await client.post(f"/model-jobs/{job['id']}/cancel")).json()
    assert (cancelled["state"], "goes on there" in cancelled["way_out"]) == ("cancelled", True)
    assert cancelled["progress"]["bytes"] > 0
    async with asyncio.timeout(20):
        while not ollama.cut_off:  # noqa: ASYNC110 - another thread
            await asyncio.sleep(0.02)
    kept = ollama.fetched["large:7b"]
    assert 0 < kept < 40_000_000, "who fetches was cut off, and what it had is kept"
    ollama.chunk_seconds = 0.0
    again = await begin(client, "pull", "ollama/large:7b")
    told = await done(client, again["id"])
    assert (told["state"], told["progress"]["bytes"], told["sentence"]) == (
        "done", 40_000_000, "ollama/large:7b is there.",
    )  # fmt: skip
    assert ollama.asked.count(("/api/pull", {"model": "large:7b", "stream": True})) == 2
    (provider,) = [one for one in (await client.get("/models")).json()["providers"] if one["name"] == "ollama"]
    assert [one["name"] for one in provider["models"]] == ["ollama/large:7b", NAME]
    listed = (await client.get("/model-jobs", params={"model": "ollama/large:7b"})).json()
    assert [one["state"] for one in listed] == ["done", "cancelled"]
    assert {"model_job.asked", "model_job.cancelled", "model_job.done"} <= set(await kinds(client))
    over = (await client.post(f"/model-jobs/{again['id']}/cancel")).json()
    assert over["state"] == "done", "one that is over stays as it is"


async def test_what_can_not_be_fetched_says_why(client: httpx.AsyncClient, hub: HubParts, ollama: OllamaServer) -> None:
    told = await done(client, (await begin(client, "pull", "ollama/none:1b"))["id"])
    assert (told["state"], "file does not exist" in told["sentence"]) == ("failed", True)
    ollama.fetchable["torn:1b"], ollama.dies = 3_000_000, True
    told = await done(client, (await begin(client, "pull", "ollama/torn:1b"))["id"])
    assert (told["state"], "goes on there" in told["way_out"]) == ("failed", True)
    ollama.no_json, ollama.dies = True, False
    told = await done(client, (await begin(client, "pull", "ollama/torn:1b"))["id"])
    assert (told["state"], "no JSON" in told["sentence"]) == ("failed", True)
    unknown = await client.post("/model-jobs", json={"kind": "pull", "model": "nowhere/x:1b"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_missing")
    assert (await client.post("/model-jobs", json={"kind": "pull", "model": "no name"})).status_code == 422


async def test_no_more_than_the_limit_wait(client: httpx.AsyncClient, ollama: OllamaServer) -> None:
    ollama.chunk_seconds = 1.0
    for name in ("a:1", "b:1", "c:1"):
        ollama.fetchable[name] = 60_000_000
        job = await begin(client, "pull", f"ollama/{name}")
        if name == "a:1":
            await done(client, job["id"], "running")
    fourth = await client.post("/model-jobs", json={"kind": "pull", "model": "ollama/d:1"})
    assert (fourth.status_code, "3 are the most" in fourth.json()["detail"]) == (409, True)
    jobs = (await client.get("/model-jobs", params={"state": ["queued"]})).json()
    assert len(jobs) == 2, "one is fetched at a time"


async def test_it_is_measured_cold_and_warm_and_the_numbers_are_kept(client: httpx.AsyncClient) -> None:
    told = await done(client, (await begin(client, "bench", runs=2))["id"])
    assert told["state"] == "done", told
    result = told["result"]
    assert (result["name"], result["runs"]) == (NAME, 2)
    assert result["warm"]["answer_per_second"] > 0 and result["cold"]["load_ms"] > 100
    assert "tokens a second" in told["sentence"]
    (kept,) = (await client.get("/model-jobs", params={"kind": ["bench"]})).json()
    assert kept["finished_at"] is not None and kept["options"] == {"runs": 2}


async def test_it_is_tried_out_and_what_was_seen_is_what_runs_go_by(
    client: httpx.AsyncClient, hub: HubParts, ollama: OllamaServer
) -> None:
    ollama.answer = able("udiff", schema=False)
    told = await done(client, (await begin(client, "probe"))["id"])
    assert told["state"] == "done", told
    assert (told["result"]["edit_format"], told["result"]["tools"], told["result"]["json_schema"]) == (
        "udiff", True, False,
    )  # fmt: skip
    profile = await hub.gateway.known.profile(NAME)
    assert (profile.edit_format, profile.context_tokens, profile.tools) == ("udiff", 16_384, True)
    assert await hub.gateway.known.counter(NAME) is not estimate
    assert "model_profile.stored" in await kinds(client)


async def test_a_cancelled_trial_ends_at_once_and_the_next_waits_for_its_last_question(
    client: httpx.AsyncClient, ollama: OllamaServer
) -> None:
    ollama.words, ollama.word_seconds = 20, 0.5
    job = await begin(client, "bench", runs=5)
    await done(client, job["id"], "running")
    assert (await client.post(f"/model-jobs/{job['id']}/cancel")).json()["state"] == "cancelled"
    ollama.word_seconds = 0.001
    told = await done(client, (await begin(client, "bench", runs=1))["id"])
    assert told["state"] == "done"
    assert ollama.paths().count("/api/generate") <= 5, "the cancelled one asked no more"


async def test_a_model_elsewhere_is_not_measured_past_the_budgets(settings: MainSettings) -> None:
    settings = settings.model_copy(update={"openai_base_url": "https://llm.example/v1"})
    async with running(create_app(settings)) as client:
        refused = await client.post("/model-jobs", json={"kind": "probe", "model": "openai/some"})
        assert (refused.status_code, "past the budgets" in refused.json()["detail"]) == (400, True)
        fetched = await client.post("/model-jobs", json={"kind": "pull", "model": "openai/some"})
        assert (fetched.status_code, "fetches no models" in fetched.json()["detail"]) == (400, True)
        assert (await client.delete("/models/openai/some")).status_code == 400


async def test_offline_nothing_is_fetched(settings: MainSettings, ollama: OllamaServer) -> None:
    ollama.fetchable["large:7b"] = 1
    async with running(create_app(settings.model_copy(update={"offline": True}))) as client:
        told = await done(client, (await begin(client, "pull", "ollama/large:7b"))["id"])
    assert (told["state"], "offline" in told["sentence"]) == ("failed", True)
    assert "/api/pull" not in ollama.paths()


async def test_what_a_stopped_hub_left_is_told_as_interrupted(settings: MainSettings, ollama: OllamaServer) -> None:
    ollama.fetchable["large:7b"], ollama.chunk_seconds = 90_000_000, 0.5
    async with running(create_app(settings)) as client:
        job = await begin(client, "pull", "ollama/large:7b")
        await done(client, job["id"], "running")
    async with running(create_app(settings)) as client:
        told = (await client.get(f"/model-jobs/{job['id']}")).json()
        assert (told["state"], "goes on there" in told["way_out"]) == ("interrupted", True)


async def test_a_model_is_removed_unless_a_run_works_with_it(
    client: httpx.AsyncClient, hub: HubParts, ollama: OllamaServer
) -> None:
    ollama.models["wfhub-small-1b:ctx8192"] = 1
    async with hub.db.write() as session:
        run = await make.make_run(session, state="running", model=NAME)
    refused = await client.delete(f"/models/{NAME}")
    assert (refused.status_code, refused.json()["code"]) == (409, "model_in_use")
    async with hub.db.write() as session:
        (await session.merge(run)).state = "done"
    assert (await client.delete(f"/models/{NAME}")).status_code == 204
    assert ollama.models == {}, "with what the gateway made of it, which would have kept its weights"
    event = (await client.get("/events", params={"after": 0})).json()[-1]
    assert (event["kind"], event["data"]["before"]) == ("model.removed", {"model": NAME, "bytes": SIZE})
    assert (await client.delete(f"/models/{NAME}")).status_code == 404


async def test_the_models_of_each_role_are_told_with_who_says_so(client: httpx.AsyncClient) -> None:
    before = {one["role"]: one for one in (await client.get("/models/roles")).json()}
    assert (before["qa"]["said_by"], before["qa"]["models"][0]["model"]) == ("hub", "ollama/qwen2.5-coder:1.5b")
    policy = [{"model": "ollama/small:1b", "complexity": ["simple"]}, "ollama/large:7b"]
    project = (
        await client.post(
            "/projects", json={"name": "Own", "workspace_path": "own", "settings": {"models": {"dev": policy}}}
        )
    ).json()
    told = {
        one["role"]: one for one in (await client.get("/models/roles", params={"project_id": project["id"]})).json()
    }
    assert told["dev"]["said_by"] == "project"
    assert [(one["model"], one["complexity"], one["known"]) for one in told["dev"]["models"]] == [
        ("ollama/small:1b", ["simple"], True), ("ollama/large:7b", [], True),
    ]  # fmt: skip
    assert told["qa"]["said_by"] == "hub"
    assert (await client.get("/models/roles", params={"project_id": 999})).status_code == 404


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as made:
            yield made

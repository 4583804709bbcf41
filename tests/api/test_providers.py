"""Providers set up while the hub runs: asked at once, tested in words, their keys never told nor sent elsewhere."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from main_api.app import create_app
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.models.providers import Named
from services.redaction import KNOWN
from tests.api.conftest import AUTH
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = "sk-lab-9f3b1c7e5a2d4468"


@dataclass
class Lab:
    """A server that lists two models to who brings the key."""

    port: int = 0
    keys: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def models(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("Authorization", ""))
        if self.keys[-1] != f"Bearer {KEY}":
            return web.json_response({"error": {"message": f"bad key {self.keys[-1]}"}}, status=401)
        return web.json_response({"data": [{"id": "small"}, {"id": "large"}]})


@pytest_asyncio.fixture
async def lab() -> AsyncIterator[Lab]:
    made, app = Lab(), web.Application()
    app.router.add_get("/v1/models", made.models)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


async def provider(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    return (await client.get(f"/providers/{name}")).json()


async def test_what_there_is_at_first(client: httpx.AsyncClient) -> None:
    found = {one["name"]: one for one in (await client.get("/providers")).json()}
    assert list(found) == ["ollama", "openai", "anthropic", "groq"]
    assert found["ollama"]["enabled"] and found["ollama"]["own"] and found["ollama"]["source"] == "default"
    assert [use["kind"] for use in found["ollama"]["used_by"]] == ["hub"]
    assert not found["anthropic"]["enabled"] and not found["anthropic"]["has_key"]
    assert found["anthropic"]["url"] == "https://api.anthropic.com"


async def test_one_is_added_with_its_key_tested_and_asked_at_once(
    client: httpx.AsyncClient, hub: HubParts, lab: Lab
) -> None:
    made = await client.post("/providers", json={"name": "lab", "url": lab.url, "key": KEY})
    assert made.status_code == 201 and KEY not in made.text
    assert made.json()["tested"]["ok"] and made.json()["tested"]["models"] == ["small", "large"]
    assert made.json()["tested"]["sentence"] == "lab answers, with 2 models."
    told = made.json()["provider"]
    assert (told["kind"], told["has_key"], told["key_source"], told["source"]) == ("named", True, "stored", "database")
    assert hub.gateway.providers["lab"].key == KEY
    assert (await client.put("/roles/dev/models", json={"version": 1, "models": ["lab/small"]})).status_code == 200
    assert KNOWN(f"it is {KEY}") != f"it is {KEY}"  # taken out of all that is logged or stored
    for path in ("/providers", "/providers/lab/versions", "/events", "/credentials", "/history"):
        assert KEY not in (await client.get(path)).text, path
    again = await client.post("/providers", json={"name": "lab", "url": lab.url})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_it_is_there_after_a_restart(client: httpx.AsyncClient, settings: MainSettings, lab: Lab) -> None:
    await client.post("/providers", json={"name": "lab", "url": lab.url, "key": KEY})
    other = create_app(settings)
    async with other.router.lifespan_context(other):
        assert other.state.hub.gateway.providers["lab"].key == KEY
        assert other.state.hub.settings.named_providers[0].url == lab.url


async def test_one_that_the_environment_names_no_more_is_gone_and_keeps_no_hub_from_starting(
    settings: MainSettings, lab: Lab
) -> None:
    """Of it only a key was ever stored: its address was the environment's."""
    named = settings.model_copy(update={"model_providers": (Named("lab", lab.url, None, "openai", True),)})

    @asynccontextmanager
    async def started(with_settings: MainSettings) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(with_settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as made:
                yield made

    async with started(named) as client:
        saved = (await client.patch("/providers/lab", json={"version": 1, "key": KEY})).json()
        assert saved["tested"]["ok"] and saved["provider"]["key_source"] == "stored"
    async with started(settings) as client:
        assert (await client.get("/providers/lab")).status_code == 404
    async with started(named) as client:
        assert (await client.post("/providers/lab/test")).json()["ok"], "its key was kept for it"


async def test_what_is_wrong_is_said_in_words_and_the_change_is_kept(client: httpx.AsyncClient, lab: Lab) -> None:
    made = (await client.post("/providers", json={"name": "lab", "url": lab.url, "key": "sk-wrong-1234567"})).json()
    assert not made["tested"]["ok"] and "refused the call with 401" in made["tested"]["sentence"]
    assert "sk-wrong-1234567" not in json.dumps(made)
    away = await client.post("/providers", json={"name": "away", "url": "http://127.0.0.1:9/v1"})
    assert away.json()["tested"]["sentence"] == "away can't be reached at 127.0.0.1:9."
    healed = await client.patch("/providers/lab", json={"version": made["provider"]["version"], "key": KEY})
    assert healed.json()["tested"]["ok"] and (await client.post("/providers/lab/test")).json()["ok"]
    tried = await client.post("/providers/test", json={"name": "new", "url": lab.url, "key": KEY})
    assert tried.json()["ok"] and (await client.get("/providers/new")).status_code == 404
    bare = await client.post("/providers/test", json={"name": "groq", "url": "https://api.groq.com/openai/v1"})
    assert bare.json()["sentence"] == "groq has no key, so none of its models can be asked."


async def test_a_key_is_sent_nowhere_else_than_where_it_was_given_for(
    client: httpx.AsyncClient, hub: HubParts, lab: Lab
) -> None:
    await client.post("/providers", json={"name": "lab", "url": "http://127.0.0.1:9/v1", "key": KEY})
    moved = await client.patch("/providers/lab", json={"version": 2, "url": lab.url})
    assert (moved.status_code, moved.json()["code"]) == (400, "invalid_input")
    assert (await client.post("/providers/test", json={"name": "lab", "url": lab.url})).json()["ok"] is False
    assert lab.keys == [""]
    assert (await client.patch("/providers/lab", json={"version": 2, "url": lab.url, "key": KEY})).status_code == 200
    back = (await client.post("/providers/lab/undo", json={"version": 3, "undo": 3})).json()["provider"]
    assert (back["url"], back["has_key"]) == ("http://127.0.0.1:9/v1", False)
    assert hub.gateway.providers["lab"].key is None


async def test_one_that_is_used_is_taken_away_only_by_force(client: httpx.AsyncClient, hub: HubParts, lab: Lab) -> None:
    await client.post("/providers", json={"name": "lab", "url": lab.url, "key": KEY})
    async with hub.db.write() as session:
        project = await make.make_project(session, name="Till", settings={"models": {"dev": ["lab/small"]}})
        await make.make_task(session, project, models=["ollama/x", "lab/large"])
    await client.patch("/roles/qa", json={"version": 1, "models": ["lab/small"]})
    used = (await provider(client, "lab"))["used_by"]
    assert [(use["kind"], use["models"]) for use in used] == [
        ("role", ["lab/small"]), ("project", ["lab/small"]), ("task", ["lab/large"]),
    ]  # fmt: skip
    refused = await client.delete("/providers/lab")
    assert (refused.status_code, refused.json()["code"]) == (409, "provider_in_use")
    assert refused.json()["used_by"] == used and "qa" in refused.json()["detail"]
    gone = await client.delete("/providers/lab", params={"force": True})
    assert gone.status_code == 200 and gone.json() is None
    assert "lab" not in hub.gateway.providers and (await client.get("/providers/lab")).status_code == 404
    assert (await client.get("/credentials")).json() == []
    back = (await client.post("/providers/lab/undo", json={"version": 3, "undo": 3})).json()["provider"]
    assert (back["url"], back["has_key"]) == (lab.url, False)


async def test_a_vendor_is_there_with_its_key_and_ollama_moves(client: httpx.AsyncClient, hub: HubParts) -> None:
    saved = (await client.patch("/providers/groq", json={"version": 1, "key": "gsk-1234567890"})).json()
    assert saved["provider"]["enabled"] and "groq" in hub.gateway.providers
    off = (await client.delete("/providers/groq")).json()
    assert not off["enabled"] and "groq" not in hub.gateway.providers
    moved = await client.patch("/providers/ollama", json={"version": 1, "url": "http://127.0.0.1:9"})
    assert moved.json()["provider"]["environment_url"] == "http://127.0.0.1:11434"
    assert hub.gateway.providers["ollama"].ollama_url == "http://127.0.0.1:9"
    parts = {part["name"]: part for part in (await client.get("/health/full")).json()["parts"]}
    assert parts["ollama"]["status"] in ("unwell", "off") and "127.0.0.1:9" in parts["ollama"]["sentence"]
    late = await client.patch("/providers/ollama", json={"version": 1, "url": "http://127.0.0.1:10"})
    assert late.json()["current"] == {"version": 2, "url": "http://127.0.0.1:9"}
    restored = (await client.post("/providers/ollama/undo", json={"version": 2, "undo": 2})).json()["provider"]
    assert restored["source"] == "default" and restored["url"] == "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/providers", {"name": "openai", "url": "http://127.0.0.1:1"}),
        ("/providers", {"name": "lab", "url": "ftp://127.0.0.1"}),
        ("/providers", {"name": "lab", "url": "http://me:pass@127.0.0.1"}),
        ("/providers", {"name": "lab", "url": "http://127.0.0.1:1", "key": "a key\nof two lines"}),
        ("/providers/ollama", {"version": 1, "key": "12345678"}),
        ("/providers/groq", {"version": 1, "url": "http://127.0.0.1:1"}),
        ("/providers/anthropic", {"version": 1, "protocol": "ollama"}),
        ("/providers/test", {"name": "scripted", "url": "http://127.0.0.1:1"}),
    ],
)
async def test_what_can_not_be_is_refused(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    method = "PATCH" if "version" in body else "POST"
    answer = await client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text
    assert answer.json()["way_out"]


async def test_offline_nobody_elsewhere_is_asked(settings: MainSettings) -> None:
    app = create_app(settings.model_copy(update={"offline": True}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as client:
            saved = await client.patch("/providers/groq", json={"version": 1, "key": "gsk-1234567890"})
            assert "the hub is offline" in saved.json()["tested"]["sentence"]

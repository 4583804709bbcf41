"""What a probe or a person tells of a model holds at once, below what the settings say."""

import json

import httpx
import pytest
from fastapi import FastAPI

from main_api.app import create_app
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.models.profiles import profile_of
from services.models.stored_profiles import profile_in
from services.models.tokens import estimate

NAME = "ollama/qwen2.5-coder:1.5b"
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROBED = {"edit_format": "diff", "context_tokens": 16_384, "tools": False, "json_schema": True, "kv_type": "q8_0"}


async def test_what_is_stored_is_what_runs_and_the_gateway_go_by(client: httpx.AsyncClient, hub: HubParts) -> None:
    assert (await client.get("/model-profiles")).json() == []
    assert (await hub.gateway.known.profile(NAME)).context_tokens == 8192
    stored = await client.post("/model-profiles", json={"name": NAME, "fields": PROBED, "source": "probe"})
    assert stored.status_code == 200, stored.text
    shown = stored.json()
    assert (shown["source"], shown["profile"]["context_tokens"], shown["profile"]["licence"]) == (
        "probe", 16_384, "Apache-2.0",
    )  # fmt: skip
    gateway = await hub.gateway.known.profile(NAME)
    async with hub.db.read() as session:
        assert gateway == await profile_in(session, NAME, {}, hub.settings.card)
    assert (gateway.edit_format, gateway.tools, gateway.vision) == ("diff", False, False)

    await client.post("/model-profiles", json={"name": NAME, "fields": {"tools": True}})
    (row,) = (await client.get("/model-profiles")).json()
    assert (row["source"], row["profile"]["tools"], row["profile"]["context_tokens"]) == ("person", True, 8192)
    assert (await client.delete(f"/model-profiles/{NAME}")).status_code == 204
    assert await hub.gateway.known.profile(NAME) == profile_of(NAME)
    assert (await client.delete(f"/model-profiles/{NAME}")).status_code == 404


@ON_ONE
@pytest.mark.parametrize(
    "body",
    [
        {"name": "no-provider", "fields": {}}, {"name": NAME, "fields": {"context_tokens": 12}},
        {"name": NAME, "fields": {"edit_format": "prose"}}, {"name": NAME, "fields": {"eyes": True}},
        {"name": NAME, "fields": {"tools": "perhaps"}}, {"name": NAME},
    ],
)  # fmt: skip
async def test_what_can_not_be_is_refused(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await client.post("/model-profiles", json=body)).status_code == 422
    assert (await client.get("/model-profiles")).json() == []


@ON_ONE
async def test_the_owners_setting_wins_and_a_tokenizer_is_used_where_there_is_one(settings: MainSettings) -> None:
    text = json.dumps({NAME: {"context_tokens": 4096, "tools": True}})
    told = settings.model_copy(update={"model_profiles": text})
    app: FastAPI = create_app(told)
    async with app.router.lifespan_context(app):
        hub: HubParts = app.state.hub
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=headers) as client:
            shown = await client.post("/model-profiles", json={"name": NAME, "fields": PROBED})
        assert shown.json()["profile"]["context_tokens"] == 4096
        assert shown.json()["profile"]["max_output_tokens"] == 2048
        assert (await hub.gateway.known.profile(NAME)).tools is True
        known = hub.gateway.known
        assert await known.counter(NAME) is estimate
        assert known._tokenizers is not None and known.folder == settings.home / "models" / "tokenizers"
        known._tokenizers.keep(NAME, WORDS)
        known.forget()  # else it is seen within seconds
        count = await known.counter(NAME)
        assert count("one two three") == 3


# A tokenizer that counts words.
WORDS = (
    '{"version": "1.0", "pre_tokenizer": {"type": "WhitespaceSplit"},'
    ' "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}}'
)

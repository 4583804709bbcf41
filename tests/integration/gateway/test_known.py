"""The gateway counts as the model does where it can, and estimates where it can not."""

from pathlib import Path
from typing import Any

import openai
import pytest

from main_api.gateway import Gateway
from services.models.tokenizers import Tokenizers
from tests.integration.gateway.conftest import SECRET, Hub, providers_at, serving

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A tokenizer that counts words: by it, a long word is one token.
WORDS = (
    '{"version": "1.0", "pre_tokenizer": {"type": "WhitespaceSplit"},'
    ' "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}}'
)
LONG: list[Any] = [{"role": "user", "content": "abcdefghij" * 2000}]


async def test_what_the_models_own_tokenizer_finds_room_for_goes_through(hub: Hub, tmp_path: Path) -> None:
    async def ask(client: openai.AsyncOpenAI, words: list[Any]) -> None:
        await client.chat.completions.create(model="ollama/m", messages=words)

    with pytest.raises(openai.BadRequestError, match="do not fit"):
        await ask(hub.openai(), LONG)
    Tokenizers(tmp_path).keep("ollama/m", WORDS)
    counting = Gateway(hub.database, providers_at(hub.provider.url), SECRET, tokenizers=tmp_path)
    async with serving(counting) as port:
        other = Hub(hub.database, counting, hub.provider, port, hub.run_id, hub.project_id, step="count")
        await ask(other.openai(), LONG)
        with pytest.raises(openai.BadRequestError, match="do not fit"):
            await ask(other.openai(), [{"role": "user", "content": "a " * 8000}])
    rows = await hub.calls()
    assert [row.outcome for row in rows] == ["refused", "answered", "refused"]


async def test_the_pinned_context_is_the_profiles(hub: Hub) -> None:
    told = Gateway(
        hub.database, providers_at(hub.provider.url), SECRET, profiles={"ollama/m": {"context_tokens": 4096}}
    )
    async with serving(told) as port:
        other = Hub(hub.database, told, hub.provider, port, hub.run_id, hub.project_id)
        await other.ollama().chat("ollama/m", messages=[{"role": "user", "content": "Say something."}])
    (asked,) = hub.provider.calls("api/chat")
    assert asked["options"] == {"num_ctx": 4096, "num_predict": 2048}


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_prompt_that_ollama_cut_in_silence_is_an_error(hub: Hub, streamed: bool) -> None:
    """The provider says that it read 400 tokens of 1,000 words; with the same words and a true count all is well."""
    words: list[Any] = [{"role": "user", "content": "word " * 1000}]

    async def ask() -> None:
        answer = await hub.openai().chat.completions.create(model="ollama/m", messages=words, stream=streamed)
        if streamed:
            async for _chunk in answer:  # type: ignore[union-attr]
                pass

    hub.provider.tokens = (400, 3)
    with pytest.raises(openai.APIError, match="read 400 tokens of a prompt of at least 1000"):
        await ask()
    hub.provider.tokens = (1010, 3)
    await ask()
    hub.provider.tokens = (400, 3)  # what is no Ollama does not cut
    await hub.openai().chat.completions.create(model="openai/m", messages=words)
    rows = await hub.calls()
    assert [row.outcome for row in rows] == ["failed", "answered", "answered"]
    assert "cut the prompt" in rows[0].error

"""The real Anthropic client through the gateway, to the scripted model, which speaks that protocol too."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anthropic
import pytest
import pytest_asyncio
from aiohttp import web
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from main_api.gateway import Gateway
from services.domain.states import RunState
from services.models.prices import Price
from services.models.providers import Provider
from services.models.scripted.counts import Counts
from services.models.scripted.load import load_scenario
from services.models.scripted.server import ScriptedModel
from services.store.database import Database
from tests.integration.gateway.conftest import SECRET, Hub, budget, serving
from tests.integration.gateway.provider import CountingProvider
from tests.support.factories import make_project, make_run, make_task

KEY = "sk-ant-of-the-owner-0123456789"
MODEL = "claude-haiku-4-5"
CLAUDE = f"anthropic/{MODEL}"
SCENARIO = f"""
model: {MODEL}
rules:
  - when: {{contains: too much}}
    fault: {{status: 529}}
  - when: {{contains: go away}}
    fault: {{status: 429, retry_after: "120"}}
  - when: {{contains: break off}}
    answer: An answer that is long enough to be sent in several pieces, so that a part of it arrives.
    fault: {{cut: true}}
  - when: {{contains: spoil}}
    answer: An answer that is long enough to be sent in several pieces, so that a part of it arrives.
    fault: {{garbage: true}}
  - when: {{contains: remember, turn: 0}}
    answer: Kept.
    tokens: {{prompt: 20, completion: 5, cache_read: 700, cache_write: 300}}
  - when: {{contains: weather, turn: 0}}
    say: I look.
    tool_calls: [{{name: weather, arguments: {{city: "Köln, by the river, on a rainy day"}}}}]
  - when: {{contains: weather, turn: 1}}
    answer: It rains.
  - answer: A whole answer, in pieces.
"""
ASK: list[Any] = [{"role": "user", "content": "Say something."}]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The same on any database."""
    return sqlite_url


class Seen:
    """Headers as the provider got them."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []

    @web.middleware
    async def note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return await handler(request)


class Claude(Hub):
    """A hub whose provider `anthropic` is the scripted model."""

    seen: Seen

    def anthropic(self, incarnation: int = 1, **more: Any) -> anthropic.AsyncAnthropic:
        client = anthropic.DefaultAsyncHttpxClient(trust_env=False)
        return anthropic.AsyncAnthropic(
            base_url=f"{self.root}/anthropic", api_key=self.token(incarnation), max_retries=0, timeout=20,
            http_client=client, **more,
        )  # fmt: skip


@pytest_asyncio.fixture
async def claude(database: Database, tmp_path: Path) -> AsyncIterator[Claude]:
    (tmp_path / "story.yaml").write_text(SCENARIO, encoding="utf-8")
    seen, scripted = Seen(), ScriptedModel(load_scenario(tmp_path / "story.yaml"), Counts())
    app = scripted.app()
    app.middlewares.append(seen.note)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    made = Provider("anthropic", root, None, KEY, price_url="https://api.anthropic.com", anthropic_url=root)
    async with database.write() as session:
        project = await make_project(session)
        run = await make_run(session, await make_task(session, project), state=RunState.RUNNING)
    gateway = Gateway(database, {"anthropic": made}, SECRET, busy_pauses=(0.01,))
    async with serving(gateway) as port:
        hub = Claude(database, gateway, CountingProvider(), port, run.id, project.id)
        hub.seen = seen
        yield hub
    await runner.cleanup()


async def test_whole_and_streamed_answers_and_what_they_cost(claude: Claude) -> None:
    whole = await claude.anthropic().messages.create(model=CLAUDE, max_tokens=100, messages=ASK)
    assert whole.content[0].text == "A whole answer, in pieces." and whole.stop_reason == "end_turn"  # type: ignore
    async with claude.anthropic(2).messages.stream(model=CLAUDE, max_tokens=100, messages=ASK, system="Be brief.") as s:
        pieces = [text async for text in s.text_stream]
        final = await s.get_final_message()
    assert "".join(pieces) == "A whole answer, in pieces." and len(pieces) > 1
    assert final.usage.output_tokens == whole.usage.output_tokens
    first, second = await claude.calls()
    assert (first.protocol, first.path, first.provider, first.streamed) == ("anthropic", "messages", "anthropic", False)
    price = Price(MODEL, "https://api.anthropic.com")
    assert first.cost == pytest.approx(price.cost(whole.usage.input_tokens, whole.usage.output_tokens)) and first.cost
    assert (second.outcome, second.tokens_out, second.estimated) == ("answered", final.usage.output_tokens, False)
    assert {headers["x-api-key"] for headers in claude.seen.headers} == {KEY}
    assert not any("authorization" in headers for headers in claude.seen.headers)


async def test_a_restarted_step_gets_the_same_bytes_and_pays_nothing(claude: Claude) -> None:
    async def streamed(incarnation: int) -> list[str]:
        stream = await claude.anthropic(incarnation).messages.create(
            model=CLAUDE, max_tokens=50, messages=ASK, stream=True
        )
        return [event.model_dump_json() async for event in stream]

    assert await streamed(1) == await streamed(2)
    assert [call.outcome for call in await claude.calls()] == ["answered", "replayed"]
    assert len(claude.seen.headers) == 1


async def test_tokens_of_the_cache_are_counted_and_priced(claude: Claude) -> None:
    block = {"type": "text", "text": "remember this", "cache_control": {"type": "ephemeral"}}
    ask: list[Any] = [{"role": "user", "content": [block]}]
    await claude.anthropic().messages.create(model=CLAUDE, max_tokens=10, messages=ask)
    async with claude.anthropic(2).messages.stream(model=CLAUDE, max_tokens=10, messages=ask) as stream:
        await stream.until_done()
    price = Price(MODEL, "https://api.anthropic.com")
    whole, streamed = await claude.calls()
    for call in (whole, streamed):
        assert (call.tokens_in, call.tokens_out, call.tokens_cached) == (1020, 5, 700)
        assert call.cost == pytest.approx(price.cost(1020, 5, 700, 300))
    assert price.cost(1020, 5, 700, 300) > price.cost(1020, 5, 700) < price.cost(1020, 5)
    plain = await claude.anthropic().messages.create(
        model=CLAUDE, max_tokens=10, messages=[{"role": "user", "content": "remember this"}]
    )
    assert plain and (await claude.calls())[-1].reserved_cost < whole.reserved_cost


async def test_tools_go_through_both_ways(claude: Claude) -> None:
    tool: Any = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
    ask: list[Any] = [{"role": "user", "content": "How is the weather?"}]
    async with claude.anthropic().messages.stream(model=CLAUDE, max_tokens=99, messages=ask, tools=[tool]) as stream:
        asked = await stream.get_final_message()
    assert asked.stop_reason == "tool_use"
    call = asked.content[-1]
    assert call.type == "tool_use" and call.input == {"city": "Köln, by the river, on a rainy day"}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Rain."}
    told = [*ask, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    last = await claude.anthropic().messages.create(model=CLAUDE, max_tokens=99, messages=told, tools=[tool])
    assert last.content[0].text == "It rains."  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "asked",
    [{"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, {"mcp_servers": [{"url": "https://x"}]}],
)
async def test_tools_of_the_provider_are_refused(claude: Claude, asked: dict[str, Any]) -> None:
    with pytest.raises(anthropic.BadRequestError, match="outside of the run's cage"):
        await claude.anthropic().messages.create(model=CLAUDE, max_tokens=9, messages=ASK, extra_body=asked)
    assert claude.seen.headers == []


async def test_counting_and_listing_ask_no_model(claude: Claude) -> None:
    counted = await claude.anthropic().messages.count_tokens(model=CLAUDE, messages=ASK)
    assert counted.input_tokens == 4 and await claude.calls() == []
    assert [model.id async for model in claude.anthropic().models.list()] == [CLAUDE]
    ai = AsyncOpenAI(base_url=f"{claude.root}/openai/v1", api_key=claude.token(), max_retries=0,
                     http_client=DefaultAsyncHttpx2Client(trust_env=False))  # fmt: skip
    assert [model.id async for model in ai.models.list()] == [CLAUDE]
    said = await ai.chat.completions.create(model=CLAUDE, messages=ASK)
    assert said.choices[0].message.content == "A whole answer, in pieces."
    assert claude.seen.headers[-1]["authorization"] == f"Bearer {KEY}"


async def test_what_a_client_says_of_the_protocol_goes_on_and_nothing_else(claude: Claude) -> None:
    headers = {"anthropic-beta": "context-1m-2025-08-07", "X-Mine": "no", "Cookie": "no=1"}
    client = claude.anthropic(default_headers=headers)
    await client.messages.create(model=CLAUDE, max_tokens=9, messages=ASK)
    sent, version = claude.seen.headers[-1], client.default_headers["anthropic-version"]
    assert (sent["anthropic-beta"], sent["anthropic-version"]) == ("context-1m-2025-08-07", version)
    assert not {"x-mine", "cookie"} & sent.keys() and not any("stainless" in name for name in sent)
    await claude.anthropic(2).messages.create(model=CLAUDE, max_tokens=9, messages=ASK)
    assert [call.outcome for call in await claude.calls()] == ["answered", "answered"]  # another question without it


async def test_refusals_come_in_the_clients_own_words(claude: Claude) -> None:
    def said(text: str) -> list[Any]:
        return [{"role": "user", "content": text}]

    with pytest.raises(anthropic.RateLimitError) as caught:
        await claude.anthropic().messages.create(model=CLAUDE, max_tokens=9, messages=said("go away"))
    assert caught.value.response.headers["retry-after"] == "120" and "Wait 120 s" in str(caught.value)
    with pytest.raises(anthropic.RateLimitError, match="come back later"):
        await claude.anthropic().messages.create(model=CLAUDE, max_tokens=9, messages=said("too much"))
    assert len(claude.seen.headers) == 3  # a long wait is left to the client, an overloaded provider is asked again
    with pytest.raises(anthropic.NotFoundError, match="no provider for the model"):
        await claude.anthropic().messages.create(model="nowhere/m", max_tokens=9, messages=ASK)
    with pytest.raises(anthropic.AuthenticationError):
        await claude.anthropic().with_options(api_key="wfr_x").messages.create(model=CLAUDE, max_tokens=9, messages=ASK)
    await budget(claude, 0.0)
    with pytest.raises(anthropic.RateLimitError, match="project's budget") as refused:
        await claude.anthropic().with_options(max_retries=5).messages.create(model=CLAUDE, max_tokens=9, messages=ASK)
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert [call.outcome for call in await claude.calls()][-1] == "refused"


@pytest.mark.parametrize("how", ["break off", "spoil"])
async def test_a_stream_that_breaks_is_an_error_and_not_kept(claude: Claude, how: str) -> None:
    words = []
    with pytest.raises(anthropic.APIError):
        async with claude.anthropic().messages.stream(
            model=CLAUDE, max_tokens=99, messages=[{"role": "user", "content": how}]
        ) as stream:
            async for text in stream.text_stream:
                words.append(text)
    assert (words or how == "spoil") and [call.outcome for call in await claude.calls()] == ["failed"]


async def test_a_provider_that_does_not_speak_it_is_named(claude: Claude) -> None:
    local = Provider("ollama", "http://127.0.0.1:9/v1", "http://127.0.0.1:9", local=True)
    gateway = replace(claude.gateway, providers={"ollama": local}, _sessions={})
    async with serving(gateway) as port:
        other = Claude(claude.database, gateway, CountingProvider(), port, claude.run_id, claude.project_id)
        with pytest.raises(anthropic.BadRequestError, match="/gateway/openai or /gateway/ollama"):
            await other.anthropic().messages.create(model="ollama/m", max_tokens=9, messages=ASK)

"""What the gateway refuses, what goes wrong behind it, and what it costs."""

import asyncio
from typing import Any

import httpx
import ollama
import openai
import pytest
import sqlalchemy as sa

from main_api.gateway import Gateway
from services.domain.states import RunState
from services.models.run_tokens import issue
from services.store.models import ModelAnswer, Run
from tests.integration.gateway.conftest import KEY, PRICED, QUESTION, SECRET, Hub, providers_at, refused, serving, until


async def stored(hub: Hub) -> int:
    async with hub.database.read() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(ModelAnswer)) or 0


async def test_only_a_token_of_this_hub_opens(hub: Hub) -> None:
    genuine = issue(SECRET, hub.run_id, "edit")
    wrong = [SECRET, issue(SECRET[::-1], hub.run_id, "edit"), genuine.replace(".edit.", ".other."), f"{genuine}.0", "x"]
    for token in wrong:
        error = await refused(hub, token=token)
        assert (error.status_code, error.code) == (401, "run_token_invalid")
    assert hub.provider.asked == [] and await hub.calls() == []
    assert (await hub.openai(token=genuine).chat.completions.create(model="scripted/m", messages=QUESTION)).choices


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.RUNNING])
async def test_only_a_running_run_is_answered(hub: Hub, state: RunState) -> None:
    await hub.change(Run, hub.run_id, state=state)
    error = await refused(hub)
    assert (error.status_code, error.code) == (403, "run_not_active")
    with pytest.raises(openai.PermissionDeniedError):
        await hub.openai().models.list()
    assert hub.provider.asked == []


async def test_what_does_not_fit_is_refused_with_its_numbers(hub: Hub) -> None:
    long = [{"role": "user", "content": "word " * 9000}]
    with pytest.raises(openai.BadRequestError) as caught:
        await hub.openai().chat.completions.create(model="ollama/m", messages=long)  # type: ignore
    body = caught.value.body
    assert isinstance(body, dict) and body["code"] == "context_exceeded"
    assert body["context_tokens"] == 8192 and body["prompt_tokens"] > 8192 and body["answer_tokens"] == 2048
    with pytest.raises(ollama.ResponseError, match="do not fit in the 8192 tokens") as refusal:
        await hub.ollama().chat("ollama/m", long)
    assert refusal.value.status_code == 400
    assert hub.provider.asked == []
    assert {call.outcome for call in await hub.calls()} == {"refused"}


async def test_unknown_names_and_paths(hub: Hub) -> None:
    for model in ("nowhere/m", "m", "openai/"):
        error = await refused(hub, model=model)
        assert (error.status_code, error.code) == (404, "model_missing")
    async with httpx.AsyncClient(trust_env=False, headers={"x-api-key": hub.token()}) as client:
        assert (await client.post(f"{hub.root}/ollama/api/pull", json={"model": "m"})).json()["code"] == "not_found"
        bad = await client.post(f"{hub.root}/openai/v1/chat/completions", content=b"nonsense")
        assert (bad.status_code, bad.json()["error"]["code"]) == (400, "model_call_invalid")
        wrong_protocol = await client.post(f"{hub.root}/ollama/api/chat", json={"model": PRICED, "messages": QUESTION})
        assert (wrong_protocol.status_code, wrong_protocol.json()["code"]) == (400, "model_refused")


@pytest.mark.parametrize(
    ("upstream", "status", "code"),
    [
        (404, 404, "model_missing"), (401, 400, "model_refused"), (400, 400, "model_refused"),
        (429, 429, "upstream_busy"), (500, 503, "upstream_failed"), (302, 503, "upstream_failed"),
    ],
)  # fmt: skip
async def test_errors_of_the_provider_are_named(hub: Hub, upstream: int, status: int, code: str) -> None:
    hub.provider.status, hub.provider.error = upstream, {"error": {"message": f"no, {KEY} is bad"}}
    error = await refused(hub, model=PRICED)
    assert (error.status_code, error.code) == (status, code)
    assert "is bad" in str(error) and KEY not in str(error)
    (call,) = await hub.calls()
    assert (call.outcome, call.cost, call.status_code) == ("failed", 0.0, status)


NO_TEMPERATURE: dict[str, dict[str, Any]] = {
    "openai": {
        "message": "Unsupported value: 'temperature' does not support 0 with this model.",
        "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value",
    },
    "anthropic": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."},
}  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("who", NO_TEMPERATURE)
async def test_a_model_that_takes_no_temperature_is_asked_without_it(hub: Hub, who: str, stream: bool) -> None:
    hub.provider.takes_no, hub.provider.error = "temperature", {"error": NO_TEMPERATURE[who]}
    for content in ("Say something.", "And more."):
        asked: list[Any] = [{"role": "user", "content": content}]
        async with hub.openai() as client:
            answer: Any = await client.chat.completions.create(
                model="scripted/m", messages=asked, temperature=0, stream=stream
            )
            assert [piece async for piece in answer] if stream else answer.choices
    tried = [(one["messages"][0]["content"], "temperature" in one) for one in hub.provider.calls("v1/chat/completions")]
    assert tried == [("Say something.", True), ("Say something.", False), ("And more.", False)]
    assert [call.outcome for call in await hub.calls()] == ["answered", "answered"]


async def test_a_temperature_that_is_too_high_is_the_askers_to_correct(hub: Hub) -> None:
    hub.provider.takes_no = "temperature"
    hub.provider.error = {"error": {"message": "temperature: range: 0..1", "param": "temperature", "code": "invalid"}}
    error = await refused(hub, temperature=2)
    assert "temperature: range" in str(error) and len(hub.provider.calls("v1/chat/completions")) == 1


async def test_a_provider_that_is_away_is_a_sentence_and_costs_nothing(hub: Hub) -> None:
    await hub.provider.stop()
    error = await refused(hub, model=PRICED)
    assert (error.status_code, error.code) == (503, "upstream_failed")
    assert f"127.0.0.1:{hub.provider.port}" in str(error) and "Models and keys" in str(error)
    assert (await hub.calls())[0].cost == 0.0


async def test_a_provider_that_comes_back_at_once_is_waited_for(hub: Hub) -> None:
    await hub.provider.stop()
    asking = asyncio.create_task(hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION))
    await asyncio.sleep(0.2)
    await hub.provider.start()
    assert (await asking).choices and len(hub.provider.asked) == 1


@pytest.mark.parametrize("how", ["dies", "ends"])
@pytest.mark.parametrize("protocol", ["openai", "ollama"])
async def test_a_stream_that_breaks_off_is_an_error_and_not_kept(hub: Hub, protocol: str, how: str) -> None:
    hub.provider.dies, hub.provider.ends = how == "dies", how != "ends"
    words = []
    with pytest.raises((openai.APIError, ollama.ResponseError)) as caught:
        if protocol == "openai":
            async for chunk in await hub.openai().chat.completions.create(
                model="scripted/m", messages=QUESTION, stream=True
            ):
                words.append(chunk)
        else:
            async for part in await hub.ollama().chat("scripted/m", QUESTION, stream=True):
                words.append(part)
    assert words and "broke off" in str(caught.value)
    assert await stored(hub) == 0
    assert [call.outcome for call in await hub.calls()] == ["failed"]
    hub.provider.dies, hub.provider.ends = False, True
    assert (await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)).choices


async def test_a_whole_answer_that_is_cut_is_not_kept(hub: Hub) -> None:
    hub.provider.dies = True
    error = await refused(hub)
    assert (error.status_code, error.code, await stored(hub)) == (503, "upstream_failed", 0)


async def test_a_silent_provider_times_out(hub: Hub) -> None:
    hub.provider.gate.clear()
    gateway = Gateway(hub.database, providers_at(hub.provider.url), SECRET, silence_seconds=0.2)
    async with serving(gateway) as port:
        error = await refused(Hub(hub.database, gateway, hub.provider, port, hub.run_id, hub.project_id))
    assert (error.status_code, error.code, await stored(hub)) == (504, "upstream_timeout", 0)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_goes_away_cuts_the_provider_off(hub: Hub, stream: bool) -> None:
    hub.provider.gate.clear()

    async def reached() -> bool:
        return len(hub.provider.asked) == 1

    body = {"model": PRICED, "messages": QUESTION, "stream": stream}
    headers = {"Authorization": f"Bearer {hub.token()}"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        asking = asyncio.create_task(client.post(f"{hub.root}/openai/v1/chat/completions", json=body, headers=headers))
        await until(reached)
        asking.cancel()

    async def settled() -> bool:
        return hub.provider.left == 1 and (await hub.calls())[0].outcome == "abandoned"

    await until(settled)
    (call,) = await hub.calls()
    assert call.estimated and call.cost == call.reserved_cost > 0 and await stored(hub) == 0
    hub.provider.gate.set()
    assert (await hub.openai().chat.completions.create(model=PRICED, messages=QUESTION)).choices

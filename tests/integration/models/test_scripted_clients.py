"""The real OpenAI and Ollama clients against a running scripted model."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import ollama
import openai
import pytest

PROMPT = "Role: dev\nStage: dev\nProject: Till\nTask: TILL-3 Close the day\nRound: 1\n"
LONG = 'A sentence that does not fit into one piece of the stream: äöü, €, and "quotes".\nAnd a second line.'
SCENARIO = f"""
name: story
context_tokens: 4096
rules:
  - when: {{contains: please hang}}
    fault: {{hang_ms: 30000}}
  - when: {{contains: please refuse}}
    fault: {{status: 503}}
  - when: {{contains: please cut}}
    answer: {json.dumps(LONG * 20)}
    fault: {{cut: true}}
  - when: {{role: pm, turn: 0}}
    say: Let me look.
    tool_calls:
      - {{name: read_file, arguments: {{path: a long path that comes in several pieces.md, lines: [1, 20]}}}}
      - {{name: list_files, arguments: {{}}}}
  - when: {{role: pm, turn: 1}}
    json: {{tasks: [{{title: Close the day}}]}}
  - when: {{role: dev, task: ^Close the day$, round: 1}}
    answer: {json.dumps(LONG)}
  - when: {{role: dev, round: 2+}}
    answer: cut short
    finish_reason: length
"""
Chat = list[dict[str, Any]]


def said(text: str) -> Chat:
    return [{"role": "user", "content": text}]


@pytest.fixture
def url(start_scripted: Callable[..., Any]) -> str:
    return start_scripted(SCENARIO).url


@pytest.fixture
def ai(url: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=10)


@pytest.fixture
def oll(url: str) -> ollama.AsyncClient:
    return ollama.AsyncClient(host=url, timeout=10)


async def test_openai_whole_and_streamed_say_the_same(ai: openai.AsyncOpenAI) -> None:
    whole = await ai.chat.completions.create(model="demo", messages=said(PROMPT))  # type: ignore[arg-type]
    assert whole.choices[0].message.content == LONG
    assert whole.choices[0].finish_reason == "stop"
    stream = await ai.chat.completions.create(
        model="demo",
        messages=said(PROMPT),  # type: ignore[arg-type]
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(pieces) == LONG
    assert len(pieces) > 3
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage == whole.usage
    assert whole.usage and whole.usage.prompt_tokens == -(-len(PROMPT) // 4)
    assert whole.usage.completion_tokens == -(-len(LONG) // 4)


async def test_openai_tool_calls_whole_streamed_and_the_turn_after(ai: openai.AsyncOpenAI) -> None:
    asked: Any = said("Role: pm\nStage: plan\n")
    whole = (await ai.chat.completions.create(model="demo", messages=asked)).choices[0]
    assert whole.finish_reason == "tool_calls"
    assert whole.message.content == "Let me look."
    calls = whole.message.tool_calls or []
    first = {"path": "a long path that comes in several pieces.md", "lines": [1, 20]}
    assert [(c.function.name, json.loads(c.function.arguments)) for c in calls] == [  # type: ignore[union-attr]
        ("read_file", first),
        ("list_files", {}),
    ]
    assert len({call.id for call in calls}) == 2

    stream = await ai.chat.completions.create(model="demo", messages=asked, stream=True)
    gathered: dict[int, dict[str, str]] = {}
    async for chunk in stream:
        for delta in chunk.choices[0].delta.tool_calls or []:
            call = gathered.setdefault(delta.index, {"id": "", "name": "", "arguments": ""})
            call["id"] += delta.id or ""
            call["name"] += (delta.function and delta.function.name) or ""
            call["arguments"] += (delta.function and delta.function.arguments) or ""
    assert [json.loads(call["arguments"]) for call in gathered.values()] == [first, {}]
    assert [call["name"] for call in gathered.values()] == ["read_file", "list_files"]

    results = [{"role": "tool", "tool_call_id": call.id, "content": "text"} for call in calls]
    then = await ai.chat.completions.create(
        model="demo",
        messages=[*asked, whole.message.model_dump(exclude_none=True), *results],
    )
    assert json.loads(then.choices[0].message.content or "") == {"tasks": [{"title": "Close the day"}]}


async def test_ollama_chat_and_generate_whole_and_streamed(oll: ollama.AsyncClient) -> None:
    whole = await oll.chat(model="demo", messages=said(PROMPT))
    assert (whole.message.content, whole.done, whole.done_reason) == (LONG, True, "stop")
    parts = [part async for part in await oll.chat(model="demo", messages=said(PROMPT), stream=True)]
    assert "".join(part.message.content or "" for part in parts) == LONG
    assert len(parts) > 4
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[-1].eval_count == whole.eval_count == -(-len(LONG) // 4)
    generated = await oll.generate(model="demo:latest", prompt=PROMPT.replace("Round: 1", "Round: 7"))
    assert (generated.response, generated.done_reason) == ("cut short", "length")
    lines = [part async for part in await oll.generate(model="demo", prompt=PROMPT, stream=True)]
    assert "".join(line.response for line in lines) == LONG


async def test_ollama_tool_calls(oll: ollama.AsyncClient) -> None:
    asked = said("Role: pm\nStage: plan\n")
    whole = await oll.chat(model="demo", messages=asked)
    streamed = [part async for part in await oll.chat(model="demo", messages=asked, stream=True)]
    in_stream = [call for part in streamed for call in part.message.tool_calls or []]
    assert [call.function.name for call in in_stream] == ["read_file", "list_files"]
    assert in_stream == whole.message.tool_calls
    assert in_stream[0].function.arguments["lines"] == [1, 20]


async def test_what_it_says_about_itself(ai: openai.AsyncOpenAI, oll: ollama.AsyncClient, url: str) -> None:
    models = [(model.id, model.owned_by) async for model in await ai.models.list()]
    assert models == [("demo", "scripted")]
    assert [model.model for model in (await oll.list()).models] == ["demo"]
    shown = await oll.show("demo")
    assert shown.modelinfo and shown.modelinfo["scripted.context_length"] == 4096
    assert "tools" in (shown.capabilities or [])
    async with httpx.AsyncClient(base_url=url) as client:
        for path in ("/health", "/api/version", "/scripted/requests", "/absent"):
            assert (await client.get(path)).headers["X-WFHub-Scripted"] == "1", path
        body = {"model": "demo", "stream": True, "messages": said(PROMPT)}
        assert (await client.post("/v1/chat/completions", json=body)).headers["X-WFHub-Scripted"] == "1"


async def test_no_rule_and_no_such_model_are_refused(ai: openai.AsyncOpenAI, oll: ollama.AsyncClient) -> None:
    unknown = PROMPT.replace("Close the day", "Open the day")
    with pytest.raises(openai.NotFoundError) as refused:
        await ai.chat.completions.create(model="demo", messages=said(unknown), stream=True)  # type: ignore[arg-type]
    assert refused.value.code == "model_not_found"
    for part in ("scenario story", "Role: dev", "Task: TILL-3 Open the day", "turn 0"):
        assert part in str(refused.value)
    with pytest.raises(ollama.ResponseError, match="Task: TILL-3 Open the day") as also:
        await oll.chat(model="demo", messages=said(unknown))
    assert also.value.status_code == 404
    with pytest.raises(openai.NotFoundError, match='plays only "demo"'):
        await ai.chat.completions.create(model="gpt", messages=said(PROMPT))  # type: ignore[arg-type]
    with pytest.raises(ollama.ResponseError, match="not found"):
        await oll.show("gpt")


async def test_faults(ai: openai.AsyncOpenAI, oll: ollama.AsyncClient) -> None:
    with pytest.raises(openai.InternalServerError) as status:
        await ai.chat.completions.create(model="demo", messages=said("please refuse"))  # type: ignore[arg-type]
    assert status.value.status_code == 503
    with pytest.raises(openai.APITimeoutError):
        await ai.with_options(timeout=0.3).chat.completions.create(
            model="demo",
            messages=said("please hang"),  # type: ignore[arg-type]
        )
    with pytest.raises(openai.APIConnectionError):
        await ai.chat.completions.create(model="demo", messages=said("please cut"))  # type: ignore[arg-type]
    received = ""
    with pytest.raises(httpx.RemoteProtocolError):
        async for part in await oll.chat(model="demo", messages=said("please cut"), stream=True):
            received += part.message.content or ""
    assert 0 < len(received) < len(LONG * 20)
    assert (LONG * 20).startswith(received)


async def test_what_is_no_request_is_refused(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        for path in ("/v1/chat/completions", "/api/chat", "/api/show"):
            assert (await client.post(path, content=b"{not json")).status_code == 400, path
            assert (await client.post(path, content=b"[]")).status_code == 400, path
            assert (await client.post(path, content=b"[" * 100_000)).status_code == 400, path
        for path in ("/v1/chat/completions", "/api/chat", "/api/show", "/api/embed"):
            no_name: Any = {"model": ["demo"], "messages": said(PROMPT)}
            assert (await client.post(path, json=no_name)).status_code == 404, path
        assert (await client.post("/v1/chat/completions", json={"model": "demo"})).status_code == 400

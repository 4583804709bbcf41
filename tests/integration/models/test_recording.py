"""`wf models record`: a server that speaks Ollama's protocol is recorded, and the recording plays the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest
from aiohttp import web
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from services.models.scripted.counts import Counts
from services.models.scripted.load import load_scenario
from services.models.scripted.recorder import Recorder, Recording
from services.models.scripted.server import ScriptedModel
from services.redaction import KNOWN
from tests.integration.models.conftest import REPOSITORY, Running
from tests.support import ports

HEAD = "Role: dev\nStage: dev\nProject: Till\nTask: TILL-3 Close the day (all of it)\nRound: "
SCENARIO = """
model: m
rules:
  - when: {contains: break}
    answer: An answer of which only the first half is ever told, so nobody should keep it.
    fault: {cut: true}
  - when: {contains: too much}
    fault: {status: 503}
  - when: {role: dev, round: 1, turn: 0}
    say: I look.
    tool_calls: [{name: read_file, arguments: {path: day.py, lines: [1, 20]}}]
    tokens: {prompt: 900, completion: 60}
  - when: {role: dev, round: 1, turn: 1}
    answer: "Done with the first: äöü €."
  - when: {role: dev, round: 2}
    answer: Done with the second.
    finish_reason: length
  - when: {contains: colour}
    answer: Blue.
  - answer: Something else.
"""


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


async def told_by(url: str) -> list[Any]:
    """What real clients get for the same questions."""
    client = ollama.AsyncClient(url, trust_env=False)
    ai = AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0,
                     http_client=DefaultAsyncHttpx2Client(trust_env=False))  # fmt: skip
    first = await client.chat("m", said(f"{HEAD}1"))
    again = [*said(f"{HEAD}1"), first.message, {"role": "tool", "content": "def close(): ..."}]
    parts = [part async for part in await client.chat("m", again, stream=True)]
    second = await client.chat("m", said(f"{HEAD}2"))
    plain = await client.generate("m", "Which colour is the sky?")
    stream = await ai.chat.completions.create(
        model="m", messages=said("Which day is it?"), stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    return [
        first.message.content, first.message.tool_calls, (first.prompt_eval_count, first.eval_count),
        "".join(part.message.content or "" for part in parts), parts[-1].eval_count,
        second.message.content, second.done_reason, plain.response,
        "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), chunks[-1].usage,
    ]  # fmt: skip


async def test_a_recording_plays_what_the_real_one_said(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(SCENARIO, encoding="utf-8")
    real = ScriptedModel(load_scenario(tmp_path / "real.yaml"), Counts()).app()
    recording = Recording(tmp_path / "kept.yaml")
    async with listening(real) as url, listening(Recorder(url, recording).app()) as between:
        through = await told_by(between)
        assert through == await told_by(between)  # asked twice is one rule
        assert [model.model for model in (await ollama.AsyncClient(between).list()).models] == ["m"]
        with pytest.raises(ollama.ResponseError):
            await ollama.AsyncClient(between).chat("m", said("too much"))
        with pytest.raises((httpx.HTTPError, ollama.ResponseError)):
            async for _ in await ollama.AsyncClient(between).chat("m", said("break"), stream=True):
                pass
    assert (len(recording.rules), recording.left_out) == (5, 2)
    played = ScriptedModel(load_scenario(tmp_path / "kept.yaml"), Counts()).app()
    async with listening(played) as url:
        assert await told_by(url) == through


async def test_secrets_do_not_get_into_a_recording_and_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("model: m\nrules: [{answer: your key is Kq9-zz-ABCDEFGH-1234}]", "utf-8")
    real = ScriptedModel(load_scenario(tmp_path / "real.yaml"), Counts()).app()
    recording = Recording(tmp_path / "kept.yaml")
    with KNOWN.knowing("A_KEY", "Kq9-zz-ABCDEFGH-1234"):
        async with listening(real) as url, listening(Recorder(url, recording).app()) as between:
            assert (await ollama.AsyncClient(between).chat("m", said("My key?"))).message.content
    assert "[redacted:A_KEY]" in (tmp_path / "kept.yaml").read_text()
    async with listening(Recorder("http://127.0.0.1:9", recording).app()) as between:
        with pytest.raises(ollama.ResponseError, match=r"can't be reached.*--from") as caught:
            await ollama.AsyncClient(between).chat("m", said("Well?"))
    assert caught.value.status_code == 503


async def test_a_call_that_no_rule_can_hold_is_left_out_and_the_next_answer_kept(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(
        "model: m\nrules:\n"
        "  - {when: {contains: list}, tool_calls: [{name: look, broken: '[1, 2]'}]}\n"
        "  - {answer: Blue.}\n"
    )
    real = ScriptedModel(load_scenario(tmp_path / "real.yaml"), Counts()).app()
    recording = Recording(tmp_path / "kept.yaml")
    async with listening(real) as url, listening(Recorder(url, recording).app()) as between:
        ai = AsyncOpenAI(base_url=f"{between}/v1", api_key="none", max_retries=0,
                         http_client=DefaultAsyncHttpx2Client(trust_env=False))  # fmt: skip
        await ai.chat.completions.create(model="m", messages=said("list"))
        await ai.chat.completions.create(model="m", messages=said("colour"))
    assert (len(recording.rules), recording.left_out) == (1, 1)
    assert load_scenario(tmp_path / "kept.yaml").rules[0].answer == "Blue."


def test_the_command_records_until_it_is_told_to_end(start_scripted: Callable[..., Running], tmp_path: Path) -> None:
    port = ports.free_port()
    real = start_scripted(SCENARIO)
    kept = tmp_path / "story kept.yaml"
    command = [sys.executable, "-m", "services.cli", "models", "record", str(kept), "--from", real.url]
    environment = {**os.environ, "WFHUB_ROOT": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--port", str(port)], cwd=REPOSITORY, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            assert process.stdout and "Recording" in process.stdout.readline()
            client = ollama.Client(f"http://127.0.0.1:{port}", trust_env=False)
            assert client.chat("m", said("Which colour?")).message.content == "Blue."
            deadline = time.monotonic() + 30
            while not kept.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert "1 answer of m in" in out
    assert load_scenario(kept).rules[0].answer == "Blue."
    refused = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "is there already" in refused.stderr + refused.stdout

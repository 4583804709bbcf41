"""`wf models`: probe, bench, fit and list beside a server that speaks Ollama's protocol."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli.app import app
from services.domain.errors import HubError
from services.models.bench import measure
from services.models.catalogue import ModelServer
from services.models.edits import EDITS
from services.models.errors import ModelMissing, ModelRefused, UpstreamFailed
from services.models.fit import Card
from services.models.probe import probe
from services.models.providers import Provider, build_providers
from tests.support import ports
from tests.support.ollama_server import OllamaServer, serving

ALPHABET = [chr(code) for code in range(33, 127)] + ["Ġ", "Ċ"]
INFO: dict[str, Any] = {
    "general.architecture": "qwen2", "general.parameter_count": 1_543_714_304, "qwen2.block_count": 28,
    "qwen2.embedding_length": 1536, "qwen2.attention.head_count": 12, "qwen2.attention.head_count_kv": 2,
    "qwen2.context_length": 32_768, "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2",
    "tokenizer.ggml.tokens": [*ALPHABET, "he", "hel"], "tokenizer.ggml.merges": ["h e", "he l"],
}  # fmt: skip
ABLE: dict[str, Callable[[Any], str]] = {
    "whole": lambda edit: f"{edit.path}\n```\n{edit.wanted}```\n",
    "diff": lambda edit: "".join(
        f"{edit.path}\n```\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n"
        for old, new in zip(edit.content.splitlines(), edit.wanted.splitlines(), strict=True)
        if old != new
    ),
    "udiff": lambda edit: (
        f"```diff\n--- {edit.path}\n+++ {edit.path}\n"
        + "".join(
            f"@@ ... @@\n-{old}\n+{new}\n"
            for old, new in zip(edit.content.splitlines(), edit.wanted.splitlines(), strict=True)
            if old != new
        )
        + "```\n"
    ),
}


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with serving(OllamaServer("small:1b", INFO, 986_062_089, ["completion", "tools"])) as server:
        yield server


def provider_at(server: OllamaServer) -> Provider:
    return build_providers(server.url)["ollama"]


def able(*formats: str, tools: bool = True, schema: bool = True) -> Callable[[dict[str, Any]], dict[str, Any] | int]:
    """A model that can do these things, and what a weak one does instead of the others."""

    def answer(body: dict[str, Any]) -> dict[str, Any] | int:
        asked = body["messages"][0]["content"]
        if body.get("tools"):
            call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 17, "b": 25}'}}
            return {"content": "", "tool_calls": [call]} if tools else 400
        if body.get("response_format"):
            assert body["response_format"]["json_schema"]["schema"]["required"] == ["language", "lines"]
            return {"content": '{"language": "python", "lines": 2}' if schema else "It is Python, two lines."}
        edit = next(one for one in EDITS if one.path in asked)
        wanted = asked.splitlines()[0].removeprefix("Edit format: ")
        return {"content": ABLE[wanted](edit) if wanted in formats else f"```\n{edit.content}```"}

    return answer


def quiet(_sentence: str) -> None:
    """Nobody watches."""


def test_a_probe_sees_what_a_model_really_does(ollama: OllamaServer) -> None:
    ollama.answer = able("whole", "diff")
    with ModelServer(provider_at(ollama)) as server:
        found = probe(server, "small:1b", Card(), quiet)
    assert (found.tools, found.json_schema, found.edits) == (True, True, {"whole": True, "diff": True, "udiff": False})
    assert found.edit_format == "whole", "a short diff of a small model says nothing of a long one"
    assert found.fields.told == {
        "edit_format": "whole", "context_tokens": 16_384, "max_output_tokens": 4096, "tools": True, "vision": False,
        "json_schema": True, "kv_type": "q8_0", "licence": "Apache-2.0",
    }  # fmt: skip
    assert any("udiff" in note for note in found.notes)


def test_a_weak_model_and_a_large_one(ollama: OllamaServer) -> None:
    ollama.answer = able(tools=False, schema=False)
    with ModelServer(provider_at(ollama)) as server:
        weak = probe(server, "small:1b", Card(), quiet)
        assert (weak.tools, weak.json_schema, weak.edit_format) == (False, False, "whole")
        assert any("not fit to write code" in note for note in weak.notes)
        ollama.info = {**INFO, "general.parameter_count": 32_000_000_000}
        ollama.answer = able("whole", "diff", "udiff")
        assert probe(server, "small:1b", Card(), quiet).edit_format == "diff"
        ollama.answer = able("udiff")
        assert probe(server, "small:1b", Card(), quiet).edit_format == "udiff"


@pytest.mark.parametrize("status", [400, 401, 403, 429])
def test_a_refused_key_or_a_provider_that_refuses_all_is_no_word_about_the_model(
    ollama: OllamaServer, status: int
) -> None:
    ollama.answer = lambda _body: status
    with ModelServer(provider_at(ollama)) as server, pytest.raises(ModelRefused, match=str(status)):
        probe(server, "small:1b", Card(), quiet)
    asked = sum(path.startswith("/v1/") for path in ollama.paths())
    assert asked == (5 if status == 400 else 1)


@pytest.mark.parametrize("refused", [("max_tokens",), ("max_tokens", "temperature")])
def test_a_model_that_takes_no_max_tokens_or_no_temperature_is_asked_in_its_own_way(
    ollama: OllamaServer, refused: tuple[str, ...]
) -> None:
    ollama.answer, answered = able("whole", "diff", "udiff"), ollama.handle

    def newer(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        for name in refused:
            if name in body:
                said = f"Unsupported parameter: '{name}' is not supported with this model."
                return 400, {"error": {"message": said, "param": name}}
        return answered(path, body)

    ollama.handle = newer
    vendor = build_providers(openai_base_url=f"{ollama.url}/v1", openai_api_key="key")["openai"]
    with ModelServer(vendor) as server:
        found = probe(server, "small:1b", Card(), quiet)
        ollama.answer = lambda _body: {"content": "fine"}
        measure(server, "small:1b", 8192, 1, quiet)
    assert (found.tools, found.json_schema, set(found.edits.values()), found.notes) == (True, True, {True}, ())
    path, asked = ollama.asked[-1]
    assert (path, asked["stream"]) == ("/v1/chat/completions", True) and not set(refused) & asked.keys()
    assert all("max_completion_tokens" in body for _, body in ollama.asked)


@pytest.mark.parametrize("edit_format", ["diff", "udiff"])
def test_an_edit_counts_only_if_the_file_is_right_then(ollama: OllamaServer, edit_format: str) -> None:
    def too_much(body: dict[str, Any]) -> dict[str, Any] | int:
        said = able("whole", "diff", "udiff")(body)
        assert isinstance(said, dict)
        if f"Edit format: {edit_format}" in body["messages"][0]["content"]:
            said["content"] = said["content"].replace("Good morning", "Good evening")
        return said

    ollama.answer = too_much
    with ModelServer(provider_at(ollama)) as server:
        found = probe(server, "small:1b", Card(), quiet)
    assert {name for name, worked in found.edits.items() if not worked} == {edit_format}


def test_the_bench_unloads_the_model_and_reads_the_servers_clock(ollama: OllamaServer) -> None:
    ollama.load_seconds = 2.0
    with ModelServer(provider_at(ollama)) as server:
        found = measure(server, "small:1b", 4096, 3, quiet)
    assert found.cold is not None and found.cold.load_ms == 2_000 and found.warm.load_ms == 0
    assert found.cold.first_token_ms > 2_000 > found.warm.first_token_ms
    assert (found.warm.answer_tokens, found.warm.answer_per_second) == (20, 200.0)
    generated = [body for path, body in ollama.asked if path == "/api/generate" and "prompt" in body]
    assert len({body["prompt"][:20] for body in generated}) == 4, "no prompt is answered from the server's cache"
    assert all(body["options"]["num_ctx"] == 4096 for body in generated)
    assert found.warm.prompt_per_second == pytest.approx(len(generated[-1]["prompt"]) // 4 * 5, rel=0.01)


def test_what_goes_wrong_is_told(ollama: OllamaServer, free_port: int) -> None:
    with ModelServer(provider_at(ollama)) as server:
        with pytest.raises(ModelMissing, match="ollama pull other"):
            measure(server, "other", 4096, 1, quiet)
        ollama.dies = True
        with pytest.raises(UpstreamFailed, match="broke off"):
            measure(server, "small:1b", 4096, 1, quiet)
        ollama.no_json = True
        for asked in (lambda: server.installed(), lambda: probe(server, "small:1b", Card(), quiet)):
            with pytest.raises(UpstreamFailed, match="JSON"):
                asked()
    with (
        ModelServer(build_providers(f"http://127.0.0.1:{free_port}")["ollama"]) as nobody,
        pytest.raises(UpstreamFailed, match="OLLAMA_URL"),
    ):
        nobody.installed()


def wf(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str, **environment: str) -> Result:
    (home / ".env").touch()
    monkeypatch.setenv("WFHUB_ROOT", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    nobody = f"http://127.0.0.1:{ports.free_port()}"  # and not a hub's that happens to run here
    monkeypatch.setenv("SCRIPTED_MODEL_URL", nobody)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(app, ["models", *arguments])


def test_the_commands_print_tables_and_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ollama: OllamaServer
) -> None:
    listed = wf(monkeypatch, tmp_path, "list", "--json", OLLAMA_URL=ollama.url)
    assert listed.exit_code == 0, listed.output
    (row,) = json.loads(listed.stdout)["models"]
    assert (row["name"], row["bytes"], row["known_from"]) == ("ollama/small:1b", 986_062_089, "packaged")
    told = json.dumps({"ollama/small:1b": {"context_tokens": 4096}})
    table = wf(monkeypatch, tmp_path, "list", MODEL_PROFILES=told)
    assert "4096" in table.stdout and "setting" in table.stdout and "986.1 MB" in table.stdout

    fitted = wf(monkeypatch, tmp_path, "fit", "--json")
    found = json.loads(fitted.stdout)
    mine = next(one for one in found["models"] if one["name"] == "ollama/small:1b")
    assert (mine["source"], mine["context"], mine["fits"]) == ("the model server's /api/show", 16_384, True)
    assert found["chosen"] == "ollama/qwen2.5-coder:1.5b" and found["environment"]["OLLAMA_NUM_PARALLEL"] == "1"
    assert "qwen2.5-coder:7b" in wf(monkeypatch, tmp_path, "fit", "--memory", "8").stdout
    rows = [line for line in wf(monkeypatch, tmp_path, "fit").stdout.splitlines() if "qwen2.5-coder:7b" in line]
    assert len(rows) == 1 and "too large" in rows[0] and rows[0].endswith("Apache-2.0")  # no line is folded over a pipe
    large = wf(monkeypatch, tmp_path, "fit", "ollama/qwen2.5-coder:7b")
    assert large.exit_code == 3 and "GiB more than there is" in large.stdout
    exact = wf(monkeypatch, tmp_path, "fit", "ollama/small:1b", "--context", "32768", "--kv-type", "f16", "--json")
    assert json.loads(exact.stdout)["models"][0]["kv"] == 28 * 2 * 256 * 32_768 * 2

    measured = wf(monkeypatch, tmp_path, "bench", "ollama/small:1b", "--runs", "1")
    assert measured.exit_code == 0 and "cold" in measured.stdout and "200" in measured.stdout


def test_a_probe_without_a_hub_keeps_the_tokenizer_and_says_what_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ollama: OllamaServer, free_port: int
) -> None:
    ollama.answer = able("whole")
    addresses = {"OLLAMA_URL": ollama.url, "MAIN_API_PORT": str(free_port), "WFHUB_TOKEN": "Zk3vRr0hJ2m9Qw8sXb71LtYc"}
    found = wf(monkeypatch, tmp_path, "probe", "ollama/small:1b", **addresses)
    assert found.exit_code == 0 and "Nothing is stored" in found.output and "yes calls tools" in found.output
    assert (tmp_path / ".wfhub/models/tokenizers/ollama-small-1b.json").is_file()
    ollama.answer = able()
    assert wf(monkeypatch, tmp_path, "probe", "ollama/small:1b", "--dry-run").exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fit", "--kv-type", "q3"), "q8_0"), (("fit", "--memory", "0.1"), "no card"),
        (("fit", "nowhere/x"), "no provider"), (("fit", "ollama/unheard-of"), "ollama pull"),
        (("probe", "anthropic/claude-x"), "ANTHROPIC_API_KEY"),
        (("fit", "openai/gpt-4o"), "runs elsewhere"),
    ],
)  # fmt: skip
def test_bad_words_get_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ollama: OllamaServer, arguments: tuple[str, ...], words: str
) -> None:
    refused = wf(monkeypatch, tmp_path, *arguments, OLLAMA_URL=ollama.url, OPENAI_API_KEY="sk-x")
    assert isinstance(refused.exception, HubError) and words in str(refused.exception)


def test_a_vocabulary_that_is_not_told_is_the_packaged_one_or_the_largest() -> None:
    with (
        serving(OllamaServer("qwen2.5-coder:1.5b", INFO, 986_062_089)) as known,
        serving(OllamaServer("other:latest", INFO, 7)) as other,
        ModelServer(provider_at(known)) as one,
        ModelServer(provider_at(other)) as two,
    ):
        assert one.shape("qwen2.5-coder:1.5b").vocabulary == 151_936
        unknown = two.shape("other")
        assert unknown.vocabulary >= 262_000 and unknown.weights_bytes == 7


def test_each_provider_is_asked_with_its_own_header(ollama: OllamaServer) -> None:
    providers = build_providers(
        openai_base_url=f"{ollama.url}/v1", openai_api_key="sk-one", anthropic_api_key="sk-two",
        anthropic_base_url=ollama.url,
    )  # fmt: skip
    for name in ("openai", "anthropic"):
        with ModelServer(providers[name]) as server:
            assert [one.name for one in server.installed()] == [f"{name}/small:1b"]
    first, second = ollama.headers
    assert first["authorization"] == "Bearer sk-one" and "x-api-key" not in first
    assert second["x-api-key"] == "sk-two" and "authorization" not in second and second["anthropic-version"]

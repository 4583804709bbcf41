"""What is known of models: profiles, providers, prices, sizes of prompts."""

import pytest
from pydantic import ValidationError

from main_api.refusals import BadSettings
from main_api.settings import MainSettings
from services.domain.errors import InvalidInput
from services.models.errors import ModelMissing
from services.models.prices import FREE, price_of
from services.models.profile_fields import read_overrides
from services.models.profiles import profile_of
from services.models.providers import build_providers, is_own_address, resolve
from services.models.tokens import estimate, estimate_request
from services.workflows.settings import OrchestratorSettings


def test_small_local_models_edit_whole_files_and_the_unknown_are_treated_with_care() -> None:
    assert profile_of("ollama/qwen2.5-coder:1.5b").licence == "Apache-2.0"
    assert "not for commercial" in profile_of("ollama/qwen2.5-coder:3b").licence
    assert profile_of("openai/gpt-4o-mini").edit_format == "diff"
    for name in ("ollama/unheard-of", "openai/unheard-of", "unheard-of"):
        profile = profile_of(name)
        assert (profile.edit_format, profile.context_tokens) == ("whole", 8192)
    assert profile_of("ollama/x", {"ollama/x": {"context_tokens": 4096}}).context_tokens == 4096


def test_providers_come_from_what_is_set() -> None:
    assert list(build_providers()) == ["ollama"]
    made = build_providers("http://db:11434/", "http://10.0.0.7:8080/v1/", None, "http://127.0.0.1:9/v1")
    assert {name: (p.openai_url, p.ollama_url) for name, p in made.items()} == {
        "ollama": ("http://db:11434/v1", "http://db:11434"),
        "openai": ("http://10.0.0.7:8080/v1", None),
        "scripted": ("http://127.0.0.1:9/v1", "http://127.0.0.1:9"),
    }
    cloud = build_providers(openai_api_key="sk-hidden")["openai"]
    assert not cloud.local and "sk-hidden" not in repr(cloud)
    assert resolve(made, "ollama/hf.co/x/y:Q4") == (made["ollama"], "hf.co/x/y:Q4")
    with pytest.raises(ModelMissing, match="OPENAI_API_KEY"):
        resolve(build_providers(), "openai/gpt-4o")


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:1/v1", True), ("http://[::1]/v1", True), ("http://192.168.1.4", True),
        ("http://llama", True), ("http://box.local", True), ("https://api.openai.com/v1", False),
        ("http://8.8.8.8", False), ("https://local.example", False),
    ],
)  # fmt: skip
def test_only_what_is_near_is_free(url: str, own: bool) -> None:
    assert is_own_address(url) is own


def test_prices_come_from_the_list() -> None:
    cloud = build_providers(openai_api_key="k")["openai"]
    price = price_of(cloud, "gpt-4o-mini")
    assert price is not None
    assert price.cost(2000, 0) == pytest.approx(2 * price.cost(1000, 0)) and price.cost(0, 1000) > 0
    assert price.cost(1000, 0, cached=1000) < price.cost(1000, 0)
    assert price_of(cloud, "unheard-of") is None
    ollama = build_providers()["ollama"]
    assert price_of(ollama, "qwen2.5-coder:1.5b") is FREE and price_of(ollama, "big:120b-cloud") is None


def test_estimates_are_near_and_rather_high() -> None:
    """The counts on the right are cl100k's."""
    code = 'def greet(name: str) -> str:\n    return f"Hello, {name}!"\n'
    prose = "The quick brown fox jumps over the lazy dog. Acceptance criteria are checked by code."
    for text, counted in ((code, 19), (prose, 18)):
        assert counted <= estimate(text) <= 1.6 * counted
    assert estimate("") == 0
    assert estimate("x" * 10_000) > 1_000


def test_all_that_a_model_reads_is_counted_and_a_picture_is_not_counted_as_text() -> None:
    chat = {"model": "m", "messages": [{"role": "user", "content": "word " * 100}]}
    size = estimate_request(chat)
    assert 100 <= size <= 140
    assert estimate_request({**chat, "tools": [{"function": {"description": "word " * 100}}]}) > size + 100
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    assert estimate_request({"messages": [{"role": "user", "content": [picture]}]}) < 2_000
    assert estimate_request({"messages": [{"role": "user", "images": ["A" * 100_000]}]}) < 2_000
    source = {"type": "image", "source": {"type": "base64", "data": "A" * 100_000}}
    assert estimate_request({"messages": [{"role": "user", "content": [source]}]}) < 2_000
    assert estimate_request({"prompt": list(range(50))}) == 50


def test_who_has_eyes_is_known_and_what_nobody_knows_is_not_claimed() -> None:
    assert profile_of("ollama/gemma3:4b").vision is True and profile_of("ollama/gemma3:1b").vision is False
    assert profile_of("ollama/llama3.2-vision").vision is True and profile_of("ollama/llama3.2:3b").vision is False
    assert profile_of("ollama/qwen2.5-coder:1.5b").vision is False and profile_of("ollama/qwen2.5vl:3b").vision is True
    assert profile_of("anthropic/claude-sonnet-4-5").vision is True
    unheard = profile_of("ollama/unheard-of")
    assert (unheard.vision, unheard.tools, unheard.json_schema) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"), ('{"ollama/x": {"context_tokens": 12}}', "ollama/x.context_tokens"),
        ('{"ollama/x": {"eyes": true}}', "ollama/x.eyes"), ('["ollama/x"]', "object"),
    ],
)  # fmt: skip
def test_a_setting_that_can_not_be_read_stops_the_start_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_overrides(text)
    secrets = {
        "WFHUB_TOKEN": "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e",
        "WFHUB_SECRET_KEY": "e6dPu5nNcYtL17bXs8wQ9m2Jh0rRv3kZ",
    }
    with pytest.raises(ValidationError, match="MODEL_PROFILES"):
        OrchestratorSettings(**secrets, MODEL_PROFILES=text)  # type: ignore[arg-type]
    with pytest.raises(BadSettings, match="MODEL_PROFILES"):
        MainSettings.from_environment({**secrets, "MODEL_PROFILES": text})

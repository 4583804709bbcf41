"""Providers by key and by a name of the owner's, and what is wrong with the settings that name them."""

import json

import pytest

from services.domain.errors import InvalidInput
from services.models.errors import ModelMissing, ModelOffline, ModelRefused
from services.models.named import read_named
from services.models.prices import price_of
from services.models.providers import GROQ_URL, Provider, build_providers, resolve


def test_vendors_come_with_their_keys() -> None:
    assert not {"anthropic", "groq"} & build_providers().keys()
    with pytest.raises(ModelMissing, match="ANTHROPIC_API_KEY"):
        resolve(build_providers(), "anthropic/claude-haiku-4-5")
    made = build_providers(anthropic_api_key="sk-ant", groq_api_key="gsk", anthropic_base_url="http://127.0.0.1:9/v1/")
    claude, groq = made["anthropic"], made["groq"]
    assert claude.url("anthropic", "messages") == "http://127.0.0.1:9/v1/messages"
    assert claude.headers("anthropic") == {"x-api-key": "sk-ant"}
    assert claude.headers("openai") == {"Authorization": "Bearer sk-ant"}
    assert groq.url("openai", "chat/completions") == f"{GROQ_URL}/chat/completions"
    assert not claude.local and not groq.local and "sk-ant" not in repr(claude)
    with pytest.raises(ModelRefused, match="does not speak Anthropic's protocol") as refused:
        groq.url("anthropic", "messages")
    assert "/gateway/openai." in str(refused.value)
    assert resolve(made, "groq/openai/gpt-oss-20b")[1] == "openai/gpt-oss-20b"


def test_prices_know_claude_its_cache_and_groq() -> None:
    made = build_providers(anthropic_api_key="k", groq_api_key="k")
    claude, llama = price_of(made["anthropic"], "claude-haiku-4-5"), price_of(made["groq"], "llama-3.3-70b-versatile")
    assert claude and llama and llama.cost(1000, 1000) > 0
    plain, written, kept = claude.cost(1000, 0), claude.cost(1000, 0, 0, 1000), claude.cost(1000, 0, 0, 1000, 1000)
    assert written == pytest.approx(1.25 * plain) and kept == pytest.approx(2 * plain)
    assert claude.cost(1000, 0, 1000) == pytest.approx(0.1 * plain)


def test_addresses_have_names_of_the_owners() -> None:
    named = {
        "lab": "http://10.0.0.7:8080/v1/",
        "work": {"url": "https://llm.example", "protocol": "anthropic"},
        "attic": {"url": "http://attic:11434", "protocol": "ollama"},
    }
    values = {"MODEL_PROVIDERS": json.dumps(named), "MODEL_PROVIDER_CREDENTIALS": '{"work": "sk-work"}'}
    made = build_providers(named=read_named(values))
    assert made["lab"].url("openai", "models") == "http://10.0.0.7:8080/v1/models" and made["lab"].local
    assert made["work"].url("anthropic", "messages") == "https://llm.example/v1/messages"
    assert (made["work"].key, made["work"].local, made["work"].speaks("openai")) == ("sk-work", False, False)
    assert made["attic"].pins_context and made["attic"].url("ollama", "api/chat") == "http://attic:11434/api/chat"
    assert read_named({}) == ()


def test_offline_only_ones_own_machines_are_asked() -> None:
    named = {
        "lab": "http://10.0.0.7:8080/v1",
        "mine": {"url": "https://llm.mine.example/v1", "local": True},
        "far": "https://llm.example/v1",
    }
    made = build_providers(
        ollama_url="https://ollama.example",
        openai_api_key="sk-x",
        named=read_named({"MODEL_PROVIDERS": json.dumps(named)}),
        scripted_model_url="http://127.0.0.1:8003",
        anthropic_api_key="sk-y",
        offline=True,
    )
    asked = {name for name, provider in made.items() if _may_be_asked(made, provider.name)}
    assert asked == {"lab", "mine", "scripted"} and made["mine"].local
    with pytest.raises(ModelOffline, match=r"openai/gpt can't be asked: the hub is offline .*, and openai is at api\."):
        resolve(made, "openai/gpt")
    with pytest.raises(ModelOffline, match=r"far is at llm\.example"):
        made["far"].url("openai", "models")
    home = build_providers(offline=True)
    assert resolve(home, "ollama/qwen3")[1] == "qwen3"
    for model in ("ollama/big:cloud", "ollama/gpt-oss:120b-cloud"):
        with pytest.raises(ModelOffline, match="in its cloud"):
            resolve(home, model)


def _may_be_asked(made: dict[str, Provider], name: str) -> bool:
    try:
        return bool(resolve(made, f"{name}/m"))
    except ModelOffline:
        return False


@pytest.mark.parametrize(
    ("providers", "keys", "said"),
    [
        ("http://x/v1", "", "MODEL_PROVIDERS can't be used: not JSON"),
        ('["http://x"]', "", "not a JSON object"),
        ('{"ollama": "http://x/v1"}', "", "'ollama' can't name a provider"),
        ('{"My Lab": "http://x/v1"}', "", "can't name a provider"),
        ('{"lab": "ftp://x/v1"}', "", "the address of lab is not"),
        ('{"lab": "http://"}', "", "the address of lab is not"),
        ('{"lab": "http://me:pw@x/v1"}', "", "MODEL_PROVIDER_CREDENTIALS"),
        ('{"lab": "http://[::1/v1"}', "", "the address of lab is not"),
        ('{"lab": 7}', "", "lab needs an address"),
        ('{"lab": {"url": "http://x", "local": "yes"}}', "", "local of lab is neither true nor false"),
        ('{"lab": {"url": "http://x", "key": "k"}}', "", "lab needs an address"),
        ('{"lab": {"url": "http://x", "protocol": "soap"}}', "", "lab speaks 'soap'"),
        ('{"lab": "http://x/v1"}', '{"labb": "k"}', "a key for labb, which MODEL_PROVIDERS does not name"),
        ('{"lab": "http://x/v1"}', '{"lab": 7}', "MODEL_PROVIDER_CREDENTIALS can't be used: a key is not a text"),
        ('{"lab": "http://x/v1"}', '{"lab": "a\\nb"}', "a key is not a text that fits in a header"),
        ('{"lab": "http://x/v1"}', "k", "MODEL_PROVIDER_CREDENTIALS can't be used: not JSON"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(providers: str, keys: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_named({"MODEL_PROVIDERS": providers, "MODEL_PROVIDER_CREDENTIALS": keys})
    assert said in str(caught.value) and ".env" in str(caught.value)

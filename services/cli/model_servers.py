"""The model servers that this terminal reaches: those of the settings, asked directly and not through the hub."""

from collections.abc import Mapping

from services.models.fit import Card
from services.models.named import read_named
from services.models.providers import ANTHROPIC_URL, OLLAMA_URL, OPENAI_URL, Provider, build_providers
from services.stack import choice
from services.stack.container_settings import PORTS
from services.stack.settings import StackSettings


def providers_of(settings: StackSettings) -> dict[str, Provider]:
    """By name. Where the hub runs in containers, its own Ollama is the one on OLLAMA_PORT."""
    values = settings.environment
    return build_providers(
        ollama_url=values.get("OLLAMA_URL") or _ollama_url(settings),
        openai_base_url=values.get("OPENAI_BASE_URL") or OPENAI_URL,
        openai_api_key=values.get("OPENAI_API_KEY"),
        scripted_model_url=values.get("SCRIPTED_MODEL_URL") or settings.scripted_model_url,
        anthropic_api_key=values.get("ANTHROPIC_API_KEY"),
        groq_api_key=values.get("GROQ_API_KEY"),
        named=read_named(values),
        anthropic_base_url=values.get("ANTHROPIC_BASE_URL") or ANTHROPIC_URL,
        offline=settings.offline,
    )


def card_of(settings: StackSettings) -> Card:
    """The graphics card of the settings, one answer at a time."""
    return Card(settings.gpu_memory_bytes, settings.kv_type)


def _ollama_url(settings: StackSettings) -> str:
    if choice.to_look(settings).kind != "containers":
        return OLLAMA_URL
    return f"http://127.0.0.1:{_port(settings.environment)}"


def _port(values: Mapping[str, str]) -> str:
    return values.get("OLLAMA_PORT") or str(PORTS["OLLAMA_PORT"])

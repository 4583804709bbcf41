"""What an Ollama is not asked for while the hub is offline: what it would itself fetch from the network."""

import json
from typing import Any

from services.models.errors import ModelOffline
from services.models.providers import Provider, resolve

FETCHES = frozenset({"api/pull", "api/push"})


def check_network(provider: Provider, path: str, body: bytes) -> None:
    """Raises ModelOffline: for an Ollama elsewhere, for models of its cloud, for pulling and pushing."""
    if not provider.offline:
        return
    provider.url("ollama", path)
    if path.strip("/") in FETCHES:
        raise ModelOffline(
            f"The hub is offline (WFHUB_OFFLINE=1), and Ollama's {path} goes to its registry.",
            "Start the hub without --offline to fetch models.",
        )
    if model := _model_in(body):
        resolve({provider.name: provider}, f"{provider.name}/{model}")


def _model_in(body: bytes) -> str:
    try:
        told: Any = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("model") or told.get("name") or "") if isinstance(told, dict) else ""

"""What this machine has that decides how the hub runs, in one line for who starts it."""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from services.stack import engine
from services.stack.choice import Kind
from services.stack.errors import EngineForbidden, NoEngine
from services.stack.settings import StackSettings

SECONDS = 2.0
OLLAMA_URL = "http://127.0.0.1:11434"


def found(settings: StackSettings, kind: Kind) -> str:
    """For instance: Docker 28.2.2; no Ollama at http://127.0.0.1:11434; the page is built."""
    own_ollama = kind == "containers" and not settings.environment.get("OLLAMA_URL")
    parts = [docker_version(settings.environment)]
    parts.append("Ollama comes in a container" if own_ollama else ollama_words(settings.environment))
    if kind == "local":
        parts.append("the page is built" if page_built(settings.root) else "the page is not built")
    return "; ".join(parts)


def docker_version(environment: Mapping[str, str]) -> str:
    """`Docker 28.2.2`, or in a few words why not."""
    try:
        client = engine.connect(environment)
    except NoEngine:
        return "no Docker engine"
    except EngineForbidden:
        return "a Docker engine that you may not use"
    try:
        return f"Docker {client.version().get('Version', '')}".strip()
    finally:
        client.close()


def ollama_words(environment: Mapping[str, str]) -> str:
    url = (environment.get("OLLAMA_URL") or OLLAMA_URL).rstrip("/")
    models = ollama_models(url)
    if models is None:
        return f"no Ollama at {url}"
    return f"Ollama at {url} with {len(models) or 'no'} model{'' if len(models) == 1 else 's'}"


def ollama_models(url: str) -> list[str] | None:
    """What the Ollama there has, but for the hub's own; None where none answers. Asked without the owner's proxies."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/api/tags", timeout=SECONDS) as answer:
            listed = json.load(answer).get("models") or []
    except (OSError, ValueError, AttributeError):
        return None
    return [str(one.get("name")) for one in listed if not str(one.get("name")).startswith("wfhub-")]


def page_built(root: Path) -> bool:
    return (root / "static" / "dist" / "chat.html").is_file()

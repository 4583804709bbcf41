"""What a provider has: its models, which of them are loaded, and their shapes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.domain.errors import HubError
from services.models.catalogue import ANTHROPIC_HEADERS, OWN_PREFIX, ModelServer
from services.models.errors import ModelShapeUnknown
from services.models.providers import Provider, runs_elsewhere
from services.models.shapes import ModelShape

SECONDS = 4.0  # for all shapes of a provider; what it does not tell by then is told the next time
Shapes = dict[str, ModelShape | str]  # by name and digest; a text says why there is none


@dataclass(frozen=True, slots=True)
class Loaded:
    """In memory now. `card_bytes` of its `bytes` are on the graphics card; `until` is when it goes, unless asked."""

    bytes: int
    card_bytes: int
    context: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class There:
    """A model of a provider. Sizes are bytes, 0 where the server does not say; `shape` is None with the reason in
    `shape_fault`, empty where it runs elsewhere."""

    name: str
    bytes: int = 0
    digest: str = ""
    modified_at: datetime | None = None
    parameters: str = ""
    quantization: str = ""
    family: str = ""
    loaded: Loaded | None = None
    shape: ModelShape | None = None
    shape_fault: str = ""
    aliases: tuple[str, ...] = field(default=(), repr=False)  # made by the gateway to pin its context


def overview(provider: Provider, shapes: Shapes) -> list[There]:
    """By name; `shapes` is kept by the caller, for a shape never changes. Blocks. Raises what ModelServer does."""
    with ModelServer(provider) as server:
        if server.is_ollama:
            return _of_ollama(server, shapes)
        protocol = "anthropic" if provider.speaks("anthropic") else "openai"
        url = provider.url(protocol, "models?limit=1000" if protocol == "anthropic" else "models")
        headers = provider.headers(protocol) | (ANTHROPIC_HEADERS if protocol == "anthropic" else {})
        found = server.get(url, headers=headers).get("data") or []
        return sorted((There(f"{provider.name}/{one.get('id')}") for one in found), key=lambda one: one.name)


def _of_ollama(server: ModelServer, shapes: Shapes) -> list[There]:
    provider, until = server.provider, time.monotonic() + SECONDS
    rows = server.get(provider.url("ollama", "api/tags")).get("models") or []
    loaded = server.get(provider.url("ollama", "api/ps")).get("models") or []
    names = [_name(row) for row in rows]
    found: list[There] = []
    for row in sorted(rows, key=_name):
        name = _name(row)
        if name.startswith(OWN_PREFIX):
            continue
        aliases = tuple(one for one in names if one.startswith(f"{alias_prefix(name)}:"))
        shape, fault = _shape(server, name, str(row.get("digest") or ""), shapes, until)
        found.append(_there(provider.name, row, _loaded(loaded, {name, *aliases}), shape, fault, aliases))
    return found


def alias_prefix(model: str) -> str:
    """How the gateway's own models for it begin (main_api/gateway/pinning.py)."""
    kept = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "-" for one in model)
    return f"{OWN_PREFIX}{kept}"


def _shape(server: ModelServer, name: str, digest: str, shapes: Shapes, until: float) -> tuple[ModelShape | None, str]:
    if runs_elsewhere(name):
        return None, "It runs in Ollama's cloud."
    key = f"{server.provider.name}/{name}@{digest}"
    if key not in shapes:
        if time.monotonic() > until:
            return None, "Its shape was not asked for yet."
        try:
            shapes[key] = server.shape(name)
        except HubError as error:
            if not digest or not isinstance(error, ModelShapeUnknown):  # a server that is busy may tell the next time
                return None, error.sentence
            shapes[key] = error.sentence
    found = shapes[key]
    return (None, found) if isinstance(found, str) else (found, "")


def _there(
    provider: str, row: Mapping[str, Any], loaded: Loaded | None, shape: ModelShape | None, fault: str,
    aliases: tuple[str, ...],
) -> There:  # fmt: skip
    details: Mapping[str, Any] = row.get("details") or {}
    return There(
        name=f"{provider}/{_name(row)}", bytes=_count(row.get("size")), digest=str(row.get("digest") or ""),
        modified_at=_moment(row.get("modified_at")), parameters=str(details.get("parameter_size") or ""),
        quantization=str(details.get("quantization_level") or ""), family=str(details.get("family") or ""),
        loaded=loaded, shape=shape, shape_fault=fault, aliases=aliases,
    )  # fmt: skip


def _loaded(rows: list[dict[str, Any]], names: set[str]) -> Loaded | None:
    for row in rows:
        if _name(row) in names or _name(row).removesuffix(":latest") in names:
            context = row.get("context_length")
            return Loaded(
                _count(row.get("size")), _count(row.get("size_vram")),
                context if isinstance(context, int) else None, _moment(row.get("expires_at")),
            )  # fmt: skip
    return None


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("model") or row.get("name") or "")


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _moment(text: Any) -> datetime | None:
    """Ollama's times have nanoseconds, which no datetime holds. None for what is none, and for the year 1: never."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year > 1 else None

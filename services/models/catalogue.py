"""What models a server has, and their shapes: Ollama's `/api/tags` and `/api/show`, else OpenAI's list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from services.models.errors import ModelMissing, ModelRefused, UpstreamFailed
from services.models.known_shapes import KNOWN
from services.models.profiles import APACHE, GEMMA, LLAMA, RESEARCH_ONLY
from services.models.providers import Protocol, Provider, if_away
from services.models.shapes import BIGGEST_VOCABULARY, ModelShape, hides_layers, shape_from_show

SECONDS = 5.0
VERBOSE_SECONDS = 60.0  # a vocabulary is ten megabytes of JSON
ANTHROPIC_HEADERS = {"anthropic-version": "2023-06-01"}
OWN_PREFIX = "wfhub-"  # the gateway's own models, which only pin a context
_VOCABULARIES = {one.shape.name: one.shape.vocabulary for one in KNOWN}
_LICENCES = (("Qwen RESEARCH", RESEARCH_ONLY), ("Apache License", APACHE), ("LLAMA", LLAMA), ("Gemma", GEMMA))


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that a provider has. `name` is `provider/name`; `bytes` is 0 where the server does not say."""

    name: str
    bytes: int = 0


class ModelServer:
    """One provider, asked directly. `close` it, or use it as a context manager."""

    def __init__(self, provider: Provider, seconds: float = SECONDS) -> None:
        self.provider = provider
        self.http = httpx.Client(timeout=httpx.Timeout(seconds, connect=SECONDS), trust_env=not provider.local)

    def __enter__(self) -> "ModelServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def is_ollama(self) -> bool:
        return self.provider.speaks("ollama")

    def installed(self) -> list[Installed]:
        """By name. Raises UpstreamFailed, ModelRefused."""
        prefix = self.provider.name
        if self.is_ollama:
            models = self._json("GET", self.provider.url("ollama", "api/tags")).get("models") or []
            found = [
                Installed(f"{prefix}/{one.get('model') or one.get('name')}", one.get("size") or 0) for one in models
            ]
            found = [one for one in found if not one.name.startswith(f"{prefix}/{OWN_PREFIX}")]
        else:
            protocol: Protocol = "anthropic" if self.provider.speaks("anthropic") else "openai"
            headers = self.provider.headers(protocol) | (ANTHROPIC_HEADERS if protocol == "anthropic" else {})
            data = self._json("GET", self.provider.url(protocol, "models"), headers=headers).get("data") or []
            found = [Installed(f"{prefix}/{one.get('id')}") for one in data]
        return sorted(found, key=lambda one: one.name)

    def show(self, model: str, verbose: bool = False) -> dict[str, Any]:
        """Ollama's `/api/show`; with `verbose` the vocabulary too. Raises ModelMissing, and what _json does."""
        body = {"model": model, **({"verbose": True} if verbose else {})}
        return self._json("POST", self.provider.url("ollama", "api/show"), body, VERBOSE_SECONDS if verbose else None)

    def shape(self, model: str) -> ModelShape:
        """Raises ModelShapeUnknown too."""
        name = f"{self.provider.name}/{model}"
        shown = self.show(model)
        if hides_layers(shown):
            shown = self.show(model, verbose=True)
        sizes = {one.name: one.bytes for one in self.installed()}
        told = shape_from_show(name, shown, sizes.get(name) or sizes.get(f"{name}:latest", 0))
        if told.vocabulary == BIGGEST_VOCABULARY and name in _VOCABULARIES:  # only `verbose` tells it, in ten megabytes
            return replace(told, vocabulary=_VOCABULARIES[name])
        return told

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Raises what _json does."""
        return self._json("GET", url, headers=headers)

    def post(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises what _json does."""
        return self._json("POST", url, body)

    def _json(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """One call with the provider's key. Raises UpstreamFailed, ModelMissing, ModelRefused."""
        name, sent = self.provider.name, dict(headers or self.provider.headers("openai"))
        timeout = seconds if seconds is not None else self.http.timeout
        try:
            answer = self.http.request(method, url, json=body, headers=sent, timeout=timeout)
            found = answer.json() if answer.content else {}
        except httpx.TimeoutException as error:
            raise UpstreamFailed(f"{name} did not answer in time at {url}.", "Look whether it is busy.") from error
        except httpx.TransportError as error:
            raise away(self.provider, url) from error
        except ValueError as error:
            raise UpstreamFailed(
                f"{name} did not answer with JSON at {url}.", "Look whether it is a model server."
            ) from error
        said = str(found.get("error") if isinstance(found, dict) else found)[:300]
        if answer.status_code == 404 and body is not None and "not found" in said:
            raise ModelMissing(f"{name} does not have the model {body.get('model')!r}.", self._pull(body.get("model")))
        if answer.status_code >= 400 or not isinstance(found, dict):
            raise ModelRefused(f"{name} answered {answer.status_code}: {said}", "Look at its log, or its key.",
                               status=answer.status_code)  # fmt: skip
        return found

    def _pull(self, model: Any) -> str:
        return f"Get it with: ollama pull {model}" if self.is_ollama else "wf models list tells which there are."


def away(provider: Provider, url: str) -> UpstreamFailed:
    """Nobody listens there."""
    return UpstreamFailed(
        f"Nobody answers at {url.partition('/api/')[0].partition('/v1')[0]}: {provider.name} does not run there.",
        if_away(provider.name),
    )


def licence_of(show: Mapping[str, Any]) -> str:
    """The licence in one word, "" where it is none of the known ones."""
    text = str(show.get("license") or "")[:4000]
    return next((word for sign, word in _LICENCES if sign in text), "")


def capabilities_of(show: Mapping[str, Any]) -> dict[str, bool]:
    """What Ollama says a model's file can do; nothing where it says nothing."""
    told = show.get("capabilities")
    return {name: name in told for name in ("tools", "vision")} if isinstance(told, list) and told else {}

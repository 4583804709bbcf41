"""Providers of models: which address, which protocol, which key; and the `provider/name` of a model."""

import ipaddress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from services.models.errors import ModelMissing, ModelRefused

Protocol = Literal["openai", "ollama"]
OLLAMA_URL = "http://127.0.0.1:11434"
OPENAI_URL = "https://api.openai.com/v1"
_OWN_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Provider:
    """An address that answers model calls.

    `openai_url` is the root of the OpenAI protocol (it ends in `/v1`), `ollama_url` that of Ollama's own, None where it
    isn't spoken. `local`: it runs on the owner's machines, so a call costs nothing. `price_url` is the address by which
    the price list knows it. `pins_context`: its OpenAI protocol takes no context size, a model has to be made for it.
    """

    name: str
    openai_url: str
    ollama_url: str | None = None
    key: str | None = field(default=None, repr=False)
    local: bool = False
    price_url: str | None = None
    pins_context: bool = False

    def url(self, protocol: Protocol, path: str) -> str:
        """Where `path` of the protocol is asked. Raises ModelRefused when the provider doesn't speak it."""
        root = self.openai_url if protocol == "openai" else self.ollama_url
        if root is None:
            raise ModelRefused(
                f"The provider {self.name} does not speak Ollama's protocol.",
                "Call it through /gateway/openai/v1.",
            )
        return f"{root}/{path}"


def build_providers(
    ollama_url: str = OLLAMA_URL,
    openai_base_url: str = OPENAI_URL,
    openai_api_key: str | None = None,
    scripted_model_url: str | None = None,
) -> dict[str, Provider]:
    """The providers by name. OpenAI's own address is left out without a key; a compatible one may have none."""
    ollama, openai = ollama_url.rstrip("/"), openai_base_url.rstrip("/")
    built = [Provider("ollama", f"{ollama}/v1", ollama, local=True, pins_context=True)]
    if openai_api_key or openai != OPENAI_URL:
        built.append(Provider("openai", openai, key=openai_api_key, local=is_own_address(openai), price_url=openai))
    if scripted_model_url:
        root = scripted_model_url.rstrip("/").removesuffix("/v1")
        built.append(Provider("scripted", f"{root}/v1", root, local=True))
    return {provider.name: provider for provider in built}


def resolve(providers: dict[str, Provider], name: str) -> tuple[Provider, str]:
    """The provider and its own name of `provider/name`. Raises ModelMissing."""
    prefix, slash, model = name.partition("/")
    provider = providers.get(prefix)
    if provider is None or not slash or not model:
        known = ", ".join(f"{provider}/…" for provider in sorted(providers))
        key = " Set OPENAI_API_KEY for OpenAI's models." if prefix == "openai" and provider is None else ""
        raise ModelMissing(f"There is no provider for the model {name!r}.", f"Name it as one of {known}.{key}")
    return provider, model


def is_own_address(url: str) -> bool:
    """Whether the host is this machine, one of its private network, or a neighbour container: nobody sends a bill."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_SUFFIXES)
    return address.is_private or address.is_loopback

"""Providers of models: which address, which protocol, which key; and the `provider/name` of a model."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from services.models.errors import ModelMissing, ModelOffline, ModelRefused

Protocol = Literal["openai", "ollama", "anthropic"]
OLLAMA_URL = "http://127.0.0.1:11434"
OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
GROQ_URL = "https://api.groq.com/openai/v1"
SPOKEN: dict[Protocol, str] = {"openai": "OpenAI's", "ollama": "Ollama's", "anthropic": "Anthropic's"}
KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "groq": "GROQ_API_KEY"}
_OWN_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Provider:
    """An address that answers model calls.

    `openai_url` is the root of the OpenAI protocol and `anthropic_url` that of Anthropic's (they end in `/v1`),
    `ollama_url` that of Ollama's own; None where it isn't spoken. `local`: it runs on the owner's machines, so a call
    costs nothing. `price_url` is the address by which the price list knows it. `pins_context`: its OpenAI protocol
    takes no context size, a model has to be made for it. `marked`: its owner says that it is reached without the
    network, whatever its address. `offline`: the hub stays off the network.
    """

    name: str
    openai_url: str | None
    ollama_url: str | None = None
    key: str | None = field(default=None, repr=False)
    local: bool = False
    price_url: str | None = None
    pins_context: bool = False
    anthropic_url: str | None = None
    marked: bool = False
    offline: bool = False

    @property
    def own(self) -> bool:
        """Whether it is on the owner's machines: by its addresses, or by their word."""
        roots = (self.openai_url, self.ollama_url, self.anthropic_url)
        return self.marked or all(is_own_address(root) for root in roots if root)

    def speaks(self, protocol: Protocol) -> bool:
        return self._root(protocol) is not None

    def url(self, protocol: Protocol, path: str) -> str:
        """Where `path` of the protocol is asked. Raises ModelRefused when the provider doesn't speak it, ModelOffline
        when nobody may ask it now."""
        if self.offline and not self.own:
            raise _offline(self.name, self._elsewhere)
        root = self._root(protocol)
        if root is None:
            spoken = " or ".join(f"/gateway/{way}" for way in SPOKEN if self._root(way))
            raise ModelRefused(
                f"The provider {self.name} does not speak {SPOKEN[protocol]} protocol.", f"Call it through {spoken}."
            )
        return f"{root}/{path}"

    def headers(self, protocol: Protocol) -> dict[str, str]:
        """How its key is sent: each protocol has its own header, and refuses the other's."""
        if not self.key:
            return {}
        return {"x-api-key": self.key} if protocol == "anthropic" else {"Authorization": f"Bearer {self.key}"}

    @property
    def _elsewhere(self) -> str:
        root = next(root for root in (self.openai_url, self.ollama_url, self.anthropic_url) if root)
        return f"{self.name} is at {urlsplit(root).hostname or root}"

    def _root(self, protocol: Protocol) -> str | None:
        return {"openai": self.openai_url, "ollama": self.ollama_url, "anthropic": self.anthropic_url}[protocol]


@dataclass(frozen=True, slots=True)
class Named:
    """An address that the owner named: `protocol` is what it speaks, `key` may be None, `local` is their word that it
    is on their own machines."""

    name: str
    url: str
    key: str | None = field(default=None, repr=False)
    protocol: Protocol = "openai"
    local: bool = False

    def provider(self) -> Provider:
        return replace(self._provider(), marked=self.local)

    def _provider(self) -> Provider:
        url, local = self.url.rstrip("/"), self.local or is_own_address(self.url)
        if self.protocol == "ollama":
            return Provider(self.name, f"{url}/v1", url, self.key, local, pins_context=True)
        if self.protocol == "anthropic":
            root = url.removesuffix("/v1") + "/v1"
            return Provider(self.name, None, None, self.key, local, root, anthropic_url=root)
        return Provider(self.name, url, None, self.key, local, url)


def build_providers(
    ollama_url: str = OLLAMA_URL,
    openai_base_url: str = OPENAI_URL,
    openai_api_key: str | None = None,
    scripted_model_url: str | None = None,
    anthropic_api_key: str | None = None,
    groq_api_key: str | None = None,
    named: Sequence[Named] = (),
    anthropic_base_url: str = ANTHROPIC_URL,
    offline: bool = False,
) -> dict[str, Provider]:
    """The providers by name. Vendors' own addresses are left out without a key; a compatible one may have none.

    With `offline` those that are elsewhere stay in it, and refuse with the reason.
    """
    ollama, openai = ollama_url.rstrip("/"), openai_base_url.rstrip("/")
    built = [Provider("ollama", f"{ollama}/v1", ollama, local=True, pins_context=True)]
    if openai_api_key or openai != OPENAI_URL:
        built.append(Provider("openai", openai, key=openai_api_key, local=is_own_address(openai), price_url=openai))
    if anthropic_api_key:  # its OpenAI protocol takes the same key: for clients that speak no other
        url = anthropic_base_url.rstrip("/").removesuffix("/v1") + "/v1"
        built.append(Provider("anthropic", url, None, anthropic_api_key, price_url=ANTHROPIC_URL, anthropic_url=url))
    if groq_api_key:
        built.append(Provider("groq", GROQ_URL, key=groq_api_key, price_url=GROQ_URL))
    if scripted_model_url:
        root = scripted_model_url.rstrip("/").removesuffix("/v1")
        built.append(Provider("scripted", f"{root}/v1", root, local=True, anthropic_url=f"{root}/v1"))
    together = [*built, *(each.provider() for each in named)]
    return {provider.name: replace(provider, offline=offline) for provider in together}


def if_away(name: str) -> str:
    """What to do when the provider of that name can't be reached."""
    ways = {
        "ollama": "Start it, or correct OLLAMA_URL in .env.",
        "scripted": "It runs beside the demo: ./start.sh demo starts it.",
    }
    return ways.get(name, "Start it, or correct its address in the settings (Models and keys).")


def resolve(providers: Mapping[str, Provider], name: str) -> tuple[Provider, str]:
    """The provider and its own name of `provider/name`. Raises ModelMissing, ModelOffline."""
    prefix, slash, model = name.partition("/")
    provider = providers.get(prefix)
    if provider is None or not slash or not model:
        known = ", ".join(f"{provider}/…" for provider in sorted(providers))
        key = f" Set {KEYS[prefix]} for its models." if prefix in KEYS and provider is None else ""
        raise ModelMissing(f"There is no provider for the model {name!r}.", f"Name it as one of {known}.{key}")
    if provider.offline and not provider.own:
        raise _offline(name, provider._elsewhere)
    if provider.offline and runs_elsewhere(model):
        raise _offline(name, "Ollama has it run in its cloud")
    return provider, model


def runs_elsewhere(model: str) -> bool:
    """Ollama's names for models that it passes on to its cloud."""
    return model.endswith(("-cloud", ":cloud"))


def _offline(what: str, why: str) -> ModelOffline:
    return ModelOffline(
        f"{what} can't be asked: the hub is offline (WFHUB_OFFLINE=1), and {why}.",
        "Choose a model on your own machines, or start the hub without --offline.",
    )


def is_own_address(url: str) -> bool:
    """Whether the host is this machine, one of its private network, or a neighbour container: nobody sends a bill."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_SUFFIXES)
    return address.is_private or address.is_loopback

"""Providers of models on the wire. A key is written and never told."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from main_api.schemas.setting import Source
from main_api.schemas.shape import In, Out, Patch, Version
from services.models.providers import Protocol
from services.settings.providers import LONGEST_KEY

Address = Annotated[str, Field(min_length=1, max_length=500, examples=["http://10.0.0.7:8080/v1"])]
Key = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_KEY, examples=["a key of the provider's"])]
OwnName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z][a-z0-9_-]*$", examples=["lab"])]


class UseOut(Out):
    """Something that is set to a model of the provider. `id` is null for the hub and for roles."""

    kind: Literal["hub", "role", "project", "task", "request"]
    id: int | None
    name: str
    models: list[str]


class ProviderOut(Out):
    """`own`: on your own machines, asked offline too. `enabled`: models of it can be asked; a vendor needs a key for
    that. `environment_url` is what holds once nothing is stored."""

    name: str
    kind: Literal["ollama", "vendor", "named", "scripted"]
    url: str
    environment_url: str | None
    protocol: Protocol
    local: bool
    own: bool
    enabled: bool
    has_key: bool
    key_source: Literal["stored", "environment"] | None
    source: Source
    version: int
    used_by: list[UseOut]


class ProviderTried(Out):
    """What came of asking it for its models. `models` are its own names, the first 200."""

    ok: bool
    sentence: str
    way_out: str
    models: list[str]
    milliseconds: float


class ProviderSaved(Out):
    provider: ProviderOut
    tested: ProviderTried


class ProviderIn(In):
    """One of your own. `local` is your word that it is on your own machines, whatever its address."""

    name: OwnName
    url: Address
    protocol: Protocol = "openai"
    local: bool = False
    key: Key | None = None


class ProviderPatch(Patch):
    """`key` is written only; null takes the stored one away, left out it stays."""

    url: Address = ""
    protocol: Protocol = "openai"
    local: bool = False
    key: Key | None = None


class ProviderTry(In):
    """What is to be tried, and not kept. `name` of a vendor decides its protocol."""

    name: OwnName
    url: Address
    protocol: Protocol = "openai"
    local: bool = False
    key: Key | None = None


class ProviderUndo(In):
    version: Version
    undo: Version = Field(description="The version whose change is taken back", examples=[2])

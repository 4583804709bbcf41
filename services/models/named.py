"""Addresses of models that the owner names: MODEL_PROVIDERS and, apart from them, their keys."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr

from services.domain.errors import InvalidInput
from services.models.providers import KEYS, SPOKEN, Named, Protocol

NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
TAKEN = frozenset({"ollama", "scripted", *KEYS})
PROTOCOLS: dict[str, Protocol] = {name: name for name in SPOKEN}
EXAMPLE = '{"lab": "http://10.0.0.7:8080/v1"}'


def _named(value: Any) -> Any:
    """`{"lab": "http://10.0.0.7:8080/v1", "claude-at-work": {"url": "https://…", "protocol": "anthropic"}}`."""
    if not isinstance(value, str):
        return value
    return tuple(_one(name, entry) for name, entry in _object(value).items())


def _one(name: str, entry: Any) -> Named:
    if not NAME.fullmatch(name) or name in TAKEN:
        raise ValueError(f"{name!r} can't name a provider: small letters, digits, - and _, and not {_listed(TAKEN)}")
    given = {"url": entry} if isinstance(entry, str) else entry
    if not isinstance(given, dict) or not set(given) <= {"url", "protocol", "local"}:
        raise ValueError(
            f'{name} needs an address, or {{"url": …, "protocol": {" or ".join(PROTOCOLS)}, "local": true or false}}'
        )
    url, protocol, local = given.get("url"), given.get("protocol", "openai"), given.get("local", False)
    if not isinstance(local, bool):
        raise ValueError(f"local of {name} is neither true nor false")
    if not isinstance(url, str) or not is_address(url):
        raise ValueError(f"the address of {name} is not http(s)://host/path (keys: MODEL_PROVIDER_CREDENTIALS)")
    if not isinstance(protocol, str) or protocol not in PROTOCOLS:
        raise ValueError(f"{name} speaks {protocol!r}; the gateway knows {_listed(PROTOCOLS)}")
    return Named(name, url, protocol=PROTOCOLS[protocol], local=local)


def _keys(value: Any) -> Any:
    """`{"lab": "its key"}`."""
    found = _object(value) if isinstance(value, str) else value
    if not all(isinstance(key, str) and key.isascii() and key.isprintable() and key for key in found.values()):
        raise ValueError("a key is not a text that fits in a header")
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON; write for instance {EXAMPLE}") from error
    if not isinstance(found, dict):
        raise ValueError(f"not a JSON object; write for instance {EXAMPLE}")
    return found


def is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.password is None and not parts.query


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


Providers = Annotated[tuple[Named, ...], BeforeValidator(_named)]
Credentials = Annotated[dict[str, SecretStr], BeforeValidator(_keys)]


def read_named(values: Mapping[str, str]) -> tuple[Named, ...]:
    """The same from variables. Raises InvalidInput with the variable's name and what is wrong with it."""
    name = "MODEL_PROVIDERS"
    try:
        named = _named(values.get(name) or "{}")
        name = "MODEL_PROVIDER_CREDENTIALS"
        keys = {each: SecretStr(key) for each, key in _keys(values.get(name) or "{}").items()}
        return with_keys(named, keys)
    except ValueError as error:
        raise InvalidInput(f"{name} can't be used: {error}.", "Correct it in .env.") from error


def with_keys(named: Sequence[Named], keys: Mapping[str, SecretStr]) -> tuple[Named, ...]:
    """Raises ValueError for a key without an address."""
    if lost := keys.keys() - {each.name for each in named}:
        raise ValueError(f"there is a key for {_listed(lost)}, which MODEL_PROVIDERS does not name")
    plain = {name: key.get_secret_value() for name, key in keys.items()}
    return tuple(replace(each, key=plain.get(each.name)) for each in named)

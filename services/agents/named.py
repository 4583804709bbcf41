"""More agents than the first, by name: the setting AGENTS."""

import json
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator

FIRST = "local"  # the agent at AGENT_API_URL
NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
EXAMPLE = '{"second": {"url": "http://127.0.0.1:8011", "capacity": 2}}'
DEFAULT_CAPACITY = 4  # agent-api's own


@dataclass(frozen=True, slots=True)
class NamedAgent:
    """Another agent-api: it sees the same worktrees at the same paths, and takes the same token. `capacity` is how many
    jobs it runs at once, its AGENT_CAPACITY."""

    name: str
    url: str
    capacity: int = DEFAULT_CAPACITY


def _agents(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except ValueError as error:
        raise ValueError(f"not JSON; write for instance {EXAMPLE}") from error
    if not isinstance(found, dict):
        raise ValueError(f"not a JSON object; write for instance {EXAMPLE}")
    return tuple(_one(name, entry) for name, entry in found.items())


def _one(name: str, entry: Any) -> NamedAgent:
    if not NAME.fullmatch(name) or name == FIRST:
        raise ValueError(f"{name!r} can't name an agent: small letters, digits, - and _, and not {FIRST}")
    given = {"url": entry} if isinstance(entry, str) else entry
    if not isinstance(given, dict) or not set(given) <= {"url", "capacity"}:
        raise ValueError(f"{name} needs an address, or as in {EXAMPLE}")
    url, capacity = given.get("url"), given.get("capacity", DEFAULT_CAPACITY)
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the address of {name} is not http(s)://host:port")
    if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
        raise ValueError(f"the capacity of {name} is not a number of jobs, 1 or more")
    return NamedAgent(name, str(url), capacity)


Agents = Annotated[tuple[NamedAgent, ...], BeforeValidator(_agents)]

"""The limits that admission keeps."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator

from services.agents.named import FIRST, NamedAgent
from services.models.named import Named


@dataclass(frozen=True)
class AgentRoom:
    """An agent by name, and how many jobs it runs at once; None: as many as come."""

    name: str
    capacity: int | None = None


@dataclass(frozen=True)
class SchedulingLimits:
    """Most live runs of one orchestrator, of one project, of the whole hub, of each role, of each agent.

    A queued task gains 1 priority each `ageing_seconds`. `cards` are the providers of local models, each with room for
    one model at a time: such a model keeps its turn for `batch_seconds` while there is work for it (0: whoever comes is
    let in). `default_model` is asked where nobody chose one. Where `agents` is empty, nobody says which one is used.
    """

    worker_capacity: int = 4
    per_project: int = 4
    ageing_seconds: float = 600.0
    overall: int | None = None
    per_role: Mapping[str, int] = field(default_factory=dict[str, int])
    agents: tuple[AgentRoom, ...] = ()
    default_model: str = ""
    cards: frozenset[str] = frozenset()
    batch_seconds: float = 300.0


def rooms(capacity: int, others: Sequence[NamedAgent]) -> tuple[AgentRoom, ...]:
    """The first agent, whose capacity is AGENT_CAPACITY, and those named in AGENTS."""
    return AgentRoom(FIRST, capacity), *(AgentRoom(one.name, one.capacity) for one in others)


def cards_of(providers: Sequence[Named]) -> frozenset[str]:
    """The providers whose models are loaded on the owner's card: Ollama, and those named that speak its protocol."""
    return frozenset({"ollama", *(one.name for one in providers if one.protocol == "ollama")})


def _counts(value: Any) -> Any:
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, Mapping) or not all(
        isinstance(most, int) and not isinstance(most, bool) and most >= 1 for most in found.values()
    ):
        raise ValueError('not numbers of runs by role, such as {"dev": 2, "qa": 4}')
    return dict(found)


RoleLimits = Annotated[dict[str, int], BeforeValidator(_counts)]

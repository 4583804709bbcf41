"""The workbench: what a workflow's steps work with. The engine calls module functions, so it is set once a process."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.agents.client import Agent
from services.events.output import RunOutput
from services.proofs.files import ProofStore
from services.repos.repos import Repos
from services.scheduling.limits import SchedulingLimits
from services.store.database import Database
from services.workflows.books import Books
from services.workflows.doorbell import Doorbell
from services.workflows.fence import Fence
from services.workflows.holds import Holds
from services.workflows.settings import OrchestratorSettings


@dataclass
class Bench:
    """Everything a step may touch. `settings` are what holds now: read them at each use. `vision_model` is who is shown
    pictures, empty for the agent's own first choice."""

    settings: OrchestratorSettings
    db: Database
    repos: Repos
    agent: Agent
    output: RunOutput
    proofs: ProofStore
    owner: str
    vision_model: str = ""
    fence: Fence = field(default_factory=Fence)
    doorbell: Doorbell = field(default_factory=Doorbell)
    baselines: dict[tuple[int, str, str], dict[str, Any]] = field(default_factory=dict[Any, dict[str, Any]])
    """What commands said at merge bases, by project, commit and step: see baseline.py."""
    holds: Holds = field(default_factory=Holds)
    at_work: dict[str, asyncio.Task[dict[str, Any]]] = field(default_factory=dict[str, Any])  # steps under way, by run

    @cached_property
    def books(self) -> Books:
        return Books(self.db, self.doorbell, self.owner, self.limits)

    @property
    def limits(self) -> SchedulingLimits:
        return self.settings.limits

    def adopt(self, settings: OrchestratorSettings, vision_model: str) -> None:
        """For what begins from now on."""
        self.settings, self.vision_model = settings, vision_model
        self.books.adopt(self.limits)


_current: list[Bench] = []


def set_bench(bench: Bench) -> None:
    _current[:] = [bench]


def bench() -> Bench:
    """This process's workbench; the worker sets it before the engine starts."""
    return _current[0]

"""Pauses on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from main_api.schemas.shape import Out
from services.domain.pauses import Scope


class PausedRunOut(Out):
    """A live run under a pause, and how it stands.

    `stopped`: its agent's processes are stopped. `ending_turn`: a model's answer is awaited and will be kept; nothing
    follows it. `between_steps`: no agent was at work. `not_yet`: its orchestrator or its agent has not answered; it
    stands still as soon as that is there. `outside`: the hub does not carry it and can't stop it.
    """

    run_id: str
    project_id: int
    task_id: int | None
    key: str | None = Field(description="Its task's; null for a request's planning")
    stage: str
    held: Literal["stopped", "ending_turn", "between_steps", "not_yet", "outside"]
    since: datetime | None


class PauseOut(Out):
    """One that a person made."""

    scope: Scope
    id: str = Field(description="Of the project, the task or the run; empty for everything")
    name: str
    title: str
    project_id: int | None
    task_id: int | None
    at: datetime | None
    by: str | None


class PausesOut(Out):
    """`pauses` are all there are, each for itself; `runs` the live runs under them."""

    everything: bool
    pauses: list[PauseOut]
    runs: list[PausedRunOut]


class WordOut(Out):
    """What became of a word to pause or to resume. `changed`: it was not so before. `runs` are the live runs that are
    still under a pause, and `stays` says which pauses of other things go on."""

    scope: Scope
    id: str
    name: str
    paused: bool
    changed: bool
    at: datetime | None = Field(description="Since when it is, or was, paused")
    by: str | None
    sentence: str = Field(examples=["POC-12 is paused. Its agent is stopped."])
    runs: list[PausedRunOut]
    stays: list[PauseOut]

"""How an agent stands: what it can do, what it does now, and what holds in what models run there."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class Ability(BaseModel):
    """An executor. Where it is not `ready`, `sentence` says why and `way_out` how to get it."""

    name: str
    ready: bool
    sentence: str = ""
    way_out: str = ""


class CageKind(BaseModel):
    """One way to hold what models run. Where it does not work, `way_out` says how to get it."""

    name: Literal["bubblewrap", "landlock", "none"]
    works: bool
    way_out: str = ""


class CageStanding(BaseModel):
    """`backend` is what a job gets that asks for nothing else, None where nothing runs. `denies` are sentences on what
    it keeps from what models run, `lacks` on what it can't; `kinds` are all there are."""

    backend: str | None
    denies: tuple[str, ...]
    lacks: tuple[str, ...]
    kinds: tuple[CageKind, ...]
    way_out: str = ""


class AiderStanding(BaseModel):
    """`warm`: its process is there, so that an edit begins at once; `cold`: the next edit starts it; `absent`: there is
    no Aider here."""

    state: Literal["warm", "cold", "absent"]
    sentence: str
    way_out: str = ""


class JobNow(BaseModel):
    """A job that runs now. `held` as in JobState."""

    run_id: str
    step: str
    executor: str
    task_key: str
    model: str | None
    started_at: datetime
    held: str | None = None


class AgentStanding(BaseModel):
    """`seconds_up` is by a clock that nobody sets."""

    host: str
    pid: int
    started_at: datetime
    seconds_up: float
    capacity: int
    jobs: tuple[JobNow, ...]
    executors: tuple[Ability, ...]
    tools: tuple[str, ...]
    cage: CageStanding
    aider: AiderStanding

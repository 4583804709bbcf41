"""Executors: how a step is carried out. One interface, one registry; a new executor is one module and one line here."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from agent_api.cage.policy import ResolvedCage
from agent_api.feedback import FeedbackFile, Where
from agent_api.settings import AgentSettings
from services.contract.feedback import Feedback
from services.contract.run_event import EventKind
from services.contract.run_result import Artifact, RunResult, Usage
from services.contract.run_spec import RunSpec
from services.domain.proof_kinds import ProofKind


class Emit(Protocol):
    """Append a RunEvent to the job's stream. What is new in it counts as progress (agent_api/progress.py), a `notice`
    never."""

    def __call__(self, kind: EventKind, text: str = "", **data: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """What an executor is given for one incarnation of one step.

    `scratch` is a private folder, HOME and TMPDIR of what it runs, removed when the job ends. `cage` is resolved from
    the spec's policy. `keep` stores bytes as an artifact that the result will list. `own_group(pid)` records a process
    group that this job started, so that a restarted agent-api can end it; `run_caged(on_spawn=job.own_group)`.
    `executor` gives another executor by name, for a tool that is one; what its models used goes to `spent`. `steps` is
    the file in which a job that goes on later keeps what its tools did, `feedback` what a person tells it meanwhile.
    """

    spec: RunSpec
    incarnation: int
    settings: AgentSettings
    scratch: Path
    cage: ResolvedCage
    emit: Emit
    keep: Callable[[str, ProofKind, bytes, str], Artifact]
    own_group: Callable[[int], None]
    executor: Callable[[str], Awaitable["Executor"]] | None = None
    steps: Path | None = None
    spent: list[Usage] = field(default_factory=list)
    feedback: FeedbackFile | None = None

    @property
    def worktree(self) -> Path:
        return Path(self.spec.worktree)

    def hear(self, where: Where, number: int) -> list[Feedback]:
        """What a person tells the job at this place of its work (agent_api/feedback.py); said the first time, it is an
        event."""
        if self.feedback is None:
            return []
        return self.feedback.take(
            where, number, lambda said: self.emit("heard", said.words or said.text, feedback=said.id)
        )

    def heard(self, where: Where, number: int) -> list[Feedback]:
        """What it heard there, without asking for more."""
        return self.feedback.at(where, number) if self.feedback is not None else []


class Executor(Protocol):
    """Carries steps out. One instance serves all jobs of the process, several at a time.

    `run` answers a RunResult whose `incarnation`, times, `cage` and `artifacts` the job runner fills in. It raises
    `StepFailed(reason, sentence)` for failed and `StepLost(reason, sentence)` for infrastructure; anything else
    becomes `failed/crashed` with the traceback as artifact. Being cancelled (asyncio.CancelledError: a person's
    cancel, the time limit, a stall) it ends every process it started and re-raises. `close` is called once at
    shutdown.
    """

    def run(self, job: Job) -> Awaitable[RunResult]: ...

    def close(self) -> Awaitable[None]: ...


# Loaded when first used: the tools executor imports Pydantic AI (0.9 s), which a start should not wait for.
EXECUTORS: dict[str, str] = {
    "aider": "agent_api.executors.aider:AiderExecutor",
    "tools": "agent_api.executors.tools:ToolsExecutor",
    "command": "agent_api.executors.command:CommandExecutor",
    "scan": "agent_api.executors.scan:ScanExecutor",
    "vision": "agent_api.executors.vision:VisionExecutor",
}


class Registry:
    """Makes each executor once, with the process's settings, on first use."""

    def __init__(self, settings: AgentSettings, names: dict[str, str] | None = None) -> None:
        self._settings = settings
        self._names = names if names is not None else EXECUTORS
        self._made: dict[str, Executor] = {}

    def get(self, name: str) -> Executor:
        """The executor of this name. Raises KeyError for a name that is not registered."""
        if name not in self._made:
            module, _, attribute = self._names[name].partition(":")
            self._made[name] = getattr(import_module(module), attribute)(self._settings)
        return self._made[name]

    async def ready(self, name: str) -> Executor:
        """The same, its module loaded beside the event loop: a slow import must not hold up other jobs."""
        await asyncio.to_thread(import_module, self._names[name].partition(":")[0])
        return self.get(name)

    def warm(self, name: str) -> bool:
        """Whether this executor keeps a process that waits for work."""
        return bool(getattr(self._made.get(name), "is_warm", False))

    async def close(self) -> None:
        """Close every executor that was used."""
        for executor in self._made.values():
            await executor.close()
        self._made.clear()

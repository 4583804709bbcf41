"""An agent in this process: it keeps agent-api's promises about jobs, and a function says what each job answers."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from services.agents.errors import AgentRefused, AgentUnreachable
from services.contract.feedback import Feedback, FeedbackTaken
from services.contract.run_event import RunEvent
from services.contract.run_result import JobState, RunResult
from services.contract.run_spec import RunSpec
from services.store.types import now

Behaviour = Callable[[RunSpec], RunResult | Awaitable[RunResult]]


@dataclass
class _Job:
    spec: RunSpec
    state: JobState
    events: list[RunEvent] = field(default_factory=list)
    told: dict[int, Feedback] = field(default_factory=dict[int, Feedback])
    over: asyncio.Event = field(default_factory=asyncio.Event)


class FakeAgent:
    """The same job twice is one job; an interrupted one starts again with the next incarnation.

    `behaviour` may edit the worktree like a real executor, and answers the result. `put_artifact` stores bytes that a
    result may name. `starts` counts how often each job was really started.
    """

    def __init__(self, behaviour: Behaviour, name: str = "fake") -> None:
        self.name = name
        self.reachable = True
        self.starts: dict[tuple[str, str], int] = {}
        self._behaviour = behaviour
        self._jobs: dict[tuple[str, str], _Job] = {}
        self._artifacts: dict[str, bytes] = {}

    def put_artifact(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self._artifacts[digest] = data
        return digest

    async def start(self, spec: RunSpec) -> JobState:
        self._check_reachable()
        key = (spec.run_id, spec.step)
        job = self._jobs.get(key)
        if job is not None and not _may_start(job.state, spec):
            return job.state
        self.starts[key] = self.starts.get(key, 0) + 1
        incarnation = max(job.state.incarnation if job else 0, spec.after_incarnation) + 1
        state = JobState(
            run_id=spec.run_id, step=spec.step, state="running", incarnation=incarnation, last_seq=0, started_at=now()
        )
        job = _Job(spec, state, job.events if job else [])
        self._jobs[key] = job
        done = self._behaviour(spec)
        result = (done if isinstance(done, RunResult) else await done).model_copy(update={"incarnation": incarnation})
        seq = len(job.events) + 1
        job.events.append(RunEvent(seq=seq, at=now(), kind="finished", text=result.sentence))
        job.state = state.model_copy(update={"state": "finished", "result": result, "last_seq": seq})
        job.over.set()
        return state

    async def state(self, run_id: str, step: str) -> JobState | None:
        self._check_reachable()
        job = self._jobs.get((run_id, step))
        return job.state if job else None

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]:
        self._check_reachable()
        job = self._jobs.get((run_id, step))
        if job is None:
            raise AgentRefused(f"There is no job {run_id}/{step}.")
        await job.over.wait()
        for event in job.events:
            if event.seq > after:
                yield event

    async def artifact(self, run_id: str, step: str, sha256: str) -> bytes:
        self._check_reachable()
        if sha256 not in self._artifacts:
            raise AgentRefused(f"The job {run_id}/{step} has no artifact {sha256[:12]}.")
        return self._artifacts[sha256]

    async def tell(self, run_id: str, step: str, said: Feedback) -> FeedbackTaken:
        """Its behaviours do not listen: they hear it when they are told of it in a prompt."""
        self._check_reachable()
        job = self._jobs.get((run_id, step))
        if job is None or job.state.state == "finished":
            return FeedbackTaken(state="over")
        job.told.setdefault(said.id, said)
        return FeedbackTaken(state="waiting")

    async def cancel(self, run_id: str, step: str) -> None:
        self._check_reachable()
        job = self._jobs.get((run_id, step))
        if job is not None and job.state.state == "running":
            result = RunResult(outcome="cancelled", incarnation=job.state.incarnation)
            job.state = job.state.model_copy(update={"state": "finished", "result": result})
            job.over.set()

    async def pause(self, run_id: str, step: str) -> JobState | None:
        return self._hold(run_id, step, "stopped")

    async def resume(self, run_id: str, step: str) -> JobState | None:
        return self._hold(run_id, step, None)

    def _hold(self, run_id: str, step: str, held: Literal["stopped"] | None) -> JobState | None:
        self._check_reachable()
        job = self._jobs.get((run_id, step))
        if job is not None and job.state.state == "running":
            job.state = job.state.model_copy(update={"held": held})
        return job.state if job else None

    async def close(self) -> None:
        self.reachable = False

    def interrupt(self, run_id: str, step: str) -> None:
        """As if the agent had died in the middle and come back."""
        job = self._jobs[(run_id, step)]
        job.state = job.state.model_copy(update={"state": "interrupted", "result": None})

    def _check_reachable(self) -> None:
        if not self.reachable:
            raise AgentUnreachable("The agent does not answer.", "It is asked again.")


def _may_start(state: JobState, spec: RunSpec) -> bool:
    if state.state == "running":
        return False
    lost = state.result is None or state.result.outcome == "lost"
    return lost or state.incarnation <= spec.after_incarnation

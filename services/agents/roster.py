"""Several agents as one: each call goes to the agent that the run was given to when it was admitted."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from services.agents.client import Agent
from services.agents.errors import AgentRefused
from services.contract.feedback import Feedback, FeedbackTaken
from services.contract.run_event import RunEvent
from services.contract.run_result import JobState
from services.contract.run_spec import RunSpec

MOST_KNOWN = 1_000  # runs whose agent is remembered; of others it is asked again


class Roster:
    """`name` is that of the first agent, which has every run that nobody gave to another. `whose` answers the agent of
    a run by name, None where nobody said; it never changes while the run lives."""

    def __init__(self, agents: Mapping[str, Agent], whose: Callable[[str], Awaitable[str | None]]) -> None:
        self.name = next(iter(agents))
        self._agents, self._whose = dict(agents), whose
        self._known: dict[str, Agent] = {}

    async def start(self, spec: RunSpec) -> JobState:
        return await (await self._of(spec.run_id)).start(spec)

    async def state(self, run_id: str, step: str) -> JobState | None:
        return await (await self._of(run_id)).state(run_id, step)

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]:
        async for event in (await self._of(run_id)).events(run_id, step, after):
            yield event

    async def artifact(self, run_id: str, step: str, sha256: str) -> bytes:
        return await (await self._of(run_id)).artifact(run_id, step, sha256)

    async def tell(self, run_id: str, step: str, said: Feedback) -> FeedbackTaken:
        return await (await self._of(run_id)).tell(run_id, step, said)

    async def cancel(self, run_id: str, step: str) -> None:
        await (await self._of(run_id)).cancel(run_id, step)

    async def pause(self, run_id: str, step: str) -> JobState | None:
        return await (await self._of(run_id)).pause(run_id, step)

    async def resume(self, run_id: str, step: str) -> JobState | None:
        return await (await self._of(run_id)).resume(run_id, step)

    async def close(self) -> None:
        for agent in self._agents.values():
            await agent.close()

    async def _of(self, run_id: str) -> Agent:
        if (agent := self._known.get(run_id)) is not None:
            return agent
        name = await self._whose(run_id) or self.name
        if name not in self._agents:
            raise AgentRefused(
                f"The run was given to the agent {name}, which is not known any more.",
                "Name it in AGENTS again, or start the task anew.",
            )
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[run_id] = self._agents[name]
        return self._known[run_id]

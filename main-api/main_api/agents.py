"""Who of the agents is there: each is asked every few seconds, and how long ago it answered is told by a clock that
nobody sets."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import httpx
import structlog
from pydantic import ValidationError

from main_api.settings import MainSettings
from services.agents.named import FIRST
from services.contract.agent_standing import AgentStanding
from services.trusted import trusted_for

log = structlog.get_logger(__name__)
LOOK_SECONDS = 1.5  # a person waits for it
LATE_BEATS = 2.5
State = Literal["alive", "late", "gone", "refused"]
START = "Start it with ./start.sh; logs/agent-api.log under WFHUB_HOME tells why it ended."
NAMED = "Start agent-api there with this hub's token, or take it out of AGENTS and restart the hub."


@dataclass
class Watched:
    """`capacity` is how many runs the hub gives it at once; `answered_at` is seconds of the monotonic clock."""

    name: str
    url: str
    capacity: int
    answered_at: float | None = None
    fault: str = ""


@dataclass(frozen=True)
class Seen:
    """`seconds_ago` is since it answered last, None where it has not since the hub started. `standing` is None where it
    does not answer now."""

    name: str
    url: str
    capacity: int
    state: State
    seconds_ago: float | None
    sentence: str
    way_out: str
    standing: AgentStanding | None = field(default=None)


class AgentWatch:
    """`start` before it is asked. `clock` is monotonic: setting the machine's clock makes nobody look dead."""

    def __init__(self, settings: MainSettings, clock: Callable[[], float] = time.monotonic) -> None:
        others = ((one.name, one.url, one.capacity) for one in settings.agents)
        known = ((FIRST, settings.agent_api_url, settings.agent_capacity), *others)
        self.agents = [Watched(name, url.rstrip("/"), capacity) for name, url, capacity in known]
        self._beat, self._gone = settings.agent_beat_seconds, settings.agent_gone_seconds
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        verify = trusted_for(*(agent.url for agent in self.agents))
        self._http = httpx.AsyncClient(verify=verify, trust_env=False, follow_redirects=False, timeout=LOOK_SECONDS)
        self._clock, self._begun = clock, clock()
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._beating = asyncio.create_task(self._beat_on(), name="agents-beat")

    async def stop(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._http.aclose()

    async def look(self) -> list[Seen]:
        """All of them, asked now, side by side."""
        return list(await asyncio.gather(*(self._look_at(agent) for agent in self.agents)))

    async def beat(self) -> None:
        """Asks each whether it is there."""
        await asyncio.gather(*(self._hear(agent) for agent in self.agents))

    async def _beat_on(self) -> None:
        while True:
            await self.beat()
            await asyncio.sleep(self._beat)

    async def _hear(self, agent: Watched) -> None:
        try:
            answer = await self._http.get(f"{agent.url}/health")
        except (httpx.HTTPError, ValueError) as error:
            self._miss(agent, f"It does not answer at {agent.url} ({type(error).__name__}).")
            return
        if answer.status_code == 200:
            self._answered(agent)
        else:
            self._miss(agent, f"It answers {answer.status_code} at {agent.url}.")

    async def _look_at(self, agent: Watched) -> Seen:
        try:
            answer = await self._http.get(f"{agent.url}/api/agent", headers=self._headers)
        except (httpx.HTTPError, ValueError) as error:
            self._miss(agent, f"It does not answer at {agent.url} ({type(error).__name__}).")
            return self._seen(agent)
        if answer.status_code in (401, 403, 421):
            return self._refused(agent)
        try:
            answer.raise_for_status()
            standing = AgentStanding.model_validate_json(answer.content)
        except (httpx.HTTPStatusError, ValidationError):
            self._miss(agent, f"What answers at {agent.url} is no agent of this version ({answer.status_code}).")
            return self._seen(agent)
        self._answered(agent)
        return self._seen(agent, standing)

    def _answered(self, agent: Watched) -> None:
        if agent.fault and agent.answered_at is not None:
            log.info("agent.back", agent=agent.name)
        agent.answered_at, agent.fault = self._clock(), ""

    def _miss(self, agent: Watched, fault: str) -> None:
        if not agent.fault and agent.answered_at is not None:
            log.warning("agent.away", agent=agent.name, fault=fault)
        agent.fault = fault

    def _seen(self, agent: Watched, standing: AgentStanding | None = None) -> Seen:
        age = None if agent.answered_at is None else self._clock() - agent.answered_at
        silent = age if age is not None else self._clock() - self._begun
        state: State = (
            "alive"
            if age is not None and age <= self._beat * LATE_BEATS
            else "late"
            if silent <= self._gone
            else "gone"
        )
        if standing is None and state == "alive":
            state = "late"
        sentence, way_out = agent.fault, "" if standing is not None else (START if agent.name == FIRST else NAMED)
        ago = None if age is None else round(age, 1)
        return Seen(agent.name, agent.url, agent.capacity, state, ago, sentence, way_out, standing)

    def _refused(self, agent: Watched) -> Seen:
        self._answered(agent)
        sentence = "It answers, but does not take this hub's token."
        return Seen(agent.name, agent.url, agent.capacity, "refused", 0.0, sentence, "Restart it: ./start.sh.")

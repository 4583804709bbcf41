"""How this agent stands, as GET /api/agent tells it."""

import asyncio
import os
import socket
import time
from datetime import UTC, datetime
from importlib.util import find_spec

from agent_api.cage.host import probe
from agent_api.cage.told import cage_standing
from agent_api.executors import EXECUTORS, Registry
from agent_api.executors.aider_python import aider_python
from agent_api.jobs import JobBoard
from agent_api.settings import AgentSettings
from services.contract.agent_standing import Ability, AgentStanding, AiderStanding
from services.contract.agent_tools import TOOL_WORDS

AIDER = "Make its environment: ./start.sh does, or set AIDER_PYTHON to a Python that has aider-chat."
SCANNERS = {"bandit": "bandit", "detect-secrets": "detect_secrets"}  # by the module that is run


class Standing:
    """Of one process, from its start on."""

    def __init__(self, settings: AgentSettings, board: JobBoard, registry: Registry) -> None:
        self._settings, self._board, self._registry = settings, board, registry
        self._started, self._at = time.monotonic(), datetime.now(UTC)

    async def now(self) -> AgentStanding:
        settings = self._settings
        host = await asyncio.to_thread(probe)
        cage, aider = cage_standing(settings, host), self._aider()
        return AgentStanding(
            host=socket.gethostname(), pid=os.getpid(), started_at=self._at,
            seconds_up=round(time.monotonic() - self._started, 1), capacity=settings.agent_capacity,
            jobs=self._board.jobs_now(), executors=self._executors(aider, caged=cage.backend is not None),
            tools=tuple(TOOL_WORDS), cage=cage, aider=aider,
        )  # fmt: skip

    def _aider(self) -> AiderStanding:
        python = aider_python(self._settings)
        if not python.is_file():
            return AiderStanding(
                state="absent", sentence=f"Aider's environment is not there ({python}).", way_out=AIDER
            )
        if self._registry.warm("aider"):
            return AiderStanding(state="warm", sentence="Aider is loaded: an edit begins at once.")
        idle = self._settings.aider_idle_seconds
        sentence = f"Aider is loaded with the next edit, and stays for {idle / 60:.0f} min after the last one."
        return AiderStanding(state="cold", sentence=sentence)

    def _executors(self, aider: AiderStanding, *, caged: bool) -> tuple[Ability, ...]:
        return tuple(self._ability(name, aider, caged=caged) for name in EXECUTORS)

    def _ability(self, name: str, aider: AiderStanding, *, caged: bool) -> Ability:
        if not caged and name != "vision":
            return Ability(name=name, ready=False, sentence="No cage holds what it would run.", way_out="See the cage.")
        if name == "aider" and aider.state == "absent":
            return Ability(name=name, ready=False, sentence=aider.sentence, way_out=aider.way_out)
        if name == "scan" and (missing := [name for name, module in SCANNERS.items() if find_spec(module) is None]):
            sentence = f"Missing: {', '.join(missing)}."
            return Ability(
                name=name, ready=False, sentence=sentence, way_out="./start.sh installs them with agent-api."
            )
        return Ability(name=name, ready=True)

"""All parts together: looked at side by side, and one word for the whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from main_api.agents import NAMED, START
from main_api.gateway import Gateway
from main_api.health.agents import look_at_agent
from main_api.health.answers import look_at_answers
from main_api.health.containers import look_at_containers
from main_api.health.database import WAY_OUT, look_at_database
from main_api.health.disk import look_at_disk
from main_api.health.engine import look_at_engine
from main_api.health.models import look_at_provider
from main_api.health.notices import look_at_notices
from main_api.health.part import Part, PartWatch, Status
from main_api.settings import MainSettings
from services.store.database import Database
from services.trusted import trusted_for

MODEL = "Look whether it is overloaded, or choose another model."
DISK = "Look at what keeps the disk busy, or whether a network folder is gone."


@dataclass(frozen=True)
class Whole:
    status: Status
    sentence: str
    parts: list[Part]


class HealthWatch:
    """`look` answers within two seconds, whatever hangs."""

    def __init__(self, settings: MainSettings, db: Database, gateway: Gateway) -> None:
        others = [agent.url for agent in settings.agents] + [settings.stack_api_url or settings.agent_api_url]
        verify = trusted_for(settings.agent_api_url, *others)
        self._http = httpx.AsyncClient(verify=verify, trust_env=False, follow_redirects=False)
        self._db, self._gateway = db, gateway
        self._first = _first(settings, db, self._http)
        self._models = _models(settings, db, gateway)
        self._last = _last(settings, db, self._http)

    async def adopt(self, settings: MainSettings) -> None:
        """Looks at the providers that there are from now on."""
        before, self._models = self._models, _models(settings, self._db, self._gateway)
        await asyncio.gather(*(watch.stop() for watch in before))

    async def look(self) -> Whole:
        parts = await asyncio.gather(*(watch.part() for watch in self._watches))
        return Whole(*judged(parts), parts=list(parts))

    @property
    def _watches(self) -> list[PartWatch]:
        return [*self._first, *self._models, *self._last]

    async def stop(self) -> None:
        await asyncio.gather(*(watch.stop() for watch in self._watches))
        await self._http.aclose()


def judged(parts: Sequence[Part]) -> tuple[Status, str]:
    """Unwell where one part is; else unknown where nobody can tell of one; what is off does not count."""
    telling: tuple[tuple[Status, str], ...] = (("unwell", "Not well"), ("unknown", "Nobody can tell of"))
    for status, words in telling:
        if names := [part.name for part in parts if part.status == status]:
            return status, f"{words}: {', '.join(names)}."
    return "well", "All is well."


def _first(settings: MainSettings, db: Database, http: httpx.AsyncClient) -> list[PartWatch]:
    token, agent = settings.token.get_secret_value(), settings.agent_api_url.rstrip("/")
    return [
        PartWatch("database", "database", partial(look_at_database, db), way_out=WAY_OUT),
        PartWatch("engine", "engine", partial(look_at_engine, db, settings.worker_ttl_seconds), hung="unknown"),
        PartWatch("agent", "agent-api", partial(look_at_agent, http, agent, token), way_out=START),
        *(
            PartWatch(
                "agent",
                one.name,
                partial(look_at_agent, http, one.url.rstrip("/"), token, one.name, NAMED),
                way_out=NAMED,
            )
            for one in settings.agents
        ),
    ]


def _models(settings: MainSettings, db: Database, gateway: Gateway) -> list[PartWatch]:
    return [
        PartWatch(
            "model", name, partial(look_at_provider, gateway, db, provider, settings.default_model), way_out=MODEL
        )
        for name, provider in gateway.providers.items()
    ]


def _last(settings: MainSettings, db: Database, http: httpx.AsyncClient) -> list[PartWatch]:
    stack_token = settings.stack_api_token.get_secret_value() if settings.stack_api_token else ""
    stack_url = settings.stack_api_url.rstrip("/") if settings.stack_api_url else None
    return [
        PartWatch(
            "answers",
            "stored answers",
            partial(look_at_answers, db, settings.answer_bounds),
            hung="unknown",
            way_out=WAY_OUT,
        ),
        *(
            PartWatch("disk", name, partial(look_at_disk, folder, settings.disk_free_bytes), way_out=DISK)
            for name, folder in (("home", settings.home), ("workspaces", settings.workspaces_dir))
        ),
        PartWatch("notices", "notifications", partial(look_at_notices, db), hung="unknown", way_out=WAY_OUT),
        PartWatch(
            "containers", "containers", partial(look_at_containers, http, stack_url, stack_token), hung="unknown"
        ),
    ]

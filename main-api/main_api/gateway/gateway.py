"""What the gateway is made of, opened and closed with main-api."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from main_api.gateway.known import KnownModels
from main_api.gateway.standby import Standby
from main_api.gateway.turns import Turns
from services.credentials.keyring import Keyring
from services.models.book import Book
from services.models.budgets import Defaults
from services.models.fit import Card
from services.models.ledger import settle_orphans
from services.models.providers import Provider
from services.models.traffic import TrafficLog
from services.proxies import behind_proxy
from services.store.database import Database

log = structlog.get_logger(__name__)
CONNECT_SECONDS = 5.0
BUSY_PAUSES = (0.5, 2.0)
ANSWER_BYTES = 8_000_000
FALLBACK_SECONDS = 240.0  # sooner than a run without progress is ended
REST_SECONDS = 4.0  # many servers of one's own close a connection that rests for 5 s; a call on it would be lost
FAR_REST_SECONDS = 15.0
SILENCE_SECONDS = 600.0  # a small machine reads a long prompt for minutes before the first token


@dataclass
class Gateway:
    """Shared by all calls. `secret` verifies run tokens, as do `secrets_before` those of runs that began before a
    rotation; both open and the first seals stored answers. `profiles` overrides what is known of models by full name;
    `tokenizers` is the folder of their tokenizers.

    `silence_seconds` is the longest a provider may send nothing, `busy_pauses` what is waited before a call that was
    turned away is sent again, where the provider does not say how long. An answer larger than `answer_max_bytes` is
    handed over and not stored. `fallback_seconds` is how long an answer may take to begin where another model stands
    in.
    """

    db: Database
    providers: dict[str, Provider]
    secret: str = field(repr=False)
    budgets: Defaults = field(default_factory=Defaults)
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tokenizers: Path | None = None
    card: Card = field(default_factory=Card)
    silence_seconds: float = SILENCE_SECONDS
    busy_pauses: tuple[float, ...] = BUSY_PAUSES
    answer_max_bytes: int = ANSWER_BYTES
    fallback_seconds: float = FALLBACK_SECONDS
    traffic: TrafficLog = field(default_factory=lambda: TrafficLog(None))
    turns: Turns = field(default_factory=Turns)
    pinned: dict[str, str] = field(default_factory=dict)  # alias to the name to ask for
    loaded: dict[str, str] = field(default_factory=dict)  # the model that each provider was asked for last
    unsteady: set[tuple[str, str]] = field(default_factory=set)  # provider and model that take no temperature
    secrets_before: tuple[str, ...] = field(default=(), repr=False)
    _sessions: dict[Provider, aiohttp.ClientSession] = field(default_factory=dict, repr=False)

    @cached_property
    def book(self) -> Book:
        return Book(self.db)

    @cached_property
    def ring(self) -> Keyring:
        return Keyring(self.secret, self.secrets_before)

    async def start(self) -> None:
        """Settles what a killed gateway left open. Call it in the event loop that serves."""
        async with self.db.write() as session:
            orphans = await settle_orphans(session)
        if orphans:
            log.warning("gateway.orphans_settled", calls=orphans)
        self.traffic.start()

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        await self.book.close()
        await asyncio.to_thread(self.traffic.stop)

    def adopt(self, providers: dict[str, Provider], budgets: Defaults) -> None:
        """From the next call on; those under way end as they began."""
        self.providers, self.budgets = providers, budgets

    def client(self, provider: Provider) -> aiohttp.ClientSession:
        """Made when it is first asked; one whose provider was moved serves its calls under way to their end."""
        if provider not in self._sessions:
            self._sessions[provider] = _client(provider, self.silence_seconds)
        return self._sessions[provider]

    @cached_property
    def standby(self) -> Standby:
        return Standby(self.db)

    @cached_property
    def known(self) -> KnownModels:
        return KnownModels(self.db, self.profiles, self.tokenizers, self.card)


def _client(provider: Provider, silence: float) -> aiohttp.ClientSession:
    """One for each provider, so that no key meets another's address. The environment's proxies aren't for one's own."""
    headers = {"User-Agent": "workflow-hub", "Accept-Encoding": "identity"}
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=REST_SECONDS if provider.local else FAR_REST_SECONDS)
    return aiohttp.ClientSession(
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=silence),
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=_behind_proxy(provider),
    )


def _behind_proxy(provider: Provider) -> bool:
    """Whether the environment has a proxy for it; only then may aiohttp look, in a thread and twice for each call."""
    url = provider.openai_url or provider.anthropic_url or provider.ollama_url or ""
    return not provider.local and behind_proxy(url)

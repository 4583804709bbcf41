"""The settings as they hold now: those of the environment, and over them what the owner stored. Where there are several
main-apis on one database, each takes over what another one stored."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import sqlalchemy as sa
import structlog
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from main_api import logs
from main_api.follower import Follower
from main_api.settings import MainSettings
from services.credentials.errors import CredentialUnreadable
from services.credentials.keyring import Keyring
from services.models.named import TAKEN
from services.settings.overlay import NEWEST, Stored, over, read_stored
from services.settings.providers import KEPT_AS
from services.store.database import Database
from services.store.models import Credential

log = structlog.get_logger(__name__)
LOOK_SECONDS = 15.0
REST_SECONDS = 0.5
Adopt = Callable[[MainSettings], Awaitable[None]]


class LiveSettings:
    """`of_start` are those that the process began with; `stored` is what was laid over them last."""

    def __init__(self, of_start: MainSettings, db: Database, ring: Keyring, follower: Follower) -> None:
        self.of_start, self.now, self.stored = of_start, of_start, Stored()
        self.keys: dict[str, str] = {}
        self._db, self._ring, self._follower = db, ring, follower
        self._adopt: Adopt | None = None
        self._loading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self, adopt: Adopt) -> None:
        self._adopt = adopt
        await self.load()
        self._task = asyncio.create_task(self._follow(), name="settings")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self.now is not self.of_start:
            logs.forget(self.now)

    async def load(self) -> None:
        """Takes over what is stored. After a change is committed, before it is answered."""
        async with self._loading:
            async with self._db.read() as session:
                stored = await read_stored(session)
                keys = await self._stored_keys(session) if stored.providers else {}
            if stored == self.stored and keys == self.keys:
                return
            before, self.stored, self.keys = self.now, stored, keys
            self.now = laid_over(self.of_start, stored, keys)
            logs.learn(self.now)
            if before is not self.of_start:
                logs.forget(before)
            if self._adopt is not None:
                await self._adopt(self.now)

    async def _stored_keys(self, session: AsyncSession) -> dict[str, str]:
        rows = await session.scalars(sa.select(Credential).where(Credential.provider == KEPT_AS))
        found: dict[str, str] = {}
        for row in rows.all():
            try:
                found[row.label] = self._ring.decrypt(row.encrypted)
            except CredentialUnreadable as error:
                log.warning("settings.key_unreadable", provider=row.label, error=str(error))
        return found

    async def _follow(self) -> None:
        while True:
            after = self._follower.latest
            await self._follower.wait(after, LOOK_SECONDS)
            await asyncio.sleep(REST_SECONDS)
            try:
                async with self._db.read() as session:
                    newest = int(await session.scalar(NEWEST) or 0)
                if newest != self.stored.newest:
                    await self.load()
            except (SQLAlchemyError, OSError) as error:
                log.warning("settings.not_read", error=str(error)[:300])


def laid_over(settings: MainSettings, stored: Stored, keys: dict[str, str]) -> MainSettings:
    """What is stored wins; a hub that was started offline stays so."""
    hub = {name: value for name, value in stored.hub.items() if name in MainSettings.model_fields}
    named = stored.named(settings.model_providers)
    own = {name: SecretStr(key) for name, key in keys.items() if name not in TAKEN}
    names = {one.name for one in named}
    own = {name: key for name, key in {**settings.model_credentials, **own}.items() if name in names}
    vendors = {
        f"{name}_api_key": SecretStr(key) for name, key in keys.items() if name in ("openai", "anthropic", "groq")
    }
    return over(
        settings,
        {
            **hub,
            **vendors,
            "offline": settings.offline or bool(hub.get("offline")),
            "ollama_url": stored.url("ollama", settings.ollama_url),
            "openai_base_url": stored.url("openai", settings.openai_base_url),
            "anthropic_base_url": stored.url("anthropic", settings.anthropic_base_url),
            "model_providers": named,
            "model_credentials": own,
        },
    )  # fmt: skip

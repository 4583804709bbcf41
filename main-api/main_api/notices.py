"""Tells the person of what is new in the inbox, beside everything else: nothing waits for it."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.follower import Follower
from main_api.reads.inbox import all_waiting
from main_api.reads.waiting import Waiting
from main_api.settings import MainSettings
from services.credentials import credentials
from services.credentials.keyring import Keyring
from services.domain.errors import HubError
from services.notices import command, line, webhook
from services.notices.settings import channels_of, read_settings
from services.store.database import Database
from services.store.models import NoticeSettings
from services.store.types import now

log = structlog.get_logger(__name__)
LOOK_SECONDS = 15.0  # without news: tries that are due, and what another main-api left
REST_SECONDS = 0.5  # what happens in one breath is looked at together


class Notices:
    """Follows the events. Several main-apis on one database share the line; each notice is taken by one."""

    def __init__(self, settings: MainSettings, db: Database, follower: Follower, ring: Keyring) -> None:
        self._settings, self._db, self._follower, self._ring = settings, db, follower, ring
        self._task: asyncio.Task[None] | None = None

    def adopt(self, settings: MainSettings) -> None:
        self._settings = settings

    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name="notices")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            after = self._follower.latest
            try:
                await self.round()
            except (HubError, SQLAlchemyError, OSError) as error:
                log.warning("notices.round", error=str(error)[:300])
            await self._follower.wait(after, LOOK_SECONDS)
            await asyncio.sleep(REST_SECONDS)

    async def round(self) -> None:
        """Looks what is new, and tells all that is due."""
        async with self._db.read() as session:
            settings = await read_settings(session)
            if not channels_of(settings):
                return
            waits = await all_waiting(session, self._settings.budgets)
        async with self._db.write() as session:
            await line.put_in_line(session, {item.key: self.told(item, len(waits)) for item in waits})
        while True:
            async with self._db.write() as session:
                notice = await line.take(session, self._settings.notices)
            if notice is None:
                return
            done, sentence = await self.tell(settings, notice.channel, notice.item, notice.body)
            log.info("notice.told" if done else "notice.not_told", item=notice.item, channel=notice.channel,
                     attempt=notice.attempts, sentence=sentence)  # fmt: skip
            async with self._db.write() as session:
                await line.settle(session, notice.id, done, sentence, self._settings.notices)

    async def test(self) -> list[tuple[str, bool, str, float]]:
        """Tells a sample by each channel now: its name, whether it was taken, a sentence, milliseconds."""
        async with self._db.read() as session:
            settings = await read_settings(session)
        sample = Waiting(
            "test:0", "test", 0, None, None, "This is a test.", "test", "Your hub can reach you.", now(), "/"
        )
        results: list[tuple[str, bool, str, float]] = []
        for channel in channels_of(settings):
            began = time.perf_counter()
            done, sentence = await self.tell(settings, channel, f"test:{int(time.time() * 1000)}", self.told(sample, 0))
            results.append((channel, done, sentence, round((time.perf_counter() - began) * 1000, 1)))
        return results

    async def tell(self, settings: NoticeSettings, channel: str, id: str, body: dict[str, Any]) -> tuple[bool, str]:
        """Whether it was taken, and a sentence. Holds no transaction."""
        seconds = self._settings.notices.call_seconds
        try:
            if channel == "command":
                return await command.run(settings.command, body, seconds)
            if settings.credential_id is None:
                return await webhook.call(settings.webhook_url, None, id, body, seconds)
            async with credentials.use(self._db, self._ring, settings.credential_id) as secret:
                return await webhook.call(settings.webhook_url, secret, id, body, seconds)
        except HubError as error:
            return False, str(error)

    def told(self, item: Waiting, count: int) -> dict[str, Any]:
        """What is sent of an item; `url` leads to it in the page."""
        base = self._settings.public_url or f"http://{self._settings.host}:{self._settings.port}"
        return {
            "type": "inbox.item", "id": item.key, "kind": item.kind, "reason": item.reason, "title": item.title,
            "sentence": item.sentence, "since": item.since.isoformat(), "project_id": item.project_id,
            "task_id": item.task_id, "waiting": count, "url": f"{base}/chat.html?view=inbox&item={item.key}",
        }  # fmt: skip

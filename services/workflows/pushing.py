"""Carries queued pushes out beside everything else: a remote that is slow or away holds nothing up."""

import asyncio
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from services.domain.errors import HubError
from services.pushes.queue import any_due, due, not_pushed, pushed
from services.repos.errors import PushRefused
from services.store.models import Project, Push
from services.tasks.retry import Backoff
from services.workflows.bench import Bench

log = structlog.get_logger()
OFFLINE = "The hub stays off the network (WFHUB_OFFLINE); it is pushed when that is over."


class Pushing:
    """Looks with each sweep. A push that a crash cut off is tried again when its lease is over."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    async def look(self, bench: Bench) -> None:
        """Begins what is due, and does not wait for it."""
        async with bench.db.read() as session:
            if not await any_due(session):
                return
        async with bench.db.write() as session:
            rows = await due(session, bench.settings.push_seconds * 2)
        for row in rows:
            task = asyncio.create_task(push_one(bench, row), name=f"push {row.id}")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)


async def push_one(bench: Bench, row: Push) -> None:
    """One try, and what came of it."""
    async with bench.db.read() as session:
        project = await session.get_one(Project, row.project_id)
    settings = bench.settings
    wait = Backoff(settings.push_retry_seconds, settings.push_retry_longest_seconds)
    try:
        if settings.offline:
            await _put_off(bench, row, OFFLINE, settings.push_retry_seconds)
            return
        try:
            async with asyncio.timeout(settings.push_seconds):
                await bench.repos.push(Path(project.workspace_path), row.remote, row.branch, row.commit)
        except PushRefused as error:
            log.warning("push.refused", project=project.key, error=str(error)[:300])
            await _put_off(bench, row, str(error), None)
        except (HubError, TimeoutError) as error:
            told = str(error) or f"{row.remote} did not answer in {settings.push_seconds:g} s. It is tried again."
            await _put_off(bench, row, told, wait.seconds(row.attempts + 1))
        else:
            async with bench.db.write() as session:
                await pushed(session, row.id)
    except DBAPIError as error:  # the lease ends, and it is tried again
        log.warning("push.database", error=str(error)[:300])


async def _put_off(bench: Bench, row: Push, sentence: str, seconds: float | None) -> None:
    async with bench.db.write() as session:
        await not_pushed(session, row.id, sentence, seconds)

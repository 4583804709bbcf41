"""Keeps `.workflow/` of the workspaces up to date, some seconds after what happened: nobody waits for it."""

import asyncio
import json
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.follower import Follower
from main_api.settings import MainSettings
from services.domain.errors import HubError
from services.events.output import RunOutput
from services.notebook.write import write_notebook
from services.repos.repos import Repos

log = structlog.get_logger(__name__)
WAIT_SECONDS = 60.0
TELLS = ("task.", "run.", "comment.", "criterion.", "approval.")


class Notebook:
    """Follows the events of this process's follower. Several main-apis write the same; each file is replaced whole."""

    def __init__(self, settings: MainSettings, follower: Follower, repos: Repos, output: RunOutput) -> None:
        self._settings, self._follower, self._repos, self._output = settings, follower, repos, output
        self._task: asyncio.Task[None] | None = None
        self._complained: set[int] = set()

    async def start(self) -> None:
        if self._settings.notebook_seconds > 0:
            self._task = asyncio.create_task(self._follow(), name="notebook")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        after = self._follower.latest
        while True:
            await self._follower.wait(after, WAIT_SECONDS)
            if self._follower.latest <= after:
                continue
            await asyncio.sleep(self._settings.notebook_seconds)  # what happens meanwhile is written with it
            changed: set[int] = set()
            try:
                while self._follower.latest > after:
                    lines, after = await self._follower.batch(after, None)
                    changed |= {line.project_id for line in lines if line.project_id and _tells(line.text)}
            except (SQLAlchemyError, OSError) as error:
                log.warning("notebook.events", error=str(error)[:300])
            for project_id in sorted(changed):
                await self.write(project_id)

    async def write(self, project_id: int) -> None:
        """What is in the way is told once; the hub works without it."""
        try:
            most = self._settings.notebook_bytes
            await write_notebook(self._follower.db, self._repos, self._output, project_id, most)
        except (HubError, OSError, SQLAlchemyError) as error:
            if project_id not in self._complained:
                self._complained.add(project_id)
                log.warning("notebook.not_written", project_id=project_id, error=str(error)[:300])


def _tells(text: str) -> bool:
    return str(json.loads(text).get("kind", "")).startswith(TELLS)

"""Imports: begun, followed, cancelled. They live in this process; one that was cut off is simply begun again."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.attachments.add import add_attachment
from services.attachments.owner import find_owner
from services.domain.changes import changed, made
from services.domain.errors import Conflict, HubError, NotFound
from services.events import log
from services.files.names import media_type
from services.files.store import FileStore
from services.store.database import Database
from services.store.models import TrackerProject
from services.store.types import now
from services.trackers.errors import TrackerBusy, TrackerSignIn, TrackerUnreachable
from services.trackers.facts import OutsideFile, OutsideTask
from services.trackers.gather import gather
from services.trackers.importing import (
    Item,
    bring,
    bring_comments,
    bring_dependencies,
    has_file,
    look,
    note_file,
)
from services.trackers.links import find_link
from services.trackers.provider import Tracker

State = Literal["running", "done", "failed", "cancelled"]
ENDS_ALL = (TrackerSignIn, TrackerBusy, TrackerUnreachable)  # the next task would meet it too
MOST_TOLD = 20  # imports that are over
MOST_COMMENTS = 200  # of one task
logger = structlog.get_logger(__name__)
Open = Callable[[int], AbstractAsyncContextManager[Tracker]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person wants to have: these tasks by their ids there, and what of them."""

    ids: tuple[str, ...]
    subtasks: bool = True
    comments: bool = True
    files: bool = True


@dataclass
class Import:
    """One of them. `total` is None until all subtasks are known; `notes` say what did not come along, and why."""

    id: int
    link_id: int
    project_id: int
    began_at: datetime
    state: State = "running"
    total: int | None = None
    items: list[Item] = field(default_factory=list[Item])
    comments: int = 0
    files: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    fault: HubError | None = None
    finished_at: datetime | None = None


class Imports:
    """`opened(credential id)` signs in with a stored credential; `most` tasks at once, `most_bytes` of a file."""

    def __init__(self, db: Database, files: FileStore, opened: Open, most: int, most_bytes: int) -> None:
        self._db, self._files, self._open = db, files, opened
        self._most, self._most_bytes = most, most_bytes
        self._known: dict[int, Import] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._next = 1

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def get(self, import_id: int) -> Import:
        if import_id not in self._known:
            raise NotFound(
                f"There is no import {import_id}.", "A hub that was started again ended those it had: begin it anew."
            )
        return self._known[import_id]

    def known(self, link_id: int | None = None) -> list[Import]:
        """The newest first, of all links or one. Of those that are over the last twenty are known."""
        wanted = [one for one in self._known.values() if link_id is None or one.link_id == link_id]
        return sorted(wanted, key=lambda one: -one.id)

    async def preview(self, link_id: int, chosen: Chosen) -> list[Item]:
        """What it would make. Changes nothing."""
        link = await self._link(link_id)
        async with self._open(credential_for(link)) as tracker:
            tasks = await gather(tracker, chosen.ids, subtasks=chosen.subtasks, most=self._most)
        async with self._db.read() as session:
            return await look(session, link, tasks)

    async def begin(self, link_id: int, chosen: Chosen, actor: str) -> Import:
        """Raises Conflict while another import of the link is under way."""
        link = await self._link(link_id)
        if any(one.link_id == link_id and one.state == "running" for one in self._known.values()):
            raise Conflict("An import of this project is under way.", "Wait for it, or cancel it.")
        credential_for(link)
        one = Import(self._next, link_id, link.project_id, now())
        self._next += 1
        self._known[one.id] = one
        try:
            await self._tell("tracker.import_begun", one, actor, made(link_id=link_id, tasks=len(chosen.ids)))
        except BaseException:
            del self._known[one.id]  # else it would be under way for ever
            raise
        work = self._carry(one, link, chosen, actor)
        self._tasks[one.id] = asyncio.create_task(work, name=f"import {one.id}")
        return one

    async def cancel(self, import_id: int, actor: str) -> Import:
        """What came so far stays. Raises NotFound, Conflict for one that is over."""
        one = self.get(import_id)
        task = self._tasks.get(import_id)
        if one.state != "running" or task is None:
            raise Conflict(f"The import is {one.state} already.", "There is nothing to cancel.")
        task.cancel()
        await asyncio.wait({task})
        if one.state == "running":
            self._over(one, "cancelled")
        await self._tell("tracker.import_cancelled", one, actor, changed(state=("running", one.state)))
        return one

    async def _carry(self, one: Import, link: TrackerProject, chosen: Chosen, actor: str) -> None:
        try:
            async with self._open(credential_for(link)) as tracker:
                tasks = await gather(tracker, chosen.ids, subtasks=chosen.subtasks, most=self._most)
                one.total = len(tasks)
                for task in tasks:
                    await self._check_tied(link)
                    await self._bring(one, link, tracker, task, chosen, actor)
            await self._check_tied(link)
            async with self._db.write() as session:
                one.notes += await bring_dependencies(session, link, tasks, actor)
            self._over(one, "done")
        except asyncio.CancelledError:
            self._over(one, "cancelled")
            raise
        except Exception as error:  # noqa: BLE001 - told to who asks how the import stands
            one.fault = await self._fault(one, link, error)
            self._over(one, "failed")
        told = changed(state=("running", one.state))
        await self._tell("tracker.import_over", one, "hub", told, one.fault.sentence if one.fault else "")

    async def _fault(self, one: Import, link: TrackerProject, error: Exception) -> HubError:
        """What a person is told: that somebody untied the project explains whatever was met since."""
        try:
            await self._check_tied(link)
        except HubError as untied:
            return untied
        except SQLAlchemyError as away:
            logger.warning("tracker.import_link_unknown", import_id=one.id, error=str(away)[:300])
        if isinstance(error, HubError):
            return error
        logger.error("tracker.import_failed", import_id=one.id, exc_info=error)
        return HubError(f"The import broke off ({type(error).__name__}).", "Look into the log of main-api.")

    async def _check_tied(self, link: TrackerProject) -> None:
        """Raises Conflict where somebody untied the project since, TrackerSignIn where they removed its credential."""
        async with self._db.read() as session:
            found = await session.get(TrackerProject, link.id)
        if found is None:
            raise Conflict(
                f"{link.name} was untied while it was imported, so the import ended. What had come stays.",
                "Tie it again to import the rest: POST /integrations/project-mapping. Leave out what came already: it "
                "has forgotten where it came from and would come a second time.",
            )
        credential_for(found)

    async def _bring(
        self, one: Import, link: TrackerProject, tracker: Tracker, task: OutsideTask, chosen: Chosen, actor: str
    ) -> None:
        """One task with what hangs on it. What only this one meets is noted, and the others go on."""
        try:
            async with self._db.write() as session:
                item = await bring(session, link, task, actor)
            one.items.append(item)
            if item.verdict == "deleted":
                return
            if chosen.comments:
                said = [comment async for comment in tracker.comments(task.id)]
                if len(said) > MOST_COMMENTS:
                    one.notes.append((task.id, f"Of its {len(said)} comments the last {MOST_COMMENTS} came."))
                async with self._db.write() as session:
                    one.comments += await bring_comments(session, link, item, said[-MOST_COMMENTS:])
            if chosen.files:
                async for file in tracker.files(task.id):
                    await self._bring_file(one, link, tracker, item, file, actor)
        except ENDS_ALL:
            raise
        except HubError as error:
            one.notes.append((task.id, str(error)))

    async def _bring_file(
        self, one: Import, link: TrackerProject, tracker: Tracker, item: Item, file: OutsideFile, actor: str
    ) -> None:
        if not file.kept_there:
            one.notes.append((item.external_id, f"{file.name!r} lies elsewhere and was not fetched: {file.url}"))
            return
        async with self._db.read() as session:
            if item.task_id is None or await has_file(session, link, item.external_id, file.id):
                return
        if file.size is not None and file.size > self._most_bytes:
            one.notes.append((item.external_id, f"{file.name!r} is larger than ATTACHMENT_MAX_BYTES."))
            return
        try:
            async with self._files.incoming(self._most_bytes) as incoming:
                await tracker.download(file, incoming.write)
                await incoming.finish()
                async with self._files.settling, self._db.write() as session:
                    owner = await find_owner(session, "task", item.task_id)
                    await add_attachment(
                        session, owner, name=file.name, description=f"From {link.provider}", actor=actor,
                        media_type=media_type(incoming.head, "", file.name), sha256=incoming.sha256,
                        size=incoming.size,
                    )  # fmt: skip
                    await note_file(session, link, item.external_id, file.id)
                    await incoming.keep()
        except ENDS_ALL:
            raise
        except HubError as error:
            one.notes.append((item.external_id, f"{file.name!r} did not come: {error}"))
        else:
            one.files += 1

    async def _link(self, link_id: int) -> TrackerProject:
        async with self._db.read() as session:
            return await find_link(session, link_id)

    def _over(self, one: Import, state: State) -> None:
        one.state, one.finished_at = state, now()
        self._tasks.pop(one.id, None)
        over = sorted((each for each in self._known.values() if each.state != "running"), key=lambda each: -each.id)
        for old in over[MOST_TOLD:]:
            del self._known[old.id]

    async def _tell(self, kind: str, one: Import, actor: str, told: dict[str, Any], sentence: str = "") -> None:
        async with self._db.write() as session:
            await log.append(
                session, kind, actor=actor, project_id=one.project_id, import_id=one.id, link_id=one.link_id,
                sentence=sentence, **told,
            )  # fmt: skip


def credential_for(link: TrackerProject) -> int:
    if link.credential_id is None:
        raise TrackerSignIn(
            f"{link.name} has no credential any more, so nothing comes from there.",
            "Sign in anew: POST /integrations/credentials, then tie it. What came already is known then.",
        )
    return link.credential_id

"""Repositories being cloned into folders, for projects to stand on: begun, followed, cancelled, told.

They live in this process. What a killed hub leaves half done is taken away at its next start, by the notes kept of it.
"""

import asyncio
import shutil
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from services.domain.changes import changed, made
from services.domain.errors import Conflict, HubError, NotFound
from services.events import log
from services.projects.errors import ClonesBusy
from services.projects.location import locate
from services.repos.clone import CloneLimits, Progress, building_at, checked_address, clone, name_in, refuse_taken
from services.repos.depot import checked_branch
from services.repos.repos import Repos
from services.store.database import Database
from services.store.types import now

State = Literal["running", "done", "failed", "cancelled"]
MOST_TOLD = 20  # that are over
logger = structlog.get_logger()


@dataclass
class Clone:
    """One of them. `path` is where the repository is when it is `done`; `fault` why it is not when it `failed`."""

    id: int
    url: str
    path: Path
    branch: str | None
    began_at: datetime
    state: State = "running"
    progress: Progress = field(default_factory=Progress)
    fault: HubError | None = None
    finished_at: datetime | None = None


class Clones:
    """`most` run at a time. `start` before the first, `stop` after the last."""

    def __init__(self, db: Database, repos: Repos, workspaces_dir: Path, limits: CloneLimits, most: int) -> None:
        self._db, self._repos, self._workspaces = db, repos, workspaces_dir
        self._limits, self._most = limits, most
        self._notes = repos.depot.home / "clones"
        self._known: dict[int, Clone] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._next = 1

    async def start(self) -> None:
        """Takes away what an earlier process left half done."""
        await asyncio.to_thread(self._sweep)

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def all(self) -> list[Clone]:
        """The newest first."""
        return sorted(self._known.values(), key=lambda one: -one.id)

    def get(self, clone_id: int) -> Clone:
        if clone_id not in self._known:
            raise NotFound(
                f"There is no clone {clone_id}.", "A hub that was started again stopped those it had: begin it anew."
            )
        return self._known[clone_id]

    async def begin(self, url: str, folder: str | None, branch: str | None, actor: str) -> Clone:
        """Without a folder it goes under WORKSPACES_DIR, by the repository's own name.

        Raises InvalidInput, WorkspaceForbidden, Conflict, ClonesBusy.
        """
        address = checked_address(url)
        if branch is not None:
            checked_branch(branch)
        path = await asyncio.to_thread(locate, folder or name_in(address), self._workspaces, self._repos.depot.home)
        running = [one for one in self._known.values() if one.state == "running"]
        if any(one.path == path for one in running):
            raise Conflict(f"Something is being cloned to {path} already.", "Wait for it, or choose another folder.")
        if len(running) >= self._most:
            raise ClonesBusy(
                f"{len(running)} clones are under way, and CLONES_AT_ONCE allows no more.",
                "Wait for one, or cancel it.",
            )
        one = Clone(self._next, address, path, branch, now())
        self._next += 1
        self._known[one.id] = one  # before anything is awaited: two with one folder do not both begin
        try:
            await asyncio.to_thread(refuse_taken, path)
            await asyncio.to_thread(self._note(one).write_text, str(path))
            await self._tell("clone.begun", one, actor, made(url=address, workspace_path=str(path)))
        except BaseException:
            del self._known[one.id]
            self._note(one).unlink(missing_ok=True)
            raise
        self._tasks[one.id] = asyncio.create_task(self._carry(one), name=f"clone {one.id}")
        return one

    async def cancel(self, clone_id: int, actor: str) -> Clone:
        """Answers when nothing of it is left. Raises NotFound, Conflict for one that is over."""
        one = self.get(clone_id)
        if one.state != "running":
            raise Conflict(f"The clone is {one.state} already.", "There is nothing to cancel.")
        task = self._tasks[one.id]
        task.cancel()
        await asyncio.wait({task})
        if one.state == "running":  # it had not begun
            self._over(one, "cancelled")
        if one.state != "cancelled":
            raise Conflict(f"The clone is {one.state} already.", "There is nothing to cancel.")
        await self._tell("clone.cancelled", one, actor, changed(state=("running", "cancelled")))
        return one

    async def _carry(self, one: Clone) -> None:
        work = clone(self._repos.depot.git, one.url, one.path, self._limits, one.progress, one.branch)
        try:
            fault = await _fault_of(work)
        except asyncio.CancelledError:
            self._over(one, "cancelled")
            raise
        await self._end(one, fault)

    async def _end(self, one: Clone, fault: HubError | None) -> None:
        """It is over once that is told: who sees the one finds the other. A cancel that comes now is too late."""
        state: State = "done" if fault is None else "failed"
        told, sentence = changed(state=("running", state)), fault.sentence if fault else ""
        telling = asyncio.create_task(self._tell(f"clone.{state}", one, "hub", told, sentence))
        try:
            await asyncio.shield(telling)
        finally:
            await asyncio.wait({telling})
            one.fault = fault
            self._over(one, state)

    def _over(self, one: Clone, state: State) -> None:
        one.state, one.finished_at = state, now()
        self._note(one).unlink(missing_ok=True)
        self._tasks.pop(one.id, None)
        for old in [each for each in self.all() if each.state != "running"][MOST_TOLD:]:
            del self._known[old.id]

    async def _tell(self, kind: str, one: Clone, actor: str, told: dict[str, Any], sentence: str = "") -> None:
        about = {"clone_id": one.id, "url": one.url, "workspace_path": str(one.path), "sentence": sentence}
        async with self._db.write() as session:
            await log.append(session, kind, actor=actor, **about, **told)

    def _note(self, one: Clone) -> Path:
        self._notes.mkdir(parents=True, exist_ok=True)
        return self._notes / f"{one.id}.path"

    def _sweep(self) -> None:
        for note in self._notes.glob("*.path") if self._notes.is_dir() else ():
            left = building_at(Path(note.read_text()))
            shutil.rmtree(left, ignore_errors=True)
            note.unlink()
            logger.info("clone.swept", path=str(left))


async def _fault_of(work: Coroutine[Any, Any, None]) -> HubError | None:
    """Why it failed, in words a person can act on."""
    try:
        await work
    except HubError as error:
        return error
    except Exception as error:  # told where the person looks, and in the log; never a clone that runs for ever
        logger.exception("clone.broke")
        return HubError(f"The clone broke: {type(error).__name__}.", "Look at main-api's log.")
    return None

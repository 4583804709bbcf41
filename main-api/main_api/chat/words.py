"""What a command heard and what it says; and how it finds the task that is meant."""

import re
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.chat.errors import CommandIncomplete
from services.chat.say import Place
from services.domain.errors import NotFound
from services.guide.facts import Fact
from services.store.models import Task

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d{1,9}")


@dataclass(frozen=True)
class Heard:
    """A command's words behind its name. `about` is what the person was shown when they were asked first."""

    place: Place
    rest: str
    about: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def words(self) -> list[str]:
        return self.rest.split()

    @property
    def key(self) -> str | None:
        """The task's key, if the first word is one."""
        first = self.words[:1]
        return first[0].upper() if first and _KEY.fullmatch(first[0]) else None

    @property
    def behind_key(self) -> str:
        """The words after the key, all of them where there is none."""
        if self.key is None:
            return self.rest
        _, *behind = self.rest.split(maxsplit=1)
        return behind[0] if behind else ""


@dataclass(frozen=True)
class Said:
    """What a command did, as Markdown; `facts` are numbered, and named in the text."""

    text: str
    facts: tuple[Fact, ...] = ()


async def meant(session: AsyncSession, heard: Heard, usage: str) -> Task:
    """The task that the first word names, else the one whose thread it is. Raises NotFound, CommandIncomplete."""
    if heard.key is not None:
        task = await session.scalar(sa.select(Task).where(Task.key == heard.key, Task.deleted_at.is_(None)))
        if task is None:
            raise NotFound(f"There is no task {heard.key}.", "Write /tasks for those that are open.")
        return task
    task = await session.get(Task, heard.place.task_id) if heard.place.task_id is not None else None
    if task is None:
        raise CommandIncomplete("Which task?", f"Write {usage}, with its key, such as TILL-3.")
    return task


def linked(task: Task, ref: str = "F1") -> Fact:
    return Fact("state", f"{task.key} {task.title}", task.key, {"task": task.id}, ref)

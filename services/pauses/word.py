"""A person's word about a pause, as it is answered and told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.pauses import Scope
from services.events import log
from services.store.models import Project
from services.store.types import now


@dataclass(frozen=True)
class About:
    """What an event of it names."""

    project_id: int | None = None
    task_id: int | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Word:
    """`changed`: it was not so before. `at` and `by` are those of the pause, also of one that just ended."""

    scope: Scope
    id: str
    name: str
    paused: bool
    changed: bool
    at: datetime | None
    by: str | None
    sentence: str
    about: About = About()


def already(scope: Scope, id: str, name: str, at: datetime | None, by: str | None, about: About) -> Word:
    """Said twice, it counts once."""
    since = f" since {at:%Y-%m-%d %H:%M} UTC" if at else ""
    sentence = f"{name} is paused already{since}{f', by {by}' if by else ''}."
    return Word(scope, id, name, True, False, at, by, sentence, about)


async def tell(session: AsyncSession, word: Word, *, actor: str, before: dict[str, Any], after: dict[str, Any]) -> Word:
    """The event of a word that changed something, with what was and what is."""
    kind = "pause.set" if word.paused else "pause.ended"
    await log.append(
        session, kind, actor=actor, **vars(word.about), scope=word.scope, name=word.name, sentence=word.sentence,
        before=before, after=after,
    )  # fmt: skip
    return word


async def note_project(session: AsyncSession, project: Project, actor: str) -> Word:
    """After its `paused` changed: who and when, and the event."""
    at, by = (now(), actor) if project.paused else (project.paused_at, project.paused_by)
    project.paused_at, project.paused_by = (at, by) if project.paused else (None, None)
    await session.flush()
    sentence = f"{project.name} {'is paused' if project.paused else 'goes on'}."
    about = About(project.id)
    word = Word(Scope.PROJECT, str(project.id), project.name, project.paused, True, at, by, sentence, about)
    was, now_is = {"paused": not project.paused}, {"paused": project.paused}
    return await tell(session, word, actor=actor, before=was, after=now_is)

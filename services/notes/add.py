"""Notes of whoever comes from outside; those of runs are kept with their results."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import InvalidInput, NotFound
from services.events import log
from services.notes.errors import NotesFull
from services.notes.kinds import MOST_CHARACTERS, NoteKind, digest_of
from services.redaction import KNOWN
from services.store.models import Run, TaskNote
from services.tasks.hold import hold_task

Said = tuple[NoteKind, str]


async def add_notes(
    session: AsyncSession, task_id: int, said: Sequence[Said], actor: str, most: int, run_id: str | None = None
) -> tuple[list[TaskNote], int]:
    """The notes that are new, and how many the task has then: its context's version. What it has already is left out.

    Raises NotFound, InvalidInput, and NotesFull where there would be more than `most`.
    """
    task = await hold_task(session, task_id)
    author = await _author(session, task_id, run_id, actor)
    known = set(await session.scalars(sa.select(TaskNote.digest).where(TaskNote.task_id == task_id)))
    added: dict[str, TaskNote] = {}
    for kind, text in said:
        clean = KNOWN(_checked(kind, text))
        digest = digest_of(kind, clean)
        if digest not in known:
            row = TaskNote(task_id=task_id, run_id=run_id, author=author, kind=kind, text=clean, digest=digest)
            added.setdefault(digest, row)
    if len(known) + len(added) > most:
        raise NotesFull(
            f"The task {task.key} has {len(known)} notes, and {most} is the most.",
            "Say it in a comment, or raise TASK_NOTES_MAX.",
        )
    session.add_all(added.values())
    await session.flush()
    if added:
        kinds = sorted({row.kind for row in added.values()})
        told = {"notes": len(added), "kinds": kinds, **made(notes=[row.text for row in added.values()])}
        await log.of_task(session, "task.noted", task, actor=author, run_id=run_id, **told)
    return list(added.values()), len(known) + len(added)


async def _author(session: AsyncSession, task_id: int, run_id: str | None, actor: str) -> str:
    """The role of the run that says it, else whoever called."""
    if run_id is None:
        return actor
    run = await session.get(Run, run_id)
    if run is None or run.task_id != task_id:
        raise NotFound(f"The task has no run {run_id}.", f"List them with GET /tasks/{task_id}/runs.")
    return run.role or actor


def _checked(kind: str, text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput(f"A {kind} is empty.", "Say it, or leave it out.")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"A {kind} has {len(text):,} characters; {MOST_CHARACTERS:,} is the most.", "Shorten it.")
    return text

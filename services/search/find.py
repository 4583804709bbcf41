"""Find tasks and comments by their words, the best first, on either database."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.search.words import Piece, snippet, words_of
from services.store.models import Comment, Project, Task

LONGEST_QUERY = 500  # characters
CANDIDATES = 500  # in each place, the newest, that are ranked: who has more needs better words
LOOKED_THROUGH = 1_000  # tasks and comments, the newest, that are looked through for what is no word

# Where words are looked for, the best place first: in keys and titles, anywhere in a task, in comments.
PLACES = ("named", "told", "said")
_TASKS = "JOIN tasks t ON t.id = f.{number} JOIN projects p ON p.id = t.project_id"
_COMMENTS = (
    "JOIN comments c ON c.id = -f.{number} JOIN tasks t ON t.id = c.task_id JOIN projects p ON p.id = t.project_id"
)
_LIVE = "t.deleted_at IS NULL AND p.deleted_at IS NULL"
_SQLITE = """
SELECT number FROM (
    SELECT f.rowid AS number, bm25(search_texts, 10.0, 5.0, 1.0) AS score FROM search_texts f {joined}
    WHERE search_texts MATCH :words AND {where} ORDER BY f.rowid {newest} LIMIT :candidates
) ORDER BY score, abs(number) DESC
"""
_POSTGRESQL = """
SELECT number FROM (
    SELECT f.number, f.document FROM search_texts f {joined}
    WHERE f.document @@ to_tsquery('simple', :words) AND {where} ORDER BY f.number {newest} LIMIT :candidates
) AS found ORDER BY ts_rank(document, to_tsquery('simple', :words)) DESC, abs(number) DESC
"""


@dataclass(frozen=True)
class Hit:
    """A task, or a comment on it, that has the words. `snippet` is the text around them, in pieces."""

    kind: Literal["task", "comment"]
    task: Task
    comment: Comment | None
    snippet: list[Piece]


async def search(
    session: AsyncSession, typed: str, *, project_id: int | None = None, limit: int = 20, skip: int = 0
) -> list[Hit]:
    """All words must be there, the last letters of each may be missing. A task named by its key comes first.

    What has no word in it (emoji), and what no word begins with, is looked for as it stands, in the newest texts.
    """
    words = words_of(typed)
    named = await _named(session, typed, project_id)
    numbers = [named] if named is not None else []
    for place in PLACES if words else ():
        if len(numbers) >= skip + limit:
            break
        numbers += await _by_words(session, words, place, project_id)
        numbers = list(dict.fromkeys(numbers))
    if not numbers:
        numbers, words = await _as_it_stands(session, typed, project_id), []
    return await _hits(session, numbers[skip : skip + limit], words)


async def _by_words(session: AsyncSession, words: list[str], place: str, project_id: int | None) -> list[int]:
    """Tasks by their ids, comments by theirs below zero."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    number = "rowid" if sqlite else "number"
    said = place == "said"
    where = f"{_LIVE} AND f.{number} {'<' if said else '>'} 0"
    where += " AND c.deleted_at IS NULL" if said else ""
    where += " AND t.project_id = :project_id" if project_id is not None else ""
    query = (_SQLITE if sqlite else _POSTGRESQL).format(
        joined=(_COMMENTS if said else _TASKS).format(number=number), where=where, newest="ASC" if said else "DESC"
    )
    asked = _asked_of_sqlite(words, place) if sqlite else _asked_of_postgresql(words, place)
    values = {"words": asked, "candidates": CANDIDATES}
    if project_id is not None:
        values["project_id"] = project_id
    return [row[0] for row in await session.execute(sa.text(query), values)]


# words hold neither quotes nor operators (words_of), so they need no escape within quotes


def _asked_of_sqlite(words: list[str], place: str) -> str:
    asked = " AND ".join(f'"{word}"*' for word in words)
    return f"{{key title}} : ({asked})" if place == "named" else asked


def _asked_of_postgresql(words: list[str], place: str) -> str:
    weights = "AB" if place == "named" else ""
    return " & ".join(f"'{word}':*{weights}" for word in words)


async def _named(session: AsyncSession, typed: str, project_id: int | None) -> int | None:
    """The task with exactly this key, in any case."""
    query = _of_live_tasks(sa.select(Task.id), project_id).where(Task.key == typed.strip().upper())
    return await session.scalar(query)


async def _as_it_stands(session: AsyncSession, typed: str, project_id: int | None) -> list[int]:
    wanted = typed.strip().casefold()
    if not wanted:
        return []
    tasks = _of_live_tasks(sa.select(Task.id, Task.title, Task.description), project_id)
    rows = await session.execute(tasks.order_by(Task.id.desc()).limit(LOOKED_THROUGH))
    numbers = [row.id for row in rows if wanted in row.title.casefold() or wanted in row.description.casefold()]
    said = _of_live_tasks(sa.select(Comment.id, Comment.body).join(Task, Task.id == Comment.task_id), project_id)
    said = said.where(Comment.deleted_at.is_(None)).order_by(Comment.id.desc()).limit(LOOKED_THROUGH)
    return numbers + [-row.id for row in await session.execute(said) if wanted in row.body.casefold()]


def _of_live_tasks(query: sa.Select, project_id: int | None) -> sa.Select:
    query = query.join(Project, Project.id == Task.project_id)
    query = query.where(Task.deleted_at.is_(None), Project.deleted_at.is_(None))
    return query if project_id is None else query.where(Task.project_id == project_id)


async def _hits(session: AsyncSession, numbers: list[int], words: list[str]) -> list[Hit]:
    """In the order of `numbers`; two queries, whatever their number."""
    said = sa.select(Comment).where(Comment.id.in_([-n for n in numbers if n < 0]))
    comments = {row.id: row for row in await session.scalars(said)}
    task_ids = {n for n in numbers if n > 0} | {row.task_id for row in comments.values()}
    tasks = {row.id: row for row in await session.scalars(sa.select(Task).where(Task.id.in_(task_ids)))}
    found: list[Hit] = []
    for number in numbers:
        if number < 0:
            comment = comments[-number]
            found.append(Hit("comment", tasks[comment.task_id], comment, snippet(comment.body, words)))
        else:
            task = tasks[number]
            found.append(Hit("task", task, None, snippet(task.description or task.title, words)))
    return found

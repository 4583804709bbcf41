"""Find tasks and comments by their words, the best first, on either database."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.search.words import Piece, plain, snippet, words_of
from services.store.models import Comment, Project, Task

LONGEST_QUERY = 500  # characters
LOOKED_THROUGH = 2_000  # tasks and comments, the newest, that are looked through for what is no word

_SQLITE = """
SELECT f.rowid AS number FROM search_texts f
LEFT JOIN comments c ON f.rowid % 2 = 1 AND c.id = f.rowid / 2
JOIN tasks t ON t.id = CASE WHEN f.rowid % 2 = 0 THEN f.rowid / 2 ELSE c.task_id END
JOIN projects p ON p.id = t.project_id
WHERE search_texts MATCH :words AND c.deleted_at IS NULL AND {of_live_tasks}
ORDER BY bm25(search_texts, 10.0, 5.0, 1.0), f.rowid DESC LIMIT :limit OFFSET :skip
"""
_POSTGRESQL = """
SELECT f.number FROM search_texts f
LEFT JOIN comments c ON f.number % 2 = 1 AND c.id = f.number / 2
JOIN tasks t ON t.id = f.task_id
JOIN projects p ON p.id = t.project_id
WHERE f.document @@ to_tsquery('simple', :words) AND c.deleted_at IS NULL AND {of_live_tasks}
ORDER BY ts_rank('{{0.1, 0.2, 0.5, 1.0}}', f.document, to_tsquery('simple', :words)) DESC, f.number DESC
LIMIT :limit OFFSET :skip
"""
_LIVE = "t.deleted_at IS NULL AND p.deleted_at IS NULL"


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
    numbers = await _by_words(session, words, project_id, limit, skip) if words else []
    named = await _named(session, typed, project_id)
    if named is not None:
        numbers = [n for n in numbers if n != named * 2]
        numbers = [named * 2, *numbers] if skip == 0 else numbers
    if not numbers and skip == 0:
        return await _as_it_stands(session, typed, project_id, limit)
    return await _hits(session, numbers[:limit], words)


async def _by_words(
    session: AsyncSession, words: list[str], project_id: int | None, limit: int, skip: int
) -> list[int]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    live = _LIVE if project_id is None else f"{_LIVE} AND t.project_id = :project_id"
    query = (_SQLITE if sqlite else _POSTGRESQL).format(of_live_tasks=live)
    # words hold neither quotes nor operators (words_of), so they need no escape within these
    asked = " ".join(f'"{word}"*' for word in words) if sqlite else " & ".join(f"'{word}':*" for word in words)
    values = {"words": asked, "limit": limit, "skip": skip}
    if project_id is not None:
        values["project_id"] = project_id
    return [row[0] for row in await session.execute(sa.text(query), values)]


async def _named(session: AsyncSession, typed: str, project_id: int | None) -> int | None:
    """The task with exactly this key, in any case."""
    query = _of_live_tasks(sa.select(Task.id), project_id).where(Task.key == typed.strip().upper())
    return await session.scalar(query)


async def _as_it_stands(session: AsyncSession, typed: str, project_id: int | None, limit: int) -> list[Hit]:
    wanted = plain(typed.strip())
    if not wanted:
        return []
    tasks = _of_live_tasks(sa.select(Task.id, Task.title, Task.description), project_id)
    rows = await session.execute(tasks.order_by(Task.id.desc()).limit(LOOKED_THROUGH))
    numbers = [row.id * 2 for row in rows if wanted in plain(f"{row.title} {row.description}")]
    said = _of_live_tasks(sa.select(Comment.id, Comment.body).join(Task, Task.id == Comment.task_id), project_id)
    said = said.where(Comment.deleted_at.is_(None)).order_by(Comment.id.desc()).limit(LOOKED_THROUGH)
    numbers += [row.id * 2 + 1 for row in await session.execute(said) if wanted in plain(row.body)]
    return await _hits(session, numbers[:limit], [])


def _of_live_tasks(query: sa.Select, project_id: int | None) -> sa.Select:
    query = query.join(Project, Project.id == Task.project_id)
    query = query.where(Task.deleted_at.is_(None), Project.deleted_at.is_(None))
    return query if project_id is None else query.where(Task.project_id == project_id)


async def _hits(session: AsyncSession, numbers: list[int], words: list[str]) -> list[Hit]:
    """In the order of `numbers`; two queries, whatever their number."""
    said = sa.select(Comment).where(Comment.id.in_([n // 2 for n in numbers if n % 2]))
    comments = {row.id: row for row in await session.scalars(said)}
    task_ids = {n // 2 for n in numbers if n % 2 == 0} | {row.task_id for row in comments.values()}
    tasks = {row.id: row for row in await session.scalars(sa.select(Task).where(Task.id.in_(task_ids)))}
    found: list[Hit] = []
    for number in numbers:
        if number % 2:
            comment = comments[number // 2]
            found.append(Hit("comment", tasks[comment.task_id], comment, snippet(comment.body, words)))
        else:
            task = tasks[number // 2]
            found.append(Hit("task", task, None, snippet(_best(task, words), words)))
    return found


def _best(task: Task, words: list[str]) -> str:
    """The description where it has one of the words or there is nothing else to show, else the title."""
    described = plain(task.description)
    return task.description if any(word in described for word in words) else task.title

"""Append an event, and read events after a point."""

import weakref
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.database import Database
from services.store.later import Asked, add, ask
from services.store.models import Event, Run, Task
from services.store.plain import Rows, Statement
from services.store.types import now
from services.store.wakeup import CHANNEL

_SEQ_LOCK = 727002
_HELD = "wfhub_events_told_by"
_TAKEN = {"key": _SEQ_LOCK, "channel": CHANNEL}
_NEWEST = Statement(sa.select(sa.func.coalesce(sa.func.max(Event.seq), 0)))
_ADD = Statement(sa.insert(Event), ["at", "actor", "kind", "project_id", "task_id", "run_id", "data"])
_RING = "SELECT pg_advisory_xact_lock({}), pg_notify({}, '')"
_TAKE = Statement(
    sa.select(
        sa.func.pg_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger())),
        sa.func.pg_notify(sa.bindparam("channel", type_=sa.Text()), ""),
    )
)


async def lock(session: AsyncSession) -> None:
    """On PostgreSQL, makes this transaction the only one that tells events, until it ends, and rings when it commits.

    Taken by `append`; taken earlier by who reads a row first that others change while they tell an event of it. On
    SQLite a writer is alone anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    # Asked once in a transaction: while it is held nobody else tells anything, and each question is a way to the server
    # and back. A savepoint that is rolled back gives it up again, so what was taken in one counts for that one alone.
    whole, savepoint = session.sync_session.get_transaction(), session.sync_session.get_nested_transaction()
    held = session.info.get(_HELD)
    if held is not None and held() is not None and held() in (whole, savepoint):
        return
    await ask(session, (_TAKE, _TAKEN))
    _note_taken(session)


async def lock_and_ask(session: AsyncSession, *asked: Asked) -> list[list[Any]]:
    """`lock`, and what each of these answers then, in one way to the server: for a transaction that begins."""
    if session.get_bind().dialect.name != "postgresql":
        return await ask(session, *asked)
    _, *answers = await ask(session, (_TAKE, _TAKEN), *asked)
    _note_taken(session)
    return answers


def _note_taken(session: AsyncSession) -> None:
    begun = session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()
    session.info[_HELD] = None if begun is None else weakref.ref(begun)


async def append(
    session: AsyncSession,
    kind: str,
    *,
    actor: str,
    project_id: int | None = None,
    task_id: int | None = None,
    run_id: str | None = None,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Adds one fact to the caller's transaction; `at` where something else is kept with the same time.

    On PostgreSQL the number is taken under a lock held until the commit: else a later number could be visible
    before an earlier one, and a reader that goes on after it would never see the earlier one.
    """
    await lock(session)
    told = {"actor": actor, "kind": kind, "project_id": project_id, "task_id": task_id, "run_id": run_id, "data": data}
    await add(session, _ADD, {"at": at or now(), **told})


def lock_plainly(rows: Rows) -> None:
    """`lock` in a transaction of plain statements."""
    rows.take(_SEQ_LOCK, _RING.format("%s", "%s"), (_SEQ_LOCK, CHANNEL))


def tell_of_run(rows: Rows, kind: str, run: Run, task: Task | None, **data: Any) -> None:
    """`of_run` in a transaction of plain statements."""
    lock_plainly(rows)
    told = {"actor": run.role or "hub", "kind": kind, "project_id": run.project_id, "task_id": run.task_id}
    about = {"key": task.key, "title": task.title} if task is not None else {"request_id": run.request_id}
    rows.run(_ADD, {"at": now(), **told, "run_id": run.id, "data": {**about, "stage": run.stage, **data}})


async def of_task(
    session: AsyncSession, kind: str, task: Task, *, actor: str, run_id: str | None = None, **data: Any
) -> None:
    """A fact about a task; its key and title go with it, so that a reader needs no second look."""
    await append(
        session,
        kind,
        actor=actor,
        project_id=task.project_id,
        task_id=task.id,
        run_id=run_id,
        key=task.key,
        title=task.title,
        **data,
    )


async def of_run(session: AsyncSession, kind: str, run: Run, task: Task | None = None, **data: Any) -> None:
    """A fact about a run, told by its role; of a task or, with none, of a request's planning."""
    actor = run.role or "hub"
    if task is not None:
        await of_task(session, kind, task, actor=actor, run_id=run.id, stage=run.stage, **data)
        return
    await append(
        session,
        kind,
        actor=actor,
        project_id=run.project_id,
        task_id=run.task_id,
        run_id=run.id,
        stage=run.stage,
        request_id=run.request_id,
        **data,
    )


async def after(
    session: AsyncSession,
    seq: int,
    *,
    project_id: int | None = None,
    task_id: int | None = None,
    run_id: str | None = None,
    kinds: Sequence[str] = (),
    limit: int = 500,
) -> Sequence[Event]:
    """The events that follow `seq`, oldest first: all, or those of a project, a task, a run, of these kinds."""
    query = sa.select(Event).where(Event.seq > seq).order_by(Event.seq).limit(limit)
    for column, wanted in ((Event.project_id, project_id), (Event.task_id, task_id), (Event.run_id, run_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    if kinds:
        query = query.where(Event.kind.in_(kinds))
    return (await session.scalars(query)).all()


async def last_seq(session: AsyncSession) -> int:
    return (await session.scalar(sa.select(sa.func.max(Event.seq)))) or 0


async def has_news(db: Database, seq: int) -> bool:
    """Whether an event follows `seq`: what is asked after each commit of anyone."""
    return (await db.look(_NEWEST, {}))[0][0] > seq

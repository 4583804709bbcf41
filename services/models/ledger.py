"""The book of model calls: opened before the provider is asked, settled with the stored answer, marked delivered.

Plain statements, within a transaction of the book (book.py): every call of every agent waits for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.models import direct
from services.models.budgets import SET, Caller, Defaults, Reserve, midnight, reserve
from services.models.errors import RunNotActive
from services.models.run_tokens import RunToken
from services.models.tally import LOCK, Tally
from services.models.usage_quarters import ADD, TAKE_OUT, add_call
from services.store.models import DayBudget, ModelAnswer, ModelCall, Project, Run, Task
from services.store.plain import Statement
from services.store.trips import Steps, Trip
from services.store.types import now

_CALLS, _ANSWERS = cast(sa.Table, ModelCall.__table__), cast(sa.Table, ModelAnswer.__table__)
_SAME_QUESTION = (
    ModelCall.run_id == sa.bindparam("run_id"),
    ModelCall.step == sa.bindparam("step"),
    ModelCall.request_sha256 == sa.bindparam("sha256"),
)
_BEFORE = (
    sa.select(sa.func.count().label("answers"))
    .where(*_SAME_QUESTION, ModelCall.incarnation == sa.bindparam("incarnation"), ModelCall.delivered_at.is_not(None))
    .subquery("before")
)
_SAME_ANSWER = sa.and_(
    ModelAnswer.run_id == sa.bindparam("run_id"),
    ModelAnswer.step == sa.bindparam("step"),
    ModelAnswer.request_sha256 == sa.bindparam("sha256"),
    ModelAnswer.ordinal == _BEFORE.c.answers,
)
_PROJECT = sa.func.coalesce(Run.project_id, sa.bindparam("project_id", type_=Project.id.type))
_OPENING = Statement(  # all that is to be known of who asks, one row
    sa.select(
        _BEFORE.c.answers, ModelAnswer.status_code, ModelAnswer.media_type, ModelAnswer.body, Run.state,
        Run.project_id, Run.task_id, Run.role, *SET,
    )
    .select_from(_BEFORE)
    .outerjoin(Run, Run.id == sa.bindparam("run_id"))
    .outerjoin(ModelAnswer, _SAME_ANSWER)
    .outerjoin(Project, Project.id == _PROJECT)
    .outerjoin(Task, Task.id == Run.task_id)
    .outerjoin(DayBudget, DayBudget.day == sa.bindparam("day"))
)  # fmt: skip
_STORED = Statement(
    sa.select(ModelAnswer.size).where(
        ModelAnswer.run_id == sa.bindparam("run_id"),
        ModelAnswer.step == sa.bindparam("step"),
        ModelAnswer.request_sha256 == sa.bindparam("sha256"),
        ModelAnswer.ordinal == sa.bindparam("ordinal"),
    )
)
_WHOSE = Statement(sa.select(Run.state, Run.project_id, Run.task_id, Run.role).where(Run.id == sa.bindparam("run_id")))
_NEW_CALL = Statement(
    sa.insert(_CALLS).returning(ModelCall.id),
    [column.key for column in _CALLS.columns if column.key != "id"],
)
_NEW_ANSWER = Statement(sa.insert(_ANSWERS), [column.key for column in _ANSWERS.columns])
_OF_CALL = sa.update(_CALLS).where(ModelCall.id == sa.bindparam("of_call"))
_END = ("outcome", "status_code", "error", "finished_at")


@dataclass(frozen=True, slots=True)
class _Asking:
    """Whose call it is. A direct call's token says by itself that it is still running."""

    state: str
    project_id: int | None
    task_id: int | None
    role: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as a run makes it. `model` is the full `provider/name`; `sha256` is of the path and the canonical body."""

    token: RunToken
    provider: str
    protocol: str
    path: str
    model: str
    streamed: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer: its bytes as the client gets them."""

    status_code: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """The call's row. `stored` is the answer that an earlier start of the same step already has."""

    call_id: int
    ordinal: int
    stored: Answer | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call came to. Milliseconds since it was opened; `estimated` when the provider did not say.

    Tokens per second are those of the answer, while it was written.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost: float = 0.0
    estimated: bool = False
    first_byte_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None


async def active_run(session: AsyncSession, token: RunToken) -> None:
    """Raises RunNotActive unless the token's run is running."""
    if direct.is_direct(token.run_id):
        return
    _check_running(await session.scalar(sa.select(Run.state).where(Run.id == token.run_id)))


def open_call(tally: Tally, asked: Asked, wanted: Reserve, budgets: Defaults) -> Steps[Opened]:
    """One transaction: the run is running, the ordinal is known, an answer is found or the worst case is held.

    The ordinal is the number of the same questions that this start of the step already got answers to. Raises
    RunNotActive, BudgetExceeded, ModelWithoutPrice.
    """
    token, direct_call = asked.token, _direct(asked.token.run_id)
    since = midnight()
    who = {
        "run_id": token.run_id, "step": token.step, "sha256": asked.sha256, "incarnation": token.incarnation,
        "project_id": direct_call.project_id if direct_call else None, "day": since.date().isoformat(),
    }  # fmt: skip
    news = [] if wanted.free else tally.news(since)
    found, *heard = yield Trip([(_OPENING, who), *news], lock=None if wanted.free else LOCK)
    if heard:
        yield from tally.heard(heard)
    ordinal, status, media_type, body, *row = found[0]
    run = direct_call or _Asking(*row[:4])
    _check_running(run.state)
    values = _values(asked, run, ordinal)
    if status is not None:
        replayed = {"outcome": "replayed", "status_code": status, "finished_at": now()}
        written = yield Trip([(_NEW_CALL, values | replayed)], last=True)
        return Opened(written[0][0][0], ordinal, Answer(status, media_type, body))
    caller = Caller(token.run_id, run.task_id, run.project_id)
    values["reserved_cost"] = yield from reserve(tally, caller, asked.model, wanted, row[4:], budgets)
    place = None if wanted.free else tally.hold(token.run_id, run.project_id, values["reserved_cost"])
    written = yield Trip([(_NEW_CALL, values)], last=True)
    call_id = written[0][0][0]
    if place is not None:
        tally.number(place, call_id)
    return Opened(call_id, ordinal, None)


def record_refusal(asked: Asked, status_code: int, sentence: str, wanted_usd: float = 0.0) -> Steps[int | None]:
    """A row for a call that was not let through, if its run exists, and its id. `wanted_usd` is what no budget had room
    for."""
    run = _direct(asked.token.run_id)
    if run is None:
        (found,) = yield Trip([(_WHOSE, {"run_id": asked.token.run_id})])
        run = _Asking(*found[0]) if found else None
    if run is None:
        return None
    refused = {"outcome": "refused", "status_code": status_code, "error": sentence, "finished_at": now()}
    written = yield Trip([(_NEW_CALL, _values(asked, run, 0) | refused | {"reserved_cost": wanted_usd})], last=True)
    return written[0][0][0]


def settle_answered(
    tally: Tally, asked: Asked, opened: Opened, answer: Answer, spent: Spent, *, keep: bool = True
) -> Steps[None]:
    """The answer and its cost in one transaction, before the client has the last byte."""
    token = asked.token
    values = {
        "run_id": token.run_id, "step": token.step, "request_sha256": asked.sha256, "ordinal": opened.ordinal,
        "status_code": answer.status_code, "media_type": answer.media_type, "body": answer.body,
        "size": len(answer.body), "created_at": now(),
    }  # fmt: skip
    kept = [(_NEW_ANSWER, values)] if keep else []
    yield Trip([*kept, *_end(opened, "answered", answer.status_code, spent, "")], last=True, lock=LOCK)
    tally.settle(opened.call_id, spent.cost)


def is_stored(asked: Asked, opened: Opened) -> Steps[bool]:
    """Whether the call's answer lies in the store."""
    token = asked.token
    identity = {"run_id": token.run_id, "step": token.step, "sha256": asked.sha256, "ordinal": opened.ordinal}
    (found,) = yield Trip([(_STORED, identity)])
    return bool(found)


def settle_unanswered(
    tally: Tally, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> Steps[None]:
    """`outcome` is failed or abandoned. No answer is kept."""
    yield Trip(_end(opened, outcome, status_code, spent, error), last=True, lock=LOCK)
    tally.settle(opened.call_id, spent.cost)


def mark_delivered(opened: Opened) -> Steps[None]:
    """The client has the whole answer: the same question again is a new one."""
    yield Trip([(_HANDED_OVER, {"of_call": opened.call_id, "delivered_at": now()})], last=True)


async def settle_orphans(session: AsyncSession) -> int:
    """At the gateway's start: what a killed one left open is settled at its reservation. Answers how many."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    orphans = await session.scalars(sa.select(ModelCall).where(ModelCall.outcome == "open"))
    number = 0
    for call in orphans:
        number += 1
        call.outcome, call.cost, call.estimated, call.finished_at = "abandoned", call.reserved_cost, True, now()
        call.error = "The gateway was stopped while the provider was answering."
        await add_call(session, call)
    return number


def told(spent: Spent) -> dict[str, Any]:
    """Its fields by name, for a row or a line."""
    return {name: getattr(spent, name) for name in _TOLD}


def _direct(run_id: str) -> _Asking | None:
    if not direct.is_direct(run_id):
        return None
    return _Asking(RunState.RUNNING, direct.project_of(run_id), None, None)


def _check_running(state: str | None) -> None:
    if state != RunState.RUNNING:
        raise RunNotActive(
            f"The run is {state or 'unknown'}, so it may ask no model.",
            "Only a running run is answered; start another one.",
        )


def _values(asked: Asked, run: _Asking, ordinal: int) -> dict[str, Any]:
    """A new row of the book."""
    return {
        "run_id": asked.token.run_id,
        "step": asked.token.step,
        "incarnation": asked.token.incarnation,
        "request_sha256": asked.sha256,
        "ordinal": ordinal,
        "project_id": run.project_id,
        "task_id": run.task_id,
        "role": run.role,
        "provider": asked.provider,
        "protocol": asked.protocol,
        "path": asked.path,
        "model": asked.model,
        "streamed": asked.streamed,
        "outcome": "open",
        "created_at": now(),
    }


def _end(
    opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> list[tuple[Statement, Mapping[str, Any]]]:
    """Behind the lock: who counts what was spent sees either all of it or nothing."""
    ended = {"outcome": outcome, "status_code": status_code, "error": error, "finished_at": now()}
    call = {"of_call": opened.call_id}
    return [(TAKE_OUT, call), (_ENDED, {**call, **told(spent), **ended}), (ADD, call)]


_TOLD = tuple(one.name for one in fields(Spent))
_ENDED = Statement(_OF_CALL, [*_TOLD, *_END])
_HANDED_OVER = Statement(_OF_CALL, ["delivered_at"])

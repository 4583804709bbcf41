"""The book of model calls: opened before the provider is asked, settled with the stored answer, marked delivered.

Plain statements, within a transaction of the book (book.py): every call of every agent waits for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.models import direct
from services.models.budgets import Caller, Defaults, Reserve, reserve
from services.models.errors import RunNotActive
from services.models.run_tokens import RunToken
from services.models.tally import LOCK, Tally
from services.store.models import ModelAnswer, ModelCall, Run
from services.store.plain import Rows, Statement
from services.store.types import now

_CALLS, _ANSWERS = cast(sa.Table, ModelCall.__table__), cast(sa.Table, ModelAnswer.__table__)
_SAME_QUESTION = (
    ModelCall.run_id == sa.bindparam("run_id"),
    ModelCall.step == sa.bindparam("step"),
    ModelCall.request_sha256 == sa.bindparam("sha256"),
)
_DELIVERED = sa.select(sa.func.count()).where(
    *_SAME_QUESTION, ModelCall.incarnation == sa.bindparam("incarnation"), ModelCall.delivered_at.is_not(None)
)
_WHO_ASKS = Statement(
    sa.select(Run.state, Run.project_id, Run.task_id, Run.role, _DELIVERED.scalar_subquery()).where(
        Run.id == sa.bindparam("run_id")
    )
)
_DIRECT = Statement(_DELIVERED)
_WHOSE = Statement(sa.select(Run.state, Run.project_id, Run.task_id, Run.role).where(Run.id == sa.bindparam("run_id")))
_ANSWER = Statement(
    sa.select(ModelAnswer.status_code, ModelAnswer.media_type, ModelAnswer.body).where(
        ModelAnswer.run_id == sa.bindparam("run_id"),
        ModelAnswer.step == sa.bindparam("step"),
        ModelAnswer.request_sha256 == sa.bindparam("sha256"),
        ModelAnswer.ordinal == sa.bindparam("ordinal"),
    )
)
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
    ordinal: int = 0


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


def open_call(rows: Rows, tally: Tally, asked: Asked, wanted: Reserve, budgets: Defaults) -> Opened:
    """One transaction: the run is running, the ordinal is known, an answer is found or the worst case is held.

    The ordinal is the number of the same questions that this start of the step already got answers to. Raises
    RunNotActive, BudgetExceeded, ModelWithoutPrice.
    """
    token = asked.token
    identity = {"run_id": token.run_id, "step": token.step, "sha256": asked.sha256}
    run = _who_asks(rows, {**identity, "incarnation": token.incarnation})
    answered = rows.run(_ANSWER, {**identity, "ordinal": run.ordinal})
    values = _values(asked, run) | {"ordinal": run.ordinal}
    if not answered:
        caller = Caller(token.run_id, run.task_id, run.project_id)
        values["reserved_cost"] = reserve(rows, tally, caller, asked.model, wanted, budgets)
    else:
        values |= {"outcome": "replayed", "status_code": answered[0][0], "finished_at": now()}
    call_id = rows.run(_NEW_CALL, values)[0][0]
    return Opened(call_id, run.ordinal, Answer(*answered[0]) if answered else None)


def record_refusal(rows: Rows, asked: Asked, status_code: int, sentence: str, wanted_usd: float = 0.0) -> None:
    """A row for a call that was not let through, if its run exists. `wanted_usd` is what no budget had room for."""
    run = _direct(asked.token.run_id)
    if run is None:
        found = rows.run(_WHOSE, {"run_id": asked.token.run_id})
        run = _Asking(*found[0]) if found else None
    if run is not None:
        refused = {"outcome": "refused", "status_code": status_code, "error": sentence, "finished_at": now()}
        rows.run(_NEW_CALL, _values(asked, run) | refused | {"reserved_cost": wanted_usd})


def settle_answered(
    rows: Rows, asked: Asked, opened: Opened, answer: Answer, spent: Spent, *, keep: bool = True
) -> None:
    """The answer and its cost in one transaction, before the client has the last byte."""
    token = asked.token
    if keep:
        values = {
            "run_id": token.run_id, "step": token.step, "request_sha256": asked.sha256, "ordinal": opened.ordinal,
            "status_code": answer.status_code, "media_type": answer.media_type, "body": answer.body,
            "size": len(answer.body), "created_at": now(),
        }  # fmt: skip
        rows.run(_NEW_ANSWER, values)
    _settle(rows, opened, "answered", answer.status_code, spent, "")


def is_stored(rows: Rows, asked: Asked, opened: Opened) -> bool:
    """Whether the call's answer lies in the store."""
    token = asked.token
    identity = {"run_id": token.run_id, "step": token.step, "sha256": asked.sha256}
    return bool(rows.run(_ANSWER, {**identity, "ordinal": opened.ordinal}))


def settle_unanswered(
    rows: Rows, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> None:
    """`outcome` is failed or abandoned. No answer is kept."""
    _settle(rows, opened, outcome, status_code, spent, error)


def mark_delivered(rows: Rows, opened: Opened) -> None:
    """The client has the whole answer: the same question again is a new one."""
    rows.run(_HANDED_OVER, {"of_call": opened.call_id, "delivered_at": now()})


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
    return number


def told(spent: Spent) -> dict[str, Any]:
    """Its fields by name, for a row or a line."""
    return {name: getattr(spent, name) for name in _TOLD}


def _who_asks(rows: Rows, identity: Mapping[str, Any]) -> _Asking:
    """Raises RunNotActive."""
    if known := _direct(identity["run_id"]):
        return replace(known, ordinal=rows.run(_DIRECT, identity)[0][0])
    found = rows.run(_WHO_ASKS, identity)
    _check_running(found[0][0] if found else None)
    return _Asking(*found[0])


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


def _values(asked: Asked, run: _Asking) -> dict[str, Any]:
    """A new row of the book. `run` has its project, task and role."""
    return {
        "run_id": asked.token.run_id,
        "step": asked.token.step,
        "incarnation": asked.token.incarnation,
        "request_sha256": asked.sha256,
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


def _settle(rows: Rows, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str) -> None:
    rows.lock(LOCK)  # who counts what was spent sees either all of it or nothing
    ended = {"outcome": outcome, "status_code": status_code, "error": error, "finished_at": now()}
    rows.run(_ENDED, {"of_call": opened.call_id, **told(spent), **ended})


_TOLD = tuple(one.name for one in fields(Spent))
_ENDED = Statement(_OF_CALL, [*_TOLD, *_END])
_HANDED_OVER = Statement(_OF_CALL, ["delivered_at"])

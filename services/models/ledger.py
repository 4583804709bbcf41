"""The book of model calls: opened before the provider is asked, settled with the stored answer, marked delivered.

Plain statements: every call of every agent waits for them, and objects of the rows take three times as long.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.models import direct
from services.models.budgets import Caller, Defaults, Reserve, reserve
from services.models.errors import RunNotActive
from services.models.run_tokens import RunToken
from services.store.models import ModelAnswer, ModelCall, Run
from services.store.types import now

_SAME_QUESTION = (
    ModelCall.run_id == sa.bindparam("run_id"),
    ModelCall.step == sa.bindparam("step"),
    ModelCall.request_sha256 == sa.bindparam("sha256"),
)
_DELIVERED = sa.select(sa.func.count()).where(
    *_SAME_QUESTION, ModelCall.incarnation == sa.bindparam("incarnation"), ModelCall.delivered_at.is_not(None)
)
_WHO_ASKS = sa.select(
    Run.state, Run.project_id, Run.task_id, Run.role, _DELIVERED.scalar_subquery().label("ordinal")
).where(Run.id == sa.bindparam("run_id"))
_DIRECT = sa.select(_DELIVERED.scalar_subquery().label("ordinal"))
_ANSWER = sa.select(ModelAnswer.status_code, ModelAnswer.media_type, ModelAnswer.body).where(
    ModelAnswer.run_id == sa.bindparam("run_id"),
    ModelAnswer.step == sa.bindparam("step"),
    ModelAnswer.request_sha256 == sa.bindparam("sha256"),
    ModelAnswer.ordinal == sa.bindparam("ordinal"),
)
_NEW_CALL = sa.insert(ModelCall).returning(ModelCall.id)
_NEW_ANSWER = sa.insert(ModelAnswer)
_OF_CALL = sa.update(ModelCall).where(ModelCall.id == sa.bindparam("of_call"))


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


async def open_call(session: AsyncSession, asked: Asked, wanted: Reserve, budgets: Defaults) -> Opened:
    """One transaction: the run is running, the ordinal is known, an answer is found or the worst case is held.

    The ordinal is the number of the same questions that this start of the step already got answers to. Raises
    RunNotActive, BudgetExceeded, ModelWithoutPrice.
    """
    token = asked.token
    identity = {"run_id": token.run_id, "step": token.step, "sha256": asked.sha256}
    found = await _who_asks(session, {**identity, "incarnation": token.incarnation})
    answered = (await _do(session, _ANSWER, {**identity, "ordinal": found.ordinal})).one_or_none()
    values = _values(asked, found) | {"ordinal": found.ordinal}
    if answered is None:
        caller = Caller(token.run_id, found.task_id, found.project_id)
        values["reserved_cost"] = await reserve(session, caller, asked.model, wanted, budgets)
    else:
        values |= {"outcome": "replayed", "status_code": answered.status_code, "finished_at": now()}
    call_id = (await _do(session, _NEW_CALL, values)).scalar_one()
    return Opened(call_id, found.ordinal, Answer(*answered) if answered else None)


async def record_refusal(session: AsyncSession, asked: Asked, status_code: int, sentence: str) -> None:
    """A row for a call that was not let through, if its run exists."""
    run: Any = _direct(asked.token.run_id)
    if run is None:
        query = sa.select(Run.project_id, Run.task_id, Run.role).where(Run.id == asked.token.run_id)
        run = (await _do(session, query, {})).one_or_none()
    if run is not None:
        refused = {"outcome": "refused", "status_code": status_code, "error": sentence, "finished_at": now()}
        await _do(session, _NEW_CALL, _values(asked, run) | refused)


async def settle_answered(
    session: AsyncSession, asked: Asked, opened: Opened, answer: Answer, spent: Spent, *, keep: bool = True
) -> None:
    """The answer and its cost in one transaction, before the client has the last byte."""
    token = asked.token
    identity = {"run_id": token.run_id, "step": token.step, "request_sha256": asked.sha256}
    if keep:
        values = {
            **identity,
            "ordinal": opened.ordinal,
            **asdict(answer),
            "size": len(answer.body),
            "created_at": now(),
        }
        await _do(session, _NEW_ANSWER, values)
    await _settle(session, opened, "answered", answer.status_code, spent, "")


async def settle_unanswered(
    session: AsyncSession, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> None:
    """`outcome` is failed or abandoned. No answer is kept."""
    await _settle(session, opened, outcome, status_code, spent, error)


async def mark_delivered(session: AsyncSession, opened: Opened) -> None:
    """The client has the whole answer: the same question again is a new one."""
    await _do(session, _OF_CALL, {"of_call": opened.call_id, "delivered_at": now()})


async def settle_orphans(session: AsyncSession) -> int:
    """At the gateway's start: what a killed one left open is settled at its reservation. Answers how many."""
    orphans = await session.scalars(sa.select(ModelCall).where(ModelCall.outcome == "open"))
    number = 0
    for call in orphans:
        number += 1
        call.outcome, call.cost, call.estimated, call.finished_at = "abandoned", call.reserved_cost, True, now()
        call.error = "The gateway was stopped while the provider was answering."
    return number


async def _do(session: AsyncSession, statement: sa.Executable, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
    """On the session's connection, in its transaction, past its objects."""
    return await session.run_sync(lambda plain: plain.connection().execute(statement, values))


async def _who_asks(session: AsyncSession, identity: Mapping[str, Any]) -> Any:
    """Raises RunNotActive."""
    if known := _direct(identity["run_id"]):
        return replace(known, ordinal=(await _do(session, _DIRECT, identity)).scalar_one())
    found = (await _do(session, _WHO_ASKS, identity)).one_or_none()
    _check_running(found.state if found else None)
    return found


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


def _values(asked: Asked, run: Any) -> dict[str, Any]:
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


async def _settle(
    session: AsyncSession, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> None:
    ended = {"outcome": outcome, "status_code": status_code, "error": error, "finished_at": now()}
    await _do(session, _OF_CALL, {"of_call": opened.call_id, **asdict(spent), **ended})

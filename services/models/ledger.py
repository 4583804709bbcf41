"""The book of model calls: opened before the provider is asked, settled with the stored answer, marked delivered."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.models.budgets import Defaults, Reserve, reserve
from services.models.errors import RunNotActive
from services.models.run_tokens import RunToken
from services.store.models import ModelAnswer, ModelCall, Run
from services.store.types import now


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


async def active_run(session: AsyncSession, token: RunToken) -> Run:
    """The token's run, which must be running. Raises RunNotActive."""
    run = await session.get(Run, token.run_id)
    if run is None or run.state != RunState.RUNNING:
        state = run.state if run else "unknown"
        raise RunNotActive(
            f"The run is {state}, so it may ask no model.", "Only a running run is answered; start another one."
        )
    return run


async def open_call(session: AsyncSession, asked: Asked, wanted: Reserve, budgets: Defaults) -> Opened:
    """One transaction: the run is running, the ordinal is known, an answer is found or the worst case is held.

    The ordinal is the number of the same questions that this start of the step already got answers to. Raises
    RunNotActive, BudgetExceeded, ModelWithoutPrice.
    """
    call = _row(asked, await active_run(session, asked.token))
    call.ordinal = await session.scalar(_delivered(asked)) or 0
    stored = await session.get(ModelAnswer, (call.run_id, asked.token.step, asked.sha256, call.ordinal))
    if stored is None:
        await reserve(session, call, asked.model, wanted, budgets)
    else:
        call.outcome, call.status_code, call.finished_at = "replayed", stored.status_code, now()
    session.add(call)
    await session.flush()
    answer = Answer(stored.status_code, stored.media_type, stored.body) if stored else None
    return Opened(call.id, call.ordinal, answer)


async def record_refusal(session: AsyncSession, asked: Asked, status_code: int, sentence: str) -> None:
    """A row for a call that was not let through, if its run exists."""
    run = await session.get(Run, asked.token.run_id)
    if run is not None:
        call = _row(asked, run)
        call.outcome, call.status_code, call.error, call.finished_at = "refused", status_code, sentence, now()
        session.add(call)


async def settle_answered(session: AsyncSession, asked: Asked, opened: Opened, answer: Answer, spent: Spent) -> None:
    """The answer and its cost in one transaction, before the client has the last byte."""
    session.add(
        ModelAnswer(
            run_id=asked.token.run_id,
            step=asked.token.step,
            request_sha256=asked.sha256,
            ordinal=opened.ordinal,
            status_code=answer.status_code,
            media_type=answer.media_type,
            body=answer.body,
        )
    )
    await _settle(session, opened, "answered", answer.status_code, spent, "")


async def settle_unanswered(
    session: AsyncSession, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> None:
    """`outcome` is failed or abandoned. No answer is kept."""
    await _settle(session, opened, outcome, status_code, spent, error)


async def mark_delivered(session: AsyncSession, opened: Opened) -> None:
    """The client has the whole answer: the same question again is a new one."""
    await session.execute(sa.update(ModelCall).where(ModelCall.id == opened.call_id).values(delivered_at=now()))


async def settle_orphans(session: AsyncSession) -> int:
    """At the gateway's start: what a killed one left open is settled at its reservation. Answers how many."""
    orphans = await session.scalars(sa.select(ModelCall).where(ModelCall.outcome == "open"))
    number = 0
    for call in orphans:
        number += 1
        call.outcome, call.cost, call.estimated, call.finished_at = "abandoned", call.reserved_cost, True, now()
        call.error = "The gateway was stopped while the provider was answering."
    return number


def _row(asked: Asked, run: Run) -> ModelCall:
    return ModelCall(
        run_id=run.id,
        step=asked.token.step,
        incarnation=asked.token.incarnation,
        request_sha256=asked.sha256,
        project_id=run.project_id,
        task_id=run.task_id,
        role=run.role,
        provider=asked.provider,
        protocol=asked.protocol,
        path=asked.path,
        model=asked.model,
        streamed=asked.streamed,
        outcome="open",
        reserved_cost=0.0,
    )


def _delivered(asked: Asked) -> sa.Select[int]:
    return sa.select(sa.func.count()).where(
        ModelCall.run_id == asked.token.run_id,
        ModelCall.step == asked.token.step,
        ModelCall.incarnation == asked.token.incarnation,
        ModelCall.request_sha256 == asked.sha256,
        ModelCall.delivered_at.is_not(None),
    )


async def _settle(
    session: AsyncSession, opened: Opened, outcome: str, status_code: int | None, spent: Spent, error: str
) -> None:
    await session.execute(
        sa.update(ModelCall)
        .where(ModelCall.id == opened.call_id)
        .values(
            outcome=outcome,
            status_code=status_code,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            tokens_cached=spent.tokens_cached,
            cost=spent.cost,
            estimated=spent.estimated,
            first_byte_ms=spent.first_byte_ms,
            duration_ms=spent.duration_ms,
            tokens_per_second=spent.tokens_per_second,
            error=error,
            finished_at=now(),
        )
    )

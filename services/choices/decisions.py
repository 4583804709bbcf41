"""Writes down that another model than the wanted one is asked, with the reason, and tells it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import HubError
from services.events import log
from services.store.models import ModelDecision, Run, Task
from services.store.types import now

REASONS = {
    "budget_exceeded": "budget",
    "model_without_price": "budget",
    "context_exceeded": "context",
    "model_offline": "offline",
}


def reason_of(error: HubError) -> str:
    """In one word, why a model did not answer: budget, context, offline, or failure."""
    return REASONS.get(error.code, "failure")


async def keep_choice(session: AsyncSession, run: Run, step: str, choice: dict[str, Any]) -> None:
    """The order that a step begins with (Chosen.plain), and each model that was passed over for its first one."""
    models: list[str] = choice["models"]
    run.models = models
    for passed in choice["passed"]:
        await decide(session, run.id, step, passed["model"], models[0], passed["reason"], "", passed["sentence"])


async def decide(
    session: AsyncSession, run_id: str, step: str, wanted: str, taken: str, reason: str, code: str, sentence: str
) -> None:
    """One decision; made again it is counted, and told once. Within the caller's writing transaction."""
    await log.lock(session)
    same = sa.select(ModelDecision).where(
        ModelDecision.run_id == run_id, ModelDecision.step == step, ModelDecision.wanted == wanted,
        ModelDecision.taken == taken, ModelDecision.code == code,
    )  # fmt: skip
    known = await session.scalar(same)
    if known is not None:
        known.times, known.last_at, known.sentence = known.times + 1, now(), sentence
        return
    session.add(
        ModelDecision(run_id=run_id, step=step, wanted=wanted, taken=taken, reason=reason, code=code, sentence=sentence)
    )
    await session.flush()
    run = await session.get(Run, run_id)
    if run is None:
        return
    run.model = taken
    task = await session.get(Task, run.task_id) if run.task_id is not None else None
    await log.of_run(
        session, "run.model_changed", run, task, step=step, wanted=wanted, taken=taken, reason=reason, sentence=sentence
    )


async def decisions_of(session: AsyncSession, run_id: str) -> Sequence[ModelDecision]:
    """Oldest first."""
    query = sa.select(ModelDecision).where(ModelDecision.run_id == run_id).order_by(ModelDecision.id)
    return (await session.scalars(query)).all()


async def order_of(session: AsyncSession, run_id: str, step: str) -> tuple[list[str], str | None]:
    """The run's models in their order, none where there is no choice, and the one that was decided on last."""
    models = await session.scalar(sa.select(Run.models).where(Run.id == run_id))
    if not models or len(models) < 2:
        return [], None
    query = sa.select(ModelDecision.taken).where(ModelDecision.run_id == run_id, ModelDecision.step == step)
    return models, await session.scalar(query.order_by(ModelDecision.last_at.desc(), ModelDecision.id.desc()).limit(1))

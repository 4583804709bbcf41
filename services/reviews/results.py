"""What a gate measured, kept by run: one row for each rule."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reviews.gate import RuleResult
from services.store.models import GateResult
from services.store.types import now

_KEEP = sa.insert(GateResult.__table__)  # pyright: ignore[reportArgumentType]


async def keep_results(session: AsyncSession, run_id: str, rules: Sequence[RuleResult]) -> None:
    """One statement for all of them; none where the gate has no rules."""
    if not rules:
        return
    at = now()
    rows = [
        {
            "created_at": at, "run_id": run_id, "rule": one.rule, "passed": one.passed, "reason": one.reason,
            "expected": one.expected, "measured": one.measured, "proof_id": one.proof_id,
        }
        for one in rules
    ]  # fmt: skip
    await session.execute(_KEEP, rows)


async def results_of(session: AsyncSession, run_id: str) -> Sequence[GateResult]:
    """In the gate's order; none for a run that no gate has judged."""
    query = sa.select(GateResult).where(GateResult.run_id == run_id).order_by(GateResult.id)
    return (await session.scalars(query)).all()

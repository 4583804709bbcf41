"""What a run's model calls came to."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import ModelCall

PAID = ("answered", "failed", "abandoned")  # a replayed answer was counted when it was first given


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, US dollars, and the number of calls that reached a provider."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    calls: int = 0


async def usage_of_run(session: AsyncSession, run_id: str) -> Usage:
    """Settled calls only; zeros for a run that made none."""
    row = (
        await session.execute(
            sa.select(
                sa.func.coalesce(sa.func.sum(ModelCall.tokens_in), 0),
                sa.func.coalesce(sa.func.sum(ModelCall.tokens_out), 0),
                sa.func.coalesce(sa.func.sum(ModelCall.cost), 0.0),
                sa.func.count(),
            ).where(ModelCall.run_id == run_id, ModelCall.outcome.in_(PAID))
        )
    ).one()
    return Usage(int(row[0]), int(row[1]), float(row[2]), int(row[3]))

"""What a run's model calls came to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import ModelCall
from services.store.plain import Rows, Statement, run_in

PAID = ("answered", "failed", "abandoned")  # a replayed answer was counted when it was first given

_OF_RUN = Statement(
    sa.select(
        sa.func.coalesce(sa.func.sum(ModelCall.tokens_in), 0),
        sa.func.coalesce(sa.func.sum(ModelCall.tokens_out), 0),
        sa.func.coalesce(sa.func.sum(ModelCall.cost), 0.0),
        sa.func.count(),
    ).where(ModelCall.run_id == sa.bindparam("run_id"), sa.or_(*[ModelCall.outcome == outcome for outcome in PAID]))
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, US dollars, and the number of calls that reached a provider."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    calls: int = 0


async def usage_of_run(session: AsyncSession, run_id: str) -> Usage:
    """Settled calls only; zeros for a run that made none."""
    return _usage((await run_in(session, _OF_RUN, {"run_id": run_id}))[0])


def usage_in(rows: Rows, run_id: str) -> Usage:
    """`usage_of_run` in a transaction of plain statements."""
    return _usage(rows.run(_OF_RUN, {"run_id": run_id})[0])


def _usage(row: Any) -> Usage:
    return Usage(int(row[0]), int(row[1]), float(row[2]), int(row[3]))


async def cost_since(session: AsyncSession, moment: datetime) -> float:
    """US dollars of the calls made since then, by anyone; a call under way counts with what is held for it."""
    held = sa.case((ModelCall.outcome == "open", ModelCall.reserved_cost), else_=ModelCall.cost)
    query = sa.select(sa.func.coalesce(sa.func.sum(held), 0.0)).where(ModelCall.created_at >= moment)
    return float(await session.scalar(query) or 0.0)

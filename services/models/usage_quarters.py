"""Keeps `usage_quarters` up with the book of model calls: what a settled call took is added with its settling.

A call that is settled twice (a commit whose answer got lost, a gateway that came back) is taken out before and added
again after, so that the sums are those of the rows, whatever happened to them.
"""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.usage import PAID
from services.store.models import ModelCall, Run, UsageQuarter
from services.store.plain import Statement, run_in
from services.store.quarters import Quarter
from services.store.types import BigId

PICO = 1_000_000_000_000  # of a US dollar
KEYS = ("quarter", "project_id", "stage", "role", "model")
SUMS = ("calls", "tokens_in", "tokens_out", "pico_usd", "estimated_calls", "estimated_pico_usd")
_QUARTERS = cast(sa.Table, UsageQuarter.__table__)
_COST = sa.cast(sa.func.round(ModelCall.cost * float(PICO)), sa.BigInteger())
_KEY_OF_CALL = (
    Quarter(ModelCall.created_at),
    sa.func.coalesce(ModelCall.project_id, sa.literal_column("0")),
    sa.func.coalesce(Run.stage, sa.literal_column("''")),
    sa.func.coalesce(ModelCall.role, sa.literal_column("''")),
    ModelCall.model,
)
_OF_CALL = (
    sa.literal_column("1", BigId),
    ModelCall.tokens_in,
    ModelCall.tokens_out,
    _COST,
    sa.case((ModelCall.estimated, sa.literal_column("1", BigId)), else_=sa.literal_column("0", BigId)),
    sa.case((ModelCall.estimated, _COST), else_=sa.literal_column("0", BigId)),
)
_IS_PAID = ModelCall.outcome.in_([sa.literal_column(f"'{outcome}'") for outcome in PAID])


def _adding(sign: int) -> Statement:
    values = [one if sign > 0 else -one for one in _OF_CALL]
    call = (
        sa.select(*_KEY_OF_CALL, *values)
        .outerjoin_from(ModelCall, Run, Run.id == ModelCall.run_id)
        .where(ModelCall.id == sa.bindparam("of_call", type_=BigId), _IS_PAID)
    )
    added = insert(_QUARTERS).from_select([*KEYS, *SUMS], call, include_defaults=False)
    sums = {name: _QUARTERS.c[name] + added.excluded[name] for name in SUMS}
    return Statement(added.on_conflict_do_update(index_elements=[_QUARTERS.c[name] for name in KEYS], set_=sums))


TAKE_OUT, ADD = _adding(-1), _adding(+1)


async def add_call(session: AsyncSession, call: ModelCall) -> None:
    """For a call that is written once, when it is over."""
    await session.flush()
    await run_in(session, ADD, {"of_call": call.id})


def all_calls() -> sa.Insert:
    """Every row of `usage_quarters` there has to be, out of the book."""
    sums = [sa.func.sum(one) for one in _OF_CALL]
    calls: Any = (
        sa.select(*_KEY_OF_CALL, *sums)
        .outerjoin_from(ModelCall, Run, Run.id == ModelCall.run_id)
        .where(_IS_PAID)
        .group_by(*_KEY_OF_CALL)
    )
    return sa.insert(_QUARTERS).from_select([*KEYS, *SUMS], calls, include_defaults=False)

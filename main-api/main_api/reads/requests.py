"""Which requests somebody has to do something for."""

import sqlalchemy as sa

from services.domain.states import PlanState, RequestState
from services.store.models import Plan, Request


def is_under_way() -> sa.ColumnElement[bool]:
    """What the PM has or is to have, and what has a plan that waits for a person."""
    waits = sa.exists().where(Plan.request_id == Request.id, Plan.state == PlanState.WAITING)
    return sa.or_(Request.state.in_((RequestState.NEW, RequestState.PLANNING)), waits)

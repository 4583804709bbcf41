"""Runs that ended in a span: how often they passed, by role and model, and how long they took, by stage."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.metrics.milliseconds import Milliseconds, times_by
from main_api.reads.metrics.projects import of_projects
from main_api.reads.metrics.span import Span
from main_api.reads.metrics.unindexed import Unindexed
from main_api.schemas.metrics import PassRateBy, PassRateOut, PassRateRow, SpanOut, StagesOut, StageTimes
from services.domain.states import RunState
from services.store.models import Run

JUDGED = (RunState.PASSED, RunState.FAILED)
_ENDED = Run.finished_at.is_not(None)  # as the indexes have it


async def read_pass_rate(session: AsyncSession, span: Span, project_id: int | None, by: PassRateBy) -> PassRateOut:
    whose = (_ENDED, span.holds(Unindexed(Run.finished_at)), of_projects(Unindexed(Run.project_id), project_id))
    of_index = (Run.role, Run.model, Run.state)  # ix_runs_rated: in its order there is nothing to sort
    each = sa.select(*of_index, sa.func.count().label("runs")).where(*whose).group_by(*of_index).subquery()
    keys = {"role": [each.c.role], "model": [each.c.model], "role_and_model": [each.c.role, each.c.model]}[by]
    query = sa.select(*keys, each.c.state, sa.func.sum(each.c.runs)).group_by(*keys, each.c.state)
    found: dict[tuple[str | None, ...], dict[str, int]] = {}
    rows: Any = await session.execute(query)
    for *key, state, count in rows:
        found.setdefault(tuple(key), {})[state] = int(count)
    rates = [_rates(_named(by, key), states) for key, states in sorted(found.items(), key=_in_order)]
    whole: dict[str, int] = {}
    for states in found.values():
        for state, count in states.items():
            whole[state] = whole.get(state, 0) + count
    return PassRateOut(span=SpanOut.of(span), by=by, total=_rates({}, whole), rows=rates)


async def read_stages(session: AsyncSession, span: Span, project_id: int | None) -> StagesOut:
    """Of runs that came to a verdict by themselves: one that was killed or lost says nothing about its stage."""
    took = Milliseconds(Run.started_at, Run.finished_at, Run.paused_seconds)
    judged = Unindexed(Run.state).in_([sa.literal_column(f"'{state}'") for state in JUDGED])
    mine = (_ENDED, span.holds(Run.finished_at), Run.started_at.is_not(None), judged)
    times = await times_by(session, Run.stage, took, [*mine, of_projects(Unindexed(Run.project_id), project_id)])
    rows = [StageTimes.of(one.group, one.count, one.total, one.median, one.p95) for one in times]
    return StagesOut(span=SpanOut.of(span), rows=rows)


def _named(by: PassRateBy, key: tuple[str | None, ...]) -> dict[str, str | None]:
    return {"role": {"role": key[0]}, "model": {"model": key[0]}}.get(by) or {"role": key[0], "model": key[-1]}


def _in_order(one: tuple[tuple[str | None, ...], Any]) -> list[tuple[bool, str]]:
    return [(part is None, part or "") for part in one[0]]


def _rates(named: dict[str, str | None], states: dict[str, int]) -> PassRateRow:
    passed, failed = (states.get(state, 0) for state in JUDGED)
    return PassRateRow(
        **named,
        runs=sum(states.values()),
        passed=passed,
        failed=failed,
        blocked=states.get(RunState.BLOCKED, 0),
        cancelled=states.get(RunState.CANCELLED, 0),
        lost=states.get(RunState.LOST, 0),
        pass_rate=round(passed / (passed + failed), 4) if passed + failed else None,
    )

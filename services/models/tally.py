"""What the calls of a run, a project and a day come to, kept up with the book instead of summed up for each call.

The book's rows are what counts, whoever wrote them: each time, the new rows are read, and those that were under way
when they were read last. A settled call does not change any more.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.store.models import ModelCall
from services.store.plain import Rows, Statement

LOCK = 7_206_001  # advisory, PostgreSQL: held by who adds or settles a call that costs money
FRESH_SECONDS = 60.0  # then all is summed up again: somebody may have changed rows by hand
MOST = 500  # sums in memory


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calls: those of a run, of a project, or since a moment. One of the three is set."""

    run_id: str | None = None
    project_id: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    run_id: str | None
    project_id: int | None
    recent: bool  # since the moment that is looked at now
    reserved: float

    def is_of(self, scope: Scope) -> bool:
        if scope.run_id is not None:
            return self.run_id == scope.run_id
        return self.recent if scope.project_id is None else self.project_id == scope.project_id


_OPEN = ModelCall.outcome == "open"
_CALLS = sa.select(
    ModelCall.id, ModelCall.run_id, ModelCall.project_id, ModelCall.created_at >= sa.bindparam("since"), _OPEN,
    ModelCall.cost, ModelCall.reserved_cost,
)  # fmt: skip
_UPTO = sa.bindparam("upto", type_=ModelCall.id.type)
_NEWEST = Statement(sa.select(sa.func.coalesce(sa.func.max(ModelCall.id), 0)))
_NEWS = Statement(
    sa.union_all(
        _CALLS.where(ModelCall.id > _UPTO, sa.or_(_OPEN, ModelCall.cost > 0)),
        _CALLS.where(ModelCall.id <= _UPTO, _OPEN),
    )
)
_COST = Statement(sa.select(ModelCall.cost).where(ModelCall.id == sa.bindparam("id")))
_SETTLED = sa.select(sa.func.coalesce(sa.func.sum(ModelCall.cost), 0.0)).where(~_OPEN, ModelCall.id <= _UPTO)
_SUMS = {
    "run_id": Statement(_SETTLED.where(ModelCall.run_id == sa.bindparam("mine"))),
    "project_id": Statement(_SETTLED.where(ModelCall.project_id == sa.bindparam("mine"))),
    "since": Statement(_SETTLED.where(ModelCall.created_at >= sa.bindparam("mine"))),
}


class Tally:
    """Of one process. Ask it only in a writing transaction, and `forget` when that is rolled back."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._spent: dict[Scope, float] = {}
        self._open: dict[int, _Call] = {}
        self._upto, self._begun = 0, time.monotonic()
        self._since: datetime | None = None

    def taken(self, rows: Rows, scopes: Sequence[Scope], since: datetime) -> list[float]:
        """US dollars spent and held by each scope's calls. `since` is today's beginning, the only moment of a scope."""
        rows.lock(LOCK)
        old = time.monotonic() - self._begun > FRESH_SECONDS
        if old or since != self._since or len(self._spent) > MOST:
            self.forget()
            self._since = since
        self._read_on(rows, since)
        for scope in scopes:
            if scope not in self._spent:
                self._spent[scope] = self._sum(rows, scope)
        return [self._spent[scope] + sum(c.reserved for c in self._open.values() if c.is_of(scope)) for scope in scopes]

    def _read_on(self, rows: Rows, since: datetime) -> None:
        upto = self._upto if self._spent else rows.run(_NEWEST, {})[0][0]  # without sums, only what is under way counts
        newest, under_way = upto, dict[int, _Call]()
        for number, run_id, project_id, recent, is_open, cost, reserved in rows.run(
            _NEWS, {"upto": upto, "since": since}
        ):
            call = _Call(run_id, project_id, bool(recent), reserved)
            newest = max(newest, number)
            if is_open:
                under_way[number] = call
            else:
                self._add(call, cost)
        if self._spent:
            for number, call in self._open.items():
                if number not in under_way:
                    ended = rows.run(_COST, {"id": number})
                    self._add(call, ended[0][0] if ended else 0.0)
        self._upto, self._open = newest, under_way

    def _add(self, call: _Call, cost: float) -> None:
        for scope in self._spent:
            if call.is_of(scope):
                self._spent[scope] += cost

    def _sum(self, rows: Rows, scope: Scope) -> float:
        kind: Any = next(name for name in _SUMS if getattr(scope, name) is not None)
        return float(rows.run(_SUMS[kind], {"mine": getattr(scope, kind), "upto": self._upto})[0][0])

"""What the calls of a run, a project and a day come to, kept up with the book instead of summed up for each call.

The book's rows are what counts, whoever wrote them. What this process writes it counts as it writes it; what others
write is read in each transaction that reserves: the new rows, and those that were under way when they were read last.
A settled call does not change any more. One exception: a gateway that starts beside a working one takes its open calls
for a killed one's and settles them at their reservation (`settle_orphans`); what they cost in truth is written over it.
Tallies that counted the reservation, the worst case, keep it until FRESH_SECONDS are over.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.store.models import ModelCall
from services.store.plain import Statement
from services.store.trips import Steps, Trip

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
    """One that is under way. `recent`: since the moment that is looked at now. `own`: this process settles it."""

    run_id: str | None
    project_id: int | None
    recent: bool
    reserved: float
    own: bool = False

    def is_of(self, scope: Scope) -> bool:
        if scope.run_id is not None:
            return self.run_id == scope.run_id
        return self.recent if scope.project_id is None else self.project_id == scope.project_id


_OPEN = ModelCall.outcome == "open"
_UPTO = sa.bindparam("upto", type_=ModelCall.id.type)
_NEWS = Statement(
    sa.select(
        ModelCall.id, ModelCall.run_id, ModelCall.project_id, ModelCall.created_at >= sa.bindparam("since"), _OPEN,
        ModelCall.cost, ModelCall.reserved_cost,
    ).where(ModelCall.id > _UPTO, sa.or_(sa.and_(_OPEN, ModelCall.reserved_cost > 0), ModelCall.cost > 0))
)  # fmt: skip
_UNDER_WAY = sa.select(
    ModelCall.id, ModelCall.run_id, ModelCall.project_id, ModelCall.created_at >= sa.bindparam("since"),
    ModelCall.reserved_cost,
).where(ModelCall.id <= _UPTO, _OPEN)  # fmt: skip
_STILL = Statement(_UNDER_WAY)
_NEWEST = Statement(sa.select(sa.func.coalesce(sa.func.max(ModelCall.id), 0)))
_COST = Statement(sa.select(ModelCall.cost).where(ModelCall.id == sa.bindparam("id")))
_SETTLED = sa.select(sa.func.coalesce(sa.func.sum(ModelCall.cost), 0.0)).where(~_OPEN, ModelCall.id <= _UPTO)
_SUMS = {
    "run_id": Statement(_SETTLED.where(ModelCall.run_id == sa.bindparam("mine"))),
    "project_id": Statement(_SETTLED.where(ModelCall.project_id == sa.bindparam("mine"))),
    "since": Statement(_SETTLED.where(ModelCall.created_at >= sa.bindparam("mine"))),
}


class Tally:
    """Of one process, and of one transaction at a time: `begin` with each, and `forget` when one is rolled back.

    Who reserves sends `news` along, has it `heard`, asks what is `taken`, and lets it `hold` what is taken by itself.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._spent: dict[Scope, float] = {}
        self._held: dict[Scope, dict[int, float]] = {}
        self._open: dict[int, _Call] = {}
        self._upto, self._begun = 0, time.monotonic()
        self._since: datetime | None = None
        self._asked = False

    def begin(self) -> None:
        self._asked = False

    def news(self, since: datetime) -> list[tuple[Statement, Mapping[str, Any]]]:
        """What others wrote, to be asked once in a transaction; empty for all but the first who asks. `since` is
        today's beginning, the only moment of a scope."""
        if self._asked:
            return []
        old = time.monotonic() - self._begun > FRESH_SECONDS
        if old or since != self._since or len(self._spent) > MOST:
            self.forget()
            self._since = since
        self._asked = True
        values = {"upto": self._upto, "since": since}
        if not self._spent:  # nothing is summed up yet: all that is under way counts, whatever its number
            return [(_NEWEST, {}), (_STILL, {**values, "upto": 2**62})]
        asked: list[tuple[Statement, Mapping[str, Any]]] = [(_NEWS, values)]
        if not all(call.own for call in self._open.values()):
            asked.append((_STILL, values))
        return asked

    def heard(self, answers: Sequence[Sequence[Any]]) -> Steps[None]:
        """`answers` to `news`."""
        if not self._spent:
            (((newest,),), under_way) = answers
            self._open = {n: _Call(run, project, bool(new), held) for n, run, project, new, held in under_way}
            self._upto = newest
            return
        for number, run_id, project_id, recent, is_open, cost, reserved in answers[0]:
            call = _Call(run_id, project_id, bool(recent), reserved)
            self._upto = max(self._upto, number)
            if number not in self._open:
                self._count(number, call)
                if not is_open:
                    self.settle(number, cost)
        if len(answers) > 1:
            still = {row[0] for row in answers[1]} | {row[0] for row in answers[0]}
            ended = [n for n, call in self._open.items() if not call.own and n not in still]
            if ended:
                costs = yield Trip([(_COST, {"id": number}) for number in ended])
                for number, cost in zip(ended, costs, strict=True):
                    self.settle(number, cost[0][0] if cost else 0.0)

    def taken(self, scopes: Sequence[Scope]) -> Steps[list[float]]:
        """US dollars spent and held by each scope's calls."""
        new = [scope for scope in scopes if scope not in self._spent]
        if new:
            for scope, ((spent,),) in zip(new, (yield Trip([self._sum(scope) for scope in new])), strict=True):
                self._spent[scope] = float(spent)
                self._held[scope] = {n: call.reserved for n, call in self._open.items() if call.is_of(scope)}
        return [self._spent[scope] + sum(self._held[scope].values()) for scope in scopes]

    def hold(self, run_id: str | None, project_id: int | None, reserved: float) -> int:
        """Counts a call that is about to be written; its number until it has one."""
        place = min(self._open, default=0)
        place = min(place, 0) - 1
        self._count(place, _Call(run_id, project_id, True, reserved, own=True))
        return place

    def number(self, place: int, call_id: int) -> None:
        """The held call was written as this one."""
        call = self._open.pop(place)
        for held in self._held.values():
            held.pop(place, None)
        self._count(call_id, call)
        self._upto = max(self._upto, call_id)

    def settle(self, call_id: int, cost: float) -> None:
        """A call has ended: now it counts with its cost."""
        call = self._open.pop(call_id, None)
        if call is None:
            return  # nobody has summed up since it was opened, or it was free
        for scope, held in self._held.items():
            if call.is_of(scope):
                held.pop(call_id, None)
                self._spent[scope] += cost

    def _count(self, number: int, call: _Call) -> None:
        self._open[number] = call
        for scope, held in self._held.items():
            if call.is_of(scope):
                held[number] = call.reserved

    def _sum(self, scope: Scope) -> tuple[Statement, Mapping[str, Any]]:
        kind: Any = next(name for name in _SUMS if getattr(scope, name) is not None)
        return _SUMS[kind], {"mine": getattr(scope, kind), "upto": self._upto}

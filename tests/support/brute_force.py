"""Metrics by plain loops over a history: what the database has to come to."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.support.histories import ENDED, CallOf, History, RunOf

GONE = 2
PAID = ("answered", "failed", "abandoned")


class Looked:
    """`project` None is all of them. `first` to `last` are days in the zone."""

    def __init__(self, history: History, zone: str, first: date, last: date, project: int | None) -> None:
        self.history, self.zone, self.first, self.last, self.project = history, ZoneInfo(zone), first, last, project

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def within(self, at: datetime | None) -> bool:
        return at is not None and self.first <= self.day(at) <= self.last

    def mine(self, project: int) -> bool:
        return project == self.project if self.project is not None else project != GONE

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def ended(self) -> list[RunOf]:
        runs = self.history.runs
        return [run for run in runs if run.state in ENDED and self.mine(run.project) and self.within(run.finished_at)]

    def throughput(self) -> dict[date, int]:
        last: dict[int, datetime] = {}
        for one in self.history.done:
            if self.mine(one.task % 3) and self.within(one.at):
                last[one.task] = max(one.at, last.get(one.task, one.at))
        counted = Counter(map(self.day, last.values()))
        return {day: counted[day] for day in self.days()}

    def rounds(self) -> dict[int, int]:
        last = {o.task: o.round for o in self.history.done if self.mine(o.task % 3) and self.within(o.at)}
        return dict(Counter(last.values()))

    def pass_rate(self, by: str) -> dict[tuple[str | None, ...], Counter[str]]:
        found: dict[tuple[str | None, ...], Counter[str]] = defaultdict(Counter)
        for run in self.ended():
            key = {"role": (run.role,), "model": (run.model,)}.get(by, (run.role, run.model))
            found[key][run.state] += 1
        return dict(found)

    def stages(self) -> dict[str, tuple[int, float, float, float]]:
        times: dict[str, list[int]] = defaultdict(list)
        for run in self.ended():
            if run.started_at is not None and run.finished_at is not None and run.state in ("passed", "failed"):
                took = milliseconds(run.finished_at - run.started_at) - round(run.paused_seconds * 1000)
                times[run.stage].append(max(0, took))
        return {stage: told(found) for stage, found in times.items()}

    def waiting(self) -> dict[str, tuple[int, float, float, float]]:
        times: dict[str, list[int]] = defaultdict(list)
        for wait in [*self.history.waits, *self.history.plans]:
            if wait.ended_at is not None and self.mine(wait.project) and self.within(wait.ended_at):
                times[wait.reason].append(milliseconds(wait.ended_at - wait.began_at))
        return {reason: told(found) for reason, found in times.items()}

    def open_waits(self) -> dict[str, tuple[int, datetime]]:
        found: dict[str, list[datetime]] = defaultdict(list)
        for wait in [*self.history.waits, *self.history.plans]:
            if wait.ended_at is None and self.mine(wait.project):
                found[wait.reason].append(wait.began_at)
        return {reason: (len(since), min(since)) for reason, since in found.items()}

    def usage(self, by: str) -> dict[str | None, tuple[int, int, int, Decimal, int, Decimal]]:
        found: dict[str | None, list[CallOf]] = defaultdict(list)
        for call in self.history.calls:
            if call.outcome in PAID and self.within(call.created_at) and self.project in (None, call.project):
                found[self._key(call, by)].append(call)
        return {key: summed(calls) for key, calls in found.items()}

    def _key(self, call: CallOf, by: str) -> str | None:
        if by == "day":
            return self.day(call.created_at).isoformat()
        if by == "stage":
            runs = self.history.runs
            return runs[call.run].stage if call.run is not None and call.run < len(runs) else None
        if by == "project":
            return None if call.project is None else str(call.project)
        return call.role if by == "role" else call.model


def milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def told(times: Sequence[int]) -> tuple[int, float, float, float]:
    ranked = sorted(times)
    median, p95 = (ranked[math.ceil(len(ranked) * share / 100) - 1] for share in (50, 95))
    return len(ranked), median / 1000, p95 / 1000, sum(ranked) / 1000


def summed(calls: Sequence[CallOf]) -> tuple[int, int, int, Decimal, int, Decimal]:
    guessed = [call for call in calls if call.estimated]
    return (
        len(calls), sum(c.tokens_in for c in calls), sum(c.tokens_out for c in calls), cost(calls), len(guessed),
        cost(guessed),
    )  # fmt: skip


def cost(calls: Sequence[CallOf]) -> Decimal:
    exact = sum((Decimal(repr(call.cost)) for call in calls), Decimal(0))
    return exact.quantize(Decimal("0.000001"))

"""What each run measured, for cards. A run that has ended measures nothing more, so what it left is kept in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.facts import RunFacts, ended_steps, of_kind
from services.domain.states import LIVE_RUN, RunState
from services.store.models import Run

MOST_KEPT = 20_000  # runs; some 500 bytes each


@dataclass(frozen=True, slots=True)
class Measured:
    """The newest test counts and the newest scan of one run."""

    tests: dict[str, int] | None = None
    scan: dict[str, int] | None = None


NOTHING = Measured()
_kept: dict[str, Measured] = {}  # by the run's id, which is never given again


async def measured_by(session: AsyncSession, runs: Iterable[RunFacts]) -> Mapping[str, Measured]:
    """By the run's id. One query at most."""
    found: dict[str, Measured] = {}
    asked: dict[str, RunFacts] = {}
    for run in runs:
        known = _kept.get(run.id)
        if known is None:
            asked[run.id] = run
        else:
            found[run.id] = known
    if not asked:
        return found
    query = sa.select(Run.id, Run.details["steps"]).where(Run.id.in_(asked))
    for run_id, steps in await session.execute(query):
        run = asked[run_id]
        found[run_id] = _measured(run._replace(steps=steps))
        if RunState(run.state) not in LIVE_RUN:
            _keep(run_id, found[run_id])
    return found


def newest(runs: Sequence[RunFacts], task_round: int, measured: Mapping[str, Measured]) -> Measured:
    """The newest of each kind in the round."""
    tests: dict[str, int] | None = None
    scan: dict[str, int] | None = None
    for run in reversed(runs):
        if run.round == task_round:
            of_run = measured.get(run.id, NOTHING)
            tests, scan = tests or of_run.tests, scan or of_run.scan
    return Measured(tests, scan)


def _measured(run: RunFacts) -> Measured:
    ended = ended_steps([run], run.round)
    counted = (entry["tests"] for _, entry in of_kind(ended, "command") if entry.get("tests"))
    tests = next(({"passed": c["passed"], "failed": c["failed"] + c["errors"]} for c in counted), None)
    scans = ({"new_findings": int(entry.get("findings") or 0)} for _, entry in of_kind(ended, "scan"))
    return Measured(tests, next(scans, None))


def _keep(run_id: str, measured: Measured) -> None:
    while len(_kept) >= MOST_KEPT:
        del _kept[next(iter(_kept))]
    _kept[run_id] = measured if measured != NOTHING else NOTHING

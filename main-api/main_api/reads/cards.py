"""Cards: tasks with what a person wants to see of them at a glance. The number of queries does not grow with them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.facts import RunFacts, runs_of, sender_back, worked_since
from main_api.reads.kept_cards import KeptCards
from main_api.reads.measured import Measured, measured_by, newest
from main_api.reads.money import usd
from main_api.schemas.task import TaskOut
from services.domain.states import LIVE_RUN, ApprovalState, RunState, TaskState
from services.store.listed import one_of
from services.store.models import Approval, Criterion, Event, Run, Task, TaskDependency
from services.tasks.ownership import is_open

OF_THE_TASK = tuple(TaskOut.model_fields)
COLUMNS = tuple(getattr(Task, name) for name in (*OF_THE_TASK, "workflow_id", "sent_back", "counted_from"))

Card = dict[str, Any]
"""What CardOut describes. Of rows, which hold what they may: to check each again would take longer than all else."""

CardRow = Any
"""A row of COLUMNS: for the session to make and watch objects takes longer than the database's answer."""


@dataclass
class _Known:
    """What the queries found, by task."""

    rounds: Mapping[int, int]
    criteria: dict[int, tuple[int, int]]
    spent: dict[int, tuple[float, int]]
    blockers: dict[int, list[str]]
    waiting: dict[int, datetime]
    approvals: dict[int, Any]
    runs: Mapping[int, Sequence[RunFacts]]
    measured: Mapping[str, Measured]
    said: Mapping[str, str] = field(default_factory=dict)


async def read_cards(
    session: AsyncSession,
    tasks: Sequence[CardRow],
    rounds: Mapping[int, int],
    said: Mapping[str, str],
    kept: KeptCards,
    seq: int,
) -> dict[int, Card]:
    """A card for each task. `rounds` has the most of each workflow, `said` the words of running runs, by run.

    `seq` is the last event before the tasks were read. A card that is given out is not to be changed.
    """
    await kept.catch_up(session, seq)
    cards = {task.id: card for task in tasks if (card := kept.find(task)) is not None}
    changed = [task for task in tasks if task.id not in cards]
    if not changed:
        return cards
    known = await _look_up(session, changed, rounds, said)
    for task in changed:
        cards[task.id] = card = _card(task, known)
        if _rests(task, known):
            kept.keep(seq, task, card)
    return cards


def _rests(task: CardRow, known: _Known) -> bool:
    """Whether nothing of its card changes without an event of its own."""
    if task.state in (TaskState.RUNNING, TaskState.BLOCKED):
        return False
    return all(RunState(run.state) not in LIVE_RUN for run in known.runs.get(task.id, ()))


async def _look_up(
    session: AsyncSession, tasks: Sequence[CardRow], rounds: Mapping[int, int], said: Mapping[str, str]
) -> _Known:
    ids = [task.id for task in tasks]
    runs = await runs_of(session, ids, with_steps=False)
    return _Known(
        rounds=rounds,
        criteria=await _criteria(session, ids),
        spent=await _spent(session, ids),
        blockers=await _blockers(session, [t.id for t in tasks if t.state == TaskState.BLOCKED]),
        waiting=await _waiting_since(session, [t.id for t in tasks if t.state == TaskState.WAITING]),
        approvals=await _approvals(session, ids),
        runs=runs,
        measured=await measured_by(session, (run for of_task in runs.values() for run in of_task)),
        said=said,
    )


def _card(task: CardRow, known: _Known) -> Card:
    runs, approval = known.runs.get(task.id, ()), known.approvals.get(task.id)
    measured = newest(runs, task.round, known.measured)
    current = next((run for run in runs if run.id == task.current_run_id), None)
    met, total = known.criteria.get(task.id, (0, 0))
    cost, tokens = known.spent.get(task.id, (0.0, 0))
    running = task.state == TaskState.RUNNING
    since = known.waiting.get(task.id, task.updated_at) if task.state == TaskState.WAITING else None
    return dict(
        zip(OF_THE_TASK, task, strict=False),
        round_max=(task.max_rounds or known.rounds.get(task.workflow_id, task.round)) + task.counted_from,
        activity=known.said.get(task.current_run_id or "", "preparing") if running else None,
        running_since=worked_since(current) if running and current else None,
        held=running and current is not None and current.held_at is not None,
        waiting_since=since,
        criteria_met=met,
        criteria_total=total,
        tests=measured.tests,
        scan=measured.scan,
        diff_stat=_diff_stat(approval),
        blocked_by_keys=known.blockers.get(task.id, []),
        sent_back=_sent_back(task, runs, approval),
        cost_usd=usd(cost),
        tokens=tokens,
        orphan=_is_orphan(task, current, known),
    )


def _is_orphan(task: CardRow, current: RunFacts | None, known: _Known) -> bool:
    """As services/tasks/ownership.py has it, of what is known already."""
    if task.state == TaskState.RUNNING:
        return current is None or RunState(current.state) not in LIVE_RUN
    return task.state == TaskState.BLOCKED and not known.blockers.get(task.id)


def _diff_stat(approval: Any) -> dict[str, int] | None:
    """Known while a person is asked and after they approved; a change that was voided or sent back is another one."""
    if approval is None or approval.state not in (ApprovalState.ASKED, ApprovalState.APPROVED):
        return None
    stat = approval.diff_stat
    return {name: stat.get(name, 0) for name in ("files", "added", "removed")}


def _sent_back(task: CardRow, runs: Sequence[RunFacts], approval: Any) -> dict[str, str] | None:
    """While the task stands where it was sent back to: the run that failed it, or the person who asked for changes."""
    if not task.sent_back:
        return None
    if run := sender_back(runs, task.round):
        return {"stage": run.stage, "sentence": run.summary}
    if approval is not None and approval.state == ApprovalState.CHANGES_ASKED:
        return {"stage": approval.stage, "sentence": approval.note}
    return None


async def _criteria(session: AsyncSession, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    met = sa.func.sum(sa.case((Criterion.met.is_(True), 1), else_=0))
    query = sa.select(Criterion.task_id, met, sa.func.count()).where(one_of(Criterion.task_id, ids))
    rows = await session.execute(query.group_by(Criterion.task_id))
    return {task_id: (int(count), int(total)) for task_id, count, total in rows}


async def _spent(session: AsyncSession, ids: Collection[int]) -> dict[int, tuple[float, int]]:
    """US dollars and tokens of all the task's runs, each as of its last finished step."""
    tokens = sa.func.sum(Run.tokens_in + Run.tokens_out)
    query = sa.select(Run.task_id, sa.func.sum(Run.cost), tokens).where(one_of(Run.task_id, ids)).group_by(Run.task_id)
    rows = await session.execute(query)
    return {task_id: (float(cost or 0.0), int(count or 0)) for task_id, cost, count in rows if task_id is not None}


async def _blockers(session: AsyncSession, ids: Collection[int]) -> dict[int, list[str]]:
    if not ids:
        return {}
    query = (
        sa.select(TaskDependency.task_id, Task.key)
        .join(Task, Task.id == TaskDependency.blocked_by_id)
        .where(one_of(TaskDependency.task_id, ids), is_open(Task))
        .order_by(Task.number)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for task_id, key in await session.execute(query):
        found[task_id].append(key)
    return found


async def _waiting_since(session: AsyncSession, ids: Collection[int]) -> dict[int, datetime]:
    """When each began to wait. The row's own time would move with every edit of its title."""
    if not ids:
        return {}
    query = sa.select(Event.task_id, sa.func.max(Event.at)).where(
        one_of(Event.task_id, ids), Event.kind == "task.waiting"
    )
    rows = await session.execute(query.group_by(Event.task_id))
    return {task_id: at for task_id, at in rows if task_id is not None}


async def _approvals(session: AsyncSession, ids: Collection[int]) -> dict[int, Any]:
    newest = sa.select(sa.func.max(Approval.id)).where(one_of(Approval.task_id, ids)).group_by(Approval.task_id)
    query = sa.select(Approval.task_id, Approval.state, Approval.stage, Approval.note, Approval.diff_stat)
    rows = await session.execute(query.where(Approval.id.in_(newest)))
    return {row.task_id: row for row in rows}

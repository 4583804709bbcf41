"""The board: the stages of the workflows in use as columns, with the first of the tasks that stand there.

However many tasks there are, an answer is bounded: counts are counted by the database, and of each column only a piece
is read.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.board_filter import BoardFilter
from main_api.reads.board_order import Place, order, pieces, write_place
from main_api.reads.cards import COLUMNS, Card, CardRow, read_cards
from main_api.reads.kept_cards import KeptCards
from main_api.reads.stage_order import in_one_order
from main_api.reads.statistics import read_violations, workflows_in_use
from services.domain.errors import NotFound
from services.domain.states import BEGUN_TASK, CLOSED_TASK, OPEN_TASK, TaskState
from services.events import log
from services.projects.edit import get_project
from services.store.listed import one_of
from services.store.models import Project, Task, WorkflowRow
from services.tasks.ownership import orphan_keys

FIRST_CARDS = 40  # of each column
SHOWN = (*sorted(OPEN_TASK), TaskState.DONE)


@dataclass(frozen=True)
class Asked:
    """What of the board is wanted: its first cards of each column, or with `named` these tasks' cards and no others."""

    first: int = FIRST_CARDS
    named: Collection[int] | None = None
    wanted: BoardFilter = field(default_factory=BoardFilter)


async def read_board(
    session: AsyncSession, project_id: int | None, said: Mapping[str, str], kept: KeptCards, asked: Asked | None = None
) -> dict[str, Any]:
    """What BoardOut describes: columns in workflow order, and what stands in each.

    Beside the projects' workflows those of their tasks count: research has one of its own. `said` has what running
    runs do now, in words, by run.
    """
    asked = asked or Asked()
    if project_id is not None:
        await get_project(session, project_id)
    seq = await log.last_seq(session)  # before the rows: what follows it may be seen twice, never missed
    standing = on_board(project_id)
    used = await workflows_in_use(session, project_id)
    groups = [group for group in await _groups(session, project_id) if group.project_id in used]
    definitions = await _definitions(session, {*used.values(), *(group.workflow_id for group in groups)})
    columns = _stages([definitions[number] for number in _in_order(used.values(), groups)], groups)
    chosen = [*standing, *asked.wanted.conditions()]
    counts = groups if asked.wanted.wants_all else await _counts(session, chosen)
    rows = await _rows(session, asked, chosen, {group.stage for group in counts})
    shown = {stage: _cut(rows[stage], asked) for stage in columns}
    rounds = rounds_of(definitions)
    cards = await read_cards(session, [row for piece in shown.values() for row in piece], rounds, said, kept, seq)
    occupied = _counted(group for group in groups if group.state in BEGUN_TASK)
    return {
        "seq": seq,
        "columns": [
            _column(stage, _of(groups, name), _of(counts, name), [cards[row.id] for row in shown[name]])
            | {"next": write_place(shown[name][-1]) if len(rows[name]) > len(shown[name]) > 0 else None}
            for name, stage in columns.items()
        ],
        "violations": await read_violations(session, used, occupied),
        "orphans": await orphan_keys(session, *of_projects(project_id)) if _may_be_left(groups) else [],
    }


async def read_column(
    session: AsyncSession,
    project_id: int | None,
    stage: str,
    after: Place | None,
    limit: int,
    said: Mapping[str, str],
    kept: KeptCards,
    wanted: BoardFilter,
) -> dict[str, Any]:
    """What ColumnPieceOut describes: the cards of one column after a place. Raises NotFound for an unknown stage."""
    if project_id is not None:
        await get_project(session, project_id)
    seq = await log.last_seq(session)
    chosen = [*on_board(project_id), *wanted.conditions()]
    found = await _of_ids(session, sa.union_all(*_parts(pieces(stage, limit + 1, after, chosen))))
    rows = found[:limit]
    if not rows:
        await _check_stage(session, project_id, stage)
    definitions = await _definitions(session, {row.workflow_id for row in rows})
    cards = await read_cards(session, rows, rounds_of(definitions), said, kept, seq)
    return {
        "seq": seq,
        "tasks": [cards[row.id] for row in rows],
        "next": write_place(rows[-1]) if len(found) > limit else None,
    }


async def _check_stage(session: AsyncSession, project_id: int | None, stage: str) -> None:
    used = await workflows_in_use(session, project_id)
    definitions = await _definitions(session, set(used.values()))
    if any(one["name"] == stage for definition in definitions.values() for one in definition["stages"]):
        return
    if await session.scalar(sa.select(Task.id).where(*on_board(project_id), Task.stage == stage).limit(1)) is None:
        raise NotFound(f"The board has no column {stage}.", "GET /board names its columns.")


def on_board(project_id: int | None) -> list[sa.ColumnElement[bool]]:
    """What holds of every task on the board: of this project, or of all that are there."""
    return [Task.deleted_at.is_(None), Task.state.in_(SHOWN), *of_projects(project_id)]


def of_projects(project_id: int | None) -> list[sa.ColumnElement[bool]]:
    if project_id is not None:
        return [Task.project_id == project_id]
    return [Task.project_id.in_(sa.select(Project.id).where(Project.in_sight()))]


def rounds_of(definitions: Mapping[int, dict[str, Any]]) -> dict[int, int]:
    return {number: int(definition.get("rounds", 4)) for number, definition in definitions.items()}


def _column(
    stage: dict[str, Any], all_of_it: Sequence[Any], wanted: Sequence[Any], cards: Sequence[Card]
) -> dict[str, Any]:
    by_state = _sums(all_of_it)
    count = sum(number for state, number in by_state.items() if TaskState(state) not in CLOSED_TASK)
    wip: int | None = stage.get("wip")
    chosen = _sums(wanted)
    return {
        "stage": stage["name"],
        "title": stage.get("title") or stage["name"],
        "role": stage.get("role"),
        "wip": wip,
        "count": count,
        "over": wip is not None and count > wip,
        "by_state": by_state,
        "total": sum(chosen.values()),
        "waiting": chosen.get(TaskState.WAITING, 0),
        "tasks": cards,
    }


def _of(groups: Sequence[Any], stage: str) -> list[Any]:
    return [group for group in groups if group.stage == stage]


def _sums(groups: Iterable[Any]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for group in groups:
        found[group.state] += group.number
    return dict(found)


def _counted(groups: Iterable[Any]) -> dict[tuple[int, str], int]:
    found: Counter[tuple[int, str]] = Counter()
    for group in groups:
        found[group.project_id, group.stage] += group.number
    return found


def _cut(rows: Sequence[CardRow], asked: Asked) -> Sequence[CardRow]:
    return rows if asked.named is not None else rows[: asked.first]


async def _rows(
    session: AsyncSession, asked: Asked, chosen: Sequence[Any], stages: Collection[str]
) -> Mapping[str, list[CardRow]]:
    """By stage, in order; of each column one more than is asked for, where there is one."""
    found: dict[str, list[CardRow]] = defaultdict(list)
    if asked.named is not None:
        rows = await _of_ids(session, sa.select(Task.id).where(one_of(Task.id, asked.named), *chosen))
    elif asked.first and stages:
        firsts = [part for stage in sorted(stages) for part in pieces(stage, asked.first + 1, None, chosen)]
        rows = await _of_ids(session, sa.union_all(*_parts(firsts)))
    else:
        rows = []
    for row in rows:
        found[row.stage].append(row)
    return found


def _parts(queries: Iterable[sa.Select[Any]]) -> list[sa.Select[Any]]:
    """Each with its own order and end within a UNION, which SQLite has no brackets for."""
    return [sa.select(part.c.id) for part in (query.subquery() for query in queries)]


async def _of_ids(session: AsyncSession, ids: Any) -> list[CardRow]:
    """The rows, in the order of the board. Their ids come first: the rows are wide, and the ids are in an index."""
    numbers = list(await session.scalars(ids))
    if not numbers:
        return []
    return sorted(await session.execute(sa.select(*COLUMNS).where(one_of(Task.id, numbers))), key=order)


_NUMBER = sa.func.count().label("number")


async def _groups(session: AsyncSession, project_id: int | None) -> Sequence[Any]:
    """How many stand where, and how: of removed projects too, for without their names an index has it all."""
    kinds = (Task.project_id, Task.workflow_id, Task.stage, Task.state)
    query = sa.select(*kinds, _NUMBER).where(Task.deleted_at.is_(None), Task.state.in_(SHOWN))
    if project_id is not None:
        query = query.where(Task.project_id == project_id)
    return (await session.execute(query.group_by(*kinds))).all()


def _may_be_left(groups: Iterable[Any]) -> bool:
    """Only what runs or is blocked can be in nobody's hands."""
    return any(group.state in (TaskState.RUNNING, TaskState.BLOCKED) for group in groups)


async def _counts(session: AsyncSession, chosen: Sequence[Any]) -> Sequence[Any]:
    query = sa.select(Task.stage, Task.state, _NUMBER).where(*chosen).group_by(Task.stage, Task.state)
    return (await session.execute(query)).all()


async def _definitions(session: AsyncSession, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    query = sa.select(WorkflowRow.id, WorkflowRow.definition).where(WorkflowRow.id.in_(numbers))
    return {row.id: row.definition for row in await session.execute(query)}


def _in_order(used: Iterable[int], tasks: Sequence[Any]) -> list[int]:
    """The workflows of the projects, then others that open tasks go through."""
    first = sorted(set(used))
    others = {task.workflow_id for task in tasks if TaskState(task.state) not in CLOSED_TASK}
    return first + sorted(others.difference(first))


def _stages(definitions: Sequence[dict[str, Any]], tasks: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Stages by name, in an order that is that of each workflow; `done` always last.

    A stage that no workflow in use has any more, but a task stands at, gets its column before `done`.
    """
    stages: dict[str, dict[str, Any]] = {}
    last: dict[str, dict[str, Any]] = {}
    for definition in definitions:
        for stage in definition["stages"][:-1]:
            stages.setdefault(stage["name"], stage)
        final = definition["stages"][-1]
        last.setdefault(final["name"], final)
    for task in tasks:
        if task.stage not in last:
            stages.setdefault(task.stage, {"name": task.stage, "title": task.stage.title()})
    order = in_one_order([[stage["name"] for stage in one["stages"][:-1]] for one in definitions])
    return {name: stages[name] for name in order} | stages | last

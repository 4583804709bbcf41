"""The board: the stages of the workflows in use as columns, with the tasks that stand there."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.cards import COLUMNS, Card, CardRow, read_cards
from main_api.reads.kept_cards import KeptCards
from main_api.reads.stage_order import in_one_order
from main_api.reads.statistics import read_violations, workflows_in_use
from services.domain.states import BEGUN_TASK, CLOSED_TASK, OPEN_TASK, TaskState
from services.events import log
from services.projects.edit import get_project
from services.store.models import Project, Task, WorkflowRow

DONE_SHOWN = 50  # the last column grows for ever; older ones are in GET /tasks


async def read_board(
    session: AsyncSession, project_id: int | None, said: Mapping[str, str], kept: KeptCards
) -> dict[str, Any]:
    """What BoardOut describes: columns in workflow order, and what stands in each.

    Beside the projects' workflows those of their tasks count: research has one of its own. `said` has what running
    runs do now, in words, by run.
    """
    if project_id is not None:
        await get_project(session, project_id)
    seq = await log.last_seq(session)  # before the rows: what follows it may be seen twice, never missed
    tasks = await _tasks(session, project_id)
    used = await workflows_in_use(session, project_id)
    definitions = await _definitions(session, {*used.values(), *(task.workflow_id for task in tasks)})
    columns = _stages([definitions[number] for number in _in_order(used.values(), tasks)], tasks)
    rounds = {number: int(definition.get("rounds", 4)) for number, definition in definitions.items()}
    cards = await read_cards(session, tasks, rounds, said, kept, seq)
    standing: dict[str, list[CardRow]] = defaultdict(list)
    for task in tasks:
        standing[task.stage].append(task)
    occupied = Counter((task.project_id, task.stage) for task in tasks if task.state in BEGUN_TASK)
    return {
        "seq": seq,
        "columns": [_column(stage, standing[name], cards) for name, stage in columns.items()],
        "violations": await read_violations(session, used, occupied),
        "orphans": [task.key for task in tasks if cards[task.id]["orphan"]],
    }


def _column(stage: dict[str, Any], mine: Sequence[CardRow], cards: Mapping[int, Card]) -> dict[str, Any]:
    count = sum(TaskState(task.state) not in CLOSED_TASK for task in mine)
    wip: int | None = stage.get("wip")
    return {
        "stage": stage["name"],
        "title": stage.get("title") or stage["name"],
        "role": stage.get("role"),
        "wip": wip,
        "count": count,
        "over": wip is not None and count > wip,
        "by_state": dict(Counter(task.state for task in mine)),
        "tasks": [cards[task.id] for task in mine],
    }


async def _definitions(session: AsyncSession, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    query = sa.select(WorkflowRow.id, WorkflowRow.definition).where(WorkflowRow.id.in_(numbers))
    return {row.id: row.definition for row in await session.execute(query)}


def _in_order(used: Iterable[int], tasks: Sequence[CardRow]) -> list[int]:
    """The workflows of the projects, then others that open tasks go through."""
    first = sorted(set(used))
    others = {task.workflow_id for task in tasks if TaskState(task.state) not in CLOSED_TASK}
    return first + sorted(others.difference(first))


def _stages(definitions: Sequence[dict[str, Any]], tasks: Sequence[CardRow]) -> dict[str, dict[str, Any]]:
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


_STANDING = sa.select(*COLUMNS).join(Project, Project.id == Task.project_id).where(Task.deleted_at.is_(None))
# what is open is named: no index finds what is *not* in a state
_OPEN = _STANDING.where(Task.state.in_(OPEN_TASK)).order_by(Task.priority.desc(), Task.position, Task.id)
_DONE = _STANDING.where(Task.state == TaskState.DONE).order_by(Task.updated_at.desc(), Task.id.desc()).limit(DONE_SHOWN)


async def _tasks(session: AsyncSession, project_id: int | None) -> list[CardRow]:
    found: list[CardRow] = []
    for query in (_OPEN, _DONE):
        # by its id an archived one is shown too
        mine = Project.in_sight() if project_id is None else Task.project_id == project_id
        wanted = query.where(mine)
        found.extend(await session.execute(wanted))
    return found

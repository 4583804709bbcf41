"""What code finds wrong with a drafted plan, before a person reads it."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.dependencies import find_cycle
from services.plans.drafts import PlanDraft, TaskDraft
from services.store.models import Task
from services.tasks.ownership import is_open

MAX_TITLE = 300  # characters: a card shows it


@dataclass(frozen=True)
class PlanLimits:
    """The most tasks of a plan, criteria of a task, and minutes that a plan may be estimated at."""

    tasks: int = 20
    criteria: int = 12
    minutes: int = 10_000


DEFAULT = PlanLimits()


def faults(plan: PlanDraft, limits: PlanLimits = DEFAULT) -> list[str]:
    """Sentences, one a fault; empty where the plan can be carried out as it is."""
    found: list[str] = []
    if not 1 <= len(plan.tasks) <= limits.tasks:
        found.append(f"A plan has 1 to {limits.tasks} tasks; this one has {len(plan.tasks)}.")
    if not plan.summary.strip():
        found.append("The plan has no summary.")
    if not 0 < plan.estimated_minutes <= limits.minutes:
        found.append(f"The plan is estimated at {plan.estimated_minutes} minutes; it must be 1 to {limits.minutes}.")
    ids = {task.id for task in plan.tasks}
    found += _twice("id", [task.id for task in plan.tasks])
    found += _twice("title", [_plain(task.title) for task in plan.tasks if task.title.strip()])
    for task in plan.tasks:
        found += _task_faults(task, limits)
        found += [
            f"Task {task.id} depends on {other!r}, which is no task of the plan."
            for other in task.depends_on
            if other not in ids
        ]
    if cycle := find_cycle({task.id: [other for other in task.depends_on if other in ids] for task in plan.tasks}):
        found.append(f"The tasks depend on each other in a circle: {' → '.join(cycle)}.")
    return found


async def repeated(session: AsyncSession, project_id: int, plan: PlanDraft) -> list[str]:
    """Sentences on the plan's tasks that the project has already, open, by title. They do not stand in the way of an
    approval: a person may want the second one."""
    query = sa.select(Task.title, Task.key).where(Task.project_id == project_id, is_open(Task)).order_by(Task.id)
    known = {_plain(title): key for title, key in await session.execute(query)}
    return [
        f"Task {task.id} has the title of {known[_plain(task.title)]}, which is still open."
        for task in plan.tasks
        if _plain(task.title) in known
    ]


def _task_faults(task: TaskDraft, limits: PlanLimits) -> list[str]:
    found: list[str] = []
    if not task.id.strip():
        found.append("A task has no id.")
    if not task.title.strip():
        found.append(f"Task {task.id} has no title.")
    if len(task.title) > MAX_TITLE:
        found.append(f"The title of task {task.id} has {len(task.title)} characters; {MAX_TITLE} is the most.")
    if not 1 <= task.priority <= 10:
        found.append(f"Task {task.id} has priority {task.priority}; it must be 1 to 10.")
    if not 1 <= len(task.criteria) <= limits.criteria:
        found.append(f"Task {task.id} has {len(task.criteria)} criteria; it must have 1 to {limits.criteria}.")
    if any(not criterion.text.strip() for criterion in task.criteria):
        found.append(f"Task {task.id} has a criterion without words.")
    if any(not criterion.check.strip() for criterion in task.criteria):
        found.append(f"Task {task.id} has a criterion that doesn't say how it is checked.")
    if any(path.startswith("/") or ".." in path.split("/") for path in task.files):
        found.append(f"Task {task.id} names a file outside the workspace.")
    return found


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"Two tasks have the {what} {name!r}." for name, count in Counter(names).items() if count > 1]


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())

"""What code finds wrong with a drafted plan, before a person reads it."""

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.dependencies import find_cycle
from services.plans.drafts import PlanDraft, TaskDraft
from services.plans.replan import kept_keys, not_begun, replaced_by
from services.store.models import Request, Task
from services.tasks.ownership import is_open

MAX_TITLE = 300  # characters: a card shows it
MAX_SUMMARY = 1_500  # characters: a minute's reading, at 250 words
MINUTES = {"S": (1, 240), "M": (2, 960), "L": (5, 2_880)}  # that a task of the size can reasonably take
SIMPLE_TASKS = 6
_PARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True)
class PlanLimits:
    """The most tasks of a plan, criteria of a task, and minutes that a plan may be estimated at."""

    tasks: int = 20
    criteria: int = 12
    minutes: int = 10_000


DEFAULT = PlanLimits()


async def faults_of(session: AsyncSession, request: Request, plan: PlanDraft, limits: PlanLimits) -> list[str]:
    """All that there is to say of a plan that answers the request."""
    replaced = await replaced_by(session, request.id)
    kept = await kept_keys(session, replaced.id if replaced else None)
    gone = {task.id for task in await not_begun(session, replaced.id)} if replaced else set[int]()
    open_twice = await repeated(session, request.project_id, plan, gone)
    return [*faults(plan, limits, kept), *open_twice, *doubts(plan, single=request.single)]


def faults(plan: PlanDraft, limits: PlanLimits = DEFAULT, kept: Container[str] = ()) -> list[str]:
    """Sentences, one a fault; empty where the plan can be carried out as it is. `kept` are keys of tasks that there are
    already and that its own may wait for."""
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
            if other not in ids and other not in kept
        ]
    if cycle := find_cycle({task.id: [other for other in task.depends_on if other in ids] for task in plan.tasks}):
        found.append(f"The tasks depend on each other in a circle: {' → '.join(cycle)}.")
    return found


def doubts(plan: PlanDraft, *, single: bool = False) -> list[str]:
    """Sentences on what the model should look at again; none stands in the way of an approval. `single`: the person
    asked for one task."""
    found: list[str] = []
    if single and len(plan.tasks) > 1:
        found.append(f"The person asked for one task; the plan has {len(plan.tasks)}.")
    if len(plan.summary) > MAX_SUMMARY:
        found.append(f"The summary has {len(plan.summary)} characters; {MAX_SUMMARY} are read in a minute.")
    sizes = [task.size for task in plan.tasks]
    least, most = (sum(MINUTES[size][at] for size in sizes) for at in (0, 1))
    if sizes and not least <= plan.estimated_minutes <= most:
        told = ", ".join(f"{sizes.count(size)} of size {size}" for size in MINUTES if size in sizes)
        found.append(f"{plan.estimated_minutes} minutes can't be right for the tasks: {told}.")
    if plan.complexity == "simple" and ("L" in sizes or len(sizes) > SIMPLE_TASKS):
        found.append(f"A plan of {len(sizes)} tasks, {sizes.count('L')} of them large, is not simple.")
    if plan.complexity == "complex" and sizes == ["S"]:
        found.append("A plan of one small task is not complex.")
    return found


async def repeated(session: AsyncSession, project_id: int, plan: PlanDraft, gone: Container[int] = ()) -> list[str]:
    """Sentences on the plan's tasks that the project has already, open, by title. They do not stand in the way of an
    approval: a person may want the second one. `gone` are tasks that the plan replaces."""
    query = (
        sa.select(Task.title, Task.key, Task.id).where(Task.project_id == project_id, is_open(Task)).order_by(Task.id)
    )
    known = {_gist(title): key for title, key, number in await session.execute(query) if number not in gone}
    return [
        f"Task {task.id} has the title of {known[_gist(task.title)]}, which is still open."
        for task in plan.tasks
        if _gist(task.title) and _gist(task.title) in known
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


def _gist(title: str) -> frozenset[str]:
    """The words that tell one title from another: "Export sales as CSV" and "Export the sales, as CSV" are the same."""
    return frozenset(re.findall(r"\w+", title.casefold())) - _PARTICLES

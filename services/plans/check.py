"""What code finds wrong with a drafted plan, before a person reads it."""

from collections import Counter

from services.domain.dependencies import find_cycle
from services.plans.drafts import PlanDraft

MAX_TASKS = 20
MAX_CRITERIA = 12


def faults(plan: PlanDraft) -> list[str]:
    """Sentences, one a fault; empty where the plan can be carried out as it is."""
    found: list[str] = []
    if not 1 <= len(plan.tasks) <= MAX_TASKS:
        found.append(f"A plan has 1 to {MAX_TASKS} tasks; this one has {len(plan.tasks)}.")
    ids = [task.id for task in plan.tasks]
    found += [f"Two tasks have the id {name!r}." for name, count in Counter(ids).items() if count > 1]
    titles = Counter(task.title.strip().lower() for task in plan.tasks)
    found += [f"Two tasks have the title {title!r}." for title, count in titles.items() if count > 1]
    for task in plan.tasks:
        found += _task_faults(task.id, task.title, task.priority, [c.check for c in task.criteria])
        found += [
            f"Task {task.id} depends on {other!r}, which is no task of the plan."
            for other in task.depends_on
            if other not in ids
        ]
        if any(path.startswith("/") or ".." in path.split("/") for path in task.files):
            found.append(f"Task {task.id} names a file outside the workspace.")
    if cycle := find_cycle({task.id: [other for other in task.depends_on if other in ids] for task in plan.tasks}):
        found.append(f"The tasks depend on each other in a circle: {' → '.join(cycle)}.")
    return found


def _task_faults(name: str, title: str, priority: int, checks: list[str]) -> list[str]:
    found: list[str] = []
    if not title.strip():
        found.append(f"Task {name} has no title.")
    if not 1 <= priority <= 10:
        found.append(f"Task {name} has priority {priority}; it must be 1 to 10.")
    if not 1 <= len(checks) <= MAX_CRITERIA:
        found.append(f"Task {name} has {len(checks)} criteria; it must have 1 to {MAX_CRITERIA}.")
    if any(not check.strip() for check in checks):
        found.append(f"Task {name} has a criterion that doesn't say how it is checked.")
    return found

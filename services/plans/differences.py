"""What one version of a plan says that another did not: by fields and tasks, not by lines."""

from dataclasses import dataclass
from typing import Any

from services.plans.drafts import PlanDraft, TaskDraft


@dataclass(frozen=True)
class FieldChange:
    """A field's value before and after; JSON values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class TaskChange:
    """A task that both versions have. `title` is the newer one."""

    id: str
    title: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class PlanDifference:
    """`reordered`: the tasks that both have stand in another order."""

    fields: tuple[FieldChange, ...]
    added: tuple[TaskDraft, ...]
    dropped: tuple[TaskDraft, ...]
    changed: tuple[TaskChange, ...]
    reordered: bool


def difference(before: PlanDraft, after: PlanDraft) -> PlanDifference:
    """Tasks are the same by their id, else, as a model may name them anew, by their title."""
    pairs = _pairs(before.tasks, after.tasks)
    old = {id(first) for first, _ in pairs}
    new = {id(second) for _, second in pairs}
    # ids are names for depends_on: where a task was only named anew, what depends on it has not changed
    names = {first.id: second.id for first, second in pairs}
    compared = ((second, _fields(_renamed(first, names), second)) for first, second in pairs)
    return PlanDifference(
        fields=_fields(before, after, without={"tasks"}),
        added=tuple(task for task in after.tasks if id(task) not in new),
        dropped=tuple(task for task in before.tasks if id(task) not in old),
        changed=tuple(TaskChange(task.id, task.title, fields) for task, fields in compared if fields),
        reordered=[second for _, second in pairs] != [task for task in after.tasks if id(task) in new],
    )


def _pairs(before: list[TaskDraft], after: list[TaskDraft]) -> list[tuple[TaskDraft, TaskDraft]]:
    """In the order of `before`. Twice the same id: the first counts."""
    by_id, by_title = _firsts(after, "id"), _firsts(after, "title")
    ids = {task.id for task in before}
    pairs: list[tuple[TaskDraft, TaskDraft]] = []
    taken: set[int] = set()
    for task in before:
        other = by_id.get(task.id)
        if other is None:
            other = by_title.get(task.title)
            other = None if other is not None and other.id in ids else other
        if other is not None and id(other) not in taken:
            taken.add(id(other))
            pairs.append((task, other))
    return pairs


def _firsts(tasks: list[TaskDraft], field: str) -> dict[str, TaskDraft]:
    return {getattr(task, field): task for task in reversed(tasks)}


def _renamed(task: TaskDraft, names: dict[str, str]) -> TaskDraft:
    depends_on = [names.get(other, other) for other in task.depends_on]
    return task.model_copy(update={"id": names[task.id], "depends_on": depends_on})


def _fields(
    before: PlanDraft | TaskDraft, after: PlanDraft | TaskDraft, without: set[str] | None = None
) -> tuple[FieldChange, ...]:
    first, second = before.model_dump(mode="json", exclude=without), after.model_dump(mode="json", exclude=without)
    return tuple(FieldChange(name, first[name], second[name]) for name in first if first[name] != second[name])

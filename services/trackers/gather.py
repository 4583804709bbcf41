"""The tasks that a person chose, with their subtasks, each parent before its children."""

from collections.abc import Sequence

from services.domain.errors import InvalidInput
from services.trackers.facts import OutsideTask
from services.trackers.provider import Tracker

DEEPEST = 5  # levels of subtasks, as many as Asana has


async def gather(tracker: Tracker, ids: Sequence[str], *, subtasks: bool, most: int) -> list[OutsideTask]:
    """Raises InvalidInput where that would be more than `most`, and what the tracker raises."""
    found: dict[str, OutsideTask] = {}

    async def take(task: OutsideTask, depth: int) -> None:
        if task.id in found:
            return
        if len(found) >= most:
            raise InvalidInput(
                f"That is more than {most} tasks at once.", "Choose fewer of them, or raise TRACKER_IMPORT_TASKS."
            )
        found[task.id] = task
        if subtasks and depth < DEEPEST and task.subtasks != 0:
            async for below in tracker.subtasks(task.id):
                await take(below, depth + 1)

    for id in ids:
        await take(await tracker.task(id), 0)
    return _parents_first(found)


def _parents_first(found: dict[str, OutsideTask]) -> list[OutsideTask]:
    ordered: dict[str, OutsideTask] = {}

    def put(task: OutsideTask, path: tuple[str, ...]) -> None:
        if task.parent in found and task.parent not in ordered and task.parent not in path:
            put(found[task.parent], (*path, task.id))
        ordered.setdefault(task.id, task)

    for task in found.values():
        put(task, ())
    return list(ordered.values())

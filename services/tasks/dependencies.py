"""What a task waits for: other tasks of its project, in no circle."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import gone, made
from services.domain.dependencies import find_cycle
from services.domain.errors import InvalidInput, NotFound
from services.domain.states import CLOSED_TASK, TaskState
from services.events import log
from services.store.models import Task, TaskDependency
from services.tasks.errors import DependencyCycle, TaskBusy
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.stages import has_open_dependencies, unblock

MAX_DEPENDENCIES = 100


async def add_dependencies(session: AsyncSession, task: Task, blocked_by: Sequence[int]) -> list[Task]:
    """Lets the task wait for others of its project; answers those that are new. Refuses circles with their path."""
    if not blocked_by:
        return []
    others = (await session.scalars(sa.select(Task).where(Task.id.in_(set(blocked_by))).order_by(Task.id))).all()
    mine = {other.id for other in others if other.project_id == task.project_id and other.deleted_at is None}
    if missing := set(blocked_by) - mine:
        raise NotFound(f"The project has no task with id {min(missing)} to wait for.", "List them with GET /tasks.")
    if given_up := next((other for other in others if other.state == TaskState.CANCELLED), None):
        raise InvalidInput(f"{given_up.key} is cancelled: nobody will do it.", "Wait for another task, or for none.")
    graph = await _graph(session, task)
    known = graph.get(task.id, set())
    if len(known | set(blocked_by)) > MAX_DEPENDENCIES:
        raise InvalidInput(
            f"A task waits for {MAX_DEPENDENCIES} others at most.", "Group them under a task of their own."
        )
    await _refuse_cycle(session, {**graph, task.id: known | set(blocked_by)}, task)
    new = [other for other in others if other.id not in known]
    session.add_all(TaskDependency(task_id=task.id, blocked_by_id=other.id) for other in new)
    await session.flush()
    return new


async def wait_for(session: AsyncSession, task_id: int, blocked_by: Sequence[int], *, actor: str) -> Task:
    """A person lets a task wait for others. A queued one is blocked again; a running one has to be stopped first."""
    task = await hold_task(session, task_id)
    if task.state == TaskState.RUNNING:
        raise TaskBusy(f"{task.key} is running and can't wait for another task now.", "Kill its run or move it first.")
    if TaskState(task.state) in CLOSED_TASK:
        raise InvalidInput(f"{task.key} is {task.state}: it waits for nothing.", "Open it again first, by a move.")
    for other in await add_dependencies(session, task, blocked_by):
        await log.of_task(
            session, "task.dependency_added", task, actor=actor, blocked_by=other.key, blocked_by_id=other.id,
            **made(blocked_by=other.key),
        )  # fmt: skip
    if task.state == TaskState.QUEUED and await has_open_dependencies(session, task):
        await set_state(session, task, TaskState.BLOCKED, actor=actor)
    await session.flush()
    return task


async def wait_no_more(
    session: AsyncSession, task_id: int, other_id: int, *, actor: str, auto_trigger: bool = True
) -> Task:
    """Drops one dependency. A task that has nothing left to wait for goes on; without `auto_trigger` a click starts it.
    Done twice, it counts once."""
    task = await hold_task(session, task_id)
    link = await session.get(TaskDependency, (task.id, other_id))
    if link is None:
        return task
    other = await session.get_one(Task, other_id)
    await session.delete(link)
    await session.flush()
    await log.of_task(
        session,
        "task.dependency_dropped",
        task,
        actor=actor,
        blocked_by=other.key,
        blocked_by_id=other.id,
        how="taken off",
        **gone(blocked_by=other.key),
    )
    await unblock(session, actor=actor, auto_trigger=auto_trigger)
    return task


async def _graph(session: AsyncSession, task: Task) -> dict[int, set[int]]:
    query = sa.select(TaskDependency.task_id, TaskDependency.blocked_by_id).join(
        Task, Task.id == TaskDependency.task_id
    )
    graph: dict[int, set[int]] = {}
    for waiting, other in await session.execute(query.where(Task.project_id == task.project_id)):
        graph.setdefault(waiting, set()).add(other)
    return graph


async def _refuse_cycle(session: AsyncSession, graph: dict[int, set[int]], task: Task) -> None:
    if task.id in graph.get(task.id, ()):
        raise DependencyCycle(f"{task.key} can't wait for itself.", "Leave it out.", path=[task.key, task.key])
    cycle = find_cycle(graph)
    if cycle is None:
        return
    keys = {row.id: row.key for row in (await session.scalars(sa.select(Task).where(Task.id.in_(cycle)))).all()}
    path = [keys[node] for node in cycle]
    raise DependencyCycle(
        f"The tasks would wait for each other: {' → '.join(path)}.", "Leave one of these dependencies out.", path=path
    )

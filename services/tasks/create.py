"""Make a task: numbered without gaps under concurrency, with its criteria and what it waits for."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.dependencies import find_cycle
from services.domain.errors import InvalidInput, NotFound
from services.domain.states import TaskState
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Criterion, Project, Task, TaskDependency

MAX_TITLE = 300


async def create_task(
    session: AsyncSession,
    project_id: int,
    *,
    title: str,
    description: str = "",
    kind: str = "feature",
    priority: int = 5,
    size: str = "M",
    criteria: Sequence[tuple[str, str]] = (),
    blocked_by: Sequence[int] = (),
    files: Sequence[str] = (),
    parent_id: int | None = None,
    stage: str | None = None,
    created_by: str = "person",
    plan_id: int | None = None,
    plan_item: str | None = None,
) -> Task:
    """A new task in the backlog, idle. `criteria` are pairs of text and how it is checked."""
    title = title.strip()
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput(f"A task's title has 1 to {MAX_TITLE} characters.", "Say in a few words what shall be done.")
    if not 1 <= priority <= 10:
        raise InvalidInput(f"Priority {priority} is not between 1 and 10.", "10 is the most urgent.")
    project = await session.get(Project, project_id, with_for_update=True)
    if project is None or project.deleted_at is not None:
        raise NotFound(f"There is no project with id {project_id}.")
    workflow = await workflow_by_id(session, project.workflow_id)
    if stage is not None and not workflow.has(stage):
        names = ", ".join(s.name for s in workflow.stages)
        raise InvalidInput(f"The workflow {workflow.name} has no stage {stage}.", f"Its stages are: {names}.")
    number = project.next_task_number
    project.next_task_number = number + 1
    task = Task(
        project_id=project.id,
        workflow_id=project.workflow_id,
        plan_id=plan_id,
        plan_item=plan_item,
        parent_id=parent_id,
        number=number,
        key=f"{project.key}-{number}",
        title=title,
        description=description,
        kind=kind,
        priority=priority,
        size=size,
        created_by=created_by,
        files=list(files),
        stage=stage or workflow.backlog.name,
        state=TaskState.IDLE,
        position=float(number),
    )
    session.add(task)
    await session.flush()
    for position, (text, check) in enumerate(criteria, start=1):
        session.add(Criterion(task_id=task.id, position=position, text=text, check=check))
    await add_dependencies(session, task, blocked_by)
    await log.append(
        session, "task.created", actor=created_by, project_id=project.id, task_id=task.id, key=task.key, title=title
    )
    return task


async def add_dependencies(session: AsyncSession, task: Task, blocked_by: Sequence[int]) -> None:
    """Lets the task wait for others of its project. A cycle is refused with its path."""
    if not blocked_by:
        return
    others = (await session.scalars(sa.select(Task).where(Task.id.in_(blocked_by)))).all()
    if missing := set(blocked_by) - {other.id for other in others if other.project_id == task.project_id}:
        raise NotFound(f"The project has no task with id {min(missing)} to wait for.")
    rows = (await session.execute(sa.select(TaskDependency.task_id, TaskDependency.blocked_by_id))).all()
    graph: dict[int, set[int]] = {}
    for waiting, other in [*[(r[0], r[1]) for r in rows], *[(task.id, other) for other in blocked_by]]:
        graph.setdefault(waiting, set()).add(other)
    if cycle := find_cycle(graph):
        keys = {t.id: t.key for t in (await session.scalars(sa.select(Task).where(Task.id.in_(cycle)))).all()}
        path = " → ".join(keys[node] for node in cycle)
        raise InvalidInput(f"The tasks would wait for each other: {path}.", "Leave one of these dependencies out.")
    session.add_all(TaskDependency(task_id=task.id, blocked_by_id=other) for other in set(blocked_by))
    await session.flush()

"""Make a task: numbered without gaps under concurrency, with its criteria and what it waits for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import InvalidInput, NotFound
from services.domain.states import TaskState
from services.events import log
from services.projects.edit import refuse_archived
from services.roles.read import newest_workflow, workflow_by_id
from services.store.models import Criterion, Project, Task
from services.tasks.allowed import stage_of
from services.tasks.dependencies import add_dependencies
from services.tasks.parents import check_parent

MAX_TITLE = 300
RESEARCH = "research"  # the kind of a task that ends in a report, and the workflow it goes through


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
    models: list[Any] | None = None,
) -> Task:
    """A new task in the backlog, idle. `criteria` are pairs of text and how it is checked."""
    title = title.strip()
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput(f"A task's title has 1 to {MAX_TITLE} characters.", "Say in a few words what shall be done.")
    if not 1 <= priority <= 10:
        raise InvalidInput(f"Priority {priority} is not between 1 and 10.", "10 is the most urgent.")
    await log.lock(session)
    project = await session.get(Project, project_id, with_for_update=True)
    if project is None or project.deleted_at is not None:
        raise NotFound(f"There is no project with id {project_id}.", "List them with GET /projects.")
    refuse_archived(project)
    # a report is written the same way in every project
    workflow_id = (await newest_workflow(session, RESEARCH)).id if kind == RESEARCH else project.workflow_id
    workflow = await workflow_by_id(session, workflow_id)
    place = stage_of(workflow, stage) if stage is not None else workflow.backlog
    if place is workflow.done:
        raise InvalidInput(
            "A task can't be made where it is done.", f"Leave stage out: it begins at {workflow.backlog.title}."
        )
    if parent_id is not None:
        await check_parent(session, project.id, None, parent_id)
    number = project.next_task_number
    project.next_task_number = number + 1
    task = Task(
        project_id=project.id,
        workflow_id=workflow_id,
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
        stage=place.name,
        assignee_role=place.role,
        state=TaskState.IDLE,
        position=float(number),
        models=models,
    )
    session.add(task)
    await session.flush()
    for position, (text, check) in enumerate(criteria, start=1):
        session.add(Criterion(task_id=task.id, position=position, text=text, check=check))
    await add_dependencies(session, task, blocked_by)
    await log.append(
        session, "task.created", actor=created_by, project_id=project.id, task_id=task.id, key=task.key, title=title,
        **made(title=title, stage=task.stage, state=task.state, priority=task.priority),
    )  # fmt: skip
    return task

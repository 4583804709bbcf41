"""A person's word on a deploy that failed or was cut off, and on one that is under way."""

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.deploys import queue
from services.deploys.strays import close_deploys
from services.domain.errors import AlreadyDecided, Conflict
from services.domain.states import CLOSED_TASK, DeployState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Deploy, Project, Task
from services.tasks.control import kill_run, trigger
from services.tasks.moves import set_stage

Decision = Literal["again", "send_back", "accept"]
OPEN = (DeployState.FAILED, DeployState.INTERRUPTED)


async def decide(session: AsyncSession, deploy_id: int, decision: Decision, *, actor: str, note: str = "") -> Deploy:
    """`again`: deploy once more. `send_back`: its task goes back to who can change the code, with the log's end.
    `accept`: what is there now counts as deployed, and the task goes on.

    Raises Conflict where nobody waits for a word on it, AlreadyDecided where it was given.
    """
    await log.lock(session)
    row = await queue.get_deploy(session, deploy_id)
    await session.refresh(row, with_for_update=True)
    if row.state not in OPEN:
        raise Conflict(
            f"Deploy {row.id} is {row.state}: it waits for no word.", "Deploy anew: POST /projects/{id}/deploy."
        )
    if row.decision is not None:
        raise AlreadyDecided.of(f"Deploy {row.id}", row.decision, row.decided_by, row.decided_at)
    task = await session.get(Task, row.task_id) if row.task_id is not None else None
    if decision == "send_back":
        await _send_back(session, row, task, actor, note)
    await queue.decided(session, row, decision, actor=actor, note=note)
    if decision == "send_back":
        return row
    if task is not None and _waits(task):
        await trigger(session, task.id, actor)
    elif decision == "again":
        project = await session.get_one(Project, row.project_id)
        return await queue.ask(session, project, actor=actor)
    return row


async def waiting_deploys(session: AsyncSession) -> list[tuple[Deploy, Task | None]]:
    """Those that wait for a person: cut off; or failed, and nothing else has become of it."""
    query = (
        sa.select(Deploy, Task)
        .outerjoin(Task, Task.id == Deploy.task_id)
        .where(Deploy.state.in_(OPEN), Deploy.decision.is_(None))
        .order_by(Deploy.id)
    )
    found = [(row, task) for row, task in await session.execute(query)]
    newest = dict(await _newest(session)) if found else {}
    return [(row, task) for row, task in found if _is_open(row, task, newest)]


async def cancel(session: AsyncSession, deploy_id: int, *, actor: str) -> Deploy:
    """Ends it now. Its task is paused: what it left half done is the person's to look at. Raises Conflict."""
    row = await queue.get_deploy(session, deploy_id)
    if row.state in queue.OVER:
        raise Conflict(f"Deploy {row.id} is {row.state} already.", "There is nothing to cancel.")
    await kill_run(session, row.run_id, actor)
    await close_deploys(session)
    return row


async def _newest(session: AsyncSession) -> list[tuple[int, int]]:
    query = sa.select(Deploy.project_id, sa.func.max(Deploy.id)).where(Deploy.state != DeployState.SKIPPED)
    return [(project, number) for project, number in await session.execute(query.group_by(Deploy.project_id))]


def _is_open(row: Deploy, task: Task | None, newest: dict[int, int]) -> bool:
    """A failed one counts while its task waits for it; without such a task, until there is a newer one."""
    if row.state == DeployState.INTERRUPTED or (task is not None and _waits(task)):
        return True
    return newest.get(row.project_id) == row.id and (task is None or task.state in CLOSED_TASK)


def _waits(task: Task) -> bool:
    return task.state == TaskState.WAITING and task.waiting_reason == WaitingReason.DEPLOY


async def _send_back(session: AsyncSession, row: Deploy, task: Task | None, actor: str, note: str) -> None:
    if task is None:
        raise Conflict(
            f"Deploy {row.id} follows no task, so there is none to send back.",
            "Write a request about it, deploy again, or accept it.",
        )
    workflow = await workflow_by_id(session, task.workflow_id)
    back = _back(workflow, task)
    told = "\n".join(part for part in (f"The deploy of what was merged failed: {row.sentence}", note.strip()) if part)
    await set_stage(session, task.id, back.name, actor=actor, note=told)


def _back(workflow: Workflow, task: Task) -> Stage:
    """Where a failure of its stage goes; from the end, of the stage that merged it."""
    here = workflow.stage(task.stage)
    target = here.on_fail or (workflow.merging.on_fail if workflow.merging else None)
    return workflow.stage(target or workflow.start)

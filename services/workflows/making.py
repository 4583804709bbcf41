"""What agents want made, made when their run settles: tasks in the backlog and bugs, within the role's rights."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.bugs.report import report_bug
from services.contract.asking import Wanted
from services.contract.run_spec import Making
from services.domain.errors import HubError
from services.domain.states import BugState
from services.events import log
from services.roles.read import active_role
from services.roles.settings import RoleSettings
from services.store import later
from services.store.models import Bug, Role, Run, Task
from services.tasks.create import create_task
from services.tasks.ownership import is_open
from services.workflows.bench import bench
from services.workflows.records import recorded, result_of


def making_of(role: Role) -> Making:
    """What a role may make in one run, as its rights and the hub's setting say."""
    rights = RoleSettings.model_validate(role.settings).rights
    return Making(tasks=rights.create_tasks, bugs=rights.create_bugs, most=bench().settings.makes_per_run)


def wanted_in(run: Run) -> list[Wanted]:
    """Of all steps that had a result."""
    entries = (entry for entry in recorded(run).values() if entry["executor"] == "tools")
    return [one for entry in entries if (result := result_of(entry)) for one in result.wanted]


async def make(session: AsyncSession, run: Run, task: Task, wanted: list[Wanted]) -> None:
    """In the transaction that ends the run, so once. The rights are those of now: an agent's word is not enough.

    What is not made is told by an event with the reason; both are kept on the run.
    """
    if not wanted:
        return
    making = making_of(await active_role(session, run.role)) if run.role else Making()
    told: list[dict[str, Any]] = []
    for one in wanted:
        await later.send(session, last=True)
        made = sum("id" in row for row in told)
        why = one.refused or _refusal(one, making, made) or await _repeats(session, task, one)
        if not why:
            try:
                async with session.begin_nested():
                    told.append(await _make(session, run, task, one))
                continue
            except HubError as error:
                why = str(error)
        told.append({"kind": one.kind, "title": one.title, "refused": why})
        await log.of_run(session, "run.refused", run, task, wanted=one.kind, wanted_title=one.title, why=why)
    run.details = {**run.details, "made": told}


def _refusal(one: Wanted, making: Making, made: int) -> str:
    if not (making.tasks if one.kind == "task" else making.bugs):
        return f"The role's rights do not let it make {one.kind}s."
    return f"One run makes {making.most} tasks and bugs at most." if made >= making.most else ""


async def _repeats(session: AsyncSession, task: Task, one: Wanted) -> str:
    """Rounds say the same again: what is there and open is not made twice."""
    title = " ".join(one.title.casefold().split())
    if one.kind == "task":
        query = sa.select(Task.key, Task.title).where(Task.project_id == task.project_id, is_open(Task))
    else:
        still = Bug.state.in_([BugState.OPEN, BugState.ACCEPTED]) & Bug.deleted_at.is_(None)
        query = sa.select(Bug.id, Bug.title).where(Bug.project_id == task.project_id, still)
    for name, known in await session.execute(query):
        if " ".join(known.casefold().split()) == title:
            return f"{'Bug ' if one.kind == 'bug' else ''}{name} has this title and is open."
    return ""


async def _make(session: AsyncSession, run: Run, task: Task, one: Wanted) -> dict[str, Any]:
    """A subtask rests in the backlog: nobody asked for it yet but an agent, and a person starts it."""
    by = run.role or "hub"
    if one.kind == "bug":
        words = [one.description, f"Files: {', '.join(one.files)}" if one.files else ""]
        bug = await report_bug(
            session, title=one.title, description="\n\n".join(word for word in words if word),
            project_id=task.project_id, severity=one.severity, details={"task": task.key, "run_id": run.id}, actor=by,
        )  # fmt: skip
        return {"kind": "bug", "title": one.title, "id": bug.id, "name": f"bug {bug.id}"}
    made = await create_task(
        session, task.project_id, title=one.title, description=one.description, priority=one.priority,
        criteria=[(text, "") for text in one.criteria if text.strip()],
        files=[path for path in one.files if not path.startswith("/") and ".." not in path.split("/")],
        parent_id=task.id, created_by=by,
    )  # fmt: skip
    return {"kind": "task", "title": one.title, "id": made.id, "name": made.key}

"""What the rows know of a task's git: where it was merged, its runs' checkpoints, what was undone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.domain.workflow import Workflow
from services.repos.undo import Undoing
from services.roles.read import workflow_by_id
from services.store.models import Event, Project, Restoration, Run, Task
from services.tasks.errors import NotMerged
from services.tasks.hold import get_task


@dataclass(frozen=True)
class Facts:
    """`merge` is the task's newest merge and `merged_branch` the branch it brought; None where it has none. `undone` is
    the commit that took a merge back, where that is the newest that was done."""

    task: Task
    project: Project
    workflow: Workflow
    merge: Undoing | None
    merged_branch: str | None
    undone: str | None

    @property
    def workspace(self) -> Path:
        return Path(self.project.workspace_path)


async def read_facts(session: AsyncSession, task_id: int) -> Facts:
    """Raises NotFound."""
    task = await get_task(session, task_id)
    project = await session.get_one(Project, task.project_id)
    workflow = await workflow_by_id(session, task.workflow_id)
    told = await _newest_merge(session, task)
    merge = None
    if task.merged_sha is not None and told is not None and told[1] is not None:
        merge = Undoing(
            project.id, Path(project.workspace_path), project.default_branch, task.merged_sha, told[1]["before"]
        )
    last = await session.scalar(
        sa.select(Restoration)
        .where(Restoration.task_id == task.id, Restoration.state == "done")
        .order_by(Restoration.id.desc())
        .limit(1)
    )
    undone = last.after if last is not None and last.kind == "undo_merge" and task.merged_sha is None else None
    return Facts(task, project, workflow, merge, told[0] if told else None, undone)


async def _newest_merge(session: AsyncSession, task: Task) -> tuple[str | None, dict[str, Any] | None] | None:
    """The branch of the newest merge, and what the run that made it remembers: commit and before."""
    query = sa.select(Event).where(Event.task_id == task.id, Event.kind == "task.merged").order_by(Event.seq.desc())
    event = await session.scalar(query.limit(1))
    if event is None:
        return None
    run = await session.get(Run, event.run_id) if event.run_id else None
    steps: dict[str, Any] = run.details.get("steps", {}) if run is not None else {}
    found = (entry["merged"] for entry in steps.values() if entry.get("merged"))
    return event.data.get("branch"), next((one for one in found if one.get("commit") == event.data.get("commit")), None)


def merge_of(facts: Facts) -> Undoing:
    """Raises NotMerged where there is none to take back."""
    if facts.merge is None:
        raise NotMerged(f"{facts.task.key} is not merged: there is no merge to undo.", "Roll its branch back instead.")
    return facts.merge


async def run_of(session: AsyncSession, task: Task, run_id: str) -> Run:
    """Raises NotFound for a run that is not the task's."""
    run = await session.get(Run, run_id)
    if run is None or run.task_id != task.id:
        raise NotFound(f"{task.key} has no run {run_id}.", f"See GET /tasks/{task.id}/checkpoints.")
    return run


def branch_of(run: Run) -> str | None:
    """The branch the run worked on; None where it only looked at the target."""
    place: dict[str, Any] = run.details.get("place") or {}
    looked_at_target = Path(str(place.get("worktree", ""))).name.startswith("base-")
    return None if looked_at_target or run.checkpoint_sha is None else place.get("branch")


async def checkpointed_runs(session: AsyncSession, task: Task) -> list[Run]:
    """Runs that left a checkpoint of a branch of the task's, the newest first."""
    query = sa.select(Run).where(Run.task_id == task.id, Run.checkpoint_sha.is_not(None))
    runs = (await session.scalars(query.order_by(Run.queued_at.desc(), Run.id.desc()))).all()
    return [run for run in runs if branch_of(run) is not None]

"""Bring an approved branch to the person's main: never over their edits, never a change they did not see."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from services.domain.errors import HubError
from services.domain.states import ApprovalState
from services.points import Point, reached
from services.repos.errors import MergeConflict
from services.store.models import Approval, Project, Run, Task
from services.store.types import now
from services.workflows.bench import bench
from services.workflows.fail import note_failure
from services.workflows.in_hand import change, look_at
from services.workflows.patience import patient
from services.workflows.records import Step, record, recorded, step_id, worktree_of

log = structlog.get_logger()


class ApprovalMissing(HubError):
    """The change on the branch is not the one a person approved."""

    code = "approval_missing"


class TargetMoved(HubError):
    """The target has commits the branch was not proven with; the branch was brought up to it."""

    code = "target_moved"


@patient
async def merge_branch(run_id: str, step: Step) -> dict[str, Any]:
    """Merges, or remembers why not. A merge that was done before a crash is found and counted once.

    No step of the engine: done again, it finds what it did in the run's row or in the repository.
    """
    seen = await look_at(run_id)
    run, task = seen.run, seen.task
    if not seen.is_current or task is None:
        return {"stop": True}
    done = recorded(run).get(step_id(step), {})
    if done.get("finished_at"):
        return {"stop": done["outcome"] != "completed"}
    async with bench().db.read() as session:
        project = await session.get_one(Project, run.project_id)
    try:
        merged = await _merge(run, task, project)
    except HubError as error:
        await note_failure(run_id, step, error)
        return {"stop": True}
    await reached(Point.MERGE_DONE, step_id(step))
    over = {"outcome": "completed", "merged": merged, "finished_at": now().isoformat()}
    await change(run_id, lambda _rows, run, _task: record(run, step, **over))
    return {"stop": False}


async def _merge(run: Run, task: Task, project: Project) -> dict[str, Any]:
    repos, workspace = bench().repos, Path(project.workspace_path)
    branch = task.branch or ""
    target = await repos.target(project.id, workspace, project.default_branch)
    if not await repos.contains(project.id, target, branch):
        await _check_approved(task, project)
        if await repos.is_behind(project.id, branch, target):
            await _bring_up(run, target)
    merged = await repos.merge(
        project.id,
        workspace,
        branch,
        project.default_branch,
        message_of(task),
        {"Task": task.key, "Run": run.id},
        run.id,
        meanwhile=lambda commit: _check_out(project.id, commit),
    )
    return {"commit": merged.commit, "before": merged.target_before, "recovery_ref": merged.recovery_ref}


def message_of(task: Task) -> str:
    """The first line of the merge commit."""
    return f"Merge {task.key}: {task.title}"


async def _check_out(project_id: int, commit: str) -> None:
    """Where what was merged is tested, made while it is merged. What fails here, the next run meets again."""
    try:
        await bench().repos.base_worktree(project_id, commit)
    except HubError as error:
        log.warning("merge.not_checked_out", commit=commit, error=str(error))


async def _check_approved(task: Task, project: Project) -> None:
    """The approval binds to the patch, not the commit: bringing the branch up to a moved target keeps it."""
    patch = await bench().repos.patch_id(project.id, task.base_sha or "", task.branch or "")
    query = sa.select(Approval).where(
        Approval.task_id == task.id,
        Approval.stage == task.stage,
        Approval.state == ApprovalState.APPROVED,
        Approval.patch_id == patch,
    )
    async with bench().db.read() as session:
        if (await session.scalars(query)).first() is None:
            raise ApprovalMissing(
                f"{task.key} changed after it was approved.", "Look at the new change and approve it."
            )


async def _bring_up(run: Run, target: str) -> None:
    seen = await look_at(run.id)
    update = await bench().repos.update_from_target(worktree_of(seen.run, seen.task), target, {"Run": run.id})
    if not update.clean:
        raise MergeConflict(
            f"The branch does not merge with the target: {', '.join(update.conflicts[:5])}.",
            "The task goes back to be brought in line.",
            files=list(update.conflicts),
        )
    raise TargetMoved("The target moved since the branch was proven.", "It is proven again.", base=target)

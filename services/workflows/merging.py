"""Bring an approved branch to the person's main: never over their edits, never a change they did not see."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from services.domain.errors import HubError
from services.domain.states import ApprovalState
from services.points import Point, reached
from services.repos.errors import MergeWaits
from services.repos.merge import Merged
from services.store.models import Approval, Project, Run, Task
from services.store.types import now
from services.tasks.change import is_of
from services.tasks.errors import NothingToMerge
from services.workflows.bench import bench
from services.workflows.both_sides import sides_of
from services.workflows.fail import note_failure
from services.workflows.in_hand import change, look_at
from services.workflows.patience import patient
from services.workflows.prepare import branch_of
from services.workflows.records import Step, record, recorded, step_id, worktree_of

log = structlog.get_logger()
NOTHING = "Send it back to be done, or cancel it where there is nothing to do."
TRIES = 3  # a person who commits just then is looked at again


class ApprovalMissing(HubError):
    """The change on the branch is not the one a person approved."""

    code = "approval_missing"


class BranchConflicts(HubError):
    """The branch does not merge with the target: `files` names them, `conflicts` has both sides of each, `carried_to`
    is the new branch that has all the rest of its work, None where there is none."""

    code = "branch_conflicts"


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
    for left in reversed(range(TRIES)):
        try:
            merged = await _merge_once(run, task, project)
        except MergeWaits as error:
            if error.data["reason"] != "moved" or not left:
                raise
        else:
            told = {"commit": merged.commit, "before": merged.target_before, "recovery_ref": merged.recovery_ref}
            return told | {"method": project.merge_method}
    raise AssertionError("the last try returns or raises")


async def _merge_once(run: Run, task: Task, project: Project) -> Merged:
    """Onto the very target that the branch was proven with: where it has moved, the branch is proven again first."""
    repos, workspace = bench().repos, Path(project.workspace_path)
    branch = task.branch or ""
    target = await repos.target(project.id, workspace, project.default_branch)
    if (merged := await repos.merged_before(project.id, target, run.id)) is not None:
        return merged
    tip = await repos.head(project.id, branch)
    if tip == task.base_sha:
        raise NothingToMerge(f"{task.key} has no commit of its own: there is nothing to merge.", NOTHING)
    if not await repos.contains(project.id, target, tip):
        behind = await repos.is_behind(project.id, branch, target)
        if behind and (merged := await repos.merged_by_another(project.id, tip, target)) is not None:
            return merged
        if not behind and target != task.base_sha:  # it was brought up, and then this process died
            raise TargetMoved("The target moved since the branch was proven.", "It is proven again.", base=target)
        await _check_approved(task, project)
        if behind:
            await _bring_up(run, task, target)
    return await repos.merge(
        project.id,
        workspace,
        branch,
        project.default_branch,
        message_of(task),
        {"Task": task.key, "Run": run.id},
        run.id,
        expected_target=target,
        meanwhile=lambda commit: _check_out(project.id, commit),
        method=project.merge_method,  # pyright: ignore[reportArgumentType]  # checked where it is written
    )


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
    base, branch = task.base_sha or "", task.branch or ""
    patch = await bench().repos.patch_id(project.id, base, branch)
    head = await bench().repos.head(project.id, branch)
    query = sa.select(Approval).where(
        Approval.task_id == task.id,
        Approval.stage == task.stage,
        Approval.state == ApprovalState.APPROVED,
        is_of(base, head, patch),
    )
    async with bench().db.read() as session:
        if (await session.scalars(query)).first() is None:
            raise ApprovalMissing(
                f"{task.key} changed after it was approved.", "Look at the new change and approve it."
            )


async def _conflict(run: Run, task: Task, target: str, trailers: dict[str, str]) -> BranchConflicts:
    repos, project, branch = bench().repos, run.project_id, task.branch or ""
    found = await repos.conflicts(project, branch, target)
    carried_to = branch_of(task, task.branch_number + 1)
    if await repos.carry_over(project, branch, carried_to, target, trailers) is None:
        carried_to = None
    return BranchConflicts(
        f"The branch does not merge with the target: {', '.join(one.path for one in found[:5])}.",
        "The task goes back to be brought in line.",
        files=[one.path for one in found],
        base=target,
        carried_to=carried_to,
        conflicts=sides_of(found),
    )


async def _bring_up(run: Run, task: Task, target: str) -> None:
    trailers = {"Task": task.key, "Run": run.id}
    update = await bench().repos.update_from_target(worktree_of(run, task), target, trailers)
    if not update.clean:
        raise await _conflict(run, task, target, trailers)
    raise TargetMoved("The target moved since the branch was proven.", "It is proven again.", base=target)

"""Back from a merge, to a checkpoint, to an abandoned branch: one call each, and what it would change beforehand."""

from typing import Any

from fastapi import APIRouter

from main_api.deps import OWNER, Hub
from main_api.errors import documented
from main_api.schemas.shape import Id
from main_api.schemas.ways_back import RecoverIn, RollbackIn, WayBackIn, WayBackOut, WaysBackOut
from services.domain.errors import HubError
from services.restorations.carry import restore
from services.restorations.forecast import Checkpoint, Forecast, Wanted, foresee, ways_back
from services.tasks.hold import get_task

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])


@router.get(
    "/checkpoints", summary="What a task can go back to", responses=documented(404), response_model=WaysBackOut
)  # fmt: skip
async def read_ways_back(hub: Hub, task_id: Id) -> dict[str, Any]:
    """Its branch as it was before each run, its other branches, and what is kept of dropped work (REFS_KEEP_DAYS)."""
    found = await ways_back(hub.db, hub.repos, task_id)
    return {
        "branch": found.branch,
        "undoable": found.undoable,
        "checkpoints": [_checkpoint(point) for point in found.checkpoints],
        "kept": found.kept,
        "taken": found.done,
    }


@router.post(
    "/undo-merge", summary="Undo a task's merge by a commit that takes it back", responses=documented(404, 409),
    response_model=WayBackOut,
)  # fmt: skip
async def undo_merge(hub: Hub, task_id: Id, body: WayBackIn | None = None) -> dict[str, Any]:
    """History stays. Your uncommitted edits are never touched: where they are in the way, or later changes build on the
    merge, it is refused. The task then stands at its first stage, paused; its approvals are void."""
    wanted = body or WayBackIn(dry_run=False, force=False, note="", expected=None)
    return await _go_back(hub, Wanted("undo_merge", task_id, expected=wanted.expected), wanted)


@router.post(
    "/rollback", summary="Put a task's branch back to where it was before a run", responses=documented(404, 409),
    response_model=WayBackOut,
)  # fmt: skip
async def roll_back(hub: Hub, task_id: Id, body: RollbackIn) -> dict[str, Any]:
    """Branch and files; what they held is kept under a ref. The task then stands at that run's stage, paused."""
    return await _go_back(hub, Wanted("rollback", task_id, run_id=body.run_id, expected=body.expected), body)


@router.post(
    "/recover", summary="Go on with an abandoned branch, or with what was kept", responses=documented(404, 409),
    response_model=WayBackOut,
)  # fmt: skip
async def recover(hub: Hub, task_id: Id, body: RecoverIn | None = None) -> dict[str, Any]:
    """On a new branch of the task, which is opened again, paused. After an undone merge: with the change that was taken
    back. The branch it has now stays beside it."""
    wanted = body or RecoverIn(dry_run=False, force=False, note="", expected=None, ref=None)
    return await _go_back(hub, Wanted("recover", task_id, ref=wanted.ref, expected=wanted.expected), wanted)


async def _go_back(hub: Hub, wanted: Wanted, body: WayBackIn) -> dict[str, Any]:
    if body.dry_run:
        return _told(await foresee(hub.db, hub.repos, wanted), dry_run=True)
    seen, row = await restore(hub.db, hub.repos, wanted, actor=OWNER, note=body.note, force=body.force)
    async with hub.db.read() as session:
        task = await get_task(session, wanted.task_id)
    return _told(seen, dry_run=False) | {"after": row.after, "task": task}


def _told(seen: Forecast, *, dry_run: bool) -> dict[str, Any]:
    changed = {name: getattr(seen.diff, name) for name in ("files", "added", "removed", "patch")}
    named = ("kind", "sentence", "branch", "before", "after", "commits", "uncommitted")
    told = {"dry_run": dry_run, "blocked": _blocked(seen.blocked), "task": seen.facts.task}
    return told | changed | {name: getattr(seen, name) for name in named}


def _blocked(error: HubError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    files = error.data.get("files", [])
    return {"code": error.code, "sentence": error.sentence, "way_out": error.way_out, "files": files}


def _checkpoint(point: Checkpoint) -> dict[str, Any]:
    run = point.run
    named = {name: getattr(run, name) for name in ("stage", "role", "round", "state")}
    told = {"run_id": run.id, "at": run.queued_at, "sha": run.checkpoint_sha}
    return named | told | {"branch": point.branch, "ref": point.ref, "current": point.current}

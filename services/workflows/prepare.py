"""First step of a run: claim it, open the task's worktree, set the checkpoint a redo goes back to."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.choices.decisions import keep_choice
from services.deploys.settings import deploy_of
from services.domain.errors import HubError
from services.domain.states import RUN, HandoffState, RunState
from services.domain.workflow import CommandStep, Stage
from services.events import log
from services.feedback import hear
from services.points import Point, reached
from services.repos.worktree import Worktree
from services.scheduling.admit import Admitted
from services.store.later import say, send
from services.store.models import Handoff, Run, Task
from services.store.plain import Statement
from services.store.session import hold
from services.store.types import now
from services.workflows import in_hand
from services.workflows.bench import bench
from services.workflows.books import Entry
from services.workflows.context import note_prompt
from services.workflows.describe import Work, describe, describe_at_once, read_work
from services.workflows.fail import note_failure
from services.workflows.patience import patient
from services.workflows.records import Step, is_current, step_id
from services.workflows.room import full

Describe = Callable[[Work, Step, dict[str, Any]], Awaitable[dict[str, Any] | None]]
LINT = "lint"
_HANDOFFS: Any = Handoff.__table__
_ACCEPT = Statement(
    sa.update(_HANDOFFS).where(
        _HANDOFFS.c.task_id == sa.bindparam("task"),
        _HANDOFFS.c.to_stage == sa.bindparam("stage"),
        _HANDOFFS.c.state == HandoffState.CREATED.value,
    ),
    ["state", "to_run_id", "accepted_at"],
)
PREPARING: Step = {"index": 0, "name": "prepare", "executor": "prepare"}


@patient
async def prepare_worktree(run_id: str) -> dict[str, Any] | None:
    """Answers where the run works, its steps and the first one's description; None where it is nobody's any more.

    The answer is kept in the run's row, in the transaction that claims it: done again, nothing is looked at anew. (As a
    step of the engine it would be kept twice, and each stage would begin 5 ms later.)
    """
    async with bench().db.read() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        place = run.details.get("place")
        if place and run.state == RunState.RUNNING:
            return place
        work = await read_work(session, run)
    if place:
        return await _reopen(work, place)
    try:
        _refuse_without_room()
        place = await (_target_place(work) if work.stage.on_target else _branch_place(work))
    except HubError as error:
        await _refuse(run_id, error)
        return {"steps": [], "first": None}
    steps = await _steps_of(work, place, describe)
    assert steps is not None
    place |= steps
    await reached(Point.PREPARE_OPENED, work.stage.name)
    return place if await _begun(run_id, place) else None


async def prepare_at_once(session: AsyncSession, admitted: Sequence[Admitted]) -> dict[str, dict[str, Any]]:
    """`prepare_worktree` in the transaction that admitted the runs, for those that need no process for it; by run."""
    places = {one.run_id: await _prepare_at_once(session, one.run_id) for one in admitted if one.kind == "stage"}
    return {run_id: place for run_id, place in places.items() if place is not None}


async def _prepare_at_once(session: AsyncSession, run_id: str) -> dict[str, Any] | None:
    """The task's worktree stands, and what its first step needs is known; None where that is not so."""
    run = await session.get_one(Run, run_id)
    if run.resumed or full(bench().settings.home, bench().settings.disk_bytes):
        return None
    work = await read_work(session, run)
    hold(session, work.project)
    tree: Worktree | None = None
    if work.stage.on_target:
        place = _target_at_once(work)
    else:
        tree = _tree_at_once(work)
        place = _place_at(tree, work.task.base_sha or "", tree.head) if tree else None
    if place is None:
        return None

    async def at_once(work: Work, step: Step, place: dict[str, Any]) -> dict[str, Any] | None:
        return await describe_at_once(work, step, place, session)

    steps = await _steps_of(work, place, at_once)
    if steps is None or (tree is not None and not bench().repos.checkpoint_at_once(tree, run_id)):
        return None
    place |= steps
    return place if await _begin(session, run_id, place) else None


async def _steps_of(work: Work, place: dict[str, Any], describe: Describe) -> dict[str, Any] | None:
    """The steps with something to do, from the first one on that has, and that one's description."""
    steps = plan_of(work.stage, place["base_sha"], work.own_checks)
    if not deploy_of(work.project.settings).command:
        steps = [step for step in steps if step["executor"] != "deploy"]
    while steps and steps[0]["executor"] not in ("merge", "deploy"):
        first = await describe(work, steps[0], place)
        if first is None:
            return None
        if "spec" in first or first["stop"]:
            return {"steps": steps, "first": first}
        steps = steps[1:]
    return {"steps": steps, "first": None}


def plan_of(stage: Stage, base_sha: str | None, own_checks: Sequence[tuple[str, str]] = ()) -> list[Step]:
    """The stage's steps as the run carries them out; a person's step is behind it already.

    A command whose tests are compared with the merge base is preceded by the same command there, and followed by the
    base's own tests against the change. Last come the commands that criteria are checked by.
    """
    steps: list[Step] = []
    for step in stage.steps:
        if step.executor == "human":
            continue
        plain = step.model_dump(mode="json")
        compared = isinstance(step, CommandStep) and _is_compared(stage, step) and base_sha
        if compared:
            steps.append({**plain, "name": f"{step.name}-base", "on_base": True, "index": len(steps)})
        steps.append({**plain, "index": len(steps)})
        if compared and stage.gate.tests_required and plain["command"] != LINT:
            steps.append({**plain, "name": f"{step.name}-old", "on_overlay": True, "index": len(steps)})
    for name, command in own_checks:
        own = {"executor": "command", "name": name, "command": name, "own": command}
        steps.append({**own, "index": len(steps)})
    return steps


def _is_compared(stage: Stage, step: CommandStep) -> bool:
    gate = stage.gate
    measured = gate.coverage_at_least is not None or gate.coverage_drop is not None
    return not stage.on_target and (gate.tests_required or measured or step.command == LINT)


async def _branch_place(work: Work) -> dict[str, Any]:
    """The task's own branch: made from the newest target where it has none yet."""
    repos, project, task, run = bench().repos, work.project, work.task, work.run
    base = task.base_sha
    if task.branch is None or base is None:
        mirror_target = await repos.target(project.id, Path(project.workspace_path), project.default_branch)
        base = mirror_target
    branch = task.branch or branch_of(task, task.branch_number)
    worktree = await repos.open_worktree(project.id, task.key, branch, base)
    checkpoint = await repos.checkpoint(worktree, run.id)
    return _place_at(worktree, base, checkpoint)


def branch_of(task: Task, number: int) -> str:
    """The name of the task's branch of that number."""
    return f"wfhub/{task.key}-{number}"


def _place_at(tree: Worktree, base_sha: str, checkpoint: str) -> dict[str, Any]:
    return {
        "worktree": str(tree.path),
        "git_dir": str(tree.git_dir),
        "branch": tree.branch,
        "base_sha": base_sha,
        "checkpoint": checkpoint,
    }


async def _target_place(work: Work) -> dict[str, Any]:
    """The merged target, checked out for reading: what a person now has."""
    repos, project = bench().repos, work.project
    target = await repos.target(project.id, Path(project.workspace_path), project.default_branch)
    return _place_on_target(work, target, await repos.base_worktree(project.id, target))


def _target_at_once(work: Work) -> dict[str, Any] | None:
    """`_target_place` where it stands already."""
    repos, project = bench().repos, work.project
    target = repos.known_target(project.id, Path(project.workspace_path), project.default_branch)
    path = repos.ready_base_worktree(project.id, target) if target is not None else None
    return _place_on_target(work, target, path) if target is not None and path is not None else None


def _tree_at_once(work: Work) -> Worktree | None:
    """The task's own worktree where it stands already."""
    task = work.task
    if task.branch is None or task.base_sha is None:
        return None
    return bench().repos.ready_worktree(work.project.id, task.key, task.branch)


def _place_on_target(work: Work, target: str, path: Path) -> dict[str, Any]:
    return {
        "worktree": str(path),
        "git_dir": str(bench().repos.mirror(work.project.id)),
        "branch": work.task.branch,
        "base_sha": work.task.base_sha,
        "checkpoint": target,
    }


async def _reopen(work: Work, place: dict[str, Any]) -> dict[str, Any] | None:
    """For a run that waited for money: the same place, steps and words as before. `resumed`: no step is begun ahead,
    for the first one may be over."""
    repos, project, run = bench().repos, work.project, work.run
    try:
        if work.stage.on_target:
            await repos.base_worktree(project.id, place["checkpoint"])
        else:
            await repos.open_worktree(project.id, work.task.key, place["branch"], place["base_sha"])
    except HubError as error:
        await _refuse(run.id, error)
        return {"steps": [], "first": None}
    return {**place, "resumed": True} if await _begun(run.id, place) else None


def _refuse_without_room() -> None:
    """Before anything is asked of a model: its answer could not be kept. Raises DiskFull."""
    refusal = full(bench().settings.home, bench().settings.disk_bytes)
    if refusal is not None:
        raise refusal


async def _refuse(run_id: str, error: HubError) -> None:
    """The workspace can't be used now: the run ends blocked, with the sentence."""
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if await is_current(session, run) and run.state == RunState.QUEUED:
            run.state, run.started_at = RUN.check(RunState.QUEUED, RunState.RUNNING), now()
            run.owner = bench().owner
    await note_failure(run_id, PREPARING, error)


async def _begun(run_id: str, place: dict[str, Any]) -> bool:
    return await bench().books.write(Entry(lambda session: _begin(session, run_id, place), run_id))


async def _begin(session: AsyncSession, run_id: str, place: dict[str, Any]) -> bool:
    """The run and its task are held by the transaction."""
    run = await session.get_one(Run, run_id)
    task = await session.get_one(Task, run.task_id)
    if not in_hand.is_current(run, task):
        return False
    task.branch, task.base_sha = place["branch"], place["base_sha"]
    run.cwd, run.base_sha, run.checkpoint_sha = place["worktree"], place["base_sha"], place["checkpoint"]
    run.owner, run.agent = bench().owner, run.agent or bench().agent.name
    run.details = {**run.details, "carried_by": bench().owner, "place": place}
    if run.state == RunState.QUEUED:
        run.state, run.started_at = RUN.check(RunState.QUEUED, RunState.RUNNING), now()
        await log.of_run(session, "run.started", run, task, attempt=run.attempt, round=run.round)
    first: dict[str, Any] = place["first"] or {}
    if "prompt" in first:
        note_prompt(run, step_id(place["steps"][0]), first["prompt"])
        await hear.heard(session, run, task, first.get("heard", ()), how=hear.PROMPT)
    if choice := first.get("choice"):
        await send(session)  # the run's row, which it points at
        await keep_choice(session, run, step_id(place["steps"][0]), choice)
    taken = {"state": HandoffState.ACCEPTED, "to_run_id": run.id, "accepted_at": now()}
    await say(session, _ACCEPT, {**taken, "task": task.id, "stage": run.stage})
    return True

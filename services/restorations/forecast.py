"""What undoing, rolling back or recovering would change: looked at, and nothing done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from services.domain.errors import HubError
from services.repos.diff import Diff, LogEntry
from services.repos.kept import Kept
from services.repos.repos import Repos
from services.restorations.errors import CheckpointElsewhere, NothingToRecover
from services.restorations.facts import Facts, branch_of, checkpointed_runs, merge_of, read_facts, run_of
from services.store.database import Database
from services.store.models import Restoration, Run

MOST_COMMITS = 100
NO_PATCH = 200_000


@dataclass(frozen=True)
class Wanted:
    """What a person asks for: `run_id` names a checkpoint to roll back to, `ref` what shall be recovered (None: the
    newest). `expected` is the commit of the branch that they saw."""

    kind: str
    task_id: int
    run_id: str | None = None
    ref: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class Forecast:
    """`branch` goes from `before` to `after`. `diff` is what that changes in the files, `commits` those that are taken
    back, dropped or found again; `uncommitted` the files of the worktree that are put aside. `blocked` is why it can't
    be done now. `plan` is all that is needed to do it."""

    kind: str
    facts: Facts
    branch: str
    before: str | None
    after: str
    diff: Diff
    commits: Sequence[LogEntry]
    stage: str
    plan: dict[str, Any]
    uncommitted: tuple[str, ...] = ()
    blocked: HubError | None = None

    @property
    def sentence(self) -> str:
        count = len(self.diff.files)
        size = f"{count} file{'' if count == 1 else 's'} (+{self.diff.added} −{self.diff.removed})"
        key, stage = self.facts.task.key, self.facts.workflow.stage(self.stage).title
        told = {
            "undo_merge": f"A new commit on {self.branch} takes {key}'s merge back: {size}.",
            "rollback": f"{key}'s branch goes back by {len(self.commits)} commits: {size}.",
            "recover": f"{key} goes on with the branch {self.branch}, which changes {size}.",
        }[self.kind]
        return f"{told} {key} then stands at {stage}, paused."


@dataclass(frozen=True)
class Checkpoint:
    """Where a run began, and what its branch held then. `current`: the task can be rolled back to it."""

    run: Run
    branch: str
    current: bool
    ref: str


@dataclass(frozen=True)
class WaysBack:
    """All that a task can go back to. `undoable`: it is merged, and its merge can be looked at."""

    branch: str | None
    undoable: bool
    checkpoints: list[Checkpoint]
    kept: list[Kept] = field(default_factory=list[Kept])
    done: Sequence[Restoration] = ()


def name_of(run_id: str) -> str:
    return f"refs/wfhub/checkpoints/{run_id}"


async def foresee(db: Database, repos: Repos, wanted: Wanted) -> Forecast:
    """Raises NotFound, NotMerged, NothingToUndo, MergeConflict, CheckpointElsewhere, NothingToRecover and what git
    refuses. Runs git with no session open."""
    async with db.read() as session:
        facts = await read_facts(session, wanted.task_id)
        run = await run_of(session, facts.task, wanted.run_id) if wanted.run_id else None
        runs = await checkpointed_runs(session, facts.task)
    if wanted.kind == "undo_merge":
        return await _undo(repos, facts, wanted)
    if wanted.kind == "rollback":
        assert run is not None
        return await _roll_back(repos, facts, run)
    return await _recover(repos, facts, wanted.ref, runs)


async def _undo(repos: Repos, facts: Facts, wanted: Wanted) -> Forecast:
    merge, task, project = merge_of(facts), facts.task, facts.project
    message = f"Undo the merge of {task.key}: {task.title}\n\nThis takes back what {merge.merged} brought.\n"
    seen = await repos.foresee_undo(merge, message)
    plan = {
        "name": uuid7().hex,
        "merged": merge.merged,
        "before": merge.before,
        "message": message,
        "expected": wanted.expected or seen.target,
        "merged_branch": facts.merged_branch,
    }
    return Forecast(
        "undo_merge", facts, project.default_branch, seen.target, seen.commit,
        await repos.diff(project.id, seen.target, seen.commit, NO_PATCH),
        await repos.log(project.id, merge.merged, MOST_COMMITS, without=merge.before),
        facts.workflow.start, plan, blocked=seen.waits,
    )  # fmt: skip


async def _roll_back(repos: Repos, facts: Facts, run: Run) -> Forecast:
    task, branch, sha = facts.task, branch_of(run), run.checkpoint_sha
    if branch is None or sha is None:
        raise CheckpointElsewhere(
            f"The run {run.id} left no checkpoint of {task.key}'s branch.", f"See GET /tasks/{task.id}/checkpoints."
        )
    if task.merged_sha is not None:
        raise CheckpointElsewhere(f"{task.key} is merged.", f"Undo its merge first: POST /tasks/{task.id}/undo-merge.")
    if branch != task.branch:
        raise CheckpointElsewhere(
            f"That checkpoint is of {branch}, and {task.key} works on {task.branch or 'no branch'} now.",
            f"Recover it onto a new branch: POST /tasks/{task.id}/recover with ref {name_of(run.id)}.",
        )
    head = await repos.head(task.project_id, branch)
    plan = {"checkpoint": sha, "run_id": run.id, "stage": run.stage, "round": run.round, "tip": head,
            "base": task.base_sha or sha}  # fmt: skip
    return Forecast(
        "rollback", facts, branch, head, sha, await repos.diff(task.project_id, head, sha, NO_PATCH),
        await repos.log(task.project_id, head, MOST_COMMITS, without=sha), run.stage, plan,
        uncommitted=await repos.uncommitted(task.project_id, task.key),
    )  # fmt: skip


async def _recover(repos: Repos, facts: Facts, ref: str | None, runs: Sequence[Run]) -> Forecast:
    task, project = facts.task, facts.project
    target = await repos.target(project.id, facts.workspace, project.default_branch)
    current = await repos.head(project.id, task.branch) if task.branch else None
    undone = facts.undone if ref is None else None
    taken = {name for name in await repos.task_branches(project.id) if name.startswith(f"wfhub/{task.key}-")}
    number = max([task.branch_number, *(int(name.rpartition("-")[2]) for name in taken)]) + 1
    branch = f"wfhub/{task.key}-{number}"
    if undone is not None:
        message = f"Bring back {task.key}: {task.title}\n\nThis takes {undone} back, which had undone it.\n"
        sha, base = await repos.bring_back(project.id, target, undone, message), target
    else:
        sha = await _chosen(repos, facts, ref, runs, current)
        base = await repos.merge_base(project.id, target, sha)
    if base == sha:
        raise NothingToRecover(f"{project.default_branch} has all of that already.", "Undo its merge to go on from it.")
    stage = facts.workflow.start if _is_over(facts) else task.stage
    plan = {"sha": sha, "base": base, "branch_number": number, "stage": stage}
    return Forecast(
        "recover", facts, branch, current, sha, await repos.diff(project.id, base, sha, NO_PATCH),
        await repos.log(project.id, sha, MOST_COMMITS, without=base), stage, plan,
        uncommitted=await repos.uncommitted(project.id, task.key),
    )  # fmt: skip


def _is_over(facts: Facts) -> bool:
    """Whether the task stands where no work on a branch begins: behind the merge, or before its first stage."""
    workflow, stage = facts.workflow, facts.task.stage
    return stage in (workflow.backlog.name, workflow.done.name) or workflow.is_behind_merge(stage)


async def _chosen(repos: Repos, facts: Facts, ref: str | None, runs: Sequence[Run], current: str | None) -> str:
    """The commit to go on from. Raises NothingToRecover, which names what there is."""
    task = facts.task
    kept = await repos.recoverable(task.project_id, task.key, [run.id for run in runs])
    known = {one.ref: one.sha for one in kept}
    known |= {name_of(run.id): run.checkpoint_sha for run in runs if run.checkpoint_sha}
    if ref is None:
        ref = next((one.ref for one in kept if one.sha != current), None)
    if ref is None or ref not in known:
        what = (
            f"{task.key} has nothing under {ref}." if ref else f"{task.key} has no other branch, and nothing was kept."
        )
        raise NothingToRecover(what, f"See GET /tasks/{task.id}/checkpoints.")
    return known[ref]


async def ways_back(db: Database, repos: Repos, task_id: int) -> WaysBack:
    """Raises NotFound."""
    async with db.read() as session:
        facts = await read_facts(session, task_id)
        runs = await checkpointed_runs(session, facts.task)
        done = await _done(session, task_id)
    task = facts.task
    kept = await repos.recoverable(task.project_id, task.key, [run.id for run in runs])
    points = [
        Checkpoint(run, str(branch_of(run)), branch_of(run) == task.branch and task.merged_sha is None, name_of(run.id))
        for run in runs
    ]
    return WaysBack(task.branch, facts.merge is not None, points, kept, done)


async def _done(session: AsyncSession, task_id: int) -> Sequence[Restoration]:
    query = sa.select(Restoration).where(Restoration.task_id == task_id).order_by(Restoration.id.desc())
    return (await session.scalars(query.limit(MOST_COMMITS))).all()

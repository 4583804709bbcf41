"""What a run and its task's branch changed, and what was brought to the stage, for the rules that ask."""

import asyncio

import sqlalchemy as sa

from services.domain.states import ApprovalState
from services.repos.diff import Diff
from services.reviews.facts import ChangedPath, ChangeFacts, ProofFacts
from services.reviews.secrets_in_change import secret_files, secrets_in
from services.store.models import Approval, Project, Proof, Run, Task
from services.store.plain import Statement
from services.tasks.change import is_of
from services.workflows.bench import bench
from services.workflows.describe import cage_of

SHOWN = frozenset({"proofs", "commands_pass", "tests_required", "criteria_met", "findings_below"})  # by a proof
PATCH_BYTES = 4_000_000


async def of_branch(run: Run, task: Task) -> ChangeFacts | None:
    """None where the task has no branch."""
    if task.branch is None or run.base_sha is None:
        return None
    diff = await bench().repos.diff(run.project_id, run.base_sha, task.branch, PATCH_BYTES)
    async with bench().db.read() as session:
        readable = cage_of(await session.get_one(Project, run.project_id)).readable_secrets
    return await asyncio.to_thread(_facts, diff, readable)


def _facts(diff: Diff, readable: tuple[str, ...]) -> ChangeFacts:
    files = tuple(ChangedPath(one.path, one.status, one.added, one.removed) for one in diff.files)
    kept = [one.path for one in files if one.status != "deleted"]
    secrets = (*secret_files(kept, readable), *secrets_in(diff.patch, readable))
    unread = f"It is larger than {PATCH_BYTES // 1_000_000} MB. Make it smaller." if diff.truncated else ""
    return ChangeFacts(files, secrets, unread)


_BROUGHT = sa.and_(
    Proof.task_id == sa.bindparam("task"),
    Proof.run_id.is_(None),
    Proof.stage == sa.bindparam("stage"),
    Proof.created_by == "person",
)
_PROOFS = Statement(
    sa.select(Proof.id, Proof.kind, Proof.name)
    .where(sa.or_(Proof.run_id == sa.bindparam("run"), _BROUGHT))
    .order_by(Proof.id)
)


async def of_run(run: Run) -> tuple[str, ...] | None:
    """By git, from the run's checkpoint to what it committed. None where there is no checkpoint."""
    if run.checkpoint_sha is None:
        return None
    if run.head_sha is None:
        return ()
    return await bench().repos.changed_files(run.project_id, run.checkpoint_sha, run.head_sha)


async def proofs_of(run: Run) -> tuple[ProofFacts, ...]:
    """Those the run left, and those that a person brought to its stage."""
    of = {"run": run.id, "task": run.task_id, "stage": run.stage}
    return tuple(ProofFacts(*row) for row in await bench().db.look(_PROOFS, of))


async def is_approved(run: Run, task: Task) -> bool:
    """Whether a person's approval at this stage is of the change as it is on the branch now."""
    if task.branch is None or run.base_sha is None:
        return False
    patch = await bench().repos.patch_id(run.project_id, run.base_sha, task.branch)
    head = await bench().repos.head(run.project_id, task.branch)
    query = sa.select(Approval.id).where(
        Approval.task_id == task.id, Approval.stage == run.stage, Approval.state == ApprovalState.APPROVED,
        is_of(run.base_sha, head, patch),
    )  # fmt: skip
    async with bench().db.read() as session:
        return await session.scalar(query.limit(1)) is not None

"""Evidence that a person, or an agent from outside, brings. It is shown and told; it opens no gate by itself."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import NotFound
from services.domain.proof_kinds import ProofKind
from services.events import log
from services.files.names import file_name
from services.store.models import Proof, Run, Task

PREVIEW_CHARACTERS = 2_000


async def bring_proof(
    session: AsyncSession, task_id: int, *, kind: ProofKind, name: str, media_type: str, sha256: str, size: int,
    head: bytes, note: str = "", run_id: str | None = None, actor: str,
) -> Proof:  # fmt: skip
    """The row of a proof; its bytes must be in the store when the transaction commits.

    Told by the run's role where a run is named. The same file of the same run is there once. Raises NotFound for an
    unknown task, or a run that is none of it.
    """
    task = await find_task(session, task_id)
    run = await session.get(Run, run_id) if run_id is not None else None
    if run_id is not None and (run is None or run.task_id != task.id):
        raise NotFound(f"The task {task.key} has no run {run_id}.", f"List them with GET /tasks/{task.id}/runs.")
    name = file_name(name)
    if run is not None and (known := await _known(session, run.id, name, sha256)) is not None:
        return known
    row = Proof(
        project_id=task.project_id, task_id=task.id, run_id=run_id, stage=run.stage if run else task.stage,
        kind=kind, name=name, sha256=sha256, size=size, media_type=media_type, preview=preview_of(head), note=note,
        created_by=(run.role if run else None) or actor,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await log.of_task(
        session, "proof.added", task, actor=row.created_by, run_id=run_id, proof_id=row.id, proof_kind=kind, name=name,
        **made(kind=kind, name=name, sha256=sha256, note=note),
    )  # fmt: skip
    return row


async def find_task(session: AsyncSession, task_id: int) -> Task:
    task = await session.get(Task, task_id)
    if task is None or task.deleted_at is not None:
        raise NotFound(f"There is no task with id {task_id}.")
    return task


def preview_of(head: bytes) -> str:
    """How it begins, as far as that is text. NUL can't be kept."""
    text = head[: PREVIEW_CHARACTERS * 4].decode("utf-8", "replace")
    return "" if "\0" in text else text[:PREVIEW_CHARACTERS]


async def _known(session: AsyncSession, run_id: str, name: str, sha256: str) -> Proof | None:
    query = sa.select(Proof).where(Proof.run_id == run_id, Proof.step == "", Proof.name == name, Proof.sha256 == sha256)
    return await session.scalar(query)

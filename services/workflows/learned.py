"""Notes that a step's agent asked to keep: rows of its task, in the transaction that keeps the step's result."""

import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.notes.kinds import digest_of
from services.store.models import Run, Task, TaskNote
from services.store.plain import Rows, Statement
from services.store.types import now

_IS_KEPT = Statement(
    sa.select(TaskNote.id).where(TaskNote.task_id == sa.bindparam("task"), TaskNote.digest == sa.bindparam("digest"))
)
_KEEP = Statement(
    sa.insert(TaskNote.__table__),  # pyright: ignore[reportArgumentType]  # it is a table
    ["created_at", "task_id", "run_id", "author", "kind", "text", "digest"],
)


def keep_learned(rows: Rows, run: Run, task: Task | None, result: RunResult) -> None:
    """What the task has already is not kept twice. The result holds no secrets any more."""
    for one in result.learned if task is not None else ():
        digest = digest_of(one.kind, one.text)
        if task is not None and not rows.run(_IS_KEPT, {"task": task.id, "digest": digest}):
            said = {"author": run.role or "hub", "kind": one.kind, "text": one.text, "digest": digest}
            rows.run(_KEEP, {"created_at": now(), "task_id": task.id, "run_id": run.id, **said})

"""Criteria that a PM adds to a task a person wrote."""

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.drafts import CriteriaDraft
from services.store.models import Criterion, Run, Task
from services.workflows.records import recorded, result_of


async def apply(session: AsyncSession, run: Run, task: Task) -> None:
    """Adds what the run answered and the task does not have yet."""
    if all(entry["executor"] != "tools" for entry in recorded(run).values()):
        return
    known = (await session.scalars(sa.select(Criterion).where(Criterion.task_id == task.id))).all()
    texts, position = {row.text for row in known}, max((row.position for row in known), default=0)
    for entry in recorded(run).values():
        result = result_of(entry) if entry["executor"] == "tools" else None
        if result is None:
            continue
        try:
            draft = CriteriaDraft.model_validate(result.answer)
        except ValidationError:
            continue  # an answer of another kind, which has its own reader
        for criterion in draft.criteria:
            if criterion.text not in texts:
                position += 1
                session.add(Criterion(task_id=task.id, position=position, text=criterion.text, check=criterion.check))
    await session.flush()

"""What the gate of a task's newest judged run said, and whether a person may let it pass now."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.run import GateOut, RuleOut
from services.reviews.errors import GateNotFailed
from services.reviews.override import check_newest
from services.reviews.results import results_of
from services.roles.read import workflow_by_id
from services.store.models import GateResult, Run, Task
from services.tasks.allowed import goes_on_to


async def read_gate(session: AsyncSession, task: Task) -> GateOut | None:
    """None before any gate of the task was asked."""
    judged = sa.exists().where(GateResult.run_id == Run.id)
    query = sa.select(Run).where(Run.task_id == task.id, judged).order_by(Run.id.desc()).limit(1)
    run = await session.scalar(query)
    if run is None:
        return None
    workflow = await workflow_by_id(session, task.workflow_id)
    stage = workflow.stage(run.stage)
    rules = await results_of(session, run.id)
    failed = [one for one in rules if not one.passed]
    overridden = bool(failed) and all(one.overridden_by for one in failed)
    why_not = ""
    if failed and not overridden:
        try:
            await check_newest(session, run, task, stage)
        except GateNotFailed as refused:
            why_not = refused.sentence
    return GateOut(
        run_id=run.id,
        stage=stage.name,
        title=stage.title,
        passed=not failed,
        overridden=overridden,
        can_override=bool(failed) and not overridden and not why_not,
        why_not=why_not,
        goes_to=goes_on_to(task, stage, workflow).title,
        rules=[RuleOut.model_validate(one) for one in rules],
    )

"""The story of a plan: how a request in plain words becomes tasks that a person can approve."""

from dbos import DBOS
from structlog.contextvars import bind_contextvars

from services.points import Point, reached
from services.workflows import carry, holding, plan_steps, takeover
from services.workflows.bench import bench
from services.workflows.patience import or_anew
from services.workflows.run_stage import MAX_RECOVERIES

carry_out = DBOS.step(preemptible=True)(carry.carry_out)


@DBOS.workflow(name="make_plan", max_recovery_attempts=MAX_RECOVERIES)
@or_anew
async def make_plan(run_id: str) -> str:
    """One PM run: read the workspace, answer a plan, let code check it. One with faults is tried again as a new run."""
    bind_contextvars(run_id=run_id)
    await reached(Point.STORY_BEGUN, "plan")
    if not await takeover.claim(bench(), run_id):
        return "superseded"
    await holding.until_going(run_id)
    place = await plan_steps.prepare_plan(run_id)
    if place is None:
        return "superseded"
    await carry_out(run_id, plan_steps.STEP, place["spec"])
    await holding.until_going(run_id)
    ended = await plan_steps.settle_plan(run_id)
    await reached(Point.STORY_OVER, "plan")
    return ended

"""The story of a run: how one task is carried through one stage. Start reading here.

A run is one durable workflow, and its id is the run's; one that waited for money goes on in another. Each step below
may be done again after a crash, at any point, and leaves the same effect. A workflow never waits for a person: that is
a row, and the next run's business.
"""

from typing import Any

from dbos import DBOS
from structlog.contextvars import bind_contextvars

from services.points import Point, reached
from services.workflows import carry, deploying, describe, engine, holding, merging, prepare, settle, takeover
from services.workflows.bench import bench
from services.workflows.patience import or_anew

MAX_RECOVERIES = 50  # the engine's last word; a run that kills its workers is given up long before, by the sweep


@DBOS.workflow(name="run_stage", max_recovery_attempts=MAX_RECOVERIES)
@or_anew
async def run_stage(run_id: str) -> str:
    """Carries the run and answers how it ended: passed, failed, blocked, lost, or superseded."""
    bind_contextvars(run_id=run_id)
    await reached(Point.STORY_BEGUN)
    place = bench().doorbell.take(engine.story()) or await _claimed(run_id)
    if place is None:
        return "superseded"
    for step in place["steps"]:
        outcome = await _do(run_id, step, place)
        if outcome["stop"]:
            break
    ended = await settle.settle_stage(run_id)
    await bench().doorbell.calm(settle.CALM_SECONDS)  # the next run's job first, then the engine's books on this one
    await reached(Point.STORY_OVER)
    return ended


async def _claimed(run_id: str) -> dict[str, Any] | None:
    """Where the run works, when it had no head start in this process."""
    return await prepare.prepare_worktree(run_id) if await takeover.claim(bench(), run_id) else None


async def _do(run_id: str, step: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    if step["executor"] == "merge":
        return await holding.begin(run_id, lambda: merging.merge_branch(run_id, step)) or {"stop": True}
    if not await holding.until_going(run_id):
        return {"stop": True}
    if step["executor"] == "deploy":
        return await deploying.deploy(run_id, step, place)
    known = step == place["steps"][0]
    spec = place["first"] if known else await describe.describe_step(run_id, step, place)
    if "spec" not in spec:
        return spec
    return await carry.carry_out(run_id, step, spec["spec"])

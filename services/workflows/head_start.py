"""The first job of a run that was just admitted, begun before the engine knows of the run.

The engine's start of a workflow takes as long as all the rest. Nothing is lost where this process dies in between: the
run's row has an owner without a beat, the sweep starts its workflow, and that finds the job by the run's id.
"""

import structlog
from sqlalchemy.exc import DBAPIError

from services.agents.errors import AgentBusy, AgentRefused, AgentUnreachable
from services.scheduling.admit import Admitted
from services.workflows import carry
from services.workflows.bench import bench
from services.workflows.prepare import prepare_worktree

log = structlog.get_logger()


async def give(one: Admitted) -> None:
    """Claims the run, prepares its worktree and starts its first job. What fails here, the run's story does again."""
    run_id = one.run_id
    place = bench().doorbell.place_of(run_id) or await prepare_worktree(run_id)
    bench().doorbell.keep(one.story_id, place)
    if place is None or place.get("resumed") or place["first"] is None or "spec" not in place["first"]:
        return
    try:
        await carry.begin(run_id, place["steps"][0], place["first"]["spec"])
    except (AgentUnreachable, AgentBusy, AgentRefused, DBAPIError) as error:
        log.info("run.no_head_start", run_id=run_id, error=str(error))

"""The story of a deploy that no task's run carries: what a person asked for, or what a merge left to be done."""

from pathlib import Path
from typing import Any

from dbos import DBOS
from structlog.contextvars import bind_contextvars

from services.deploys import queue
from services.domain.errors import HubError
from services.domain.states import RUN, DeployState, RunState
from services.events import log
from services.store.models import Project, Run
from services.store.types import now
from services.workflows import deploying, takeover
from services.workflows.bench import bench
from services.workflows.patience import or_anew, patient
from services.workflows.records import Step, is_current, recorded, step_id
from services.workflows.run_stage import MAX_RECOVERIES

STEP: Step = {"index": 0, "name": "deploy", "executor": "deploy"}


@DBOS.workflow(name="deploy_project", max_recovery_attempts=MAX_RECOVERIES)
@or_anew
async def deploy_project(run_id: str) -> str:
    """Deploys what the project's branch holds now. Answers how it ended."""
    bind_contextvars(run_id=run_id)
    if not await takeover.claim(bench(), run_id):
        return "superseded"
    place = await _prepare(run_id)
    if place is not None and "refused" not in place:
        await deploying.deploy(run_id, STEP, place)
    return await _settle(run_id, (place or {}).get("refused", ""))


@patient
async def _prepare(run_id: str) -> dict[str, Any] | None:
    """The commit that is deployed: the newest. Kept in the run's row, so that a redo deploys no other."""
    async with bench().db.read() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        if known := run.details.get("place"):
            return known
        project = await session.get_one(Project, run.project_id)
    place: dict[str, Any]
    try:
        target = await bench().repos.target(project.id, Path(project.workspace_path), project.default_branch)
        place = {"checkpoint": target, "steps": [STEP]}
    except HubError as error:
        place = {"refused": str(error)}
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        run.details = {**run.details, "carried_by": bench().owner, "place": place}
        run.checkpoint_sha, run.agent = place.get("checkpoint"), run.agent or bench().agent.name
        run.state, run.started_at = RUN.check(RunState(run.state), RunState.RUNNING), now()
        await log.of_run(session, "run.started", run, attempt=run.attempt)
    return place


@patient
async def _settle(run_id: str, refused: str) -> str:
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return run.state
        row = await queue.of_run(session, run_id)
        entry = recorded(run).get(step_id(STEP), {})
        sentence = refused or (row.sentence if row and row.sentence else entry.get("sentence", ""))
        if row is not None and row.state not in queue.OVER:  # it could not begin
            await queue.end(session, row, DeployState.FAILED, sentence)
        passed = row is not None and row.state in (DeployState.PASSED, DeployState.SKIPPED)
        state = RunState.PASSED if passed else RunState.FAILED
        run.state, run.finished_at = RUN.check(RunState(run.state), state), now()
        run.result, run.reason, run.summary = "pass" if passed else "fail", entry.get("reason", ""), sentence
        await log.of_run(session, f"run.{state}", run, summary=sentence)
    bench().doorbell.ring()
    return run.state

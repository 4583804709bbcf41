"""Runs over HTTP: what was tried, what it said, and the word to stop."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.change import change_after, starting_change
from main_api.reads.metrics.projects import of_projects
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.reads.run_rows import with_tasks
from main_api.schemas.model_choice import ModelCallOut, ModelDecisionOut
from main_api.schemas.run import OutputOut, OverrideIn, RuleOut, RunDetail, RunIn, RunOut, RunPatch, RunRow, SarifOut
from main_api.schemas.shape import MAX_ID, Id, Time, Word
from services.choices.decisions import decisions_of
from services.contract.sarif import as_sarif
from services.domain.states import FindingState, RunState
from services.events.output import RunOutput
from services.reviews.override import override
from services.reviews.results import results_of
from services.store.models import Finding, ModelCall, Run, Task
from services.tasks import outside
from services.tasks.control import kill_run, trigger

router = APIRouter(prefix="/runs", tags=["runs"])
SORTS = ("queued_at", "started_at", "finished_at", "stage", "state", "attempt", "cost", "tokens_in", "tokens_out")
RunPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="-queued_at"))]
CallPage = Annotated[Paging, Depends(sorted_by("id", "cost", "duration_ms", first="id"))]
RunId = Annotated[str, Path(max_length=100, examples=["0190f0e2-7c1a-7cc0-8b1e-0a5f4c1d2e3f"])]
NONE = "-"  # no role and no model is called so
Several = Annotated[list[Word] | None, Query()]
WithNone = Annotated[list[Word] | None, Query(description=f"`{NONE}`: those that have none")]
Step = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


@router.get("", summary="List the runs, newest first", responses=listed())
async def list_runs(
    session: ReadSession,
    paging: RunPage,
    project_id: Id | None = None,
    task_id: Id | None = None,
    request_id: Id | None = None,
    state: Annotated[list[RunState] | None, Query()] = None,
    stage: Several = None,
    role: WithNone = None,
    result: Annotated[list[Literal["pass", "fail", "blocked"]] | None, Query()] = None,
    models: Annotated[WithNone, Query(alias="model")] = None,
    agent: Several = None,
    text: Annotated[str | None, Query(min_length=1, max_length=200, description="In its task's key or title")] = None,
    since: Annotated[Time | None, Query(description="Ended then or later; one that is going on: queued")] = None,
    until: Annotated[Time | None, Query(description="The same, before")] = None,
    started: Annotated[bool | None, Query(description="Whether an agent began with it")] = None,
) -> list[RunRow]:
    """Those of deleted projects are listed when their project is named."""
    query = where(
        sa.select(Run), Run,
        project_id=project_id, task_id=task_id, request_id=request_id, state=state, stage=stage, result=result,
        agent=agent,
    )  # fmt: skip
    if project_id is None:
        query = query.where(of_projects(Run.project_id, None))
    if role:
        query = query.where(_any_of(Run.role, role))
    if models:
        query = query.where(_any_of(Run.model, models))
    if started is not None:
        query = query.where(Run.started_at.is_not(None) if started else Run.started_at.is_(None))
    if text is not None:
        query = query.where(Run.task_id.in_(_tasks_named(text)))
    if since is not None:
        query = query.where(sa.func.coalesce(Run.finished_at, Run.queued_at) >= since)
    if until is not None:
        query = query.where(sa.func.coalesce(Run.finished_at, Run.queued_at) < until)
    return await with_tasks(session, await page(session, query, paging))


def _any_of(column: Any, names: list[str]) -> sa.ColumnElement[bool]:
    found = column.in_([name for name in names if name != NONE])
    return found | column.is_(None) if NONE in names else found


def _tasks_named(text: str) -> sa.Select[int]:
    return sa.select(Task.id).where(
        Task.key.icontains(text, autoescape=True) | Task.title.icontains(text, autoescape=True)
    )


@router.post("", status_code=202, summary="Start a task", responses=documented(400, 404, 409), response_model=RunOut)
async def post_run(hub: Hub, body: RunIn) -> Run:
    """As `POST /tasks/{id}/trigger`. With `agent` the run is begun at once in that name, and no orchestrator takes it:
    say with PATCH how it ended."""
    change = await starting_change(hub.db, hub.repos, body.task_id, body.stage)
    async with hub.db.write() as session:
        if body.agent is not None:
            return await outside.begin(session, body.task_id, body.agent, OWNER, stage=body.stage, change=change)
        return await trigger(session, body.task_id, OWNER, stage=body.stage, merge=body.merge, change=change)


@router.patch(
    "/{run_id}", summary="Say how a run ended that no orchestrator carries", responses=documented(404, 409),
    response_model=RunOut,
)  # fmt: skip
async def patch_run(hub: Hub, run_id: RunId, body: RunPatch) -> Run:
    """`pass` moves its task on, `fail` back, `blocked` to you. What an orchestrator carries is measured, and refused
    here."""
    change = await change_after(hub.db, hub.repos, run_id) if body.result == "pass" else None
    async with hub.db.write() as session:
        return await outside.tell(
            session, run_id, actor=OWNER, summary=body.summary, result=body.result, change=change,
            auto_trigger=hub.settings.auto_trigger_agents,
        )  # fmt: skip


@router.get("/{run_id}", summary="One run", responses=documented(404))
async def read_run(session: ReadSession, run_id: RunId) -> RunDetail:
    run = await one(session, Run, run_id, "run")
    decisions = [ModelDecisionOut.model_validate(row) for row in await decisions_of(session, run.id)]
    gate = [RuleOut.model_validate(row) for row in await results_of(session, run.id)]
    return RunDetail(**RunOut.model_validate(run).model_dump(), gate=gate, models=run.models, model_decisions=decisions)


@router.post(
    "/{run_id}/gate/override", summary="Let a task pass a gate that failed", responses=documented(404, 409),
    response_model=RunOut,
)  # fmt: skip
async def override_gate(hub: Hub, run_id: RunId, body: OverrideIn) -> Run:
    """Your word alone, with a note. Only of the newest run that a gate judged, while its task waits or was sent back:
    the task goes to the stage that follows, and a run that was to mend it is stopped. Said twice, it counts once."""
    change = await change_after(hub.db, hub.repos, run_id)
    async with hub.db.write() as session:
        flows = hub.settings.auto_trigger_agents
        return await override(session, run_id, actor=OWNER, note=body.note, change=change, auto_trigger=flows)


@router.get(
    "/{run_id}/model-calls", summary="The calls of models that a run made", responses=listed(404),
    response_model=list[ModelCallOut],
)  # fmt: skip
async def list_model_calls(session: ReadSession, run_id: RunId, paging: CallPage) -> Sequence[ModelCall]:
    """In their order: which model answered, which failed or was refused, and with what sentence."""
    run = await one(session, Run, run_id, "run")
    return await page(session, sa.select(ModelCall).where(ModelCall.run_id == run.id), paging)


@router.post(
    "/{run_id}/kill", status_code=202, summary="Stop a run; its record stays", responses=documented(404, 409),
    response_model=RunOut,
)  # fmt: skip
async def kill(session: WriteSession, run_id: RunId) -> Run:
    return await kill_run(session, run_id, OWNER)


@router.get("/{run_id}/output", summary="What a run said, from a point on", responses=documented(404))
async def read_output(
    hub: Hub,
    session: ReadSession,
    run_id: RunId,
    step: Step = None,
    after: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> OutputOut:
    """Without `step` it is the newest step that has any output."""
    run = await one(session, Run, run_id, "run")
    steps, chosen, lines = await asyncio.to_thread(_read, hub.output, run, step, after, limit)
    last = int(lines[-1]["seq"]) if lines else after
    return OutputOut(run_id=run.id, step=chosen, steps=steps, events=lines, last_seq=last)


def _read(
    output: RunOutput, run: Run, step: str | None, after: int, limit: int
) -> tuple[list[str], str | None, list[dict[str, Any]]]:
    steps = sorted(output.steps(run.id), key=lambda name: output.path(run.id, name).stat().st_mtime)
    chosen = step or (steps[-1] if steps else None)
    return steps, chosen, list(output.read(run.id, chosen, after, limit)) if chosen else []


@router.get(
    "/{run_id}/sarif", summary="What a run found, as SARIF 2.1.0", responses=documented(404), response_model=SarifOut
)
async def read_sarif(session: ReadSession, run_id: RunId) -> dict[str, Any]:
    """The findings that it filed or opened again, for an editor or a code host. What stands on the base is told so."""
    await one(session, Run, run_id, "run")
    query = sa.select(Finding).where(Finding.run_id == run_id)
    rows: Sequence[Any] = (await session.scalars(query.order_by(Finding.id))).all()
    base = [row.fingerprint for row in rows if row.on_base]
    return as_sarif(rows, base=base, waived=[row.fingerprint for row in rows if row.state == FindingState.WAIVED])

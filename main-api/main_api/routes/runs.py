"""Runs over HTTP: what was tried, what it said, and the word to stop."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.schemas.run import OutputOut, RunOut
from main_api.schemas.shape import Id
from services.domain.states import RunState
from services.events.output import RunOutput
from services.store.models import Run
from services.tasks.control import kill_run

router = APIRouter(prefix="/runs", tags=["runs"])
SORTS = ("queued_at", "started_at", "finished_at", "stage", "state", "attempt", "cost")
RunPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="-queued_at"))]
Several = Annotated[list[str] | None, Query()]
Step = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


@router.get("", summary="List the runs, newest first", responses=listed(), response_model=list[RunOut])
async def list_runs(
    session: ReadSession,
    paging: RunPage,
    project_id: Id | None = None,
    task_id: Id | None = None,
    request_id: Id | None = None,
    state: Annotated[list[RunState] | None, Query()] = None,
    stage: Several = None,
    role: Several = None,
    result: Annotated[list[Literal["pass", "fail", "blocked"]] | None, Query()] = None,
) -> Sequence[Run]:
    query = where(
        sa.select(Run), Run,
        project_id=project_id, task_id=task_id, request_id=request_id, state=state, stage=stage, role=role,
        result=result,
    )  # fmt: skip
    return await page(session, query, paging)


@router.get("/{run_id}", summary="One run", responses=documented(404), response_model=RunOut)
async def read_run(session: ReadSession, run_id: str) -> Run:
    return await one(session, Run, run_id, "run")


@router.post(
    "/{run_id}/kill", status_code=202, summary="Stop a run; its record stays", responses=documented(404, 409),
    response_model=RunOut,
)  # fmt: skip
async def kill(session: WriteSession, run_id: str) -> Run:
    return await kill_run(session, run_id, OWNER)


@router.get("/{run_id}/output", summary="What a run said, from a point on", responses=documented(404))
async def read_output(
    hub: Hub,
    session: ReadSession,
    run_id: str,
    step: Step = None,
    after: Annotated[int, Query(ge=0)] = 0,
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

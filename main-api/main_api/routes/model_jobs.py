"""What is done with models besides asking them, over HTTP: fetched, measured, tried out."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.hub import HubParts
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import where
from main_api.schemas.model import JobKind, JobState, ModelJobIn, ModelJobOut
from main_api.schemas.shape import Id
from services.choices.model_jobs import get_job
from services.store.models import ModelJob

router = APIRouter(prefix="/model-jobs", tags=["models"])
JobPage = Annotated[Paging, Depends(sorted_by("id", "model", "finished_at", first="-id"))]


@router.get("", summary="What was done with models, newest first", responses=listed())
async def list_jobs(
    hub: Hub,
    session: ReadSession,
    paging: JobPage,
    model: Annotated[str | None, Query(max_length=200)] = None,
    kind: Annotated[list[JobKind] | None, Query()] = None,
    state: Annotated[list[JobState] | None, Query()] = None,
) -> list[ModelJobOut]:
    query = where(sa.select(ModelJob), ModelJob, kind=kind, state=state)
    if model is not None:
        query = query.where(ModelJob.model == model)
    return _shown(hub, await page(session, query, paging))


@router.post("", status_code=202, summary="Fetch, measure or try out a model", responses=documented(400, 404, 409))
async def post_job(hub: Hub, body: ModelJobIn) -> ModelJobOut:
    """`pull` fetches it by an Ollama of yours, and goes on where one before was cut off. `bench` measures it cold and
    warm, `probe` sees whether it calls tools, keeps to a schema and edits, and stores that. One is measured or tried
    out at a time, one fetched; the others wait."""
    options = {"runs": body.runs} if body.kind == "bench" else {}
    return _one(hub, await hub.model_jobs.ask_for(body.kind, body.model, options, actor=OWNER))


@router.get("/{job_id}", summary="One job with a model, and how far it is", responses=documented(404))
async def read_job(hub: Hub, session: ReadSession, job_id: Id) -> ModelJobOut:
    return _one(hub, await get_job(session, job_id))


@router.post("/{job_id}/cancel", summary="Do not go on with a job with a model", responses=documented(404))
async def cancel_job(hub: Hub, job_id: Id) -> ModelJobOut:
    """What was fetched is kept. One that is over stays as it is."""
    return _one(hub, await hub.model_jobs.cancel(job_id, actor=OWNER))


def _shown(hub: HubParts, rows: Sequence[ModelJob]) -> list[ModelJobOut]:
    return [_one(hub, row) for row in rows]


def _one(hub: HubParts, row: ModelJob) -> ModelJobOut:
    """With what it tells now, where it runs here."""
    out = ModelJobOut.model_validate(row)
    told = hub.model_jobs.progress.get(row.id)
    return out.model_copy(update={"progress": told}) if told and row.state == "running" else out

"""Fetching, measuring and trying out models: asked for, ended and told. main-api carries them out."""

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed, gone, made
from services.domain.errors import NotFound
from services.events import log
from services.models.errors import ModelBusy, ModelInUse
from services.store.models import ModelJob, Run
from services.store.types import now

Kind = Literal["pull", "bench", "probe"]
Ended = Literal["done", "failed", "cancelled", "interrupted"]
LIVE = ("queued", "running")
_VERBS = {"pull": "fetched", "bench": "measured", "probe": "tried out"}
STOPPED = "main-api was stopped meanwhile."
GO_ON = {
    "pull": "Ask for it again: what was fetched is kept, and it goes on there.",
    "bench": "Measure it again.",
    "probe": "Try it again.",
}


async def ask_for(
    session: AsyncSession, kind: Kind, model: str, options: dict[str, Any], *, actor: str, most: int
) -> ModelJob:
    """A job that waits for its turn. Raises ModelBusy where the same is done already, or `most` wait."""
    await log.lock(session)
    live = (await session.scalars(sa.select(ModelJob).where(ModelJob.state.in_(LIVE)))).all()
    if same := next((job for job in live if (job.kind, job.model) == (kind, model)), None):
        sentence = f"{model} is being {_VERBS[kind]} already."
        raise ModelBusy(sentence, "Wait for it, or cancel it first.", job_id=same.id)
    if len(live) >= most:
        raise ModelBusy(f"{len(live)} jobs with models wait or run: {most} are the most.", "Cancel one, or wait.")
    job = ModelJob(kind=kind, model=model, options=options, asked_by=actor)
    session.add(job)
    await session.flush()
    told = made(state="queued", **options)
    await log.append(session, "model_job.asked", actor=actor, job=job.id, what=kind, model=model, **told)
    return job


async def get_job(session: AsyncSession, job_id: int) -> ModelJob:
    """Raises NotFound."""
    job = await session.get(ModelJob, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id} with a model.", "List them with GET /model-jobs.")
    return job


async def begin(session: AsyncSession, job_id: int) -> bool:
    """Whether it is still wanted."""
    job = await get_job(session, job_id)
    if job.state != "queued":
        return False
    job.state, job.started_at = "running", now()
    return True


async def keep_progress(session: AsyncSession, job_id: int, progress: dict[str, Any]) -> None:
    job = await get_job(session, job_id)
    if job.state == "running":
        job.progress = progress


async def end(
    session: AsyncSession, job_id: int, state: Ended, *, actor: str, sentence: str = "", way_out: str = "",
    progress: dict[str, Any] | None = None, result: dict[str, Any] | None = None,
) -> ModelJob:  # fmt: skip
    """The first end counts; a second one changes nothing."""
    await log.lock(session)
    job = await get_job(session, job_id)
    if job.state not in LIVE:
        return job
    before, job.state, job.finished_at = job.state, state, now()
    job.sentence, job.way_out, job.result = sentence, way_out, result
    job.progress = job.progress if progress is None else progress
    told = {"job": job.id, "what": job.kind, "model": job.model, "sentence": sentence}
    await log.append(session, f"model_job.{state}", actor=actor, **told, **changed(state=(before, state)))
    return job


async def interrupt_all(session: AsyncSession) -> int:
    """At main-api's start: what an earlier one left. Answers how many."""
    ids = (await session.scalars(sa.select(ModelJob.id).where(ModelJob.state.in_(LIVE)))).all()
    for job_id in ids:
        job = await get_job(session, job_id)
        await end(session, job_id, "interrupted", actor="hub", sentence=STOPPED, way_out=GO_ON[job.kind])
    return len(ids)


async def check_unused(session: AsyncSession, model: str) -> None:
    """Raises ModelInUse while a run works with the model, or a job does."""
    live = sa.select(sa.func.count()).where(Run.state == "running", Run.model == model)
    if count := await session.scalar(live):
        runs = "A run works" if count == 1 else f"{count} runs work"
        raise ModelInUse(f"{runs} with {model} now.", "Wait for its end, or kill it; then remove the model.")
    jobs = sa.select(ModelJob.kind).where(ModelJob.state.in_(LIVE), ModelJob.model == model)
    if kind := await session.scalar(jobs.limit(1)):
        raise ModelInUse(f"{model} is being {_VERBS[kind]} now.", "Cancel that first.")


async def note_removed(session: AsyncSession, model: str, size: int, *, actor: str) -> None:
    await log.lock(session)
    await log.append(session, "model.removed", actor=actor, model=model, **gone(model=model, bytes=size))

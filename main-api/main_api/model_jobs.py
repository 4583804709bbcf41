"""Carries out what is asked of models besides answers: fetching, measuring, trying out. One of each sort at a time."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.gateway import Gateway
from main_api.pulling import pull
from main_api.settings import MainSettings
from main_api.thread import in_thread
from services.choices.model_jobs import GO_ON, STOPPED, Ended, Kind, ask_for, begin, end, interrupt_all, keep_progress
from services.choices.profiles import put_profile
from services.domain.errors import HubError, InvalidInput
from services.models import bench, probe
from services.models.catalogue import ModelServer
from services.models.errors import TokenizerUnusable
from services.models.fit import Card
from services.models.providers import Provider, resolve
from services.store.database import Database
from services.store.models import ModelJob

T = TypeVar("T")
log = structlog.get_logger(__name__)
KEEP_SECONDS = 3.0  # how often progress goes to the database: after a crash it tells how far it got


class Cancelled(Exception):
    """A person does not want it any more."""


class ModelJobs:
    """`progress` holds what those that run now tell, by id. Fetching goes on beside measuring; of each sort one runs,
    the others wait in their order."""

    def __init__(self, settings: MainSettings, db: Database, gateway: Gateway) -> None:
        self._settings, self._db, self._gateway = settings, db, gateway
        self._lanes = {"pull": asyncio.Lock(), "bench": (measuring := asyncio.Lock()), "probe": measuring}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._threads: dict[int, asyncio.Future[Any]] = {}
        self.progress: dict[int, dict[str, Any]] = {}

    async def start(self) -> None:
        async with self._db.write() as session:
            if left := await interrupt_all(session):
                log.info("model_jobs.interrupted", jobs=left)

    async def stop(self) -> None:
        running = dict(self._tasks)
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
        if running:
            async with self._db.write() as session:
                for job_id in running:
                    job = await end(session, job_id, "interrupted", actor="hub", sentence=STOPPED)
                    if job.state == "interrupted":
                        job.way_out = GO_ON[job.kind]

    async def ask_for(self, kind: Kind, model: str, options: dict[str, Any], *, actor: str) -> ModelJob:
        """Raises ModelMissing, ModelOffline, InvalidInput, ModelBusy."""
        provider, own = resolve(self._gateway.providers, model)
        _check(kind, provider, model)
        most = self._settings.model_jobs_max
        async with self._db.write() as session:
            job = await ask_for(session, kind, model, options, actor=actor, most=most)
        self._begin(job, provider, own)
        return job

    async def cancel(self, job_id: int, *, actor: str) -> ModelJob:
        """At once; a question that a model is answering is not waited for. One that is over stays as it was."""
        progress = self.progress.get(job_id)
        async with self._db.write() as session:
            job = await end(
                session, job_id, "cancelled", actor=actor, sentence="Cancelled.", progress=progress,
            )  # fmt: skip
            if job.state == "cancelled":
                job.way_out = GO_ON[job.kind]
        if (task := self._tasks.get(job_id)) is not None:
            task.cancel()
        return job

    def _begin(self, job: ModelJob, provider: Provider, own: str) -> None:
        task = asyncio.create_task(
            self._carry(job.id, job.kind, provider, own, job.options), name=f"model-job-{job.id}"
        )
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._forget(job.id))

    def _forget(self, job_id: int) -> None:
        self._tasks.pop(job_id, None)
        self.progress.pop(job_id, None)

    async def _carry(self, job_id: int, kind: str, provider: Provider, own: str, options: dict[str, Any]) -> None:
        lane = self._lanes[kind]
        await lane.acquire()
        try:
            async with self._db.write() as session:
                if not await begin(session, job_id):
                    return
            self.progress[job_id] = {}
            await self._carry_out(job_id, kind, provider, own, options)
        finally:
            thread = self._threads.pop(job_id, None)
            if thread is None or thread.done():
                lane.release()
            else:  # of a cancelled one: the model still answers its last question
                thread.add_done_callback(lambda done: (done.exception(), lane.release()))

    async def _carry_out(self, job_id: int, kind: str, provider: Provider, own: str, options: dict[str, Any]) -> None:
        stopping, keeping = threading.Event(), asyncio.create_task(self._keep(job_id))
        try:
            if kind == "pull":
                await pull(self._gateway, provider, own, lambda told: self.progress.update({job_id: told}))
                await self._end(job_id, "done", f"{provider.name}/{own} is there.")
            else:
                await self._measure(job_id, kind, provider, own, options, stopping)
        except HubError as error:
            await self._end(job_id, "failed", error.sentence, error.way_out)
        except Exception as error:
            log.exception("model_job.failed", job=job_id)
            await self._end(job_id, "failed", f"It failed: {type(error).__name__}.", "Look at main-api's log.")
        finally:
            stopping.set()
            keeping.cancel()

    async def _in_thread(self, job_id: int, work: Callable[[], T]) -> T:
        self._threads[job_id] = thread = asyncio.ensure_future(in_thread(work, f"model-job-{job_id}"))
        return await asyncio.shield(thread)

    async def _measure(
        self, job_id: int, kind: str, provider: Provider, own: str, options: dict[str, Any], stopping: threading.Event
    ) -> None:
        name, began = f"{provider.name}/{own}", time.monotonic()

        def say(words: str) -> None:
            if stopping.is_set():
                raise Cancelled
            self.progress[job_id] = {"words": words, "seconds": round(time.monotonic() - began, 1)}

        if kind == "bench":
            context = (await self._gateway.known.profile(name)).context_tokens
            runs = int(options.get("runs") or 3)
            found = await self._in_thread(job_id, lambda: _bench(provider, own, context, runs, say))
            speed = found["warm"]["answer_per_second"]
            await self._end(job_id, "done", f"{name} writes {speed:g} tokens a second.", result=found)
            return
        folder, card = self._gateway.tokenizers, self._gateway.card
        probed, tokenizer = await self._in_thread(job_id, lambda: _probe(provider, own, card, folder, say))
        async with self._db.write() as session:
            await put_profile(session, name, probed.fields, "probe", actor="person")
        self._gateway.known.forget()
        edits = [one for one, worked in probed.edits.items() if worked]
        sentence = f"It edits in {', '.join(edits)}." if edits else "No edit worked: it is not fit to write code."
        result = asdict(probed) | {"fields": probed.fields.told, "tokenizer": tokenizer}
        await self._end(job_id, "done", sentence, result=result)

    async def _end(
        self, job_id: int, state: Ended, sentence: str, way_out: str = "", result: dict[str, Any] | None = None
    ) -> None:
        progress = self.progress.get(job_id)
        async with self._db.write() as session:
            await end(
                session, job_id, state, actor="hub", sentence=sentence, way_out=way_out, progress=progress,
                result=result,
            )  # fmt: skip

    async def _keep(self, job_id: int) -> None:
        kept: dict[str, Any] = {}
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            told = self.progress.get(job_id, {})
            if told != kept:
                kept = told
                try:
                    async with self._db.write() as session:
                        await keep_progress(session, job_id, told)
                except (SQLAlchemyError, OSError) as error:
                    log.warning("model_job.progress_not_kept", job=job_id, error=str(error)[:300])


def _check(kind: Kind, provider: Provider, model: str) -> None:
    if kind == "pull" and (not provider.speaks("ollama") or provider.name == "scripted"):
        raise InvalidInput(f"{provider.name} fetches no models.", "Name one of Ollama's: ollama/<name>.")
    if not provider.own:
        raise InvalidInput(
            f"{model} runs elsewhere: its answers would cost money past the budgets.",
            f"Try it from a terminal: wf models {kind} {model}.",
        )


def _bench(provider: Provider, own: str, context: int, runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    with ModelServer(provider, probe.SECONDS) as server:
        return asdict(bench.measure(server, own, context, runs, say))


def _probe(
    provider: Provider, own: str, card: Card, folder: Any, say: Callable[[str], None]
) -> tuple[probe.Probed, str]:
    """What was seen, and what became of its tokenizer, in a sentence."""
    with ModelServer(provider, probe.SECONDS) as server:
        found = probe.probe(server, own, card, say)
        if not server.is_ollama or folder is None:
            return found, ""
        say("Is its tokenizer told?")
        try:
            probe.keep_tokenizer(server, own, folder)
        except (TokenizerUnusable, OSError) as error:
            return found, str(error)
        return found, "Its own tokenizer counts its tokens."

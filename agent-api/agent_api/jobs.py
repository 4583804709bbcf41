"""JobBoard: all jobs of this agent-api, running here or lying on disk."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from agent_api.errors import AgentFull, BadJob, JobNotFound
from agent_api.executors import Registry
from agent_api.feedback import FeedbackFile
from agent_api.job_files import JobFiles
from agent_api.job_run import JobRun
from agent_api.job_shelf import JobShelf
from agent_api.settings import AgentSettings
from services.contract.agent_standing import JobNow
from services.contract.feedback import Feedback, FeedbackTaken
from services.contract.run_result import JobState
from services.contract.run_spec import RunSpec

log = structlog.get_logger(__name__)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_READ = 65536
_SWEEP_SECONDS, SECONDS_A_DAY = 3600, 86_400


class JobBoard:
    """Starts, follows and ends jobs by (run id, step). Use from one event loop."""

    def __init__(self, settings: AgentSettings, registry: Registry | None = None) -> None:
        self._settings = settings
        self._registry = registry or Registry(settings)
        self._running: dict[tuple[str, str], JobRun] = {}
        self._shelf = JobShelf(
            settings.jobs_dir, settings.agent_jobs_bytes, settings.agent_keep_jobs_days * SECONDS_A_DAY
        )

    def recover(self) -> int:
        """At start: end process groups of an earlier life and drop old jobs; answers how many were interrupted."""
        self._settings.jobs_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        interrupted = 0
        for folder in self._settings.jobs_dir.glob("*/*"):
            files = JobFiles(folder)
            files.end_groups()
            files.clear_scratch()
            interrupted += not (folder / "result.json").exists()
            self._shelf.put((folder.parent.name, folder.name))
        self._shelf.sweep()
        if interrupted:
            log.info("jobs were interrupted", count=interrupted)
        return interrupted

    def start(self, run_id: str, step: str, spec: RunSpec) -> JobState:
        """Start the job, or answer how it stands when it was started before; an interrupted or lost one starts again,
        and one whose end the spec knows of.

        Nothing here waits, so two calls at once cannot both start it. Raises AgentFull, AgentDiskFull, BadJob.
        """
        if (spec.run_id, spec.step) != (run_id, step):
            raise BadJob(f"The spec is of {spec.run_id}/{spec.step}, but was sent to {run_id}/{step}.")
        files = self._files(run_id, step)
        if (run_id, step) not in self._running and _may_start(files, spec):
            if len(self._running) >= self._settings.agent_capacity:
                raise AgentFull(
                    f"This agent already runs {len(self._running)} jobs, as many as it has capacity for.",
                    "Try again when one has ended, or raise AGENT_CAPACITY.",
                )
            self._shelf.make_room(sum(run.size for run in self._running.values()))
            self._shelf.take((run_id, step))
            run = JobRun(files.begin(spec), files, self._settings, self._registry)
            self._running[run_id, step] = run
            run.on_done(lambda: self._ended((run_id, step)))
        return self.state(run_id, step)

    def state(self, run_id: str, step: str) -> JobState:
        """How the job stands: finished when nothing of it goes on, so that what is asked of it then is not lost.

        Raises JobNotFound.
        """
        files = self._files(run_id, step)
        started = files.started()
        if started is None:
            raise JobNotFound(f"There is no job {run_id}/{step} on this agent.")
        run = self._running.get((run_id, step))
        result = None if run else files.result()
        return JobState(
            run_id=run_id,
            step=step,
            state="running" if run else "finished" if result else "interrupted",
            incarnation=started.incarnation,
            last_seq=run.last_seq if run else files.last_seq(),
            started_at=started.started_at,
            result=result,
            held=run.held if run else None,
        )

    async def cancel(self, run_id: str, step: str) -> JobState:
        """End the job's processes, then answer how it stands; one that has ended stays as it is."""
        run = self._running.get((run_id, step))
        if run is not None:
            await run.stop("cancelled")
        return self.state(run_id, step)

    def tell(self, run_id: str, step: str, said: Feedback) -> FeedbackTaken:
        """A person's words for the job: it hears them before its next step, once, also when it is interrupted and done
        again. Raises JobNotFound."""
        standing = self.state(run_id, step)
        run = self._running.get((run_id, step))
        if run is None and standing.state == "finished":
            return FeedbackTaken(state="over")
        feedback = run.feedback if run is not None else FeedbackFile(self._files(run_id, step).feedback)
        return FeedbackTaken(state="heard" if feedback.add(said) else "waiting")

    async def pause(self, run_id: str, step: str) -> JobState:
        """Make the job stand still, and answer how; one that has ended stays as it is. Twice is once."""
        run = self._running.get((run_id, step))
        if run is not None:
            await run.pause()
        return self.state(run_id, step)

    def resume(self, run_id: str, step: str) -> JobState:
        """Let the job go on where it stood. Twice is once."""
        run = self._running.get((run_id, step))
        if run is not None:
            run.resume()
        return self.state(run_id, step)

    async def interrupt(self, run_id: str, step: str) -> None:
        """End the job's processes without a result: the same PUT goes on with it."""
        run = self._running.get((run_id, step))
        if run is not None:
            await run.stop("shutdown")

    def spec(self, run_id: str, step: str) -> RunSpec:
        """What the job was started with, as it is kept: without secrets. Raises JobNotFound."""
        started = self._files(run_id, step).started()
        if started is None:
            raise JobNotFound(f"There is no job {run_id}/{step} on this agent.")
        return started.spec

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[bytes]:
        """Event lines numbered above `after`: those on disk, then new ones until the job ends. Raises JobNotFound.

        Every reader reads the file at its own pace, so a slow one holds no memory.
        """
        self.state(run_id, step)
        files = self._files(run_id, step)
        position, skipped = 0, 0
        while True:
            run = self._running.get((run_id, step))
            news = run.news() if run is not None else None
            while lines := _whole_lines(files.events, position):
                position += len(lines)
                if skipped < after:
                    wanted = lines.splitlines(keepends=True)[after - skipped :]
                    skipped += lines.count(b"\n")
                    lines = b"".join(wanted)
                if lines:
                    yield lines
                await asyncio.sleep(0)
            if news is None:
                return
            await news.wait()

    def artifact(self, run_id: str, step: str, sha256: str) -> Path:
        """The file of an artifact. Raises JobNotFound, ArtifactNotFound."""
        self.state(run_id, step)
        return self._files(run_id, step).artifact(sha256)

    @property
    def running(self) -> int:
        return len(self._running)

    def jobs_now(self) -> tuple[JobNow, ...]:
        """Those that run, the longest first."""
        jobs = [_job_now(run) for run in self._running.values()]
        return tuple(sorted(jobs, key=lambda job: job.started_at))

    async def keep_swept(self) -> None:
        """Sweep old jobs once an hour, for as long as the process lives."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self._shelf.sweep()

    async def close(self) -> None:
        """At shutdown: stop all jobs without a result, so that they are interrupted and can be started again."""
        await asyncio.gather(*(run.stop("shutdown") for run in list(self._running.values())))
        await self._registry.close()

    def _ended(self, name: tuple[str, str]) -> None:
        self._running.pop(name, None)
        self._shelf.put(name)

    def _files(self, run_id: str, step: str) -> JobFiles:
        if not _ID.fullmatch(run_id) or not _ID.fullmatch(step):
            raise JobNotFound("A job is named by a run id and a step of letters, digits, - and _.")
        return JobFiles(self._settings.jobs_dir / run_id / step)


def _job_now(run: JobRun) -> JobNow:
    spec = run.started.spec
    return JobNow(
        run_id=spec.run_id, step=spec.step, executor=spec.settings.executor, task_key=spec.task_key,
        model=spec.model.model if spec.model else None, started_at=run.started.started_at, held=run.held,
    )  # fmt: skip


def _may_start(files: JobFiles, spec: RunSpec) -> bool:
    """A job that never ran, was interrupted, was lost to infrastructure, or ended in a way that its caller knows and
    has mended since: the same PUT does it (again)."""
    result, started = files.result(), files.started()
    if result is None or started is None or result.outcome == "lost":
        return True
    return started.incarnation <= spec.after_incarnation


def _whole_lines(path: Path, position: int) -> bytes:
    """Whole lines from `position` on, 64 KiB or one line at most; empty at the end of the file."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        file.seek(position)
        chunk = file.read(_READ)
        if b"\n" not in chunk:
            chunk += file.readline()
    return chunk[: chunk.rfind(b"\n") + 1]

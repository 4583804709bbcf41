"""One incarnation of a job in this process: the executor, its events, its watchdog and its result."""

import asyncio
import errno
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from agent_api.cage.host import choose, probe
from agent_api.cage.policy import ResolvedCage, resolve_cage
from agent_api.errors import BadJob, CageUnavailable, StepFailed, StepLost
from agent_api.executors import Job, Registry
from agent_api.feedback import FeedbackFile
from agent_api.hold import Held, Hold, holding
from agent_api.job_files import JobFiles, Started, is_folder
from agent_api.job_secrets import known_secrets
from agent_api.job_shelf import size_of
from agent_api.job_stop import Stop, stopped
from agent_api.progress import Progress, files_of
from agent_api.reports.agents_reports import NAMES, AgentsReports
from agent_api.reports.left_files import LeftFiles
from agent_api.settings import AgentSettings
from services.contract.run_event import EventKind, RunEvent
from services.contract.run_result import Artifact, RunResult, without_secrets
from services.domain.errors import HubError
from services.domain.proof_kinds import ProofKind
from services.points import Point, reached
from services.redaction import KNOWN

log = structlog.get_logger(__name__)

WRITTEN_BY = frozenset({"aider", "tools", "command"})  # executors that a model's work comes out of
_LONGEST_TEXT = 32_768
_WEIGH_SECONDS = 2.0
_SAY_AT = 0.5  # of the stall limit: then it is said that nothing moves


class JobRun:
    """Carries one incarnation out. `news` wakes whoever follows the events."""

    def __init__(self, started: Started, files: JobFiles, settings: AgentSettings, registry: Registry) -> None:
        self.started = started
        self.files = files
        self._settings = settings
        self._registry = registry
        self._seq = files.last_seq()
        self._artifacts: dict[tuple[str, str], Artifact] = {}
        self._progress = Progress()
        self.feedback = FeedbackFile(files.feedback)
        self._files: int | None = None  # while nothing moves: what the worktree held when that was said,
        self._ends = 0.0  # and when it is stopped for that, on the monotonic clock
        self._stop: Stop | None = None
        self._stall_seconds = started.spec.limits.stall_seconds
        self._cage = "none"
        self._hold = Hold()
        self.size = 0  # bytes on disk, when they were last looked at
        self._news = asyncio.Event()
        self._when_done: list[Callable[[], object]] = [known_secrets(started.spec).close]
        spec = started.spec
        with (
            holding(self._hold),
            structlog.contextvars.bound_contextvars(run_id=spec.run_id, step=spec.step, task=spec.task_key),
        ):
            self._work = asyncio.create_task(self._work_through())
            self._task = asyncio.create_task(self._carry_out(), name=f"job {spec.run_id}/{spec.step}")

    @property
    def last_seq(self) -> int:
        return self._seq

    def news(self) -> asyncio.Event:
        """Set at the next event, or when the job is done. Take it before reading the file, then nothing is missed."""
        return self._news

    def on_done(self, call: Callable[[], object]) -> None:
        """Call this once the job is done, before anyone who waits for news goes on."""
        self._when_done.append(call)

    async def stop(self, why: Stop) -> None:
        """End the executor with all its processes, and wait until the result is written (`shutdown` writes none)."""
        if not self._task.done():
            self._stop = self._stop or why
            self._work.cancel()
            self._hold.kill()
        await asyncio.wait([self._task])

    @property
    def held(self) -> Held | None:
        """Whether and how it stands still by a person's word."""
        return self._hold.how

    async def pause(self) -> None:
        """Stops its processes; a loop ends the turn it is in and begins no other. Its time does not count."""
        if not self._task.done() and self._stop is None:
            first = self._hold.how is None
            await self._hold.begin()
            if first:
                self.emit("notice", "Paused.", paused=self._hold.how)

    def resume(self) -> None:
        """It goes on where it stood."""
        if self._hold.how is not None:
            self._hold.end()
            self._progress.begin()
            self._files = None
            self.emit("notice", "It goes on.", paused=None)

    def emit(self, kind: EventKind, text: str = "", **data: Any) -> None:
        if self._progress.take(kind, text, data) and self._files is not None:
            self._goes_on()
        self._seq += 1
        text = KNOWN(text)[:_LONGEST_TEXT]  # in this order: what is cut in two is not known any more
        self.files.append(RunEvent(seq=self._seq, at=datetime.now(UTC), kind=kind, text=text, data=KNOWN.value(data)))
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _keep(self, name: str, kind: ProofKind, content: bytes, media_type: str) -> Artifact:
        content = KNOWN.file(content, media_type)
        artifact = self.files.keep(name, kind, content, media_type)
        self._artifacts[name, artifact.sha256] = artifact
        return artifact

    async def _carry_out(self) -> None:
        try:
            await self._watch()
            result = await self._outcome()
            if result is not None:
                result = self._completed(result)
                await reached(Point.JOB_WORKED, self.started.spec.step)
                self.files.finish(result)
                await reached(Point.JOB_WRITTEN, self.started.spec.step)
                self.emit("finished", result.sentence, outcome=result.outcome, reason=result.reason)
        except OSError:
            # Without a result the job is interrupted: the same PUT starts it again once the disk takes writes.
            log.exception("the job's result could not be written", job=str(self.files.folder))
        finally:
            await asyncio.to_thread(self.files.clear_scratch)
            for call in self._when_done:
                call()
            self._news.set()

    async def _work_through(self) -> RunResult:
        # The first lines are ours; an error in them ends the job like one of the executor's.
        spec = self.started.spec
        self.emit("started", incarnation=self.started.incarnation, executor=spec.settings.executor)
        if not await asyncio.to_thread(is_folder, Path(spec.worktree)):
            raise BadJob(f"The worktree {spec.worktree} is not a folder on this machine.")
        self.files.clear_scratch()
        self.files.scratch.mkdir(mode=0o700)
        cage = self._resolve()
        self._cage = cage.backend
        job = Job(
            spec=spec,
            incarnation=self.started.incarnation,
            settings=self._settings,
            scratch=self.files.scratch,
            cage=cage,
            emit=self.emit,
            keep=self._keep,
            own_group=self._own,
            executor=self._registry.ready,
            steps=self.files.folder / "steps.jsonl",
            feedback=self.feedback,
        )
        executor = await self._registry.ready(spec.settings.executor)
        await reached(Point.JOB_BEGUN, spec.step)
        if spec.settings.executor not in WRITTEN_BY:
            return await executor.run(job)
        reports = await asyncio.to_thread(lambda: AgentsReports(LeftFiles(Path(spec.worktree), NAMES)))
        return await self._with_reports(await executor.run(job), reports)

    def _own(self, pid: int) -> None:
        self.files.own_group(pid)
        self._hold.watch(pid, itself=True)

    async def _with_reports(self, result: RunResult, reports: AgentsReports) -> RunResult:
        """What agents wrote of their own work is kept, and its findings count beside what was measured."""
        files, findings, notes = await asyncio.to_thread(reports.take)
        for name, content in files:
            self._keep(name, "report", content, "application/json")
        if not findings and not notes:
            return result
        told = {"findings": (*result.findings, *findings), "notes": (*result.notes, *notes)}
        return result.model_copy(update=told)

    def _resolve(self) -> ResolvedCage:
        spec, settings, host = self.started.spec, self._settings, probe()
        wanted = settings.cage_backend if spec.cage.backend == "auto" else spec.cage.backend
        return resolve_cage(
            backend=choose(wanted, host, allow_none=settings.cage_allow_none),
            tmp=self.files.scratch,
            worktree=Path(spec.worktree),
            git_dir=Path(spec.git_dir) if spec.git_dir else None,
            network=spec.cage.network,
            read_only=[*settings.shared_read_only, *spec.cage.read_only],
            read_write=spec.cage.read_write,
            host=host,
            niceness=settings.agent_niceness,
            readable_secrets=spec.cage.readable_secrets,
        )

    async def _watch(self) -> None:
        """Wait for the executor; stop it at the time limit, or when nothing has moved for the stall limit. Half-way to
        that it is said."""
        limits = self.started.spec.limits
        deadline = self._hold.now() + limits.run_seconds
        self._progress.begin()
        while not self._work.done():
            left = min(deadline - self._hold.now(), self._silent_until() - time.monotonic(), _WEIGH_SECONDS)
            if self._hold.how is not None:
                left = _WEIGH_SECONDS
            await asyncio.wait([self._work], timeout=max(0.0, left))
            if not self._work.done():
                self.size = await asyncio.to_thread(size_of, self.files.folder)
            now = time.monotonic()
            if self._work.done() or self._stop is not None or self._hold.how is not None:
                continue
            if self.size > self._settings.agent_job_bytes:
                self._stop = "disk_limit"
            elif self._hold.now() >= deadline:
                self._stop = "time_limit"
            elif now >= self._silent_until():
                await (self._say_that_nothing_moves() if self._files is None else self._stall())
            if self._stop is not None:
                self._work.cancel()
                await asyncio.wait([self._work])

    def _silent_until(self) -> float:
        """When it is said that nothing moves; once that is said, when it is stopped for it."""
        return self._ends if self._files is not None else self._progress.at + self._stall_seconds * _SAY_AT

    async def _say_that_nothing_moves(self) -> None:
        self._files = await self._worktree()
        since, now = self._progress.since, time.monotonic()
        # Where this comes late, on a busy machine, what is silent still gets its second half to change a file in.
        self._ends = max(self._progress.at + self._stall_seconds, now + self._stall_seconds * (1 - _SAY_AT))
        ends = datetime.now(UTC) + timedelta(seconds=self._ends - now)
        told = f"Nothing has moved since {since:%H:%M:%S} UTC. If that lasts, it is stopped at {ends:%H:%M:%S}."
        self.emit("notice", told, stalled_since=since.isoformat(), ends_at=ends.isoformat())

    async def _stall(self) -> None:
        """The time is over, unless files changed meanwhile: a compiler says nothing for long."""
        before, self._files = self._files, None
        if await self._worktree() != before:
            self._progress.begin()
            self._progress.last = "changed files"
            self._goes_on()
        elif self._hold.how is None:  # nobody paused it just now
            self._stop = "stall"

    def _goes_on(self) -> None:
        self._files = None
        self.emit("notice", "It moves again.", goes_on=True)

    async def _worktree(self) -> int:
        return await asyncio.to_thread(files_of, Path(self.started.spec.worktree))

    async def _outcome(self) -> RunResult | None:
        """The executor's end as a RunResult; None at shutdown, when the job is to be done again."""
        limits = self.started.spec.limits
        try:
            return await self._work
        except asyncio.CancelledError:
            return stopped(self._stop, limits, self.size, self._progress)
        except StepLost as lost:
            return RunResult(outcome="lost", reason=lost.reason, sentence=str(lost))
        except StepFailed as failed:
            return RunResult(outcome="failed", reason=failed.reason, sentence=str(failed))
        except HubError as refused:
            reason = "cage_unavailable" if isinstance(refused, CageUnavailable) else "bad_spec"
            return RunResult(outcome="failed", reason=reason, sentence=str(refused))
        except Exception as error:  # noqa: BLE001  # any fault of an executor must end its job with a result
            return self._crashed(error)

    def _crashed(self, error: Exception) -> RunResult:
        log.error("an executor crashed", job=str(self.files.folder), exc_info=error)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            sentence = "The disk is full. Free some space, then retry."
            return RunResult(outcome="lost", reason="crashed", sentence=sentence)
        trace = "".join(traceback.format_exception(error))
        self._keep("crash.txt", "log", trace.encode(), "text/plain")
        told = f"The {self.started.spec.settings.executor} executor crashed: {type(error).__name__}: {error}."
        sentence = f"{told} Its traceback is kept as crash.txt."
        return RunResult(outcome="failed", reason="crashed", sentence=sentence)

    def _completed(self, result: RunResult) -> RunResult:
        return without_secrets(result).model_copy(
            update={
                "incarnation": self.started.incarnation,
                "cage": result.cage if "cage" in result.model_fields_set else self._cage,
                "artifacts": tuple(self._artifacts.values()),
                "started_at": self.started.started_at,
                "finished_at": datetime.now(UTC),
            }
        )

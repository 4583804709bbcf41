"""The command executor: a project's own command in the cage, judged by its exit code and its JUnit report."""

from dataclasses import replace
from pathlib import Path

from agent_api.cage.policy import CageLimits
from agent_api.cage.run import Completed, run_caged
from agent_api.confine import Workspace
from agent_api.errors import SECRETS_WAY_OUT, StepFailed, ToolRefused
from agent_api.executors import Job, environment, junit
from agent_api.executors.output_events import OutputEvents
from agent_api.settings import AgentSettings
from services.contract.run_result import RunResult, TestReport
from services.contract.run_spec import CommandSettings

# Python takes a file for unchanged when its size and its second are the same: two edits in one second often are.
UNSTALE = {"PYTHONDONTWRITEBYTECODE": "1"}


class CommandExecutor:
    """Holds nothing between jobs: environments lie on disk."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings

    async def run(self, job: Job) -> RunResult:
        """Build the environment if need be, run the command, read its report. A failing command is `completed`."""
        settings = job.spec.settings
        if not isinstance(settings, CommandSettings):
            raise StepFailed("bad_spec", "A command step needs command settings.")
        env_folder = await environment.prepare(job, settings)
        if settings.junit:
            with Workspace(job.worktree) as inside:
                inside.remove_file(settings.junit)  # an old report must not count
        done = await self._command(job, settings, env_folder)
        job.keep(f"{settings.name}.log", "log", done.output, "text/plain")
        if done.covered:
            job.emit("notice", f"Hidden from the command: {', '.join(done.covered[:10])}. {SECRETS_WAY_OUT}")
        for path in done.tampered:
            job.emit("notice", f"The command changed {path}; that was put back.")
        if done.stopped_by in ("time_limit", "output_limit"):
            raise StepFailed(done.stopped_by, f"The command was stopped at its {done.stopped_by.replace('_', ' ')}.")
        tests = self._report(job, settings)
        return RunResult(
            outcome="completed", exit_code=done.exit_code, tests=tests, sentence=_sentence(settings, done, tests)
        )

    async def close(self) -> None:
        return

    async def _command(self, job: Job, settings: CommandSettings, folder: Path | None) -> Completed:
        limits = job.spec.limits
        output = OutputEvents(job.emit, limits.output_bytes, source=settings.name)
        shown = () if folder is None else (folder,)
        done = await run_caged(
            ["bash", "-c", settings.command],
            cwd=job.worktree,
            cage=replace(job.cage, read_only=(*job.cage.read_only, *shown)),
            limits=CageLimits(
                seconds=limits.run_seconds,
                output_bytes=limits.output_bytes,
                memory_bytes=limits.memory_bytes,
                file_bytes=limits.file_bytes,
                processes=limits.processes,
            ),
            env=UNSTALE | ({"WFHUB_ENV": str(folder)} if folder else {}),
            path_first=(*(path / "bin" for path in shown), environment.tools_path(job.scratch)),
            path_last=(environment.python_path(),),
            on_output=output,
            on_spawn=job.own_group,
        )
        output.flush()
        return done

    def _report(self, job: Job, settings: CommandSettings) -> TestReport | None:
        """The parsed report, kept as it was; None when the command left none, or none that can be believed."""
        if not settings.junit:
            return None
        with Workspace(job.worktree) as inside:
            try:
                content, size = inside.read_bytes(settings.junit, junit.LARGEST_BYTES)
            except ToolRefused:
                job.emit("notice", f"The command left no test report at {settings.junit}.")
                return None
            inside.remove_file(settings.junit)  # it is a proof, not a part of the change
        job.keep("junit.xml", "test_result", content, "application/xml")
        try:
            if size > junit.LARGEST_BYTES:
                raise junit.BadReport(f"it is larger than {junit.LARGEST_BYTES} bytes")
            tests = junit.parse(content)
        except junit.BadReport as bad:
            job.emit("notice", f"The test report does not count: {bad}.")
            return None
        counts = {"passed": tests.passed, "failed": tests.failed, "errors": tests.errors, "skipped": tests.skipped}
        job.emit("tests", f"{tests.passed} passed, {tests.failed + tests.errors} failed", **counts)
        return tests


def _sentence(settings: CommandSettings, done: Completed, tests: TestReport | None) -> str:
    if done.stopped_by:
        return f"{settings.name} was stopped: it used more {done.stopped_by} than its limit."
    counted = f" {tests.passed} tests passed, {tests.failed + tests.errors} failed." if tests else ""
    return f"{settings.name} ended with exit code {done.exit_code}.{counted}"

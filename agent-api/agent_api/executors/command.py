"""The command executor: a project's own command in the cage, judged by its exit code and its JUnit report."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent_api.cage.hosts_proxy import way_out
from agent_api.cage.policy import CageLimits
from agent_api.cage.run import Completed, run_caged
from agent_api.errors import SECRETS_WAY_OUT, StepFailed
from agent_api.executors import Job, compiled, environment
from agent_api.executors.output_events import OutputEvents
from agent_api.reports import deploy_facts
from agent_api.reports.bad_report import BadReport
from agent_api.reports.gather import Reports
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
        if settings.facts:
            _check_grants(job)
        env_folder = await environment.prepare(job, settings)
        reports = await asyncio.to_thread(Reports, job, settings)
        done = await self._command(job, settings, env_folder)
        job.keep(f"{settings.name}.log", "log", done.output, "text/plain")
        if done.covered:
            job.emit("notice", f"Hidden from the command: {', '.join(done.covered[:10])}. {SECRETS_WAY_OUT}")
        for path in done.tampered:
            job.emit("notice", f"The command changed {path}; that was put back.")
        if done.stopped_by in ("time_limit", "output_limit"):
            raise StepFailed(done.stopped_by, f"The command was stopped at its {done.stopped_by.replace('_', ' ')}.")
        found = await asyncio.to_thread(reports.fields, done.output)
        reports.tell()
        sentence = _sentence(settings, done, found["tests"])
        if settings.facts:
            found |= await asyncio.to_thread(_told_of_deploy, job, found["notes"])
        return RunResult(outcome="completed", exit_code=done.exit_code, sentence=sentence, **found)

    async def close(self) -> None:
        return

    async def _command(self, job: Job, settings: CommandSettings, folder: Path | None) -> Completed:
        limits = job.spec.limits
        output = OutputEvents(job.emit, limits.output_bytes, source=settings.name)
        heard = bytearray()

        def hear(chunk: bytes) -> None:
            heard.extend(chunk[: max(0, limits.output_bytes - len(heard))])
            output(chunk)

        shown = () if folder is None else (folder,)
        cage = replace(job.cage, read_only=(*job.cage.read_only, *shown))
        try:
            async with way_out(cage, settings.hosts, lambda sentence: job.emit("notice", sentence)) as way:
                done = await run_caged(
                    [*way.before, "bash", "-c", settings.command],
                    cwd=job.worktree,
                    cage=way.cage,
                    limits=CageLimits(
                        seconds=limits.run_seconds,
                        output_bytes=limits.output_bytes,
                        memory_bytes=limits.memory_bytes,
                        file_bytes=limits.file_bytes,
                        processes=limits.processes,
                    ),
                    env=_variables(job, settings, folder) | way.env,
                    path_first=(*(path / "bin" for path in shown), environment.tools_path(job.scratch)),
                    path_last=(environment.python_path(),),
                    on_output=hear,
                    on_spawn=job.own_group,
                )
        except asyncio.CancelledError:  # for want of progress, at its time limit, or by a person's word
            output.flush()
            job.keep(f"{settings.name}.log", "log", bytes(heard), "text/plain")
            raise
        output.flush()
        return done


def _check_grants(job: Job) -> None:
    """A folder that was granted and is not there would be left out of the cage without a word."""
    for path in job.spec.cage.read_write:
        if not Path(path).exists():
            raise StepFailed(
                "grant_missing", f"The folder {path}, which was granted, is not there on the agent's machine.",
                "Make it, or take it out of the project's grants.",
            )  # fmt: skip


def _variables(job: Job, settings: CommandSettings, folder: Path | None) -> dict[str, str]:
    """What the command is told beside the clean environment: of its setup, by its owner, and its secrets."""
    told = {"WFHUB_DEPLOY_JSON": str(job.scratch / deploy_facts.FILE)} if settings.facts else {}
    own = {name: secret.get_secret_value() for name, secret in settings.secrets.items()}
    return UNSTALE | ({"WFHUB_ENV": str(folder)} if folder else {}) | compiled.where(folder) | settings.env | own | told


def _told_of_deploy(job: Job, notes: tuple[str, ...]) -> dict[str, Any]:
    try:
        told, content = deploy_facts.read(job.scratch)
    except BadReport as bad:
        return {"notes": (*notes, f"What the command left in $WFHUB_DEPLOY_JSON does not count: {bad}.")}
    if content is not None:
        job.keep(deploy_facts.FILE, "report", content, "application/json")
    return {"answer": told}


def _sentence(settings: CommandSettings, done: Completed, tests: TestReport | None) -> str:
    if done.stopped_by:
        return f"{settings.name} was stopped: it used more {done.stopped_by} than its limit."
    counted = f" {tests.passed} tests passed, {tests.failed + tests.errors} failed." if tests else ""
    return f"{settings.name} ended with exit code {done.exit_code}.{counted}"

"""The workspace tools as a model sees them: a name, what it does, its arguments, and text that never says the time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from agent_api.cage.policy import CageLimits
from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.executors import Job
from agent_api.workspace_tools.bash import bash
from agent_api.workspace_tools.edit import edit
from agent_api.workspace_tools.glob import glob
from agent_api.workspace_tools.grep import grep
from agent_api.workspace_tools.patch import patch
from agent_api.workspace_tools.read import read
from agent_api.workspace_tools.write import write
from services.contract.agent_tools import TOOL_WORDS
from services.contract.run_spec import AiderSettings, ToolsSettings
from services.domain.test_files import is_test

Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelTool:
    """`schema` is the JSON Schema of the arguments; `call` answers text, and raises ToolRefused or OutsideWorkspace."""

    name: str
    description: str
    schema: dict[str, Any]
    call: Callable[[Job, Arguments], Awaitable[str]]

    async def run(self, job: Job, arguments: Arguments) -> tuple[str, bool]:
        """The tool's text, and whether it worked; a refusal is text that the model can act on."""
        try:
            return await self.call(job, arguments), True
        except (ToolRefused, OutsideWorkspace) as refused:
            return str(refused), False


def _bounds(job: Job) -> dict[str, Any]:
    return {"readable": job.spec.cage.readable_secrets, "limits": job.settings.tool_limits}


def _with_notes(lines: list[str], notes: tuple[str, ...]) -> str:
    return "\n".join([*lines, *(f"[{note}]" for note in notes)])


async def _grep(job: Job, given: Arguments) -> str:
    found = await grep(job.worktree, given.pop("pattern"), **given, **_bounds(job))
    lines = [f"{line.path}:{line.line}{'-' if line.context else ':'} {line.text}" for line in found.lines]
    return _with_notes(lines or ["No match."], found.notes)


async def _glob(job: Job, given: Arguments) -> str:
    found = await glob(job.worktree, given["pattern"], **_bounds(job))
    return _with_notes([*found.paths] or ["No file."], found.notes)


async def _read(job: Job, given: Arguments) -> str:
    found = await read(job.worktree, **given, **_bounds(job))
    of = f" of {found.total_lines}" if found.total_lines is not None else ""
    rest = [] if found.end == found.total_lines else [f"lines {found.start} to {found.end}{of}"]
    return _with_notes([found.text or "The file is empty."], (*rest, *found.notes))


def _check_writes(job: Job, path: str) -> None:
    """Where a step may write tests alone, the rest is refused in words that the model can act on."""
    settings = job.spec.settings
    if isinstance(settings, ToolsSettings) and settings.writes == "tests" and not is_test(path):
        raise ToolRefused(
            f"{path} is no test, and this step writes tests alone.", "Name a file such as tests/test_name.py."
        )


async def _edit(job: Job, given: Arguments) -> str:
    _check_writes(job, given["path"])
    done = await edit(job.worktree, **given, **_bounds(job))
    job.emit("edit", done.path, path=done.path, diff=done.diff)
    return f"Replaced {done.replaced} time(s).\n{done.diff}"


async def _patch(job: Job, given: Arguments) -> str:
    done = await patch(job.worktree, given["diff"], **_bounds(job))
    paths = (*done.changed, *done.created, *done.deleted)
    job.emit("edit", ", ".join(paths), paths=paths, diff=done.diff)
    return _with_notes([f"Applied to {', '.join(paths)}."], done.notes)


async def _write(job: Job, given: Arguments) -> str:
    _check_writes(job, given["path"])
    done = await write(job.worktree, **given, **_bounds(job))
    job.emit("edit", done.path, path=done.path, created=done.created, size=done.size)
    return f"{'Created' if done.created else 'Replaced'} {done.path}, {done.size} bytes."


async def _bash(job: Job, given: Arguments) -> str:
    settings, limits = job.settings, job.spec.limits
    bounds = CageLimits(
        seconds=min(given.get("timeout", settings.bash_timeout_seconds), settings.bash_max_timeout_seconds),
        output_bytes=min(settings.bash_output_bytes, limits.output_bytes),
        memory_bytes=limits.memory_bytes,
        file_bytes=limits.file_bytes,
        processes=limits.processes,
    )
    done = await bash(job.worktree, given["command"], cage=job.cage, limits=bounds, on_spawn=job.own_group)
    stopped = f", stopped by {done.stopped_by}" if done.stopped_by else ""
    return _with_notes([f"exit code {done.exit_code}{stopped}", done.output], done.notes)


async def _aider(job: Job, given: Arguments) -> str:
    """Aider as a tool: the same cage, run, model and limits, one edit."""
    assert job.executor is not None  # a real job has it
    settings = AiderSettings(message=given["message"], files=tuple(given["files"]))
    executor = await job.executor("aider")
    done = await executor.run(replace(job, spec=job.spec.model_copy(update={"settings": settings})))
    job.spent.append(done.usage)
    if done.outcome != "completed":
        raise ToolRefused(done.sentence or f"Aider ended with {done.reason}.")
    return f"Aider edited: {', '.join(done.files_touched) or 'nothing'}."


def bound(name: str, call: Callable[[Job, Arguments], Awaitable[str]]) -> ModelTool:
    """The tool of that name, as models are told of it, and what it does."""
    words = TOOL_WORDS[name]
    return ModelTool(words.name, words.description, words.schema, call)


_CALLS = {
    "grep": _grep, "glob": _glob, "read": _read, "bash": _bash, "edit": _edit, "patch": _patch, "write": _write,
    "aider": _aider,
}  # fmt: skip
TOOLS: dict[str, ModelTool] = {name: bound(name, call) for name, call in _CALLS.items()}

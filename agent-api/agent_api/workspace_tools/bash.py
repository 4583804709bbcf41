"""Run a shell command in the workspace, in the cage."""

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.cage.policy import CageLimits, ResolvedCage
from agent_api.cage.run import Completed, run_caged


class BashResult(BaseModel):
    """`output` is both streams in the order written, its middle cut out (and so marked) when `truncated`.

    `stopped_by` is empty, or the limit that ended the command: `time_limit`, `processes`, `memory`, `output_limit`.
    `notes` say what the command was not shown, or had changed and was put back.
    """

    model_config = ConfigDict(frozen=True)

    exit_code: int
    output: str
    truncated: bool
    timed_out: bool
    stopped_by: str
    seconds: float
    cage: str
    notes: tuple[str, ...] = ()


async def bash(
    workspace: Path,
    command: str,
    *,
    cage: ResolvedCage,
    limits: CageLimits,
    on_output: Callable[[bytes], None] | None = None,
    on_spawn: Callable[[int], None] | None = None,
) -> BashResult:
    """Run `bash -c command` in `workspace` under `cage`. Raises CageUnavailable when the cage cannot be built."""
    done = await run_caged(
        ["bash", "-c", command], cwd=workspace, cage=cage, limits=limits, on_output=on_output, on_spawn=on_spawn
    )
    return BashResult(
        exit_code=done.exit_code,
        output=done.text,
        truncated=done.truncated,
        timed_out=done.timed_out,
        stopped_by=done.stopped_by,
        seconds=round(done.seconds, 3),
        cage=done.cage,
        notes=_notes(done),
    )


def _notes(done: Completed) -> tuple[str, ...]:
    notes: list[str] = []
    if done.truncated:
        notes.append(f"The output's middle is left out: it has {done.total_bytes} bytes.")
    if done.covered:
        more = f" and {len(done.covered) - 10} more" if len(done.covered) > 10 else ""
        notes.append(f"Not readable to the command: {', '.join(done.covered[:10])}{more}.")
    notes += [f"The command changed {path}; that was put back." for path in done.tampered]
    return tuple(notes)

"""What a run remembers of each step it carried out, kept in the run's `details`."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.run_result import RunResult
from services.domain.errors import IllegalMove
from services.events import log
from services.redaction import KNOWN
from services.repos.worktree import Worktree
from services.store.models import Run, Task
from services.workflows import in_hand
from services.workflows.bench import bench

Step = dict[str, Any]
OWN_CHECK = "criterion-"


def step_id(step: Step) -> str:
    """The step's name on the wire: `0-edit`."""
    return f"{step['index']}-{step['name']}"


async def is_current(session: AsyncSession, run: Run) -> bool:
    """A run may write only while it lives, while this worker carries it and, on a task, while it is the current run.

    In a writing transaction the answer holds until its end. Where another worker has the run this process was declared
    dead, and ends here.
    """
    if not session.get_bind().get_execution_options().get("wfhub_read"):
        await log.lock(session)  # before the row: all who tell an event of a run take the two in this order
        if session.get_bind().dialect.name == "postgresql":
            await session.refresh(run, with_for_update=True)
    task = await session.get_one(Task, run.task_id) if run.task_id is not None else None
    return in_hand.is_current(run, task)


def record(run: Run, step: Step, **values: Any) -> None:
    """Adds to what is remembered of the step, without secrets. JSON columns change only by assignment."""
    values = KNOWN.value(values)
    steps = dict(run.details.get("steps", {}))
    steps[step_id(step)] = {**steps.get(step_id(step), {"name": step["name"], "executor": step["executor"]}), **values}
    run.details = {**run.details, "steps": steps}


def recorded(run: Run) -> dict[str, dict[str, Any]]:
    return steps_in(run.details)


def open_steps(run: Run) -> list[str]:
    """Those that may have a job: planned or begun, and not known to be over."""
    place = run.details.get("place", {})
    planned = [step_id(step) for step in place.get("steps", ())]
    over = {name for name, entry in recorded(run).items() if entry.get("finished_at") is not None}
    return [name for name in dict.fromkeys([*planned, *recorded(run)]) if name not in over]


def steps_in(details: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same of a run's `details`."""
    return details.get("steps", {})


def compares(entry: dict[str, Any]) -> bool:
    """Whether the step measured what the change is compared with, or one criterion alone. That it could not is not the
    whole change's fault."""
    return entry["executor"] == "command" and (entry["name"].endswith(("-base", "-old")) or is_own_check(entry))


def is_own_check(entry: dict[str, Any]) -> bool:
    """Whether the step is the command that a criterion is checked by: its exit code is that criterion's."""
    return entry["executor"] == "command" and entry["name"].startswith(OWN_CHECK)


def result_of(entry: dict[str, Any]) -> RunResult | None:
    """The step's full result, from the store where it lies by its hash."""
    digest = entry.get("result")
    return RunResult.model_validate_json(bench().proofs.get(digest)) if digest else None


def worktree_of(run: Run, task: Task | None) -> Worktree:
    """The worktree the run was prepared in, as it stood at the run's checkpoint."""
    if task is None or run.cwd is None or run.checkpoint_sha is None or task.branch is None:
        raise IllegalMove(f"The run {run.id} was not prepared.", "This is a fault of the hub: report it.")
    mirror = bench().repos.mirror(run.project_id)
    return Worktree(run.project_id, task.key, Path(run.cwd), task.branch, run.checkpoint_sha, mirror)


def text_time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None

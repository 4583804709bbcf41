"""While a person looks at a change, its merge is made ready. Without it the merge is as good, and slower."""

from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from services.domain.errors import HubError
from services.store.models import Project, Run, Task
from services.workflows.bench import Bench
from services.workflows.merging import message_of

log = structlog.get_logger()
CALM_SECONDS = 0.5  # what starts meanwhile goes first; a person takes longer


async def foresee(bench: Bench, run_id: str) -> None:
    """Makes the merge commit, brings it where it will be merged, and checks out what will be tested then.

    The commit names the run whose work the person is asked about. No ref of theirs points at it before they agree.
    """
    await bench.doorbell.calm(CALM_SECONDS)
    try:
        async with bench.db.read() as session:
            run = await session.get_one(Run, run_id)
            task = await session.get_one(Task, run.task_id)
            project = await session.get_one(Project, run.project_id)
        commit = await bench.repos.foresee(
            project.id,
            Path(project.workspace_path),
            task.branch or "",
            project.default_branch,
            message_of(task),
            {"Task": task.key, "Run": run.id},
            project.merge_method,  # pyright: ignore[reportArgumentType]  # checked where it is written
        )
        if commit is not None:
            await bench.repos.base_worktree(project.id, commit)
    except (HubError, DBAPIError) as error:
        log.info("merge.not_foreseen", run_id=run_id, error=str(error)[:300])

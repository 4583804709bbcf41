"""Takes away what nobody needs any more, a bounded number at a time: never of a task that is open.

Finished workflows in the engine's tables (the hub's own rows keep the history), refs of runs of tasks that were done or
given up long ago, what was kept of dropped work for as long, worktrees of tasks that are over, branches of those that
are merged, and checkouts of merge bases that no open task has. Mirrors that have grown are packed.
"""

import time
import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from dbos import DBOS
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import HubError
from services.domain.states import CLOSED_TASK, LIVE_RUN
from services.store.models import Project, Run, Task
from services.store.types import now
from services.workflows.bench import Bench
from services.workflows.sweep_worktrees import sweep_tasks

log = structlog.get_logger()
EVERY_SECONDS = 3600.0
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
MOST_WORKFLOWS = 500


class Tidy:
    """Looks once an hour; the first time an hour after the start, when there is nothing else to do.

    What goes wrong with it is logged and tried again in an hour: the runs' owner goes on without it.
    """

    def __init__(self) -> None:
        self._next = time.monotonic() + EVERY_SECONDS

    async def now_and_then(self, bench: Bench) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_SECONDS
            try:
                await tidy(bench)
            except DBAPIError:
                raise  # the database is away, which the sweep waits out
            except Exception:  # a fault in taking old things away must not end what runs
                log.exception("tidy.failed")


async def tidy(bench: Bench) -> dict[str, int]:
    """How many workflows, refs and checkouts went, and how many mirrors were packed. A project whose repository can't
    be used has its turn next time."""
    gone: dict[str, int] = dict.fromkeys(("workflows", "refs", "checkouts", "worktrees", "kept", "packed"), 0)
    gone["workflows"] = await forget_workflows(bench)
    async with bench.db.read() as session:
        projects = (await session.scalars(sa.select(Project).order_by(Project.id))).all()
    for project in projects:
        try:
            gone["refs"] += await _refs(bench, project)
            gone["checkouts"] += await _checkouts(bench, project)
            gone["worktrees"] += await sweep_tasks(bench.db, bench.repos, project, bench.settings.worktrees_keep_days)
            gone["kept"] += await bench.repos.sweep_kept(project.id, bench.settings.refs_keep_days * 86_400)
            gone["packed"] += await bench.repos.keep_small(project.id, bench.settings.upkeep)
        except HubError as error:
            log.warning("tidy.project", project=project.key, error=str(error)[:300])
    if any(gone.values()):
        log.info("tidy.done", **gone)
    return gone


async def forget_workflows(bench: Bench) -> int:
    """Ended more than ENGINE_KEEP_DAYS ago; never one whose run is still live in the hub's own rows."""
    before = now() - timedelta(days=bench.settings.engine_keep_days)
    ended = await DBOS.list_workflows_async(
        status=ENDED, completed_before=before.isoformat(), limit=MOST_WORKFLOWS, load_input=False, load_output=False
    )
    ids = [one.workflow_id for one in ended]
    async with bench.db.read() as session:
        live = {run.story_id for run in await session.scalars(sa.select(Run).where(Run.state.in_(LIVE_RUN)))}
    old = [number for number in ids if number not in live]
    if old:
        await DBOS.delete_workflows_async(old)
    return len(old)


async def _refs(bench: Bench, project: Project) -> int:
    known = await bench.repos.runs_with_refs(project.id)
    if not known:
        return 0
    before = now() - timedelta(days=bench.settings.refs_keep_days)
    closed = (
        sa.select(Run.id)
        .join(Task, Task.id == Run.task_id)
        .where(Run.project_id == project.id, Run.finished_at < before, Run.state.not_in(LIVE_RUN))
        .where(Task.state.in_(CLOSED_TASK), Task.updated_at < before)
    )
    async with bench.db.read() as session:
        old = set((await session.scalars(closed)).all())
        rows = set((await session.scalars(sa.select(Run.id).where(Run.project_id == project.id))).all())
    return await bench.repos.remove_run_refs(project.id, old & set(known) | _of_nobody(known, rows, before))


def _of_nobody(known: Sequence[str], rows: Collection[str], before: datetime) -> set[str]:
    """Runs that have refs and no row: made ready while their transaction was written, which then never came to be."""
    return {one for one in known if one not in rows and _begun(one) < before}


def _begun(run_id: str) -> datetime:
    """The time in a UUIDv7 (RFC 9562, 5.7): milliseconds since 1970 in its first 48 bits."""
    return datetime.fromtimestamp((uuid.UUID(run_id).int >> 80) / 1000, UTC)


async def _checkouts(bench: Bench, project: Project) -> int:
    """Of commits that no open task has as its base or has merged, no live run looks at, and that are not the target."""
    target = bench.repos.known_target(project.id, Path(project.workspace_path), project.default_branch)
    if target is None:
        return 0
    async with bench.db.read() as session:
        keep = await _wanted(session, project.id)
    days = bench.settings.refs_keep_days
    return len(await bench.repos.sweep_base_worktrees(project.id, {target, *keep}, older_seconds=days * 86_400))


async def _wanted(session: AsyncSession, project_id: int) -> set[str]:
    tasks = sa.select(Task.base_sha, Task.merged_sha).where(
        Task.project_id == project_id, Task.state.not_in(CLOSED_TASK), Task.deleted_at.is_(None)
    )
    runs = sa.select(Run.base_sha, Run.checkpoint_sha).where(Run.project_id == project_id, Run.state.in_(LIVE_RUN))
    found: set[str] = set()
    for query in (tasks, runs):
        for row in await session.execute(query):
            found |= {sha for sha in row if sha}
    return found

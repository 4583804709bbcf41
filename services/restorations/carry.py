"""Does what was foreseen: the row first, then git, then the task. Killed in between, it is finished from the row."""

import asyncio
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, HubError
from services.domain.states import LIVE_RUN, TaskState
from services.events import log as events
from services.repos.errors import RevisionMissing
from services.repos.repos import Repos
from services.repos.undo import Undoing
from services.restorations.facts import read_facts
from services.restorations.forecast import Forecast, Wanted, foresee
from services.restorations.settle import refuse, settle
from services.store.database import Database
from services.store.models import Restoration, Run
from services.store.types import now
from services.tasks.errors import TaskBusy
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.stop import is_carried, live_runs, stop_all

log = structlog.get_logger(__name__)
STOP_SECONDS = 20.0  # an agent is ended within a second or two; a host that is away is not waited for
LOOK_SECONDS = 0.1
BUSY = frozenset({"repository_busy", "repository_locked", "git_timed_out"})
LEFT_SECONDS = 30.0  # what is begun for longer was left by a process that died


async def restore(
    db: Database, repos: Repos, wanted: Wanted, *, actor: str, note: str = "", force: bool = False
) -> tuple[Forecast, Restoration]:
    """Does it, and answers what was foreseen with what became of it.

    Raises what `foresee` raises, TaskBusy while a run of the task is live (`force` ends it), Conflict where the task
    changed while it was looked at, MergeWaits where the person's repository can't take it now.
    """
    seen = await foresee(db, repos, wanted)
    if seen.blocked is not None:
        raise seen.blocked
    if wanted.expected is not None and wanted.expected != seen.before:
        raise Conflict(
            f"{seen.branch} is at {(seen.before or 'nothing')[:12]} now, not at {wanted.expected[:12]}.",
            "Look at it again with dry_run.",
        )
    async with db.write() as session:
        row = await _begin(session, seen, actor, note, force)
    await _until_stopped(db, row)
    return seen, await carry(db, repos, row)


async def _begin(session: AsyncSession, seen: Forecast, actor: str, note: str, force: bool) -> Restoration:
    looked_at = seen.facts.task
    task = await hold_task(session, looked_at.id)
    await refuse_while_restoring(session, task)
    if (task.branch, task.merged_sha) != (looked_at.branch, looked_at.merged_sha):
        raise Conflict(f"{task.key} changed while it was looked at.", "Try again.")
    carried = [run for run in await live_runs(session, task) if is_carried(run)]
    if carried and not force:
        raise TaskBusy(
            f"{task.key} has a live run at {carried[0].stage}.",
            "Wait for it, kill it, or send force=true, which kills it.",
            runs=[run.id for run in carried],
        )
    if TaskState(task.state) in (TaskState.QUEUED, TaskState.RUNNING, TaskState.BLOCKED):
        await stop_all(session, task, actor=actor, why=f"{task.key} is brought back to an earlier state.")
        await set_state(
            session, task, TaskState.PAUSED, actor=actor, sentence="It is brought back to an earlier state."
        )
    row = Restoration(
        project_id=task.project_id, task_id=task.id, kind=seen.kind, state="begun", actor=actor, note=note,
        plan=seen.plan, branch=seen.branch, before=seen.before,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    told = changed(commit=(seen.before, seen.before))
    await events.of_task(session, f"task.{seen.kind}_begun", task, actor=actor, branch=seen.branch, **told)
    return row


async def _until_stopped(db: Database, row: Restoration) -> None:
    """A worktree has one writer: the agent of a run that was just stopped has to be gone."""
    stopping = sa.select(Run.id).where(Run.task_id == row.task_id, Run.stopping | Run.state.in_(LIVE_RUN))
    for _ in range(int(STOP_SECONDS / LOOK_SECONDS)):
        async with db.read() as session:
            if await session.scalar(stopping.limit(1)) is None:
                return
        await asyncio.sleep(LOOK_SECONDS)
    error = TaskBusy("Its agent does not let go of the worktree yet.", "Try again when the run is over.")
    await refuse(db, row.id, error)
    raise error


async def carry(db: Database, repos: Repos, row: Restoration, *, patient: bool = False) -> Restoration:
    """The effect in git and then the task's rows; done again, each finds what it did. `patient`: where somebody else is
    at work in the repository it stays begun, to be tried again."""
    async with db.read() as session:
        facts = await read_facts(session, row.task_id)
    project, key = facts.project, facts.task.key
    try:
        if row.kind == "undo_merge":
            merge = Undoing(project.id, facts.workspace, project.default_branch, row.plan["merged"], row.plan["before"])
            trailers = {"Task": key, "Undoes": row.plan["merged"]}
            done = await repos.undo_merge(merge, row.plan["message"], trailers, row.plan["name"], row.plan["expected"])
            after = done.commit
        elif row.kind == "rollback":
            after = await _roll_back(repos, row, key)
        else:
            after = await _recover(repos, row)
    except HubError as error:
        if error.code not in BUSY or not patient:
            await refuse(db, row.id, error)
        raise
    return await settle(db, row.id, after)


async def _roll_back(repos: Repos, row: Restoration, key: str) -> str:
    """What the branch held is kept under a ref before anything moves."""
    checkpoint = str(row.plan["checkpoint"])
    await repos.keep_tip(row.project_id, key, row.plan["tip"], "rolled-back")
    tree = await repos.open_worktree(row.project_id, key, row.branch, row.plan["base"])
    await repos.restore(tree, checkpoint, key)
    return checkpoint


async def _recover(repos: Repos, row: Restoration) -> str:
    try:
        return await repos.head(row.project_id, row.branch)  # a crash came after it
    except RevisionMissing:
        await repos.make_branch(row.project_id, row.branch, row.plan["sha"])
        return str(row.plan["sha"])


async def finish_begun(db: Database, repos: Repos, older_seconds: float = LEFT_SECONDS) -> int:
    """Finishes what a process that died had begun; how many."""
    before = now() - timedelta(seconds=older_seconds)
    async with db.read() as session:
        query = sa.select(Restoration).where(Restoration.state == "begun", Restoration.created_at < before)
        left = (await session.scalars(query.order_by(Restoration.id))).all()
    for row in left:
        try:
            await _until_stopped(db, row)
            await carry(db, repos, row, patient=True)
        except HubError as error:  # told in its row, and to the person by an event
            log.warning("restoration.refused", id=row.id, kind=row.kind, error=str(error)[:300])
    return len(left)

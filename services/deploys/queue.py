"""Deploys that no task's run carries: asked for by a person, or owed after a merge by a workflow that does not deploy.

Each has a run of its own, without a task, which admission adopts when its turn comes: one of a project at a time.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from services.deploys.settings import DeploySettings, deploy_of
from services.domain.changes import changed, made
from services.domain.errors import Conflict, NotFound
from services.domain.states import DEPLOY, RUN, DeployState, RunState
from services.events import log
from services.store.models import Deploy, Project, Proof, Run, Task
from services.store.types import now

STAGE, ROLE = "deploy", "cicd"
OVER = frozenset(DeployState) - {DeployState.QUEUED, DeployState.RUNNING}


async def get_deploy(session: AsyncSession, deploy_id: int) -> Deploy:
    row = await session.get(Deploy, deploy_id)
    if row is None:
        raise NotFound(f"There is no deploy {deploy_id}.", "List them with GET /projects/{id}/deploys.")
    return row


async def ask(session: AsyncSession, project: Project, *, actor: str) -> Deploy:
    """A person wants what the branch holds now deployed. It settles what failed or was cut off before.

    Raises Conflict where the project has no deploy command, or one waits already.
    """
    if not deploy_of(project.settings).command:
        raise Conflict(
            f"{project.name} has no deploy command.", "Give it one: settings.deploy.command (docs/deploys.md)."
        )
    await log.lock(session)
    waiting = await _waiting(session, project.id)
    if waiting is not None:
        raise Conflict(
            f"Deploy {waiting.id} of {project.name} waits for its turn already.", "Wait for it, or cancel it."
        )
    await settle_before(session, project.id, actor=actor)
    return await _queue(session, project, None, actor)


async def owed(session: AsyncSession, task: Task, commit: str) -> Deploy | None:
    """After the merge of a task whose workflow does not deploy. One that still waits goes with it: the branch that is
    deployed has that merge in it too."""
    project = await session.get_one(Project, task.project_id)
    if not deploy_of(project.settings).command:
        return None
    waiting = await _waiting(session, project.id)
    row = await _queue(session, project, task, "hub")
    row.commit = commit
    if waiting is not None:
        await skip(session, waiting, f"Deploy {row.id} has it in it.", actor="hub")
        await _end_run(session, waiting, f"Deploy {row.id} takes its place.")
    return row


async def _queue(session: AsyncSession, project: Project, task: Task | None, actor: str) -> Deploy:
    run = Run(id=str(uuid7()), project_id=project.id, stage=STAGE, role=ROLE, state=RunState.QUEUED)
    session.add(run)
    await session.flush()
    row = Deploy(project_id=project.id, run_id=run.id, asked_by=actor, state=DeployState.QUEUED)
    row.task_id = task.id if task else None
    session.add(row)
    await session.flush()
    await tell(session, row, "deploy.queued", actor=actor, **made(state=row.state))
    return row


async def begin(session: AsyncSession, run: Run, commit: str, deploy: DeploySettings, row: Deploy | None) -> Deploy:
    """The deploy of this run begins now. `row` is the one that was asked for, None for a task's own."""
    if row is None:
        row = Deploy(
            project_id=run.project_id, task_id=run.task_id, run_id=run.id, asked_by="hub", state=DeployState.QUEUED
        )  # fmt: skip
        session.add(row)
    row.commit, row.command, row.grants = commit, deploy.command or "", deploy.grants
    row.fingerprint, row.started_at = deploy.fingerprint, now()
    row.state = DEPLOY.check(DeployState(row.state), DeployState.RUNNING)
    await session.flush()
    await tell(session, row, "deploy.started", actor="hub")
    return row


async def end(
    session: AsyncSession, row: Deploy, state: DeployState, sentence: str, *, actor: str = "hub",
    exit_code: int | None = None, facts: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """Nothing happens to one that has ended."""
    if row.state in OVER:
        return
    before, row.state = row.state, DEPLOY.check(DeployState(row.state), state)
    row.sentence, row.exit_code, row.facts, row.finished_at = sentence, exit_code, facts or {}, now()
    await tell(session, row, f"deploy.{state}", actor=actor, sentence=sentence, **changed(state=(before, state)))


async def skip(session: AsyncSession, row: Deploy, sentence: str, *, actor: str) -> None:
    await end(session, row, DeployState.SKIPPED, sentence, actor=actor)


async def live_before(session: AsyncSession, project_id: int, commit: str, fingerprint: str) -> Deploy | None:
    """The newest deploy of the project, if it brought this commit with these grants, or a person said it counts."""
    query = sa.select(Deploy).where(
        Deploy.project_id == project_id, Deploy.started_at.is_not(None), Deploy.state != DeployState.SKIPPED
    )
    newest = await session.scalar(query.order_by(Deploy.started_at.desc(), Deploy.id.desc()).limit(1))
    if newest is None or newest.commit != commit or newest.fingerprint != fingerprint:
        return None
    return newest if newest.state == DeployState.PASSED or newest.decision == "accept" else None


CUT_OFF = "It was cut off in the middle: nobody knows what it had done by then, and it was not run again."


async def settle_before(session: AsyncSession, project_id: int, *, actor: str) -> None:
    """A person begins another: those that failed or were cut off before wait for no word any more."""
    open_ = (DeployState.INTERRUPTED, DeployState.FAILED)
    query = sa.select(Deploy).where(Deploy.project_id == project_id, Deploy.state.in_(open_), Deploy.decision.is_(None))
    for row in (await session.scalars(query)).all():
        await decided(session, row, "again", actor=actor)


async def decided(session: AsyncSession, row: Deploy, decision: str, *, actor: str, note: str = "") -> None:
    before = row.decision
    row.decision, row.decided_by, row.decided_at, row.note = decision, actor, now(), note
    told = changed(decision=(before, decision))
    await tell(session, row, "deploy.decided", actor=actor, note=note, **told)


async def note_skipped(session: AsyncSession, run: Run, commit: str, sentence: str) -> Deploy:
    """A task's own that has nothing to do."""
    row = Deploy(
        project_id=run.project_id, task_id=run.task_id, run_id=run.id, asked_by="hub", state=DeployState.QUEUED,
        commit=commit,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await skip(session, row, sentence, actor="hub")
    return row


async def of_run(session: AsyncSession, run_id: str) -> Deploy | None:
    return await session.scalar(sa.select(Deploy).where(Deploy.run_id == run_id))


async def cut_off(session: AsyncSession, project_id: int) -> Deploy | None:
    """The newest of the project that was cut off and waits for a person's word."""
    query = sa.select(Deploy).where(
        Deploy.project_id == project_id, Deploy.state == DeployState.INTERRUPTED, Deploy.decision.is_(None)
    )
    return await session.scalar(query.order_by(Deploy.id.desc()).limit(1))


async def log_of(session: AsyncSession, run_id: str, step: str | None = None) -> Proof | None:
    """The deploy's log: of its last try, or of the step that is named."""
    query = sa.select(Proof).where(Proof.run_id == run_id, Proof.kind == "log", Proof.name == "deploy.log")
    if step is not None:
        query = query.where(Proof.step == step)
    return await session.scalar(query.order_by(Proof.id.desc()).limit(1))


async def _waiting(session: AsyncSession, project_id: int) -> Deploy | None:
    query = (
        sa.select(Deploy)
        .join(Run, Run.id == Deploy.run_id)
        .where(Deploy.project_id == project_id, Deploy.state == DeployState.QUEUED, Run.owner.is_(None))
        .where(Run.state == RunState.QUEUED)
    )
    return await session.scalar(query.order_by(Deploy.id.desc()).limit(1))


async def _end_run(session: AsyncSession, row: Deploy, why: str) -> None:
    run = await session.get_one(Run, row.run_id)
    run.state, run.finished_at, run.summary = RUN.check(RunState(run.state), RunState.CANCELLED), now(), why


async def tell(session: AsyncSession, row: Deploy, kind: str, *, actor: str, **data: Any) -> None:
    """An event about it, of its task where it has one."""
    about = {"deploy_id": row.id, "state": row.state, "commit": row.commit, **data}
    task = await session.get(Task, row.task_id) if row.task_id is not None else None
    if task is not None:
        await log.of_task(session, kind, task, actor=actor, run_id=row.run_id, **about)
    else:
        await log.append(session, kind, actor=actor, project_id=row.project_id, run_id=row.run_id, **about)


def seconds(started: datetime | None, finished: datetime | None) -> float | None:
    """How long it took, or has taken until now; None before it began."""
    return None if started is None else round(((finished or now()) - started).total_seconds(), 3)

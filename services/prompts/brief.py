"""What is known of a task when a run starts, read in one go."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import HandoffState
from services.domain.workflow import Stage
from services.prompts.who import Who, who_is
from services.reviews.findings import open_findings
from services.store.models import Comment, Criterion, Finding, Handoff, Project, Proof, Role, Run, Task
from services.tasks.session import SessionEntry, read_session

LEFT_BY_RUNS = "hub"
BROUGHT_TOLD = 10  # the newest proofs


@dataclass(frozen=True)
class Brief:
    """The rows a prompt is built from."""

    project: Project
    task: Task
    run: Run
    stage: Stage
    who: Who
    criteria: tuple[Criterion, ...]
    findings: tuple[Finding, ...]
    handoff: Handoff | None
    comment: Comment | None
    brought: tuple[Proof, ...]
    before: tuple[SessionEntry, ...] = ()  # what this role did on the task so far

    @property
    def role(self) -> Role:
        return self.who.role


async def read_brief(session: AsyncSession, run: Run, task: Task, stage: Stage) -> Brief:
    criteria = await session.scalars(
        sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position)
    )
    handoff = await session.scalar(
        sa.select(Handoff)
        .where(Handoff.task_id == task.id, Handoff.state != HandoffState.FAILED)
        .order_by(Handoff.id.desc())
        .limit(1)
    )
    comment = await session.scalar(
        sa.select(Comment)
        .where(Comment.task_id == task.id, Comment.deleted_at.is_(None), Comment.run_id.is_(None))
        .order_by(Comment.id.desc())
        .limit(1)
    )
    brought = await session.scalars(
        sa.select(Proof)
        .where(Proof.task_id == task.id, Proof.created_by != LEFT_BY_RUNS)
        .order_by(Proof.id.desc())
        .limit(BROUGHT_TOLD)
    )
    project = await session.get_one(Project, task.project_id)
    return Brief(
        project=project,
        task=task,
        run=run,
        stage=stage,
        who=await who_is(session, role_of(stage), project),
        criteria=tuple(criteria.all()),
        findings=tuple(await open_findings(session, task.id)),
        handoff=handoff,
        comment=comment,
        brought=tuple(brought.all()),
        before=tuple(await read_session(session, task.id, role_of(stage), without=run.id)),
    )


def role_of(stage: Stage) -> str:
    """The role that works at a stage; work of no role's is told to agents as DEV's."""
    return stage.role or "dev"

"""What one run passes to the next, and the comment that tells a person what it did."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import HandoffState, RunState, WaitingReason
from services.redaction import KNOWN
from services.store.models import Comment, Handoff, Run, Task
from services.store.types import now
from services.workflows.ending import Ending
from services.workflows.records import recorded


async def hand_over(session: AsyncSession, run: Run, task: Task, ending: Ending) -> None:
    """Completes what this run had accepted and passes on what it leaves. A lost run gives back what it took, and
    so does one that waits for money: it takes it again when it goes on."""
    accepted = await session.scalars(
        sa.select(Handoff).where(Handoff.to_run_id == run.id, Handoff.state == HandoffState.ACCEPTED)
    )
    lost = ending.state is RunState.LOST
    for handoff in accepted.all():
        if lost or ending.waits is WaitingReason.BUDGET:
            handoff.state, handoff.to_run_id, handoff.accepted_at = HandoffState.CREATED, None, None
        else:
            handoff.state, handoff.finished_at = HandoffState.COMPLETED, now()
    if lost:
        return
    summary = summary_of(run, ending)
    body = KNOWN(f"{asked_of(run, task)}\n{summary}\n{shown_by_git(run, task)}")
    session.add(Comment(task_id=task.id, run_id=run.id, author=run.role or "hub", body=body))
    if ending.goes_to and ending.goes_to != run.stage:
        session.add(
            Handoff(
                task_id=task.id,
                from_run_id=run.id,
                from_stage=run.stage,
                to_stage=ending.goes_to,
                state=HandoffState.CREATED,
                summary=summary,
                data={"files": run.files_touched, "result": ending.result},
            )
        )


def asked_of(run: Run, task: Task) -> str:
    """What the run was asked, in a line."""
    again = f", and to mend what round {run.round - 1} found" if run.round > 1 else ""
    return f"Asked: {task.title}{again}"


def shown_by_git(run: Run, task: Task) -> str:
    """The commits that the run left."""
    commits = [entry["commit"][:12] for entry in recorded(run).values() if entry.get("commit")]
    return f"Git: {', '.join(commits)} on {task.branch}" if commits else "Git: no commit by this run"


def summary_of(run: Run, ending: Ending) -> str:
    """What the run did, from facts: its steps, their outcomes, the files git shows."""
    lines = [f"{run.stage.upper()} (round {run.round}): {ending.sentence or ending.result}"]
    for name, entry in recorded(run).items():
        tests = entry.get("tests")
        told = f"{tests['passed']} tests passed, {tests['failed'] + tests['errors']} failed" if tests else ""
        lines.append(f"- {name}: {entry.get('outcome', 'not done')} {told} {entry.get('sentence', '')[:400]}".rstrip())
    if run.files_touched:
        lines.append(f"Files: {', '.join(run.files_touched[:20])}")
    return "\n".join(lines)

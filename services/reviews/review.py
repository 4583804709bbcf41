"""A person's word on a change with its comments on lines: approve it, ask for changes, or reject it with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import between, changed, made
from services.domain.errors import AlreadyDecided, Conflict, InvalidInput
from services.domain.severity import Severity, priority_of
from services.domain.states import CLOSED_TASK, FINDING, ApprovalState, FindingState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.reviews import decide
from services.reviews.comments import SENT, drafts_of
from services.reviews.findings import PERSON
from services.roles.read import workflow_by_id
from services.store.models import Approval, Comment, Finding, ReviewComment, Task
from services.store.types import now
from services.tasks.allowed import check_allowed, is_merged
from services.tasks.change import Change
from services.tasks.errors import NothingToMerge
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.stop import stop_all

Verdict = Literal["approve", "request_changes", "reject"]
TITLE_CHARACTERS = 120
REASONS = "Say why: in the note, or in comments on lines of the change."


@dataclass(frozen=True)
class Reviewed:
    """`sent` comments went with it, of which `findings` are DEV's to mend."""

    task: Task
    approval: Approval | None
    sent: int
    findings: int
    sentence: str


async def asked_approval(session: AsyncSession, task: Task) -> Approval | None:
    """The one that the task waits for."""
    if task.state != TaskState.WAITING or task.waiting_reason != WaitingReason.APPROVAL:
        return None
    query = sa.select(Approval).where(Approval.task_id == task.id, Approval.state == ApprovalState.ASKED)
    return await session.scalar(query.order_by(Approval.id.desc()).limit(1))


async def allowed_verdicts(session: AsyncSession, task: Task, change: Change | None) -> list[Verdict]:
    """What a person may say of the task as it stands."""
    if await asked_approval(session, task) is not None:
        return ["approve", "request_changes", "reject"]
    if change is None or TaskState(task.state) in CLOSED_TASK or await is_merged(session, task):
        return []
    return ["request_changes"]


async def review(
    session: AsyncSession, task_id: int, verdict: Verdict, note: str, change: Change | None, *, actor: str,
    places: Mapping[int, int | None],
) -> Reviewed:  # fmt: skip
    """Sends the drafts with the verdict. `places` are the lines at which those of an older change stand now.

    To ask for changes is possible at any moment before the merge: what runs is stopped then. Raises InvalidInput
    without a reason, Conflict where the task waits for no such word.
    """
    task = await hold_task(session, task_id)
    await refuse_while_restoring(session, task)
    approval, drafts = await asked_approval(session, task), await drafts_of(session, task.id)
    before, note = _standing(task), note.strip()
    if verdict != "approve" and not note and not drafts:
        raise InvalidInput(f"{'Rejecting' if verdict == 'reject' else 'Asking for changes'} needs a reason.", REASONS)
    if verdict != "request_changes" and approval is None:
        await _refuse_decided(session, task, change)
        raise Conflict(
            f"{task.key} does not wait for an approval; it is {task.state}.", "Look at the task, and what it does now."
        )
    findings = list[Finding]()
    if verdict == "request_changes":
        findings = await _file(session, task, approval, drafts, places, actor)
        if approval is not None:
            await decide.ask_changes(session, approval.id, actor, note, commented=bool(drafts))
        else:
            await _send_back(session, task, change, note, actor)
        sentence = _sentence(task, findings, note)
    elif verdict == "reject":
        assert approval is not None
        words = "\n".join([note, *(f"{row.path}:{row.line}: {row.text}" for row in drafts)]).strip()
        await decide.reject(session, approval.id, actor, words)
        sentence = f"{task.key} is cancelled; its branch stays."
    else:
        assert approval is not None
        let_be = await _let_be(session, task, actor)
        await decide.approve(session, approval.id, actor, note)
        sentence = f"{task.key} is merged when its turn comes." + (
            f" {let_be} comments that were not mended are let be." if let_be else ""
        )
    await _send(session, task, approval, drafts)
    await log.of_task(
        session, "review.sent", task, actor=actor, verdict=verdict, note=note, comments=[row.id for row in drafts],
        findings=[row.id for row in findings], patch_id=change.patch_id if change else None,
        **between(before, _standing(task)),
    )  # fmt: skip
    await session.flush()
    return Reviewed(task, approval, len(drafts), len(findings), sentence)


async def _refuse_decided(session: AsyncSession, task: Task, change: Change | None) -> None:
    """Another browser was quicker: says who decided what of this change."""
    query = sa.select(Approval).where(Approval.task_id == task.id, Approval.decided_at.is_not(None))
    last = await session.scalar(query.order_by(Approval.id.desc()).limit(1))
    if last is not None and change is not None and change.is_meant_by(last):
        raise AlreadyDecided.of(task.key, last.state, last.decided_by, last.decided_at, patch_id=last.patch_id)


async def _send_back(session: AsyncSession, task: Task, change: Change | None, note: str, actor: str) -> None:
    """Nobody was asked yet: what goes on with the change as it was is stopped."""
    if TaskState(task.state) in CLOSED_TASK or await is_merged(session, task):
        raise Conflict(
            f"{task.key} is merged or closed: there is no change to ask anything of.",
            "Move it to a stage to open it again, or undo its merge.",
        )
    if change is None:
        raise NothingToMerge(f"{task.key} has no change yet.", "Tell its agent: POST /tasks/{id}/feedback.")
    workflow = await workflow_by_id(session, task.workflow_id)
    to = _back(workflow)
    if task.stage == to.name and task.state == TaskState.QUEUED and task.sent_back:  # that round has not begun
        if note:
            session.add(Comment(task_id=task.id, author=actor, body=note))
        return
    await check_allowed(session, task, workflow, to, change)
    await stop_all(session, task, actor=actor, why=f"{actor} asked for changes of {task.key}.")
    task.merge_after, task.lost_runs = None, 0
    if task.state in (TaskState.PAUSED, TaskState.BLOCKED):
        await set_state(session, task, TaskState.IDLE, actor=actor)
    await decide.work_again(session, task, workflow, to, actor=actor, note=note)


def _back(workflow: Workflow) -> Stage:
    merging = workflow.merging
    return workflow.stage((merging.on_fail if merging else None) or workflow.start)


async def _file(
    session: AsyncSession, task: Task, approval: Approval | None, drafts: Sequence[ReviewComment],
    places: Mapping[int, int | None], actor: str,
) -> list[Finding]:  # fmt: skip
    """A finding of each comment, where its lines stand now. One whose lines are gone tells them in its words."""
    filed = list[Finding]()
    for row in drafts:
        line = places.get(row.id, row.line)
        finding = Finding(
            project_id=task.project_id, task_id=task.id, stage=approval.stage if approval else task.stage,
            round=task.round, last_round=task.round, tool=PERSON, rule="comment", severity=row.severity,
            title=_title(row), message=_message(row, line), file=row.path, line=line,
            fingerprint=f"comment-{row.id}", state=FindingState.OPEN,
        )  # fmt: skip
        session.add(finding)
        await session.flush()
        row.finding_id = finding.id
        filed.append(finding)
        about = {"finding_id": finding.id, "finding": finding.title, "severity": finding.severity}
        await log.of_task(
            session, "finding.filed", task, actor=actor, **about, **made(finding=finding.title, state=finding.state)
        )  # fmt: skip
    task.priority = priority_of([Severity(one.severity) for one in filed], task.priority)
    await session.flush()
    return filed


def _title(row: ReviewComment) -> str:
    line = row.text.strip().splitlines()[0]
    return line if len(line) <= TITLE_CHARACTERS else f"{line[:TITLE_CHARACTERS]}…"


def _message(row: ReviewComment, line: int | None) -> str:
    """The person's words, and the lines that they are about."""
    if line is None:
        where = "On lines that have changed since"
    elif row.side == "old":
        where = f"On what was {_span(row.line, row.last_line)} before the change"
    else:
        where = f"On {_span(line, line + row.last_line - row.line)}"
    first, _, rest = row.text.strip().partition("\n")
    words = rest if len(first) <= TITLE_CHARACTERS else row.text.strip()  # the title says the rest
    return f"{words.strip()}\n\n{where} of {row.path}:\n{row.quote}".strip()


def _span(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


async def _let_be(session: AsyncSession, task: Task, actor: str) -> int:
    """The person approves with what they commented before in front of them: it counts no more."""
    query = sa.select(Finding).where(
        Finding.task_id == task.id, Finding.tool == PERSON, Finding.state == FindingState.OPEN
    )
    rows = (await session.scalars(query)).all()
    for row in rows:
        row.state = FINDING.check(FindingState.OPEN, FindingState.WAIVED)
        row.note, row.decided_by, row.decided_at = "Approved as it is.", actor, now()
        await log.of_task(
            session, "finding.waived", task, actor=actor, finding_id=row.id, finding=row.title, note=row.note,
            **changed(state=(FindingState.OPEN, row.state)),
        )  # fmt: skip
    return len(rows)


async def _send(session: AsyncSession, task: Task, approval: Approval | None, drafts: Sequence[ReviewComment]) -> None:
    """Comments without a finding are remarks: they are said on the task, and nobody has to mend them."""
    remarks = [row for row in drafts if row.finding_id is None]
    if remarks:
        said = "\n\n".join(f"`{row.path}:{row.line}` {row.text.strip()}" for row in remarks)
        session.add(Comment(task_id=task.id, author=remarks[0].author, body=said))
    for row in drafts:
        row.state, row.sent_at, row.version = SENT, now(), row.version + 1
        row.approval_id = approval.id if approval else None


def _standing(task: Task) -> dict[str, Any]:
    return {"stage": task.stage, "state": task.state, "round": task.round}


def _sentence(task: Task, findings: Sequence[Finding], note: str) -> str:
    told = f"{len(findings)} comments to mend" if findings else "your words"
    return f"{task.key} goes back to {task.stage.upper()} with {told}{' and your words' if findings and note else ''}."

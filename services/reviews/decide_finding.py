"""A person's word on a finding: waive it, open it again, call it a duplicate, or make a task of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.severity import PRIORITY, Severity
from services.domain.states import FINDING, FindingState, TaskState, WaitingReason
from services.events import log
from services.reviews.findings import open_findings
from services.roles.read import workflow_by_id
from services.store.models import Finding, Task
from services.store.types import now
from services.tasks.create import MAX_TITLE, create_task
from services.tasks.hold import hold_task
from services.tasks.stages import enter_stage


async def waive(session: AsyncSession, finding_id: int, actor: str, note: str) -> Finding:
    """It counts at no gate of its task any more, however often it is seen. Waiving twice is waiving once.

    A task that waited for a look at just this goes on. Raises InvalidInput without a note, IllegalMove for a finding
    that is fixed or a duplicate.
    """
    if not note.strip():
        raise InvalidInput("Waiving a finding needs a note.", "Say why it may stay.")
    finding, task = await _held(session, finding_id)
    if finding.state != FindingState.WAIVED:
        await _decide(session, finding, task, FindingState.WAIVED, actor, note)
        await _go_on(session, task)
    return finding


async def reopen(session: AsyncSession, finding_id: int, actor: str, note: str = "") -> Finding:
    """It counts again. Raises IllegalMove for one that is open already."""
    finding, task = await _held(session, finding_id)
    await _decide(session, finding, task, FindingState.OPEN, actor, note)
    finding.duplicate_of_id = None
    return finding


async def duplicate(session: AsyncSession, finding_id: int, of: int, actor: str, note: str = "") -> Finding:
    """It is the same fault as another finding of its project. Raises InvalidInput for itself or for a circle."""
    finding, task = await _held(session, finding_id)
    other = await session.get(Finding, of)
    if other is None or other.project_id != finding.project_id:
        raise NotFound(f"There is no finding with id {of} in this project.", "List them with GET /findings.")
    if other.id == finding.id or other.state == FindingState.DUPLICATE:
        raise InvalidInput(f"Finding {of} cannot stand for finding {finding_id}.", "Name one that is no duplicate.")
    await _decide(session, finding, task, FindingState.DUPLICATE, actor, note)
    finding.duplicate_of_id = other.id
    await _go_on(session, task)
    return finding


async def make_task_of(session: AsyncSession, finding_id: int, actor: str) -> Task:
    """A task of its own in the backlog, as urgent as the finding is severe; here it counts no more, and is fixed when
    that task is done. Raises Conflict where there is one, or the finding is not open."""
    finding, task = await _held(session, finding_id)
    if finding.own_task_id is not None:
        raise Conflict(f"Finding {finding.id} has a task of its own already.", f"Look at task {finding.own_task_id}.")
    if finding.state != FindingState.OPEN:
        raise Conflict(f"Finding {finding.id} is {finding.state}.", "Open it again first: POST /findings/{id}/reopen.")
    own = await create_task(
        session, task.project_id, title=finding.title[:MAX_TITLE], description=words_of(finding, task), kind="bug",
        priority=PRIORITY[Severity(finding.severity)], created_by=actor, files=[finding.file] if finding.file else [],
        criteria=[(f"{finding.tool} does not report it any more", "")],
    )  # fmt: skip
    finding.own_task_id, finding.decided_by, finding.decided_at = own.id, actor, now()
    told = {"finding_id": finding.id, "own_task": own.key, **changed(own_task=(None, own.key))}
    await log.of_task(session, "finding.task", task, actor=actor, **told)
    await session.flush()
    await _go_on(session, task)
    return own


def words_of(finding: Finding, task: Task) -> str:
    """What is known of it, for whoever works on it."""
    place = f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file or ""
    facts = [("Where", place), ("Found by", f"{finding.tool} {finding.rule}"), ("Severity", finding.severity),
             ("Found in", f"{task.key}, {finding.stage}, round {finding.round}")]  # fmt: skip
    return "\n".join([finding.message, "", *(f"{name}: {value}" for name, value in facts if value)]).strip()


async def _held(session: AsyncSession, finding_id: int) -> tuple[Finding, Task]:
    finding = await session.get(Finding, finding_id)
    if finding is None:
        raise NotFound(f"There is no finding with id {finding_id}.", "List them with GET /findings.")
    task = await hold_task(session, finding.task_id)
    await session.refresh(finding)
    return finding, task


async def _decide(
    session: AsyncSession, finding: Finding, task: Task, state: FindingState, actor: str, note: str
) -> None:
    was, finding.state = finding.state, FINDING.check(FindingState(finding.state), state)
    finding.note, finding.decided_by, finding.decided_at = note.strip(), actor, now()
    data = {"finding_id": finding.id, "finding": finding.title, "severity": finding.severity, "note": note}
    data |= changed(state=(was, state))
    await log.of_task(session, f"finding.{state}", task, actor=actor, **data)
    await session.flush()


async def _go_on(session: AsyncSession, task: Task) -> None:
    """The person has settled all that the task waited for their look at: its stage is run again."""
    if task.state != TaskState.WAITING or task.waiting_reason != WaitingReason.EVIDENCE:
        return
    if any(finding.stage == task.stage for finding in await open_findings(session, task.id)):
        return
    workflow = await workflow_by_id(session, task.workflow_id)
    await enter_stage(session, task, workflow, workflow.stage(task.stage), actor="person", auto_trigger=True)

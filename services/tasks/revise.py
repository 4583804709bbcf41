"""A person edits a task that is under way: what that means is said before, and what it makes void is done again.

Words are read by whoever begins next; who is at work goes on with the old ones. What was proven by criteria that are
others now is not proven any more: the stage that judges them, and those after it, run again. What is done stays done.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import CLOSED_TASK, RunState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Run, Task
from services.tasks.allowed import is_merged
from services.tasks.stages import enter_stage, stand_at
from services.tasks.stop import stop_all

WORDS = frozenset({"title", "description", "kind", "files"})
Criteria = Literal["added", "changed", "removed", "order"]
VOID = frozenset({"added", "changed"})


@dataclass(frozen=True)
class Meaning:
    """`needs_word`: it touches what is under way or proven, so a person should know before."""

    needs_word: bool
    sentences: tuple[str, ...]


async def foresee(
    session: AsyncSession, task: Task, fields: Collection[str], criteria: Criteria | None = None, waits_for: int = 0
) -> Meaning:
    """What an edit of these fields, of the criteria, or of what the task waits for (so many others) would mean now."""
    if task.state in CLOSED_TASK:
        told = f"{task.key} is {task.state}: this is for the record, and nothing runs again."
        return Meaning(False, (told, "Make a new task, or move this one to a stage to open it again."))
    workflow = await workflow_by_id(session, task.workflow_id)
    at_work, told = await _at_work(session, task), list[str]()
    if criteria is not None:
        told += await _of_criteria(session, task, workflow, criteria, at_work)
    if WORDS.intersection(fields):
        told += _of_words(task, at_work, alone=criteria is None)
    if "priority" in fields:
        told.append("It takes another place in the queue; what runs is not stopped.")
    if waits_for:
        told.append(_of_waiting(task, waits_for, at_work))
    begun = task.state in (TaskState.RUNNING, TaskState.WAITING, TaskState.PAUSED) or task.branch is not None
    touches = criteria is not None or bool(WORDS.intersection(fields)) or bool(waits_for)
    if not begun and touches:
        told = ["No agent has begun: the first one reads it as it is then.", *told[1:]] if told else told
    return Meaning(begun and touches, tuple(told))


async def prove_again(session: AsyncSession, task: Task, *, actor: str, why: str) -> bool:
    """A criterion is another: the task goes back to the stage that judges criteria, if it has been there. Answers
    whether it did. A person's edit is no failure, so the count of rounds begins anew."""
    workflow = await workflow_by_id(session, task.workflow_id)
    judge = await _judged_before(session, task, workflow)
    if judge is None:
        return False
    old = task.stage
    await stop_all(session, task, actor=actor, why=why)
    task.counted_from = max(task.counted_from, task.round - 1)
    if task.state in (TaskState.PAUSED, TaskState.BLOCKED):
        stand_at(task, judge)
    else:
        await enter_stage(session, task, workflow, judge, actor="person", auto_trigger=True)
    await log.of_task(
        session, "task.proven_again", task, actor=actor, why=why, before={"stage": old}, after={"stage": judge.name}
    )
    await session.flush()
    return True


async def _judged_before(session: AsyncSession, task: Task, workflow: Workflow) -> Stage | None:
    """The stage that judges criteria, where the task stands there (and it has begun) or behind it, unmerged."""
    judge = next((stage for stage in workflow.stages if stage.gate.criteria_met), None)
    if judge is None or task.state in CLOSED_TASK or task.state == TaskState.IDLE:
        return None
    names = [stage.name for stage in workflow.stages]
    if names.index(task.stage) < names.index(judge.name) or workflow.is_behind_merge(task.stage):
        return None
    if task.stage == judge.name:
        waits = task.state == TaskState.WAITING and task.waiting_reason == WaitingReason.EVIDENCE
        return judge if waits or task.state == TaskState.RUNNING else None
    if not workflow.stage(task.stage).lets_go_to(judge.name) or await is_merged(session, task):
        return None
    return judge


async def _of_criteria(
    session: AsyncSession, task: Task, workflow: Workflow, criteria: Criteria, at_work: str
) -> list[str]:
    judge = await _judged_before(session, task, workflow) if criteria in VOID else None
    later = next((stage for stage in workflow.stages if stage.gate.criteria_met), None)
    if judge is not None:
        stopped = f"{at_work} is stopped, and " if at_work else ""
        asked = " The approval that you were asked for is void." if task.waiting_reason == "approval" else ""
        again = f"{stopped}{judge.title} runs again, and all stages after it.{asked}"
        return [f"What {judge.title} proved was proven by other criteria: {again}"]
    goes_on = f"{at_work} goes on with the old text; its " if at_work else "The "
    if workflow.is_behind_merge(task.stage) or await is_merged(session, task):
        return [
            "The work is merged already: the criteria are for the record, and no stage before the merge runs again."
        ]
    if later is None:
        return [f"{goes_on}work is judged by nobody but you: no stage of this workflow looks at criteria."]
    if criteria in VOID:
        return [f"{goes_on}work is judged by the new criteria, at {later.title}."]
    return [f"{goes_on}work is judged by the criteria that are left. What was proven of them stays proven."]


def _of_words(task: Task, at_work: str, *, alone: bool) -> list[str]:
    told = [f"{at_work} goes on with the old text. Tell it what changed, if it should know now."] if at_work else []
    if task.waiting_reason == WaitingReason.APPROVAL:
        told.append("You were asked about the change as it is: nobody works on it anew for these words alone.")
    told.append("Whoever begins next reads the new text.")
    if alone and task.branch is not None:
        told.append("What was proven stays proven: no criterion changes. Ask for changes where the work has to.")
    return told


def _of_waiting(task: Task, others: int, at_work: str) -> str:
    if at_work:
        return f"{at_work} is at work: it can't wait for another task now. Kill its run or move the task first."
    return f"It starts no further work before {others} other {'task is' if others == 1 else 'tasks are'} done."


async def _at_work(session: AsyncSession, task: Task) -> str:
    """The role whose run is live, in capitals; empty where nobody works."""
    run = await session.get(Run, task.current_run_id) if task.current_run_id is not None else None
    if run is None or run.state != RunState.RUNNING:
        return ""
    return (run.role or run.stage).upper()

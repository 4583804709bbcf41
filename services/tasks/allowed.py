"""Where a person may put a task: what its workflow and its branch allow."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput
from services.domain.states import ApprovalState
from services.domain.workflow import Stage, Workflow
from services.store.models import Approval, Event, Task
from services.tasks.change import Change
from services.tasks.errors import NothingToMerge, NotMerged, TransitionRefused


def stage_of(workflow: Workflow, name: str) -> Stage:
    """The stage of that name. Raises InvalidInput naming those there are."""
    if not workflow.has(name):
        names = ", ".join(stage.name for stage in workflow.stages)
        raise InvalidInput(f"The workflow {workflow.name} has no stage {name}.", f"Its stages are: {names}.")
    return workflow.stage(name)


async def check_allowed(
    session: AsyncSession, task: Task, workflow: Workflow, stage: Stage, change: Change | None
) -> None:
    """Raises TransitionRefused where the workflow names other stages, NotMerged for what comes after a merge that was
    not made, NothingToMerge where nobody could approve."""
    check_transition(task, workflow, stage)
    if workflow.is_behind_merge(stage.name) and not await is_merged(session, task):
        title = workflow.merging.title if workflow.merging else ""
        raise NotMerged(
            f"{task.key} can't stand at {stage.title}: its work is not merged.",
            f"Move it to {title} and approve its change, trigger it with merge, or cancel it.",
        )
    if not stage.needs_person:
        return
    nothing = change is None and not await _is_approved(session, task, stage)
    if nothing or await is_merged(session, task):
        raise NothingToMerge(
            f"{task.key} has no change that could be merged at {stage.title}.",
            f"Start it at {workflow.stage(workflow.start).title} first, so that its branch has one.",
        )


def check_transition(task: Task, workflow: Workflow, to: Stage) -> None:
    """Raises TransitionRefused, which names where the task may go."""
    here = workflow.stage(task.stage)
    if to.name == here.name or here.lets_go_to(to.name):
        return
    raise TransitionRefused(
        f"{task.key} may not go from {here.title} to {to.title}: the workflow {workflow.name} does not allow it.",
        f"From here it may go to: {', '.join(here.transitions or ())}. Or cancel it.",
        transitions=list(here.transitions or ()),
    )


def goes_on_to(task: Task, stage: Stage, workflow: Workflow) -> Stage:
    """Where a task goes that passed the stage: on; to the merge, where a person said beforehand to merge then."""
    if task.merge_after == stage.name and workflow.merging is not None and not workflow.is_behind_merge(stage.name):
        return workflow.merging
    return workflow.after(stage.name)


async def _is_approved(session: AsyncSession, task: Task, stage: Stage) -> bool:
    """A change that was approved and could not be merged yet is tried again; the merge looks at it anew."""
    query = sa.select(Approval.id).where(
        Approval.task_id == task.id, Approval.stage == stage.name, Approval.state == ApprovalState.APPROVED
    )
    return await session.scalar(query.limit(1)) is not None


async def is_merged(session: AsyncSession, task: Task) -> bool:
    """Whether what the task's branch holds now is on the main branch; rework begins a new branch."""
    if task.merged_sha is None:
        return False
    query = sa.select(Event.data).where(Event.task_id == task.id, Event.kind == "task.merged")
    told = await session.scalar(query.order_by(Event.seq.desc()).limit(1))
    return told is None or told.get("branch") == task.branch

"""A person's hand on a task over HTTP: start it, move it, give it up, let it wait for others."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.change import change_at, starting_change
from main_api.schemas.run import RunOut
from main_api.schemas.shape import Id
from main_api.schemas.task import TaskOut, TriggerIn
from main_api.schemas.task_words import AdvanceIn, CancelIn, DependenciesIn, MoveIn, QueuedOut, SetStageIn
from services.scheduling.queue import QueuedTask, read_queue
from services.store.models import Run, Task
from services.tasks import dependencies, moves
from services.tasks.closing import cancel_task
from services.tasks.control import trigger

router = APIRouter(tags=["tasks"])


@router.get(
    "/tasks/queue", summary="What starts next, and why the others wait", responses=documented(),
    response_model=list[QueuedOut],
)  # fmt: skip
async def read_task_queue(hub: Hub, session: ReadSession, project_id: Id | None = None) -> list[QueuedTask]:
    """Queued tasks in the order the scheduler takes them, then those that wait for other tasks."""
    return await read_queue(session, hub.settings.limits, project_id)


@router.post(
    "/tasks/{task_id}/trigger", status_code=202, summary="Start a task", responses=documented(400, 404, 409),
    response_model=RunOut,
)  # fmt: skip
async def trigger_task(hub: Hub, task_id: Id, body: TriggerIn | None = None) -> Run:
    """From its stage, or from the one named; with `merge` your approval is given beforehand. Answers the run, which
    begins when its turn comes. With `stage` and `merge` that stage and its gate are run, then the branch is merged."""
    wanted = body or TriggerIn(stage=None, merge=False)
    change = await starting_change(hub.db, hub.repos, task_id, wanted.stage)
    async with hub.db.write() as session:
        return await trigger(session, task_id, OWNER, stage=wanted.stage, merge=wanted.merge, change=change)


@router.post(
    "/tasks/{task_id}/advance-stage", summary="Move a task to the stage that follows",
    responses=documented(400, 404, 409), response_model=TaskOut,
)  # fmt: skip
async def advance_stage(hub: Hub, task_id: Id, body: AdvanceIn | None = None) -> Task:
    """As `set-stage`, to the next stage of its workflow."""
    async with hub.db.read() as session:
        stage = await moves.following(session, task_id)
    return await _set_stage(hub, task_id, stage, body.note if body else "")


@router.post(
    "/tasks/{task_id}/set-stage", summary="Move a task to a stage", responses=documented(400, 404, 409),
    response_model=TaskOut,
)  # fmt: skip
async def set_stage(hub: Hub, task_id: Id, body: SetStageIn) -> Task:
    """Its live run is cancelled. It is queued there, asks for your approval, or rests in the backlog. Stages behind the
    merge want merged work."""
    return await _set_stage(hub, task_id, body.stage, body.note)


@router.post(
    "/tasks/{task_id}/cancel", summary="Give a task up; its branch stays", responses=documented(404, 409),
    response_model=TaskOut,
)  # fmt: skip
async def cancel(session: WriteSession, task_id: Id, body: CancelIn | None = None) -> Task:
    """Its live run is cancelled; tasks that waited for it come to you. Said twice, it counts once."""
    return await cancel_task(session, task_id, actor=OWNER, note=body.note if body else "")


@router.post(
    "/tasks/{task_id}/dependencies", summary="Let a task wait for others", responses=documented(400, 404, 409),
    response_model=TaskOut,
)  # fmt: skip
async def add_dependencies(session: WriteSession, task_id: Id, body: DependenciesIn) -> Task:
    """Circles are refused, with their path."""
    return await dependencies.wait_for(session, task_id, body.blocked_by, actor=OWNER)


@router.delete(
    "/tasks/{task_id}/dependencies/{blocked_by_id}", summary="Let a task wait for another no more",
    responses=documented(404), response_model=TaskOut,
)  # fmt: skip
async def remove_dependency(hub: Hub, session: WriteSession, task_id: Id, blocked_by_id: Id) -> Task:
    """A task that has nothing left to wait for goes on. Done twice, it counts once."""
    flows = hub.settings.auto_trigger_agents
    return await dependencies.wait_no_more(session, task_id, blocked_by_id, actor=OWNER, auto_trigger=flows)


@router.post(
    "/board/moves", tags=["board"], summary="Move a card: its stage and its place in one",
    responses=documented(400, 404, 409), response_model=TaskOut,
)  # fmt: skip
async def move_card(hub: Hub, body: MoveIn) -> Task:
    """To another stage as `set-stage` does; within its stage nothing is stopped."""
    change = await change_at(hub.db, hub.repos, body.task_id, body.stage)
    async with hub.db.write() as session:
        return await moves.move_card(
            session, body.task_id, body.stage, actor=OWNER, before_id=body.before_id, after_id=body.after_id,
            change=change, auto_trigger=hub.settings.auto_trigger_agents,
        )  # fmt: skip


async def _set_stage(hub: Hub, task_id: int, stage: str, note: str) -> Task:
    change = await change_at(hub.db, hub.repos, task_id, stage)
    async with hub.db.write() as session:
        flows = hub.settings.auto_trigger_agents
        return await moves.set_stage(session, task_id, stage, actor=OWNER, note=note, change=change, auto_trigger=flows)

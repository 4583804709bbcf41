"""Stand still, and go on: a run, a task, a project, everything."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub
from main_api.errors import documented
from main_api.reads.change import starting_change
from main_api.reads.pauses import all_pauses, answer_to
from main_api.routes.runs import RunId
from main_api.schemas.pause import PausesOut, WordOut
from main_api.schemas.shape import Id
from services.pauses import everything, task

router = APIRouter(tags=["pauses"])


@router.get("/pause", summary="What is paused, and how the runs under it stand", responses=documented())
async def read_all(hub: Hub) -> PausesOut:
    return await all_pauses(hub)


@router.post("/pause", summary="Pause everything", responses=documented())
async def pause_all(hub: Hub) -> WordOut:
    """No run begins after the answer, and those that are under way stand still: `runs` says how each does. Their time
    does not count. Said twice, it counts once."""
    async with hub.db.write() as session:
        word = await everything.pause_everything(session, OWNER)
    return await answer_to(hub, word)


@router.post("/resume", summary="Let everything go on", responses=documented(409))
async def resume_all(hub: Hub) -> WordOut:
    """What was paused by itself stays so; `stays` names it."""
    async with hub.db.write() as session:
        word = await everything.resume_everything(session, OWNER)
    return await answer_to(hub, word)


@router.post("/projects/{project_id}/pause", summary="Pause a project", responses=documented(404))
async def pause_project(hub: Hub, project_id: Id) -> WordOut:
    """As `POST /pause`, for its runs and its plans being made. The same as `PATCH` with `paused`, but that waits for no
    agent."""
    async with hub.db.write() as session:
        word = await everything.pause_project(session, project_id, OWNER)
    return await answer_to(hub, word)


@router.post("/projects/{project_id}/resume", summary="Let a project go on", responses=documented(404, 409))
async def resume_project(hub: Hub, project_id: Id) -> WordOut:
    async with hub.db.write() as session:
        word = await everything.resume_project(session, project_id, OWNER)
    return await answer_to(hub, word)


@router.post("/tasks/{task_id}/pause", summary="Pause a task", responses=documented(404, 409))
async def pause_task(hub: Hub, task_id: Id) -> WordOut:
    """Its run stands still and stays its run; the task keeps its branch and its place. One that waits for you waits on,
    and does not go on from there. Said twice, it counts once."""
    async with hub.db.write() as session:
        word = await task.pause_task(session, task_id, OWNER)
    return await answer_to(hub, word)


@router.post("/tasks/{task_id}/resume", summary="Let a task go on", responses=documented(400, 404, 409))
async def resume_task(hub: Hub, task_id: Id) -> WordOut:
    """Where it was; its run too, if that was paused by itself. One that rests because its run was killed, or because it
    was brought back to an earlier state, begins its stage anew, as `trigger` does."""
    async with hub.db.read() as session:
        rests = await task.rests(session, task_id)
    change = await starting_change(hub.db, hub.repos, task_id, None) if rests else None
    async with hub.db.write() as session:
        word = await task.resume_task(session, task_id, OWNER, change=change)
    return await answer_to(hub, word)


@router.post("/runs/{run_id}/pause", summary="Pause a run", responses=documented(404, 409))
async def pause_run(hub: Hub, run_id: RunId) -> WordOut:
    """Of a task or of a request's planning. Its task is `paused` meanwhile. Said twice, it counts once."""
    async with hub.db.write() as session:
        word = await task.pause_run(session, run_id, OWNER)
    return await answer_to(hub, word)


@router.post("/runs/{run_id}/resume", summary="Let a run go on", responses=documented(404, 409))
async def resume_run(hub: Hub, run_id: RunId) -> WordOut:
    async with hub.db.write() as session:
        word = await task.resume_run(session, run_id, OWNER)
    return await answer_to(hub, word)

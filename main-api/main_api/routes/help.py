"""Help over HTTP, for agents that come from outside."""

from fastapi import APIRouter, Request

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.help import read_help
from main_api.reads.rows import one
from main_api.schemas.help import HelpOut
from main_api.schemas.shape import Id
from services.store.models import Task

router = APIRouter(prefix="/help", tags=["help"])


@router.get("/agents", summary="Where an agent is, and what it can call", responses=documented(404))
async def help_agents(hub: Hub, session: ReadSession, request: Request, task_id: Id | None = None) -> HelpOut:
    """Of a task: its project, stage, role and limits too. Made of the routes and tools that there are."""
    task = await one(session, Task, task_id, "task") if task_id is not None else None
    return await read_help(session, hub.settings, request.app.openapi(), task)

"""Direct calls: an agent's tools, called by the owner without a task, get their way to a model."""

import time
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi import Path as InPath
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from services.contract.direct_call import DirectCall, DirectCallIn, DirectUsage
from services.contract.run_spec import ModelAccess
from services.domain.errors import NotFound
from services.models.direct import direct_id, is_direct, limited
from services.models.providers import resolve
from services.models.run_tokens import issue
from services.models.usage import usage_of_run
from services.roles.model import model_for
from services.roles.read import active_role
from services.store.models import Project

router = APIRouter(prefix="/direct-calls", tags=["models"])
STEP = "direct"
CallId = Annotated[str, InPath(max_length=64, examples=["direct-1-add-license"])]


@router.post("", status_code=201, summary="A way to a model for work without a task", responses=documented(404))
async def open_direct_call(hub: Hub, session: ReadSession, body: DirectCallIn) -> DirectCall:
    """agent-api calls this with its caller's token. The answer's token asks models through the gateway, and opens
    nothing else; what it asks is recorded and counts against the budgets of the day and of the project."""
    project = await _standing_on(session, body.workspace)
    model = body.model or model_for(project, await active_role(session, body.role), hub.settings.default_model)
    resolve(hub.gateway.providers, model)
    profile = await hub.gateway.known.profile(model)
    call = direct_id(body.name, project.id if project else None)
    token = issue(hub.gateway.secret, limited(call, time.time() + body.seconds), STEP)
    access = ModelAccess(
        gateway_url="",
        token=token,
        model=model,
        edit_format=profile.edit_format,
        context_tokens=profile.context_tokens,
        max_output_tokens=profile.max_output_tokens,
    )
    if project is None:
        return DirectCall(id=call, model=access)
    return DirectCall(id=call, model=access, project_id=project.id, project_key=project.key, settings=project.settings)


@router.get("/{call_id}", summary="What a direct call's models cost", responses=documented(404))
async def read_direct_call(session: ReadSession, call_id: CallId) -> DirectUsage:
    """By the book of the gateway; zeros for one that asked nothing yet."""
    if not is_direct(call_id):
        raise NotFound(f"There is no direct call {call_id}.", "Use the id that POST /direct-calls answered.")
    usage = await usage_of_run(session, call_id)
    return DirectUsage(
        id=call_id, tokens_in=usage.tokens_in, tokens_out=usage.tokens_out, cost=usage.cost, calls=usage.calls
    )


async def _standing_on(session: AsyncSession, workspace: str | None) -> Project | None:
    """The project whose workspace this folder is; None for any other folder."""
    if workspace is None:
        return None
    where = Project.workspace_path == str(Path(workspace)), Project.deleted_at.is_(None)
    return await session.scalar(sa.select(Project).where(*where).order_by(Project.id).limit(1))

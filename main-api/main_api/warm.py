"""What a person does first after a start is as quick as what they do later.

The framework works a route out when it is first asked for, and SQLAlchemy a statement when it first runs: together that
took 0.4 s of the first board. So main-api asks itself, once, in the background; what it asks for does not exist, or is
only read.
"""

import httpx
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp

from main_api.hub import HubParts
from main_api.schemas.shape import MAX_ID
from services.domain.states import ApprovalState, TaskState, WaitingReason
from services.plans.rehearsal import rehearse
from services.reviews.decide import approve
from services.store.models import Approval, Task

log = structlog.get_logger(__name__)
READ = ("/summary", "/projects", "/board", "/inbox", "/requests", "/plans", "/events?limit=1")
DECIDED = (f"/plans/{MAX_ID}/approve", f"/approvals/{MAX_ID}/approve", f"/tasks/{MAX_ID}/trigger")


async def warm(app: ASGIApp, hub: HubParts) -> None:
    """Never raises for an answer; changes nothing."""
    await rehearse(hub.db, _approve_a_change)
    settings = hub.settings
    headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    base = f"http://{settings.host}:{settings.port}"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        for path in READ:
            _look_at(path, await client.get(path), 200)
        for path in DECIDED:
            _look_at(path, await client.post(path, json={}), 404)


async def _approve_a_change(session: AsyncSession) -> None:
    """Of the last task that was rehearsed."""
    task = (await session.scalars(sa.select(Task).order_by(Task.id.desc()).limit(1))).one()
    task.state, task.waiting_reason = TaskState.WAITING, WaitingReason.APPROVAL
    approval = Approval(project_id=task.project_id, task_id=task.id, stage=task.stage, state=ApprovalState.ASKED)
    session.add(approval)
    await session.flush()
    await approve(session, approval.id, actor="hub")
    await session.flush()


def _look_at(path: str, answer: httpx.Response, usual: int) -> None:
    if answer.status_code != usual:
        log.warning("warm.unusual", path=path, status=answer.status_code)

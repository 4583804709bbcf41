"""What is deployed after merges, by the command and with the grants of the project's owner."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads import deploys as reads
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.schemas.deploy import DeployDecision, DeployDetail, DeployOut
from main_api.schemas.shape import Id
from services.deploys import decide, queue
from services.projects.edit import get_project, project_at_work
from services.store.models import Deploy

router = APIRouter(tags=["deploys"])
DeployPage = Annotated[Paging, Depends(sorted_by("id", "created_at", first="-id"))]


@router.get("/projects/{project_id}/deploys", summary="A project's deploys, the newest first", responses=listed(404))
async def list_deploys(session: ReadSession, paging: DeployPage, project_id: Id) -> list[DeployOut]:
    await get_project(session, project_id)
    rows = await page(session, sa.select(Deploy).where(Deploy.project_id == project_id), paging)
    return await reads.shown(session, list(rows))


@router.post(
    "/projects/{project_id}/deploy", status_code=202, summary="Deploy what the branch holds now",
    responses=documented(404, 409),
)  # fmt: skip
async def deploy_now(session: WriteSession, project_id: Id) -> DeployOut:
    """When its turn comes: one deploy of a project at a time. What failed or was cut off before counts as seen."""
    row = await queue.ask(session, await project_at_work(session, project_id), actor=OWNER)
    return (await reads.shown(session, [row]))[0]


@router.get("/deploys/{deploy_id}", summary="One deploy with its log", responses=documented(404))
async def read_deploy(hub: Hub, session: ReadSession, deploy_id: Id) -> DeployDetail:
    """Followed live, its output is that of its run: `WS /ws/runs/{run_id}/output`."""
    return await reads.detail(session, await queue.get_deploy(session, deploy_id), hub.proofs)


@router.post("/deploys/{deploy_id}/cancel", summary="End a deploy that waits or runs", responses=documented(404, 409))
async def cancel_deploy(session: WriteSession, deploy_id: Id) -> DeployOut:
    """What it had done by then stays done. Its task is paused."""
    return (await reads.shown(session, [await decide.cancel(session, deploy_id, actor=OWNER)]))[0]


@router.post(
    "/deploys/{deploy_id}/decision", summary="Say what is done about a deploy that failed or was cut off",
    responses=documented(404, 409),
)  # fmt: skip
async def decide_deploy(session: WriteSession, deploy_id: Id, body: DeployDecision) -> DeployOut:
    """To take the merge back instead: POST /tasks/{id}/undo-merge. Answers the deploy; a new one where that began."""
    row = await decide.decide(session, deploy_id, body.decision, actor=OWNER, note=body.note)
    return (await reads.shown(session, [row]))[0]

"""Clone a repository into a folder, for a project to stand on."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub
from main_api.errors import documented
from main_api.schemas.place import CloneFault, CloneIn, CloneOut
from main_api.schemas.shape import Id
from services.projects.clones import Clone

router = APIRouter(prefix="/clones", tags=["projects"])


@router.post("", status_code=202, summary="Clone a repository", responses=documented(400, 409))
async def begin_clone(hub: Hub, body: CloneIn) -> CloneOut:
    """By the git of whoever runs the hub, with its credentials and never a question. Follow it with `GET`."""
    return _told(await hub.clones.begin(body.url, body.workspace_path, body.branch, OWNER))


@router.get("", summary="The clones under way, and the last that are over", responses=documented())
async def list_clones(hub: Hub) -> list[CloneOut]:
    """The newest first; a hub that is started again has none."""
    return [_told(one) for one in hub.clones.all()]


@router.get("/{clone_id}", summary="How a clone goes", responses=documented(404))
async def read_clone(hub: Hub, clone_id: Id) -> CloneOut:
    return _told(hub.clones.get(clone_id))


@router.post("/{clone_id}/cancel", summary="Stop a clone", responses=documented(404, 409))
async def cancel_clone(hub: Hub, clone_id: Id) -> CloneOut:
    """Answers when git has ended and nothing of it is left in the folder."""
    return _told(await hub.clones.cancel(clone_id, OWNER))


def _told(one: Clone) -> CloneOut:
    fault = one.fault and CloneFault(
        code=one.fault.code, sentence=one.fault.sentence, way_out=one.fault.way_out,
        reason=str(one.fault.data.get("reason", "")),
    )  # fmt: skip
    return CloneOut(
        id=one.id, url=one.url, workspace_path=str(one.path), branch=one.branch, state=one.state,
        phase=one.progress.phase, percent=one.progress.percent, bytes=one.progress.bytes, fault=fault,
        began_at=one.began_at, finished_at=one.finished_at,
    )  # fmt: skip

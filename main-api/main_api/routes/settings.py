"""The hub's own settings over HTTP: what holds and where it comes from, changed while the hub runs, taken back."""

from collections.abc import Sequence

from fastapi import APIRouter

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.reads.settings import read_settings
from main_api.schemas.setting import SettingsOut, SettingsPatch, UndoIn, VersionOut
from services.settings import hub as hub_settings
from services.settings.versions import HUB, versions_of
from services.store.models import SettingVersion

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get("", summary="The hub's settings, and where each comes from", responses=documented())
async def get_settings(hub: Hub, session: ReadSession) -> SettingsOut:
    """What is set here wins over the environment. WFHUB_OFFLINE=1 keeps the hub offline all the same."""
    return await read_settings(session, hub)


@router.patch("", summary="Change the hub's settings", responses=documented(400, 409))
async def patch_settings(hub: Hub, body: SettingsPatch) -> SettingsOut:
    """From now on, without a restart; what is in flight ends as `effect` says."""
    async with hub.db.write() as session:
        await hub_settings.edit(
            session, body.version, body.changes(), list(body.reset), hub.gateway.providers, OWNER
        )  # fmt: skip
    return await _now(hub)


@router.get(
    "/versions", summary="How the hub's settings changed, the newest first", responses=documented(),
    response_model=list[VersionOut],
)  # fmt: skip
async def list_versions(session: ReadSession) -> Sequence[SettingVersion]:
    return await versions_of(session, HUB)


@router.post("/undo", summary="Take a change of the hub's settings back", responses=documented(404, 409))
async def undo(hub: Hub, body: UndoIn) -> SettingsOut:
    """What that version changed becomes as it was before it, as a new version. Refused where a later one changed the
    same."""
    async with hub.db.write() as session:
        await hub_settings.take_back(session, body.version, body.undo, OWNER)
    return await _now(hub)


async def _now(hub: Hub) -> SettingsOut:
    await hub.live_settings.load()
    async with hub.db.read() as session:
        return await read_settings(session, hub)

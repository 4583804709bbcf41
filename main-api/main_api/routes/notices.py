"""How a person is told of what waits, over HTTP."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from pydantic import SecretStr

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.reads.inbox import all_waiting
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.schemas.notice import NoticeOut, NoticeSettingsOut, NoticeSettingsPatch, ToldOut
from services.domain.changes import made
from services.domain.errors import Conflict
from services.domain.states import NoticeState
from services.events import log
from services.notices.settings import edit_settings, read_settings
from services.store.models import Notice, NoticeSettings

router = APIRouter(prefix="/notices", tags=["inbox"])
NoticePage = Annotated[Paging, Depends(sorted_by("id", "created_at", "finished_at", first="-id"))]


@router.get("", summary="What the person was told, newest first", responses=listed(), response_model=list[NoticeOut])
async def list_notices(
    session: ReadSession, paging: NoticePage, state: Annotated[list[NoticeState] | None, Query()] = None
) -> Sequence[Notice]:
    """Without `state`, those that were tried. What waited before a channel was set up was told by none."""
    query = sa.select(Notice).where(Notice.state.in_(state) if state else Notice.attempts > 0)
    return await page(session, query, paging)


@router.get("/settings", summary="Where news of the inbox go", responses=documented())
async def read_notice_settings(session: ReadSession) -> NoticeSettingsOut:
    return _shown(await read_settings(session))


@router.patch("/settings", summary="Say where news of the inbox go", responses=documented(409))
async def patch_notice_settings(hub: Hub, body: NoticeSettingsPatch) -> NoticeSettingsOut:
    """A webhook, signed, or a command on the machine of main-api; both, or none. What waits already is not told."""
    changes = body.changes()
    if isinstance(secret := changes.get("secret"), SecretStr):
        changes["secret"] = secret.get_secret_value()
    async with hub.db.write() as session:
        waits = [item.key for item in await all_waiting(session, hub.settings.budgets)]
        row = await edit_settings(session, hub.gateway.ring, body.version, changes, waits, OWNER)
    return _shown(row)


@router.post("/test", summary="Tell a sample now", responses=documented(409))
async def test_notices(hub: Hub) -> list[ToldOut]:
    """By each channel that is set up, and says what became of it."""
    results = await hub.notices.test()
    if not results:
        raise Conflict("Nobody would be told: neither a webhook nor a command is on.", "PATCH /notices/settings first.")
    async with hub.db.write() as session:
        await log.append(
            session, "notices.tested", actor=OWNER, **made(told={name: sentence for name, _, sentence, _ in results})
        )
    return [ToldOut(channel=name, done=done, sentence=said, milliseconds=ms) for name, done, said, ms in results]


def _shown(row: NoticeSettings) -> NoticeSettingsOut:
    return NoticeSettingsOut(
        webhook_url=row.webhook_url, has_secret=row.credential_id is not None, command=row.command, kinds=row.kinds,
        enabled=row.enabled, version=row.version,
    )  # fmt: skip

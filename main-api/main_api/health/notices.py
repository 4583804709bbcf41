"""Whether the person can be told of what waits for them."""

import sqlalchemy as sa

from main_api.health.part import Report
from services.domain.states import NoticeState
from services.notices.settings import channels_of, read_settings
from services.store.database import Database
from services.store.models import Notice

WAY_OUT = "Look at the address or the command in the inbox's notifications, and test it there."


async def look_at_notices(db: Database) -> Report:
    """Unwell where the newest that was tried by a channel could not be told."""
    async with db.read() as session:
        channels = channels_of(await read_settings(session))
        tried = sa.select(sa.func.max(Notice.id)).where(Notice.attempts > 0, Notice.state != NoticeState.DROPPED)
        newest = sa.select(Notice).where(Notice.id.in_(tried.group_by(Notice.channel)))
        rows = [row for row in await session.scalars(newest) if row.channel in channels]
    if not channels:
        return Report("off", "Nobody is told of what waits, but in the page.")
    facts = {row.channel: {"state": row.state, "attempts": row.attempts, "sentence": row.sentence} for row in rows}
    ill = [row for row in rows if row.state != NoticeState.SENT and row.sentence]
    if ill:
        return Report("unwell", " ".join(row.sentence for row in ill), WAY_OUT, facts)
    return Report("well", f"What waits is told by {' and '.join(channels)}.", facts=facts)

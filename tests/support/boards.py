"""The board from cards that are kept and from cards read anew: both have to say the same at any moment."""

from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.board import read_board
from main_api.reads.kept_cards import KeptCards
from services.events import log


async def compare_boards(session: AsyncSession, kept: KeptCards) -> None:
    """In one reading transaction of SQLite, which sees one state of the database; where something happened since."""
    if kept.seq == await log.last_seq(session):
        return
    known = await read_board(session, None, {}, kept)
    fresh = await read_board(session, None, {}, KeptCards())
    assert known == fresh

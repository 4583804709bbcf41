"""How much the stored answers of models take, and whether they can be kept within their bound."""

from main_api.health.part import Report
from services.models.stored_answers import Bounds, stored
from services.store.database import Database


async def look_at_answers(db: Database, bounds: Bounds) -> Report:
    """Unwell only where what has to stay is over the bound: the rest goes with the next sweep."""
    async with db.read() as session:
        found = await stored(session)
    facts = {"answers": found.answers, "bytes": found.size, "held_bytes": found.held, "max_bytes": bounds.max_bytes}
    count = f"{found.answers} stored answer{'' if found.answers == 1 else 's'}"
    if found.held > bounds.max_bytes:
        sentence = f"The answers stored for runs that are not over take {_mb(found.held)} of {_mb(bounds.max_bytes)}."
        return Report("unwell", sentence, "Raise STORED_ANSWERS_MAX_MB, or end runs that wait.", facts)
    return Report("well", f"{count} of models, {_mb(found.size)} of {_mb(bounds.max_bytes)}.", facts=facts)


def _mb(count: int) -> str:
    return f"{count / 1e6:.1f} MB"

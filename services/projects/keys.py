"""A project's key: the short word that its tasks' keys begin with."""

import re
import unicodedata

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import Conflict, InvalidInput
from services.store.models import Project

KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")
LONGEST_WORD = 8


def derive_key(name: str) -> str:
    """The name's first word of two letters or more, in capitals: `till register` gives `TILL`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    words = [word.lstrip("0123456789") for word in re.findall(r"[A-Z0-9]+", plain)]
    first = next((word for word in words if len(word) > 1), "".join(words))
    return first[:LONGEST_WORD] if len(first) > 1 else "PROJECT"[:LONGEST_WORD]


async def choose_key(session: AsyncSession, name: str, wanted: str | None) -> str:
    """The wanted key if it is free, else one derived from the name with a number where it is taken."""
    if wanted is not None:
        if not KEY.fullmatch(wanted):
            raise InvalidInput(f"{wanted!r} can't be a key.", "Use 2 to 10 capitals and digits, a letter first.")
        if await session.scalar(sa.select(Project.id).where(Project.key == wanted)):
            raise Conflict(f"Another project has the key {wanted}.", "Choose another, or leave it out.")
        return wanted
    stem = derive_key(name)
    taken = set((await session.scalars(sa.select(Project.key).where(Project.key.startswith(stem)))).all())
    numbered = (f"{stem}{number}" if number > 1 else stem for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)

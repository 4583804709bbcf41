"""What is stored, laid over what a process was started with: the stored value wins."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.named import TAKEN
from services.models.providers import Named
from services.settings.hub import stated
from services.settings.providers import as_named, states
from services.settings.versions import State
from services.store.models import SettingVersion

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Stored:
    """`newest` is the last version's row: another one, and there is news."""

    newest: int = 0
    hub: State = field(default_factory=dict[str, Any])
    providers: dict[str, State] = field(default_factory=dict[str, State])

    def url(self, name: str, otherwise: str) -> str:
        return str(self.providers.get(name, {}).get("url") or otherwise)

    def named(self, before: Iterable[Named], key: Callable[[str], str | None] = lambda name: None) -> tuple[Named, ...]:
        """Those of the environment, each as it is stored where it is, and the others that are stored."""
        found = {one.name: one for one in before}
        for name, state in self.providers.items():
            if name in TAKEN or not state:
                continue
            was = found.get(name)
            first = {"url": was.url, "protocol": was.protocol, "local": was.local} if was else {}
            merged = {**first, **state}
            if merged.get("url"):  # without one it was the environment's, which does not name it any more
                found[name] = as_named(name, merged, key(name) or (was.key if was else None))
        return tuple(found.values())


NEWEST = sa.select(sa.func.coalesce(sa.func.max(SettingVersion.id), 0))


async def read_stored(session: AsyncSession) -> Stored:
    newest = int(await session.scalar(NEWEST) or 0)
    if not newest:
        return Stored()
    return Stored(newest, await stated(session), {name: row.state for name, row in (await states(session)).items()})


def over(settings: Model, values: dict[str, Any]) -> Model:
    """The settings with other values; what was worked out of the old ones is worked out anew."""
    made = settings.model_copy(update=values)
    worked_out = vars(made)
    for name in worked_out.keys() - type(settings).model_fields.keys():
        worked_out.pop(name)
    return made

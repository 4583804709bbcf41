"""Two versions of a role, or of the principles of all, beside each other."""

import difflib
import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.role import FieldDiff
from services.domain.errors import NotFound
from services.roles.edit import FIELDS, role_version, role_versions
from services.roles.principles import principles_versions


async def read_role_diff(session: AsyncSession, name: str, old: int | None, new: int | None) -> list[FieldDiff]:
    """Raises NotFound where the role has no such version."""
    newest = (await role_versions(session, name))[0].version
    new = new or newest
    old = old or max(1, new - 1)
    first, second = await role_version(session, name, old), await role_version(session, name, new)
    told = (
        FieldDiff(field=field, diff=_diff(f"{name} version", old, new, getattr(first, field), getattr(second, field)))
        for field in FIELDS
    )
    return [one for one in told if one.diff]


async def read_principles_diff(session: AsyncSession, old: int | None, new: int | None) -> list[FieldDiff]:
    """Raises NotFound where there is no such version."""
    texts = {row.version: row.text for row in await principles_versions(session)}
    new = new or max(texts, default=1)
    old = old or max(1, new - 1)
    for version in (old, new):
        if version not in texts:
            raise NotFound(f"The principles have no version {version}.", "List them with GET /principles/versions.")
    diff = _diff("version", old, new, texts[old], texts[new])
    return [FieldDiff(field="text", diff=diff)] if diff else []


def _diff(what: str, old: int, new: int, before: Any, after: Any) -> str:
    lines = difflib.unified_diff(_lines(before), _lines(after), f"{what} {old}", f"{what} {new}", lineterm="")
    return "\n".join(lines)


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    return (value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)).splitlines()

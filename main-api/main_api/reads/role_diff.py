"""Two versions of a role beside each other."""

import difflib
import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.role import FieldDiff
from services.roles.edit import FIELDS, role_version, role_versions


async def read_role_diff(session: AsyncSession, name: str, old: int | None, new: int | None) -> list[FieldDiff]:
    """Raises NotFound where the role has no such version."""
    newest = (await role_versions(session, name))[0].version
    new = new or newest
    old = old or max(1, new - 1)
    first, second = await role_version(session, name, old), await role_version(session, name, new)
    told = (FieldDiff(field=field, diff=_diff(first, second, field)) for field in FIELDS)
    return [one for one in told if one.diff]


def _diff(first: Any, second: Any, field: str) -> str:
    before, after = (f"{role.name} version {role.version}" for role in (first, second))
    lines = difflib.unified_diff(
        _lines(getattr(first, field)), _lines(getattr(second, field)), before, after, lineterm=""
    )
    return "\n".join(lines)


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    return (value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)).splitlines()

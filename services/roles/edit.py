"""Change a role: every change is its next version, and runs that have begun keep theirs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import between, made
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.events import log
from services.roles.read import active_role
from services.store.models import Role
from services.store.versions import as_json

FIELDS = ("title", "prompt", "principles", "models", "settings")
WORDS = ("prompt", "principles")
MAX_WORDS = 20_000  # characters: each prompt of the role carries them


async def edit_role(session: AsyncSession, name: str, version: int, changes: dict[str, Any], actor: str) -> Role:
    """The role with these fields (of FIELDS) changed, `models` as services/models/policy.py writes them.

    Raises NotFound, Conflict where `version` is not the newest, and InvalidInput for words that are too long.
    """
    _check(changes)
    await log.lock(session)
    role = await active_role(session, name)
    if role.version != version:
        raise Conflict(
            f"The role {name} is at version {role.version}.", "Read it again, and send your change with that version.",
            current=as_json(role),
        )  # fmt: skip
    changed = sorted(field for field, value in changes.items() if getattr(role, field) != value)
    if not changed:
        return role
    role.active = False
    fields = {field: getattr(role, field) for field in FIELDS} | changes
    model = None if "models" in changes else role.model  # the older form of one gives way to an ordered choice
    new = Role(name=name, version=version + 1, model=model, **fields)
    session.add(new)
    await session.flush()
    before, after = ({field: getattr(one, field) for field in FIELDS} for one in (role, new))
    await log.append(
        session, "role.edited", actor=actor, role=name, version=new.version, fields=changed, **between(before, after)
    )
    return new


async def create_role(session: AsyncSession, name: str, fields: dict[str, Any], actor: str) -> Role:
    """A role of one's own, for workflows of one's own. Raises Conflict where the name is taken."""
    _check(fields)
    await log.lock(session)
    if await session.scalar(sa.select(Role.id).where(Role.name == name).limit(1)) is not None:
        raise Conflict(f"There is a role {name}.", "Choose another name, or edit that one with PATCH /roles/{name}.")
    new = Role(name=name, version=1, **fields)
    session.add(new)
    await session.flush()
    await log.append(session, "role.created", actor=actor, role=name, version=1, **made(**fields))
    return new


async def revert_role(session: AsyncSession, name: str, version: int, to: int, actor: str) -> Role:
    """What version `to` said becomes the next version. Raises as edit_role."""
    wanted = await role_version(session, name, to)
    return await edit_role(session, name, version, {field: getattr(wanted, field) for field in FIELDS}, actor)


async def role_versions(session: AsyncSession, name: str) -> Sequence[Role]:
    """The newest first. Raises NotFound where there is no such role."""
    query = sa.select(Role).where(Role.name == name).order_by(Role.version.desc())
    found = (await session.scalars(query)).all()
    if not found:
        raise NotFound(f"There is no role named {name}.", "List them with GET /roles.")
    return found


async def role_version(session: AsyncSession, name: str, version: int) -> Role:
    for role in await role_versions(session, name):
        if role.version == version:
            return role
    raise NotFound(f"The role {name} has no version {version}.", "List them with GET /roles/{name}/versions.")


def _check(fields: dict[str, Any]) -> None:
    for field in WORDS:
        if len(fields.get(field, "")) > MAX_WORDS:
            raise InvalidInput(
                f"The {field} has {len(fields[field])} characters; {MAX_WORDS} is the most.",
                "Shorten it: every prompt of the role carries it.",
            )

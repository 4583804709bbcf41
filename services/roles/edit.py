"""Change a role: every change is its next version, and runs that have begun keep theirs."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import Conflict
from services.events import log
from services.roles.read import active_role
from services.store.models import Role


async def set_models(session: AsyncSession, name: str, version: int, models: list[Any] | None, actor: str) -> Role:
    """The role with this ordered choice (services/models/policy.py). Raises NotFound, and Conflict where `version` is
    not the newest."""
    await log.lock(session)
    role = await active_role(session, name)
    if role.version != version:
        raise Conflict(
            f"The role {name} is at version {role.version}.", "Read it again, and send your change with that version."
        )
    if role.models == models:
        return role
    role.active = False
    made = Role(
        name=name, version=version + 1, title=role.title, prompt=role.prompt, principles=role.principles,
        model=role.model, models=models, settings=role.settings,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    await log.append(session, "role.edited", actor=actor, role=name, version=made.version, fields=["models"])
    return made

"""Puts the shipped roles and workflows into an empty hub; a newer text becomes a new version, edits stay."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.policy import read_policy, written
from services.roles.settings import RoleSettings
from services.roles.shipped import ROLES, WORKFLOWS
from services.roles.versions import put_shipped
from services.store.models import Principles, Role


async def seed(session: AsyncSession) -> None:
    """Idempotent. Roles are only added, never overwritten: a person may have changed them."""
    document = _parsed(ROLES.read_text(encoding="utf-8"))
    known = set((await session.scalars(sa.select(Role.name))).all())
    for name, role in document["roles"].items():
        if name not in known:
            models = written(read_policy(role["models"])) if role.get("models") else None
            words = {word: role[word].strip() for word in ("title", "prompt", "principles")}
            settings = RoleSettings.model_validate(role.get("settings", {})).model_dump(exclude_defaults=True)
            session.add(Role(name=name, version=1, models=models, settings=settings, **words))
    if await session.scalar(sa.select(Principles.id).limit(1)) is None:
        session.add(Principles(version=1, text=document["principles"].strip(), actor="hub"))
    for path in sorted(WORKFLOWS.glob("*.yaml")):
        await put_shipped(session, path.read_bytes().decode(), path.name)
    await session.flush()


@lru_cache(maxsize=16)
def _parsed(source: str) -> dict[str, Any]:
    """Shipped texts; nobody changes what is answered. A text takes 25 ms."""
    return yaml.safe_load(source)
